package engine

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// Channel returns a channel that the actor may see.
func (e *Engine) Channel(ctx context.Context, actor chat.Actor, id chat.ChannelID) (chat.ChannelView, error) {
	view, err := e.store.ChannelView(ctx, actor.Application, id, actor.User)
	if err != nil {
		return chat.ChannelView{}, err
	}
	if actor.IsApplication() {
		return view, nil
	}
	return view, view.CheckView()
}

// ChannelFilter selects channels. The zero value selects all.
type ChannelFilter struct {
	Name string // a part of the name, in any case
}

// JoinedChannels lists the channels the actor is a member of, the latest active
// first.
func (e *Engine) JoinedChannels(ctx context.Context, actor chat.Actor, f ChannelFilter, page chat.PageRequest) (chat.Page[chat.ChannelView], error) {
	return e.store.JoinedChannels(ctx, actor.Application, actor.User, f.Name, page)
}

// JoinableChannels lists the public channels the actor is no member of, the
// latest active first.
func (e *Engine) JoinableChannels(ctx context.Context, actor chat.Actor, f ChannelFilter, page chat.PageRequest) (chat.Page[chat.ChannelView], error) {
	return e.store.JoinableChannels(ctx, actor.Application, actor.User, f.Name, page)
}

// CountChannels counts the actor's channels, of one type or, if that is empty,
// of all.
func (e *Engine) CountChannels(ctx context.Context, actor chat.Actor, kind chat.ChannelType) (int64, error) {
	return e.store.CountJoinedChannels(ctx, actor.Application, actor.User, kind)
}

// Members lists the members of a channel that the actor may see, by display
// name, whose display name contains the filter.
func (e *Engine) Members(ctx context.Context, actor chat.Actor, id chat.ChannelID, filter string, page chat.PageRequest) (chat.Page[chat.User], error) {
	if _, err := e.Channel(ctx, actor, id); err != nil {
		return chat.Page[chat.User]{}, err
	}
	return e.store.Members(ctx, actor.Application, id, filter, page)
}

// CreateChannel makes a channel with the actor as a member. For a direct channel
// that exists already it returns that one, and created is false.
//
// Members named by username are created as guests where the application admits
// guests, so that a conversation can be opened before the other side first
// connects.
func (e *Engine) CreateChannel(ctx context.Context, actor chat.Actor, request chat.NewChannel) (view chat.ChannelView, created bool, err error) {
	if err := request.Check(); err != nil {
		return chat.ChannelView{}, false, err
	}
	change, err := e.createChannel(ctx, actor, request)
	if err != nil && chat.AsError(err).Name == chat.DirectChannelExists {
		// Another node made it in this moment; now it is there to be found.
		change, err = e.createChannel(ctx, actor, request)
	}
	if err != nil {
		return chat.ChannelView{}, false, err
	}
	return change.view, change.created, nil
}

func (e *Engine) createChannel(ctx context.Context, actor chat.Actor, request chat.NewChannel) (change channelCreation, err error) {
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		change = channelCreation{actor: actor, request: request, at: tx.Now()}
		if err := change.run(ctx, tx); err != nil {
			return err
		}
		events := change.events
		tx.AfterCommit(func() { e.announce(events...) })
		return nil
	})
	return change, err
}

// channelCreation is one run of CreateChannel's transaction.
type channelCreation struct {
	actor   chat.Actor
	request chat.NewChannel
	at      time.Time

	view    chat.ChannelView
	creator chat.UserID // zero for nobody's
	created bool
	events  []chat.Event
}

func (c *channelCreation) run(ctx context.Context, tx *store.Tx) error {
	app, err := applicationFor(ctx, tx, c.actor)
	if err != nil {
		return err
	}
	members, err := c.resolve(ctx, tx, app)
	if err != nil {
		return err
	}
	channel := c.channel()
	if channel.Type == chat.Direct {
		if channel.DirectKey, err = chat.DirectKey(members); err != nil {
			return err
		}
		parted, err := tx.Parted(ctx, app.ID, c.creator, members)
		if err != nil {
			return err
		}
		if len(parted) > 0 {
			return chat.UserBlocked()
		}
		existing, err := tx.ChannelByDirectKey(ctx, app.ID, channel.DirectKey)
		if err == nil {
			return c.reopen(ctx, tx, existing)
		}
		if !chat.IsKind(err, chat.NotFound) {
			return err
		}
	} else if existing, found, err := c.namesake(ctx, tx); err != nil || found {
		c.view = existing
		return err
	}
	return c.insert(ctx, tx, channel, members)
}

