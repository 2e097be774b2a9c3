package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// channelChange is one run of a transaction that changes a channel, or who is
// in it and how.
type channelChange struct {
	ctx    context.Context
	tx     *store.Tx
	actor  chat.Actor
	view   chat.ChannelView // as the actor sees it
	events []chat.Event     // to announce after the commit
}

// changeChannel runs change in the lane of a channel, so that what it announces
// keeps its place among the channel's messages.
func (e *Engine) changeChannel(ctx context.Context, actor chat.Actor, id chat.ChannelID, change func(*channelChange) error) error {
	return e.store.Update(ctx, int64(id), func(tx *store.Tx) error {
		view, err := tx.ChannelView(ctx, actor.Application, id, actor.User)
		if err != nil {
			return err
		}
		c := &channelChange{ctx: ctx, tx: tx, actor: actor, view: view}
		if err := change(c); err != nil {
			return err
		}
		tx.AfterCommit(func() { e.announce(c.events...) })
		return nil
	})
}

// standing is how the actor stands in the channel.
func (c *channelChange) standing() *chat.Membership {
	return c.actor.Standing(c.view.ID, c.view.Viewer)
}

// JoinChannel makes the actor a member of a public channel. It returns the
// channel as a member sees it, and whether the actor was none before: only then
// an event answers the actor's request.
func (e *Engine) JoinChannel(ctx context.Context, actor chat.Actor, id chat.ChannelID) (view chat.ChannelView, joined bool, err error) {
	err = e.changeChannel(ctx, actor, id, func(c *channelChange) error {
		joined = false
		if view = c.view; c.view.LeavableBy(c.view.Viewer) {
			return nil
		}
		if err := c.view.CheckJoin(c.view.Viewer); err != nil {
			return err
		}
		user, err := c.tx.User(ctx, actor.Application, actor.User)
		if err != nil {
			return err
		}
		joined = true
		return c.admit(user, actor.Cause)
	})
	return view, joined, err
}

// InviteUser makes another user a member of a group of the actor's, and returns
// that user. One who is a member already stays one.
func (e *Engine) InviteUser(ctx context.Context, actor chat.Actor, id chat.ChannelID, ref chat.UserRef) (user chat.User, err error) {
	err = e.changeChannel(ctx, actor, id, func(c *channelChange) error {
		if err := c.view.CheckInvite(c.standing()); err != nil {
			return err
		}
		app, err := applicationFor(ctx, c.tx, actor)
		if err != nil {
			return err
		}
		ids, err := resolveUsers(ctx, c.tx, app, []chat.UserRef{ref})
		if err != nil {
			return err
		}
		if user, err = c.tx.User(ctx, app.ID, ids[0]); err != nil {
			return err
		}
		if member, err := c.tx.Membership(ctx, app.ID, id, user.ID); err != nil || member != nil {
			return err
		}
		return c.admit(user, chat.Cause{})
	})
	return user, err
}

// admit makes a user, who is none yet, a member.
func (c *channelChange) admit(user chat.User, cause chat.Cause) error {
	m := chat.Membership{Channel: c.view.ID, User: user.ID, JoinedAt: c.tx.Now()}
	if err := c.tx.AddMembers(c.ctx, c.actor.Application, c.view.ID, []chat.Membership{m}); err != nil {
		return err
	}
	// Asked now that the channel's row is held: a block that comes at this
	// moment waits for it, and then finds the member.
	barred, err := c.tx.IsBarred(c.ctx, c.actor.Application, c.view.ID, user.ID)
	if err != nil {
		return err
	}
	if barred {
		return chat.Barred(c.view.ID)
	}
	if err := c.tellChannel(chat.MemberJoined, user); err != nil {
		return err
	}
	sequence, err := c.record(chat.Stream{User: user.ID}, chat.ChannelJoined, int64(c.view.ID))
	if err != nil {
		return err
	}
	view, err := c.tx.ChannelView(c.ctx, c.actor.Application, c.view.ID, user.ID)
	c.events = append(c.events, chat.UserJoinedChannel{Channel: view, User: user.ID, Sequence: sequence, Cause: cause})
	return err
}

