package engine

import (
	"context"
	"slices"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// batch is a part of a walk: whom to notify of a message, and where that leaves
// the walk.
type batch struct {
	engine   *Engine
	size     int // members that it looks at
	from, to store.Walk
	ended    bool // nobody is left for this message, nor a later message to notify of

	channel  chat.Channel
	message  chat.Message
	parent   *chat.Message
	audience chat.Audience
	groups   []group
	online   map[chat.UserID]chat.Notification // of those who hear of it at once, what is known before
}

// group are users to notify for one reason.
type group struct {
	kind      chat.NotificationKind
	mentioned chat.ChannelID // zero for none
	users     []chat.UserID
}

// prepareBatch finds out whom to notify next. All of it is read outside of the
// transaction, which is as short as can be.
func (e *Engine) prepareBatch(ctx context.Context, w store.Walk, size int) (*batch, error) {
	b := &batch{engine: e, size: size, from: w, to: w}
	err := b.read(ctx)
	if chat.IsKind(err, chat.NotFound) {
		b.ended = true // the channel was deleted
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	users, err := b.next(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.sort(ctx, users); err != nil {
		return nil, err
	}
	if err := b.meet(ctx, users); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *batch) read(ctx context.Context) (err error) {
	r := b.engine.store.Reader
	if b.channel, err = r.Channel(ctx, b.from.Application, b.from.Channel); err != nil {
		return err
	}
	if b.message, err = r.Message(ctx, b.from.Application, b.from.Message); err != nil {
		return err
	}
	if b.message.Parent != 0 {
		parent, err := r.Message(ctx, b.from.Application, b.message.Parent)
		if err != nil {
			return err
		}
		b.parent = &parent
	}
	b.audience = chat.AudienceOf(b.message, b.parent)
	return nil
}

// next returns the users to notify now, and moves the walk to those after them.
func (b *batch) next(ctx context.Context) (users []chat.UserID, err error) {
	switch {
	case b.message.Deleted():
		return nil, b.nextMessage(ctx, b.engine.store.Reader)
	case b.message.Number <= b.channel.NotifiedAfter():
		if users, err = b.direct(ctx); err != nil {
			return nil, err
		}
		return users, b.nextMessage(ctx, b.engine.store.Reader)
	case b.from.Mentioned == 0:
		users, err = b.members(ctx)
	default:
		users, err = b.strangers(ctx)
	}
	if err != nil || b.to.User != 0 {
		return users, err
	}
	for _, mentioned := range b.mentioned() {
		if mentioned > b.from.Mentioned {
			b.to.Mentioned = mentioned
			return users, nil
		}
	}
	return users, b.nextMessage(ctx, b.engine.store.Reader)
}

// nextMessage moves the walk to the next message that anybody may be notified of.
func (b *batch) nextMessage(ctx context.Context, r store.Reader) error {
	const looked = 1000 // bounds what is read at once in a channel with a long backlog
	id, err := r.NextMessage(ctx, b.from.Application, b.from.Channel, b.from.Message, b.channel.NotifiedAfter(), looked)
	if err != nil {
		return err
	}
	b.ended = id == 0
	b.to.Message, b.to.Mentioned, b.to.User = id, 0, 0
	return nil
}

// sort groups users by why they are notified.
func (b *batch) sort(ctx context.Context, users []chat.UserID) error {
	mentioned := make(map[chat.UserID]chat.ChannelID)
	for _, channel := range b.audience.Channels {
		members, err := b.engine.store.MembersAmong(ctx, b.from.Application, channel, users)
		if err != nil {
			return err
		}
		for _, m := range members {
			if mentioned[m.User] == 0 {
				mentioned[m.User] = channel
			}
		}
	}
	for _, user := range users {
		kind := b.audience.Kind(user, mentioned[user])
		reason := group{kind: kind}
		if kind == chat.MentionedChannel {
			reason.mentioned = mentioned[user]
		}
		i := slices.IndexFunc(b.groups, func(g group) bool { return g.kind == reason.kind && g.mentioned == reason.mentioned })
		if i < 0 {
			i, b.groups = len(b.groups), append(b.groups, reason)
		}
		b.groups[i].users = append(b.groups[i].users, user)
	}
	return nil
}

// meet reads what the notifications of users with a connection show. The others
// find theirs in their streams when they come.
func (b *batch) meet(ctx context.Context, users []chat.UserID) error {
	here := slices.DeleteFunc(slices.Clone(users), func(id chat.UserID) bool { return !b.engine.Online(id) })
	if len(here) == 0 {
		return nil
	}
	r := b.engine.store.Reader
	view, err := r.ChannelView(ctx, b.from.Application, b.channel.ID, here[0])
	if err != nil {
		return err
	}
	view.LastMessage = &b.message
	found, err := r.Users(ctx, b.from.Application, here)
	if err != nil {
		return err
	}
	members, err := r.MembersAmong(ctx, b.from.Application, b.channel.ID, here)
	if err != nil {
		return err
	}
	b.online = make(map[chat.UserID]chat.Notification, len(found))
	for _, user := range found {
		var membership *chat.Membership
		if i := slices.IndexFunc(members, func(m chat.Membership) bool { return m.User == user.ID }); i >= 0 {
			membership = &members[i]
		}
		b.online[user.ID] = chat.Notification{Recipient: user, Channel: view.For(membership), Message: b.message}
	}
	return nil
}

// run notifies, unless the walk has moved on meanwhile.
func (b *batch) run(ctx context.Context, tx *store.Tx) error {
	moved, err := b.move(ctx, tx)
	if err != nil || !moved {
		return err
	}
	var events []chat.Event
	for _, g := range b.groups {
		if err := tx.Notify(ctx, b.message, g.kind, g.mentioned, g.users); err != nil {
			return err
		}
		here := slices.DeleteFunc(slices.Clone(g.users), func(id chat.UserID) bool {
			_, here := b.online[id]
			return !here
		})
		made, err := tx.Notified(ctx, b.from.Application, b.message.ID, here)
		if err != nil {
			return err
		}
		for _, n := range made {
			events = append(events, b.event(b.online[n.User], n, g, tx))
		}
	}
	tx.AfterCommit(func() { b.engine.announce(events...) })
	return nil
}

// move moves the walk on, or ends it.
func (b *batch) move(ctx context.Context, tx *store.Tx) (moved bool, err error) {
	to, ended := b.to, b.ended
	if ended {
		_, err := tx.HoldChannel(ctx, b.from.Application, b.from.Channel)
		if err == nil {
			// Somebody may have written since; who writes after this starts another walk.
			last := *b
			err = last.nextMessage(ctx, tx.Reader)
			to, ended = last.to, last.ended
		}
		if err != nil && !chat.IsKind(err, chat.NotFound) {
			return false, err
		}
	}
	if ended {
		to = store.Walk{}
	}
	return tx.MoveWalk(ctx, b.from, to)
}

func (b *batch) event(shown chat.Notification, n store.Notified, g group, tx *store.Tx) chat.Event {
	shown.ID, shown.Kind, shown.Muted, shown.CreatedAt = n.ID, g.kind, n.Muted, tx.Now()
	if g.kind == chat.RepliedTo {
		shown.Parent = b.parent
	}
	shown.Mentioned = b.message.MentionedChannel(g.mentioned)
	return chat.NotificationCreated{Notification: shown, Sequence: n.Sequence}
}
