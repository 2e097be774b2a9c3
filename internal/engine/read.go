package engine

import (
	"context"
	"strconv"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// reading is one run of a transaction that moves the actor's position in a
// channel.
type reading struct {
	tx      *store.Tx
	actor   chat.Actor
	channel chat.Channel
	user    chat.User
	was     chat.Position
	events  []chat.Event
}

// move runs fn on the actor's position in a channel, and announces the events
// that it adds.
func (e *Engine) move(ctx context.Context, actor chat.Actor, id chat.ChannelID, fn func(*reading) error) error {
	return e.store.Update(ctx, int64(id), func(tx *store.Tx) error {
		channel, membership, user, err := tx.Sender(ctx, actor.Application, id, actor.User)
		if err != nil {
			return err
		}
		if err := channel.CheckMember(membership); err != nil {
			return err
		}
		r := &reading{tx: tx, actor: actor, channel: channel, user: user}
		if r.was, err = tx.Position(ctx, actor.Application, id, actor.User); err != nil {
			return err
		}
		if err := fn(r); err != nil {
			return err
		}
		tx.AfterCommit(func() { e.announce(r.events...) })
		return nil
	})
}

// ReadMessage says that the actor has read a message, and all before it. It
// changes nothing if that was said before.
func (e *Engine) ReadMessage(ctx context.Context, actor chat.Actor, id chat.MessageID) error {
	message, err := e.presentMessage(ctx, actor, id)
	if err != nil {
		return err
	}
	return e.move(ctx, actor, message.Channel, func(r *reading) error {
		now, moved := r.was.ReadTo(message.Number, id, r.tx.Now())
		if !moved {
			return nil
		}
		return r.settle(ctx, now, &message)
	})
}

// UnreadMessage moves the actor's position back to before a message. It changes
// nothing if the message counts as unread.
func (e *Engine) UnreadMessage(ctx context.Context, actor chat.Actor, id chat.MessageID) error {
	message, err := e.presentMessage(ctx, actor, id)
	if err != nil {
		return err
	}
	return e.move(ctx, actor, message.Channel, func(r *reading) error {
		// A sweep relies on how far everybody is, on whatever node.
		if err := r.tx.LockChannel(ctx, actor.Application, message.Channel); err != nil {
			return err
		}
		previous, err := r.tx.MessageBefore(ctx, actor.Application, message)
		if err != nil {
			return err
		}
		now, moved := r.was.UnreadFrom(message, previous, r.channel.PostedCount, r.tx.Now())
		if !moved {
			return nil
		}
		return r.settle(ctx, now, &message)
	})
}

// ReadChannel says that the actor has read all of a channel.
func (e *Engine) ReadChannel(ctx context.Context, actor chat.Actor, id chat.ChannelID) error {
	return e.move(ctx, actor, id, func(r *reading) error {
		now, moved := r.was.ReadTo(r.channel.PostedCount, r.channel.LastMessage, r.tx.Now())
		if !moved {
			return nil
		}
		if r.channel.LastMessage == 0 {
			return r.settle(ctx, now, nil) // all messages were deleted
		}
		message, err := r.tx.Message(ctx, actor.Application, r.channel.LastMessage)
		if err != nil {
			return err
		}
		return r.settle(ctx, now, &message)
	})
}

// presentMessage returns a message that the actor sees and that was not deleted.
func (e *Engine) presentMessage(ctx context.Context, actor chat.Actor, id chat.MessageID) (chat.Message, error) {
	message, err := e.Message(ctx, actor, id)
	if err != nil {
		return chat.Message{}, err
	}
	return message, message.CheckPresent()
}

// settle keeps a position that moved, and tells of it whom it concerns: the
// reader always, and in a small channel its author and those who chat there.
func (r *reading) settle(ctx context.Context, now chat.Position, message *chat.Message) error {
	if err := r.tx.SetPosition(ctx, r.actor.Application, r.channel.ID, r.actor.User, now); err != nil || message == nil {
		return err
	}
	removed := now.Reached() < message.Number
	receipt := chat.ReadReceipt{Message: message.ID, User: r.user, CreatedAt: r.tx.Now()}
	own, err := r.record(ctx, chat.Stream{User: r.actor.User}, kindOf(removed, chat.ChannelRead, chat.ChannelUnread), int64(r.channel.ID), message.ID)
	if err != nil {
		return err
	}
	r.events = append(r.events, chat.UserReceiptChanged{User: r.actor.User, Receipt: receipt, Removed: removed, Sequence: own})
	byActor := message.Author != nil && message.Author.ID == r.actor.User
	had := r.was.Read >= message.Number
	if byActor || removed != had || r.channel.MemberCount > chat.IntimateMax {
		return nil
	}
	sequence, err := r.record(ctx, chat.Stream{Channel: r.channel.ID}, kindOf(removed, chat.MemberRead, chat.MemberUnread), int64(r.actor.User), message.ID)
	if err != nil {
		return err
	}
	r.events = append(r.events, chat.ReceiptChanged{Channel: r.channel.ID, Receipt: receipt, Removed: removed, Sequence: sequence})
	if message.Author != nil {
		r.events = append(r.events, chat.UserReceiptChanged{User: message.Author.ID, Receipt: receipt, Removed: removed})
	}
	return nil
}

func (r *reading) record(ctx context.Context, stream chat.Stream, kind chat.ChangeKind, subject int64, message chat.MessageID) (int64, error) {
	return r.tx.RecordBy(ctx, r.actor.Application, chat.Change{
		Stream: stream, Kind: kind, Subject: subject, At: r.tx.Now(), Detail: strconv.FormatInt(int64(message), 10),
	})
}

func kindOf(removed bool, added, gone chat.ChangeKind) chat.ChangeKind {
	if removed {
		return gone
	}
	return added
}

// ReadReceipts lists who has read a message of a channel of the actor's.
func (e *Engine) ReadReceipts(ctx context.Context, actor chat.Actor, id chat.MessageID, page chat.PageRequest) (chat.Page[chat.ReadReceipt], error) {
	message, err := e.Message(ctx, actor, id)
	if err != nil || message.Number == 0 { // nobody reads what was imported
		return chat.Page[chat.ReadReceipt]{}, err
	}
	return e.store.ReadReceipts(ctx, actor.Application, message, page)
}

// LastReadMessage returns the newest message of a channel of the actor's that a
// member has read, of those that the actor sees. The empty name is the actor's
// own. It reports false if there is none.
func (e *Engine) LastReadMessage(ctx context.Context, actor chat.Actor, id chat.ChannelID, username string) (chat.Message, bool, error) {
	membership, err := e.member(ctx, actor, id)
	if err != nil {
		return chat.Message{}, false, err
	}
	reader := actor.User
	if username != "" {
		user, err := e.store.UserByName(ctx, actor.Application, username)
		if err != nil {
			return chat.Message{}, false, err
		}
		reader = user.ID
	}
	position, err := e.store.Position(ctx, actor.Application, id, reader)
	if err != nil || position.Message == 0 {
		return chat.Message{}, false, err
	}
	last, err := e.store.LastVisible(ctx, actor.Application, position.Message, membership)
	if err != nil || last == 0 {
		return chat.Message{}, false, err
	}
	message, err := e.store.Message(ctx, actor.Application, last)
	return message, true, err
}

// UnreadChannels lists the actor's channels in which something is unread, the
// latest active first.
func (e *Engine) UnreadChannels(ctx context.Context, actor chat.Actor, f ChannelFilter, page chat.PageRequest) (chat.Page[chat.ChannelView], error) {
	return e.store.UnreadChannels(ctx, actor.Application, actor.User, f.Name, page)
}

// CountUnreadChannels counts the channels of UnreadChannels, of one type or, if
// that is empty, of all.
func (e *Engine) CountUnreadChannels(ctx context.Context, actor chat.Actor, kind chat.ChannelType) (int64, error) {
	return e.store.CountUnreadChannels(ctx, actor.Application, actor.User, kind)
}

// CountUnread counts the messages of a channel of the actor's that the actor has
// not read.
func (e *Engine) CountUnread(ctx context.Context, actor chat.Actor, id chat.ChannelID) (int64, error) {
	if _, err := e.member(ctx, actor, id); err != nil {
		return 0, err
	}
	return e.store.CountUnread(ctx, actor.Application, id, actor.User)
}

// CountAllUnread counts the messages that the actor has not read, in all
// channels of the actor's list.
func (e *Engine) CountAllUnread(ctx context.Context, actor chat.Actor) (int64, error) {
	return e.store.CountAllUnread(ctx, actor.Application, actor.User)
}

// seeAll leaves nothing unread to a member to whom nothing is left to read. It
// makes no receipt.
func (c *channelChange) seeAll() error {
	position, err := c.tx.Position(c.ctx, c.actor.Application, c.view.ID, c.actor.User)
	if err != nil {
		return err
	}
	return c.tx.SetPosition(c.ctx, c.actor.Application, c.view.ID, c.actor.User, position.SeenTo(c.view.PostedCount))
}