// LeaveChannel ends a membership of a group: the actor's own, or with a ref that
// of somebody whom the actor may remove. It returns the channel as the actor sees
// it then, and whether the actor left: only then an event answers the request.
func (e *Engine) LeaveChannel(ctx context.Context, actor chat.Actor, id chat.ChannelID, ref *chat.UserRef) (view chat.ChannelView, self bool, err error) {
	err = e.changeChannel(ctx, actor, id, func(c *channelChange) error {
		if err := c.view.CheckLeave(c.standing()); err != nil {
			return err
		}
		user, err := c.userOr(ref, actor.User)
		if err != nil {
			return err
		}
		if err := c.view.CheckRemove(c.standing(), user.ID); err != nil {
			return err
		}
		view, self = c.view, user.ID == actor.User
		return c.dismiss(user)
	})
	return view, self, err
}

// dismiss ends a user's membership.
func (c *channelChange) dismiss(user chat.User) error {
	removed, err := c.tx.RemoveMember(c.ctx, c.actor.Application, c.view.ID, user.ID)
	if err != nil {
		return err
	}
	if !removed {
		return chat.NoMember(c.view.ID, user.ID)
	}
	if err := c.tellChannel(chat.MemberLeft, user); err != nil {
		return err
	}
	return c.tellUser(chat.ChannelLeft, user.ID, nil)
}

// AddModerator makes a member of a group a moderator, RemoveModerator a plain
// member again. Both return the channel as the actor sees it then.
func (e *Engine) AddModerator(ctx context.Context, actor chat.Actor, id chat.ChannelID, ref chat.UserRef) (chat.ChannelView, error) {
	return e.setModerator(ctx, actor, id, ref, chat.ModeratorAdded)
}

// RemoveModerator undoes AddModerator.
func (e *Engine) RemoveModerator(ctx context.Context, actor chat.Actor, id chat.ChannelID, ref chat.UserRef) (chat.ChannelView, error) {
	return e.setModerator(ctx, actor, id, ref, chat.ModeratorRemoved)
}

func (e *Engine) setModerator(ctx context.Context, actor chat.Actor, id chat.ChannelID, ref chat.UserRef, kind chat.ChangeKind) (view chat.ChannelView, err error) {
	err = e.changeChannel(ctx, actor, id, func(c *channelChange) error {
		if err := c.view.CheckModerators(c.standing()); err != nil {
			return err
		}
		user, err := c.userOr(&ref, 0)
		if err != nil {
			return err
		}
		if err := c.promote(user, kind); err != nil {
			return err
		}
		view, err = c.tx.ChannelView(ctx, actor.Application, id, actor.User)
		return err
	})
	return view, err
}

// promote gives a member the rights of a moderator, or takes them.
func (c *channelChange) promote(user chat.User, kind chat.ChangeKind) error {
	member, err := c.tx.Membership(c.ctx, c.actor.Application, c.view.ID, user.ID)
	if err != nil {
		return err
	}
	if member == nil {
		return chat.NoMember(c.view.ID, user.ID)
	}
	moderator := kind == chat.ModeratorAdded
	if member.Moderator == moderator {
		return nil
	}
	if moderator {
		others, err := c.tx.ManagerIDs(c.ctx, c.actor.Application, c.view.ID)
		if err != nil {
			return err
		}
		if len(others) >= chat.ModeratorsMax {
			return chat.Errorf(chat.Conflict, "a channel has at most %d moderators", chat.ModeratorsMax).Named("TooManyModeratorsError")
		}
	}
	member.Moderator = moderator
	if err := c.setPlace(*member); err != nil {
		return err
	}
	if err := c.tellChannel(kind, user); err != nil {
		return err
	}
	return c.tellUser(chat.RightsChanged, user.ID, member)
}

// Moderators lists the moderators of a channel that the actor may see, otherwise
// as Members.
func (e *Engine) Moderators(ctx context.Context, actor chat.Actor, id chat.ChannelID, filter string, page chat.PageRequest) (chat.Page[chat.User], error) {
	if _, err := e.Channel(ctx, actor, id); err != nil {
		return chat.Page[chat.User]{}, err
	}
	return e.store.Moderators(ctx, actor.Application, id, filter, page)
}

