package engine

import (
	"context"

	"openkitty/internal/chat"
)

// CurrentUser returns the actor.
func (e *Engine) CurrentUser(ctx context.Context, actor chat.Actor) (chat.User, error) {
	return e.store.User(ctx, actor.Application, actor.User)
}

// User returns a user of the actor's application.
func (e *Engine) User(ctx context.Context, actor chat.Actor, id chat.UserID) (chat.User, error) {
	return e.store.User(ctx, actor.Application, id)
}

// IsMember reports whether a user is a member of a channel that the actor sees.
func (e *Engine) IsMember(ctx context.Context, actor chat.Actor, channel chat.ChannelID, user chat.UserID) (bool, error) {
	if _, err := e.Channel(ctx, actor, channel); err != nil {
		return false, err
	}
	membership, err := e.store.Membership(ctx, actor.Application, channel, user)
	return membership != nil, err
}

// Users lists the other users of the actor's application, by display name,
// without those whom a block parts from the actor.
func (e *Engine) Users(ctx context.Context, actor chat.Actor, f chat.UserFilter, page chat.PageRequest) (chat.Page[chat.User], error) {
	return e.store.UserList(ctx, actor.Application, actor.User, f, page)
}

// CountUsers counts the users of Users.
func (e *Engine) CountUsers(ctx context.Context, actor chat.Actor, f chat.UserFilter) (int64, error) {
	return e.store.CountUsers(ctx, actor.Application, actor.User, f)
}
