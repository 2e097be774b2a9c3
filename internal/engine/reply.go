package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// ReplyToMessage replies to a message of a channel of the actor's. A reply to a
// reply is one to the message that both belong to.
func (e *Engine) ReplyToMessage(ctx context.Context, actor chat.Actor, to chat.MessageID, request chat.NewMessage) error {
	message, err := e.Message(ctx, actor, to)
	if err != nil {
		return err
	}
	request.Channel, request.Parent = message.Channel, message.Thread()
	if err := message.CheckPresent(); err != nil {
		return err
	}
	_, err = e.SendMessage(ctx, actor, request)
	return err
}

// checkParent refuses to reply to what was deleted meanwhile.
func checkParent(ctx context.Context, tx *store.Tx, app chat.ApplicationID, parent chat.MessageID) error {
	message, err := tx.Message(ctx, app, parent)
	if err != nil {
		return err
	}
	return message.CheckPresent()
}

// countAside counts a message that came, or is gone, in the thread that it is in,
// and returns what that made of the message it replies to, if it is a reply. Of
// the main thread nothing is counted.
func countAside(ctx context.Context, tx *store.Tx, message chat.Message, by int) (chat.Event, error) {
	switch {
	case message.Parent != 0:
		return countReply(ctx, tx, message, by)
	case message.InThread != 0:
		return nil, tx.CountInThread(ctx, message, by)
	default:
		return nil, nil
	}
}

// countReply counts a reply that came, or is gone, and returns what that made of
// the message it replies to.
func countReply(ctx context.Context, tx *store.Tx, reply chat.Message, by int) (chat.MessageChanged, error) {
	changed := chat.MessageChanged{}
	parent, err := tx.Message(ctx, reply.Application, reply.Parent)
	if err != nil {
		return changed, err
	}
	if err := tx.CountReply(ctx, parent, by); err != nil {
		return changed, err
	}
	if by > 0 && parent.Replies == 0 {
		if err := tx.BeginThread(ctx, reply); err != nil {
			return changed, err
		}
	}
	parent.Replies += int64(by)
	changed.Message = parent
	changed.Sequence, err = tx.Record(ctx, reply.Application, chat.Stream{Channel: reply.Channel},
		chat.MessageUpdated, int64(parent.ID), tx.Now())
	return changed, err
}

// Replies lists the replies to a message of a channel of the actor's, newest
// first.
func (e *Engine) Replies(ctx context.Context, actor chat.Actor, id chat.MessageID, page chat.PageRequest) (chat.Page[chat.Message], error) {
	if _, err := e.Message(ctx, actor, id); err != nil {
		return chat.Page[chat.Message]{}, err
	}
	return e.store.Replies(ctx, actor.Application, id, actor.User, page)
}

// CountReplies counts the replies to a message of a channel of the actor's.
func (e *Engine) CountReplies(ctx context.Context, actor chat.Actor, id chat.MessageID) (int64, error) {
	if _, err := e.Message(ctx, actor, id); err != nil {
		return 0, err
	}
	return e.store.CountReplies(ctx, actor.Application, id, actor.User)
}

// Parent returns the message that a message of a channel of the actor's replies
// to, which may be a deleted one.
func (e *Engine) Parent(ctx context.Context, actor chat.Actor, id chat.MessageID) (chat.Message, error) {
	message, err := e.Message(ctx, actor, id)
	if err != nil {
		return chat.Message{}, err
	}
	if message.Parent == 0 {
		return chat.Message{}, chat.Errorf(chat.NotFound, "message %d is not a reply", id).Named("ParentNotFoundError")
	}
	return e.store.Message(ctx, actor.Application, message.Parent)
}
