package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// sender returns what the rules of writing need: the channel, how the actor
// stands there (nil for no member), and the user. The application itself is no
// user.
func sender(ctx context.Context, r store.Reader, actor chat.Actor, id chat.ChannelID) (chat.Channel, *chat.Membership, *chat.User, error) {
	if actor.IsApplication() {
		channel, err := r.Channel(ctx, actor.Application, id)
		return channel, chat.Administrator(id), nil, err
	}
	channel, membership, user, err := r.Sender(ctx, actor.Application, id, actor.User)
	return channel, membership, &user, err
}

// applicationFor is the actor's application with the settings as they are for the
// actor: what the application itself names must exist, so that a slip of the pen
// makes no guest.
func applicationFor(ctx context.Context, tx *store.Tx, actor chat.Actor) (chat.Application, error) {
	app, err := tx.Application(ctx, actor.Application)
	if actor.IsApplication() {
		app.Settings.GuestUsers = false
	}
	return app, err
}

// resolve finds the creator and the members of a channel that is to be.
func (c *channelCreation) resolve(ctx context.Context, tx *store.Tx, app chat.Application) ([]chat.UserID, error) {
	c.creator = c.actor.User
	if !c.actor.IsApplication() {
		if err := app.Settings.CheckCreate(c.request.Type); err != nil {
			return nil, err
		}
	} else if c.request.Creator != nil {
		found, err := resolveUsers(ctx, tx, app, []chat.UserRef{*c.request.Creator})
		if err != nil {
			return nil, err
		}
		c.creator = found[0]
	}
	members, err := resolveUsers(ctx, tx, app, c.request.Members)
	if c.creator != 0 {
		members = append([]chat.UserID{c.creator}, members...)
	}
	return unique(members), err
}

// reopen answers with the direct channel that there is, and shows it again to the
// creator.
func (c *channelCreation) reopen(ctx context.Context, tx *store.Tx, existing chat.Channel) (err error) {
	if c.creator != 0 {
		if c.events, err = showTo(ctx, tx, existing, c.creator); err != nil {
			return err
		}
	}
	c.view, err = tx.ChannelView(ctx, existing.Application, existing.ID, c.actor.User)
	return err
}

// namesake finds the group that the application creates again: creating one is
// idempotent by name and type.
func (c *channelCreation) namesake(ctx context.Context, tx *store.Tx) (view chat.ChannelView, found bool, err error) {
	if !c.actor.IsApplication() || c.request.Name == "" {
		return view, false, nil
	}
	views, err := tx.ChannelsByName(ctx, c.actor.Application, 0, []string{c.request.Name})
	if err != nil || len(views) == 0 || views[0].Type != c.request.Type {
		return view, false, err
	}
	view, err = tx.ChannelView(ctx, c.actor.Application, views[0].ID, 0)
	return view, true, err
}