// channel is what is asked for, with the defaults filled in.
func (c *channelCreation) channel() chat.Channel {
	channel := chat.Channel{
		Application: c.actor.Application,
		Type:        c.request.Type,
		Name:        c.request.Name,
		DisplayName: c.request.DisplayName,
		Creator:     c.creator,
		Properties:  c.request.Properties,
		ActiveAt:    c.at,
		CreatedAt:   c.at,
	}
	if channel.DisplayName == "" {
		channel.DisplayName = channel.Name
	}
	// A direct channel is found by its members. The name that some examples
	// give it would clash with the next pair that follows the same example.
	if channel.Name == "" || channel.Type == chat.Direct {
		channel.Name = randomName()
	}
	if channel.DisplayName == "" {
		channel.DisplayName = channel.Name
	}
	return channel
}

func (c *channelCreation) insert(ctx context.Context, tx *store.Tx, channel chat.Channel, members []chat.UserID) error {
	channel, err := tx.CreateChannel(ctx, channel)
	if err != nil {
		return err
	}
	memberships := make([]chat.Membership, len(members))
	for i, member := range members {
		memberships[i] = chat.Membership{
			Channel:   channel.ID,
			User:      member,
			Moderator: channel.Group() && member == c.creator,
			JoinedAt:  c.at,
		}
	}
	if err := tx.AddMembers(ctx, channel.Application, channel.ID, memberships); err != nil {
		return err
	}
	if !channel.Group() {
		if err := tx.CountBlocks(ctx, channel.Application, []chat.ChannelID{channel.ID}); err != nil {
			return err
		}
	}
	stream := chat.Stream{Channel: channel.ID}
	if _, err := tx.Record(ctx, channel.Application, stream, chat.ChannelCreated, int64(channel.ID), c.at); err != nil {
		return err
	}
	if c.view, err = tx.ChannelView(ctx, channel.Application, channel.ID, c.actor.User); err != nil {
		return err
	}
	c.created = true
	return c.record(ctx, tx, memberships)
}

// record tells each member's own stream of the new membership.
func (c *channelCreation) record(ctx context.Context, tx *store.Tx, memberships []chat.Membership) error {
	for _, membership := range memberships {
		stream := chat.Stream{User: membership.User}
		sequence, err := tx.Record(ctx, c.view.Application, stream, chat.ChannelJoined, int64(c.view.ID), c.at)
		if err != nil {
			return err
		}
		c.events = append(c.events, chat.UserJoinedChannel{Channel: c.view.For(&membership), User: membership.User, Sequence: sequence})
	}
	return nil
}

// resolveUsers turns references into ids, in any order.
func resolveUsers(ctx context.Context, tx *store.Tx, app chat.Application, refs []chat.UserRef) ([]chat.UserID, error) {
	var (
		ids   []chat.UserID
		names []string
	)
	for _, ref := range refs {
		if ref.ID != 0 {
			ids = append(ids, ref.ID)
		} else {
			names = append(names, ref.Name)
		}
	}
	ids = unique(ids)
	users, err := tx.Users(ctx, app.ID, ids)
	if err != nil {
		return nil, err
	}
	if missing := firstMissing(ids, users); missing != 0 {
		return nil, chat.NoUser(missing)
	}
	named, err := resolveNames(ctx, tx, app, unique(names))
	return append(ids, named...), err
}

func firstMissing(ids []chat.UserID, users []chat.User) chat.UserID {
	found := make(map[chat.UserID]bool, len(users))
	for _, user := range users {
		found[user.ID] = true
	}
	for _, id := range ids {
		if !found[id] {
			return id
		}
	}
	return 0
}

func resolveNames(ctx context.Context, tx *store.Tx, app chat.Application, names []string) ([]chat.UserID, error) {
	users, err := tx.UsersByName(ctx, app.ID, names)
	if err != nil {
		return nil, err
	}
	found := make(map[string]chat.UserID, len(users))
	for _, user := range users {
		found[user.Name] = user.ID
	}
	ids := make([]chat.UserID, 0, len(names))
	for _, name := range names {
		id, exists := found[name]
		if !exists {
			if id, err = inviteGuest(ctx, tx, app, name); err != nil {
				return nil, err
			}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// inviteGuest makes a user of a name that nobody connected under so far.
func inviteGuest(ctx context.Context, tx *store.Tx, app chat.Application, name string) (chat.UserID, error) {
	if err := chat.CheckUsername(name); err != nil {
		return 0, err
	}
	if !app.Settings.GuestUsers {
		return 0, chat.NoUser(fmt.Sprintf("%q", name))
	}
	user, _, err := tx.CreateUser(ctx, guest(app.ID, name, tx.Now()))
	return user.ID, err
}

// unique returns the items without repetitions, in their order.
func unique[T comparable](items []T) []T {
	seen := make(map[T]bool, len(items))
	kept := items[:0]
	for _, item := range items {
		if !seen[item] {
			seen[item] = true
			kept = append(kept, item)
		}
	}
	return kept
}

// randomName is a random UUID (version 4), the name of channels that were given
// none.
func randomName() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, says package crypto/rand
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