// MuteChannel says whether the actor wants no alerts from a channel.
func (e *Engine) MuteChannel(ctx context.Context, actor chat.Actor, id chat.ChannelID, muted bool) error {
	kind := chat.ChannelUnmuted
	if muted {
		kind = chat.ChannelMuted
	}
	return e.changePlace(ctx, actor, id, kind, func(c *channelChange, m *chat.Membership) error {
		m.Muted = muted
		return nil
	})
}

// ClearHistory hides the messages that a channel has so far from the actor, and
// from nobody else.
func (e *Engine) ClearHistory(ctx context.Context, actor chat.Actor, id chat.ChannelID) error {
	return e.changePlace(ctx, actor, id, chat.HistoryCleared, func(c *channelChange, m *chat.Membership) error {
		m.ClearedAt, m.ClearedCount = c.tx.Now(), c.view.MessageCount
		// Written by another node, whose clock is ahead.
		if c.view.ActiveAt.After(m.ClearedAt) {
			m.ClearedAt = c.view.ActiveAt
		}
		if err := c.seeAll(); err != nil {
			return err
		}
		return c.tx.ForgetHidden(ctx, actor.Application, id, actor.User)
	})
}

// changePlace changes the actor's own membership. An event answers the request.
func (e *Engine) changePlace(ctx context.Context, actor chat.Actor, id chat.ChannelID, kind chat.ChangeKind, change func(*channelChange, *chat.Membership) error) error {
	return e.changeChannel(ctx, actor, id, func(c *channelChange) error {
		if err := c.view.CheckMember(c.view.Viewer); err != nil {
			return err
		}
		m := *c.view.Viewer
		if err := change(c, &m); err != nil {
			return err
		}
		if err := c.setPlace(m); err != nil {
			return err
		}
		return c.tellUser(kind, m.User, &m)
	})
}

func (c *channelChange) setPlace(m chat.Membership) error {
	found, err := c.tx.SetPlace(c.ctx, c.actor.Application, m)
	if err == nil && !found {
		err = chat.NoMember(m.Channel, m.User)
	}
	return err
}

// userOr returns the user that a reference names, or if it is nil the one of an
// id. Nobody is made a guest by being named here.
func (c *channelChange) userOr(ref *chat.UserRef, id chat.UserID) (chat.User, error) {
	switch {
	case ref == nil:
		return c.tx.User(c.ctx, c.actor.Application, id)
	case ref.ID != 0:
		return c.tx.User(c.ctx, c.actor.Application, ref.ID)
	default:
		return c.tx.UserByName(c.ctx, c.actor.Application, ref.Name)
	}
}

// tellChannel records in the channel's stream what became of a member.
func (c *channelChange) tellChannel(kind chat.ChangeKind, user chat.User) error {
	sequence, err := c.record(chat.Stream{Channel: c.view.ID}, kind, int64(user.ID))
	c.events = append(c.events, chat.MemberChanged{Kind: kind, Channel: c.view.ID, User: user, Sequence: sequence})
	return err
}

// tellUser records in a user's stream what became of their place, of which the
// membership is what is left. If it is the actor's, it answers the request.
func (c *channelChange) tellUser(kind chat.ChangeKind, user chat.UserID, m *chat.Membership) error {
	sequence, err := c.record(chat.Stream{User: user}, kind, int64(c.view.ID))
	event := chat.UserChannelChanged{Kind: kind, Channel: c.view.For(m), User: user, Sequence: sequence}
	if user == c.actor.User {
		event.Cause = c.actor.Cause
		c.view = event.Channel
	}
	c.events = append(c.events, event)
	return err
}

func (c *channelChange) record(stream chat.Stream, kind chat.ChangeKind, subject int64) (int64, error) {
	return c.tx.Record(c.ctx, c.actor.Application, stream, kind, subject, c.tx.Now())
}
