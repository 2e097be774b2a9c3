package engine

import (
	"context"

	"openkitty/internal/chat"
)

// AllMessages lists the messages of all of the actor's channels, but hidden ones,
// newest first.
func (e *Engine) AllMessages(ctx context.Context, actor chat.Actor, page chat.PageRequest) (chat.Page[chat.Message], error) {
	return e.store.UserMessages(ctx, actor.Application, actor.User, page)
}

// ChannelContext returns the stretch of a channel of the actor's from one message
// to another, both included, in whichever order they are named: at most
// chat.ContextMax messages from the newer one on. With one of them zero it is a
// page from the other on; with both, the newest page.
func (e *Engine) ChannelContext(ctx context.Context, actor chat.Actor, id chat.ChannelID, start, end chat.MessageID) (chat.ChannelContext, error) {
	member, err := e.member(ctx, actor, id)
	if err != nil {
		return chat.ChannelContext{}, err
	}
	newest, err := e.messageIn(ctx, member, actor, start)
	if err != nil {
		return chat.ChannelContext{}, err
	}
	oldest, err := e.messageIn(ctx, member, actor, end)
	if err != nil {
		return chat.ChannelContext{}, err
	}
	limit := chat.PageSizeDefault
	if newest != nil && oldest != nil {
		limit = chat.ContextMax
		if newest.Before(*oldest) {
			newest, oldest = oldest, newest
		}
	}
	ids, err := e.store.Stretch(ctx, actor.Application, member, newest, oldest, limit)
	if err != nil || len(ids) == 0 {
		return chat.ChannelContext{}, err
	}
	return chat.ChannelContext{Start: ids[0], End: ids[len(ids)-1]}, nil
}

// messageIn returns a message of a member's channel, or nil for zero.
func (e *Engine) messageIn(ctx context.Context, member chat.Membership, actor chat.Actor, id chat.MessageID) (*chat.Message, error) {
	if id == 0 {
		return nil, nil
	}
	message, err := e.store.Message(ctx, actor.Application, id)
	if err != nil {
		return nil, err
	}
	if message.Channel != member.Channel || !member.Sees(message) {
		return nil, chat.NoMessage(id)
	}
	return &message, nil
}
