package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// messageChange is one run of a transaction about a message of a channel of the
// actor's.
type messageChange struct {
	tx      *store.Tx
	actor   chat.Actor
	message chat.Message
	member  chat.Membership
	user    chat.User // the actor; without an id if the application acts itself
	events  []chat.Event
}

// changeMessage runs fn on a message of a channel of the actor's, and announces
// the events that it adds. To others than members the message does not exist.
func (e *Engine) changeMessage(ctx context.Context, actor chat.Actor, id chat.MessageID, fn func(context.Context, *messageChange) error) error {
	found, err := e.store.Message(ctx, actor.Application, id) // its channel never changes
	if err != nil {
		return err
	}
	return e.store.Update(ctx, int64(found.Channel), func(tx *store.Tx) error {
		c := &messageChange{tx: tx, actor: actor}
		if err := c.read(ctx, found.Channel, id); err != nil {
			return err
		}
		if err := fn(ctx, c); err != nil {
			return err
		}
		tx.AfterCommit(func() { e.announce(c.events...) })
		return nil
	})
}

func (c *messageChange) read(ctx context.Context, channel chat.ChannelID, id chat.MessageID) error {
	_, membership, user, err := sender(ctx, c.tx.Reader, c.actor, channel)
	if err != nil {
		return err
	}
	if membership == nil {
		return chat.NoMessage(id)
	}
	c.member = *membership
	if user != nil {
		c.user = *user
	}
	c.message, err = c.tx.Message(ctx, c.actor.Application, id)
	return err
}

// record leaves a change of the message in the stream of its channel.
func (c *messageChange) record(ctx context.Context, kind chat.ChangeKind) (sequence int64, err error) {
	stream := chat.Stream{Channel: c.message.Channel}
	return c.tx.Record(ctx, c.actor.Application, stream, kind, int64(c.message.ID), c.tx.Now())
}

// changed records that the message is another now.
func (c *messageChange) changed(ctx context.Context) error {
	sequence, err := c.record(ctx, chat.MessageUpdated)
	c.events = append(c.events, chat.MessageChanged{Message: c.message, Sequence: sequence, Cause: c.actor.Cause})
	return err
}

// EditMessage gives a text message of the actor's another body.
func (e *Engine) EditMessage(ctx context.Context, actor chat.Actor, id chat.MessageID, body string) error {
	if err := chat.CheckBody(body, e.limits.MessageSize); err != nil {
		return err
	}
	return e.changeMessage(ctx, actor, id, func(ctx context.Context, c *messageChange) (err error) {
		if err := c.message.CheckEdit(actor.User); err != nil {
			return err
		}
		if c.message.Mentions, err = resolveMentions(ctx, c.tx, actor, body); err != nil {
			return err
		}
		c.message.Body, c.message.EditedAt = body, c.tx.Now()
		if err := c.tx.SetBody(ctx, c.message); err != nil {
			return err
		}
		return c.changed(ctx)
	})
}

// UpdateMessageProperties replaces the properties of a message of the actor's.
func (e *Engine) UpdateMessageProperties(ctx context.Context, actor chat.Actor, id chat.MessageID, properties chat.Properties) error {
	return e.changeMessage(ctx, actor, id, func(ctx context.Context, c *messageChange) error {
		if err := c.message.CheckChange(actor.User); err != nil {
			return err
		}
		c.message.Properties = properties
		if err := c.tx.SetMessageProperties(ctx, c.message); err != nil {
			return err
		}
		return c.changed(ctx)
	})
}

// DeleteMessage deletes a message for everybody. Lists leave it out from then
// on; by its id it is still found, without a body, since replies lead to it.
func (e *Engine) DeleteMessage(ctx context.Context, actor chat.Actor, id chat.MessageID) error {
	return e.changeMessage(ctx, actor, id, func(ctx context.Context, c *messageChange) error {
		if err := c.message.CheckDelete(c.member); err != nil {
			return err
		}
		c.message.DeletedAt = c.tx.Now()
		sequence, err := c.tx.DeleteMessage(ctx, c.message)
		if err != nil {
			return err
		}
		if c.message, err = c.tx.Message(ctx, actor.Application, id); err != nil {
			return err
		}
		c.events = append(c.events, chat.MessageWithdrawn{Message: c.message, Sequence: sequence, Cause: actor.Cause})
		parent, err := countAside(ctx, c.tx, c.message, -1)
		if parent != nil {
			c.events = append(c.events, parent)
		}
		return err
	})
}

// HideMessage deletes a message for the actor alone, and returns it.
func (e *Engine) HideMessage(ctx context.Context, actor chat.Actor, id chat.MessageID) (message chat.Message, err error) {
	err = e.changeMessage(ctx, actor, id, func(ctx context.Context, c *messageChange) error {
		message = c.message
		if err := message.CheckPresent(); err != nil || !c.member.Sees(message) {
			return err
		}
		hidden, err := c.tx.HideMessage(ctx, message, actor.User)
		if err != nil || !hidden {
			return err
		}
		_, err = c.tx.Record(ctx, actor.Application, chat.Stream{User: actor.User}, chat.MessageHidden, int64(id), c.tx.Now())
		return err
	})
	return message, err
}
