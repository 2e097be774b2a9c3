package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// SendMessage says something in a channel of the actor's. It returns once the
// message is on disk and announced. In a channel of a type whose messages the
// application does not keep, it is announced like all others and then gone.
func (e *Engine) SendMessage(ctx context.Context, actor chat.Actor, request chat.NewMessage) (chat.Message, error) {
	if err := request.Check(e.limits.MessageSize); err != nil {
		return chat.Message{}, err
	}
	settings, err := e.settings.of(ctx, actor.Application)
	if err != nil {
		return chat.Message{}, err
	}
	var message chat.Message
	err = e.store.Update(ctx, int64(request.Channel), func(tx *store.Tx) error {
		channel, membership, author, err := tx.Sender(ctx, actor.Application, request.Channel, actor.User)
		if err != nil {
			return err
		}
		if err := channel.CheckMember(membership); err != nil {
			return err
		}
		if err := checkBlocks(ctx, tx.Reader, channel, actor.User); err != nil {
			return err
		}
		var events []chat.Event
		message, events, err = post(ctx, tx, actor, channel, &author, request, settings.PersistentTypes.Has(channel.Type))
		if err != nil {
			return err
		}
		tx.AfterCommit(func() { e.announce(events...) })
		return nil
	})
	if err != nil {
		return chat.Message{}, err
	}
	e.typing.stop(request.Channel, actor.User)
	return message, nil
}

// keep stores a message, or only numbers it.
func keep(ctx context.Context, tx *store.Tx, m chat.Message, kept bool) (chat.Message, error) {
	if kept {
		return tx.CreateMessage(ctx, m)
	}
	return tx.NumberMessage(ctx, m)
}

// post says something in a channel, by an author or, with none, by the
// application. It returns what is to be announced. What is not kept is numbered
// and announced only.
func post(
	ctx context.Context, tx *store.Tx, actor chat.Actor, channel chat.Channel, author *chat.User, request chat.NewMessage, kept bool,
) (message chat.Message, events []chat.Event, err error) {
	mentions, err := resolveMentions(ctx, tx, actor, request.Body)
	if err != nil {
		return message, nil, err
	}
	if request.Parent != 0 {
		if err := checkParent(ctx, tx, actor.Application, request.Parent); err != nil {
			return message, nil, err
		}
	}
	message, err = keep(ctx, tx, chat.Message{
		Application: actor.Application,
		Channel:     channel.ID,
		Type:        request.Type,
		Author:      author,
		Body:        request.Body,
		GroupTag:    request.GroupTag,
		Properties:  request.Properties,
		CreatedAt:   tx.Now(),
		Parent:      request.Parent,
		InThread:    request.InThread,
		Mentions:    mentions,
	}, kept)
	if err != nil {
		return message, nil, err
	}
	events = []chat.Event{chat.MessagePosted{Message: message, Cause: actor.Cause}}
	if kept {
		parent, err := countAside(ctx, tx, message, 1)
		if err != nil {
			return message, nil, err
		}
		if parent != nil {
			events = append(events, parent)
		}
	}
	shown, err := showAgain(ctx, tx, channel)
	return message, append(events, shown...), err
}

// Messages lists the messages of a channel of the actor's, newest first, but
// those that were deleted, by anybody for everybody or by the actor for itself.
func (e *Engine) Messages(ctx context.Context, actor chat.Actor, id chat.ChannelID, f chat.MessageFilter, page chat.PageRequest) (chat.Page[chat.Message], error) {
	channel, membership, _, err := sender(ctx, e.store.Reader, actor, id)
	if err != nil {
		return chat.Page[chat.Message]{}, err
	}
	if err := channel.CheckMember(membership); err != nil {
		return chat.Page[chat.Message]{}, err
	}
	return e.store.Messages(ctx, actor.Application, *membership, f, page)
}

// Message returns a message of a channel of the actor's.
func (e *Engine) Message(ctx context.Context, actor chat.Actor, id chat.MessageID) (chat.Message, error) {
	message, err := e.store.Message(ctx, actor.Application, id)
	if err != nil {
		return chat.Message{}, err
	}
	membership, err := e.store.Membership(ctx, actor.Application, message.Channel, actor.User)
	membership = actor.Standing(message.Channel, membership)
	if err != nil {
		return chat.Message{}, err
	}
	if membership == nil || !membership.Sees(message) {
		return chat.Message{}, chat.NoMessage(id)
	}
	return message, nil
}

// CountMessages counts the messages that Messages lists.
func (e *Engine) CountMessages(ctx context.Context, actor chat.Actor, id chat.ChannelID) (int64, error) {
	channel, membership, _, err := sender(ctx, e.store.Reader, actor, id)
	if err != nil {
		return 0, err
	}
	if err := channel.CheckMember(membership); err != nil {
		return 0, err
	}
	return e.store.CountMessages(ctx, actor.Application, *membership, chat.MessageFilter{})
}
