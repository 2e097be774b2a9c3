package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// CreateThread makes a thread that stands alone in a channel of the actor's. An
// event answers the request.
func (e *Engine) CreateThread(ctx context.Context, actor chat.Actor, id chat.ChannelID, request chat.NewThread) (thread chat.Thread, err error) {
	if err := request.Check(); err != nil {
		return chat.Thread{}, err
	}
	err = e.changeChannel(ctx, actor, id, func(c *channelChange) error {
		if err := c.view.CheckMember(c.view.Viewer); err != nil {
			return err
		}
		if err := checkBlocks(ctx, c.tx.Reader, c.view.Channel, actor.User); err != nil {
			return err
		}
		thread, err = c.tx.CreateThread(ctx, chat.Thread{
			Application: actor.Application, Channel: id, Name: request.Name, Properties: request.Properties, CreatedAt: c.tx.Now(),
		})
		if err != nil {
			return err
		}
		sequence, err := c.record(chat.Stream{Channel: id}, chat.ThreadMade, int64(thread.ID))
		c.events = append(c.events, chat.ThreadCreated{Thread: thread, Sequence: sequence, Cause: actor.Cause})
		return err
	})
	return thread, err
}

// Thread returns a thread of a channel of the actor's.
func (e *Engine) Thread(ctx context.Context, actor chat.Actor, id chat.ThreadID) (chat.Thread, error) {
	thread, _, err := e.threadOf(ctx, actor, id)
	return thread, err
}

// threadOf returns a thread with the actor's membership of its channel. To others
// than members it does not exist.
func (e *Engine) threadOf(ctx context.Context, actor chat.Actor, id chat.ThreadID) (chat.Thread, chat.Membership, error) {
	thread, err := e.store.Thread(ctx, actor.Application, id)
	if err != nil {
		return chat.Thread{}, chat.Membership{}, err
	}
	member, err := e.store.Membership(ctx, actor.Application, thread.Channel, actor.User)
	if err != nil {
		return chat.Thread{}, chat.Membership{}, err
	}
	if member = actor.Standing(thread.Channel, member); member == nil {
		return chat.Thread{}, chat.Membership{}, chat.NoThread(id)
	}
	return thread, *member, nil
}

// MainThread returns the main thread of a channel of the actor's.
func (e *Engine) MainThread(ctx context.Context, actor chat.Actor, id chat.ChannelID) (chat.Thread, error) {
	if _, err := e.member(ctx, actor, id); err != nil {
		return chat.Thread{}, err
	}
	return e.store.MainThread(ctx, actor.Application, id)
}

// Threads lists the threads of a channel of the actor's, the oldest first.
func (e *Engine) Threads(ctx context.Context, actor chat.Actor, id chat.ChannelID, f chat.ThreadFilter, page chat.PageRequest) (chat.Page[chat.Thread], error) {
	if _, err := e.member(ctx, actor, id); err != nil {
		return chat.Page[chat.Thread]{}, err
	}
	return e.store.Threads(ctx, actor.Application, id, f, page)
}

// member returns the actor's membership of a channel, and refuses others than
// members.
func (e *Engine) member(ctx context.Context, actor chat.Actor, id chat.ChannelID) (chat.Membership, error) {
	channel, member, _, err := sender(ctx, e.store.Reader, actor, id)
	if err != nil {
		return chat.Membership{}, err
	}
	if err := channel.CheckMember(member); err != nil {
		return chat.Membership{}, err
	}
	return *member, nil
}

// ThreadMessage returns the message whose replies a thread of the actor's holds.
func (e *Engine) ThreadMessage(ctx context.Context, actor chat.Actor, id chat.ThreadID) (chat.Message, error) {
	thread, err := e.Thread(ctx, actor, id)
	if err != nil {
		return chat.Message{}, err
	}
	if thread.Message == 0 {
		return chat.Message{}, chat.Errorf(chat.NotFound, "thread %d holds no replies", id).Named("MessageNotFoundError")
	}
	return e.Message(ctx, actor, thread.Message)
}

// ThreadMessages lists the messages of a thread of the actor's, newest first.
func (e *Engine) ThreadMessages(ctx context.Context, actor chat.Actor, id chat.ThreadID, page chat.PageRequest) (chat.Page[chat.Message], error) {
	thread, member, err := e.threadOf(ctx, actor, id)
	if err != nil {
		return chat.Page[chat.Message]{}, err
	}
	switch thread.Type {
	case chat.MainThread:
		return e.store.Messages(ctx, actor.Application, member, chat.MessageFilter{MainThread: true}, page)
	case chat.MessageThread:
		return e.store.Replies(ctx, actor.Application, thread.Message, actor.User, page)
	default:
		return e.store.ThreadMessages(ctx, actor.Application, id, member, page)
	}
}

// SendToThread says something in a thread of the actor's.
func (e *Engine) SendToThread(ctx context.Context, actor chat.Actor, id chat.ThreadID, request chat.NewMessage) (chat.Message, error) {
	thread, err := e.Thread(ctx, actor, id)
	if err != nil {
		return chat.Message{}, err
	}
	return e.SendMessage(ctx, actor, inThread(request, thread))
}

// inThread is a request for a message in a thread.
func inThread(request chat.NewMessage, thread chat.Thread) chat.NewMessage {
	place := thread.Place()
	request.Channel, request.Parent, request.InThread = thread.Channel, place.Message, place.Standalone
	return request
}

// SendThreadKeystrokes is SendKeystrokes in a thread. The actor must have a chat
// session in its channel.
func (e *Engine) SendThreadKeystrokes(ctx context.Context, actor chat.Actor, id chat.ThreadID, keys string) error {
	thread, err := e.Thread(ctx, actor, id)
	if err != nil {
		return err
	}
	return e.sendKeystrokes(ctx, actor, thread.Channel, thread, keys)
}

// ReadThread notes that the actor has read a thread to its end.
func (e *Engine) ReadThread(ctx context.Context, actor chat.Actor, id chat.ThreadID) error {
	thread, member, err := e.threadOf(ctx, actor, id)
	if err != nil {
		return err
	}
	return e.store.Update(ctx, int64(thread.Channel), func(tx *store.Tx) error { return tx.ReadThread(ctx, thread, member) })
}

// ThreadUnread reports whether somebody else had the last word in a thread of the
// actor's since the actor read it.
func (e *Engine) ThreadUnread(ctx context.Context, actor chat.Actor, id chat.ThreadID) (bool, error) {
	thread, member, err := e.threadOf(ctx, actor, id)
	if err != nil {
		return false, err
	}
	return e.store.ThreadUnread(ctx, actor.Application, thread, member)
}
