package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/transfer"
)

// users imports users; those who are there already stay as they are.
func (b *importBatch) users() error {
	var users []chat.User
	var keys []string
	_ = b.good(func(n *importEntry) error {
		u := n.item.(transfer.User)
		users = append(users, chat.User{
			Application: b.job.Application, Name: u.Name, DisplayName: u.DisplayName, Picture: u.Picture, Guest: u.Guest,
			Properties: u.Properties, CreatedAt: orNow(u.CreatedAt, b.tx.Now()),
		})
		keys = append(keys, u.Key)
		return nil
	})
	created, err := b.tx.ImportUsers(b.ctx, b.job.Application, users, keys)
	b.unchanged = len(users) - created
	return err
}

// members makes users members of the job's channel.
func (b *importBatch) members() error {
	view, err := b.tx.ChannelView(b.ctx, b.job.Application, b.job.Channel, 0)
	if err != nil {
		return err
	}
	c := &channelChange{ctx: b.ctx, tx: b.tx, actor: chat.Actor{Application: b.job.Application}, view: view}
	err = b.good(func(n *importEntry) error {
		added, missing, err := c.admitNamed([]string{n.item.(transfer.Member).Username})
		if err == nil && len(missing) > 0 {
			return n.fail(noUsers(missing))
		}
		if err == nil && len(added) == 0 {
			b.unchanged++
		}
		return n.fail(err)
	})
	b.events = c.events
	return err
}

// admitNamed makes users members who are none yet. It returns those, and the
// names of nobody.
func (c *channelChange) admitNamed(names []string) (added []chat.User, missing []string, err error) {
	users, missing, err := usersNamed(c.ctx, c.tx, c.actor.Application, names)
	for _, user := range users {
		if err != nil {
			break
		}
		var member *chat.Membership
		if member, err = c.tx.Membership(c.ctx, c.actor.Application, c.view.ID, user.ID); err != nil || member != nil {
			continue
		}
		// Asked before anything is written: a refusal passes over one item, and must
		// leave nothing of it.
		var barred bool
		if barred, err = c.tx.IsBarred(c.ctx, c.actor.Application, c.view.ID, user.ID); err == nil && barred {
			err = chat.Barred(c.view.ID)
		}
		if err != nil {
			break
		}
		if err = c.admit(user, chat.Cause{}); err == nil {
			added = append(added, user)
		}
	}
	return added, missing, err
}

// usersNamed returns the users of some names, in their order and once each, and
// the names of nobody.
func usersNamed(ctx context.Context, tx *store.Tx, app chat.ApplicationID, names []string) (users []chat.User, missing []string, err error) {
	found, err := tx.UsersByName(ctx, app, names)
	if err != nil {
		return nil, nil, err
	}
	byName := make(map[string]chat.User, len(found))
	for _, user := range found {
		byName[user.Name] = user
	}
	for _, name := range unique(append([]string(nil), names...)) {
		if user, ok := byName[name]; ok {
			users = append(users, user)
		} else {
			missing = append(missing, name)
		}
	}
	return users, missing, nil
}

func noUsers(names []string) error {
	const shown = 5
	more := ""
	if len(names) > shown {
		names, more = names[:shown], fmt.Sprintf(" and %d more", len(names)-shown)
	}
	return chat.Errorf(chat.NotFound, "there is no user %q%s", strings.Join(names, `", "`), more).Named("UserNotFoundError")
}

// memberStep is how many members of a channel one transaction adds.
const memberStep = 25

// parseChannel cuts a channel of many members into parts.
func parseChannel(_ *Engine, item []byte) ([]any, error) {
	c, err := transfer.ParseChannel(item)
	if c.Moderators == nil && c.Creator != "" {
		c.Members = append([]string{c.Creator}, c.Members...)
	}
	members := unique(c.Members)
	if err == nil && c.Type == chat.Direct && len(members) > chat.DirectMembersMax {
		_, err = chat.DirectKey(make([]chat.UserID, len(members)))
	}
	var steps []any
	for {
		n := min(len(members), memberStep)
		c.Members, members = members[:n:n], members[n:]
		steps = append(steps, c)
		if len(members) == 0 || err != nil {
			return steps, err
		}
	}
}

// jobKey begins the keys of channels that were given neither key nor name.
const jobKey = "openkitty-job-"

func isJobKey(key string) bool { return strings.HasPrefix(key, jobKey) }

// laneOfItem is the channel that an item adds to, or zero for a new one.
func laneOfItem(ctx context.Context, e *Engine, job chat.Job, item any) chat.ChannelID {
	c := item.(transfer.Channel)
	if c.Name == "" {
		return 0
	}
	found, err := e.store.ChannelsByName(ctx, job.Application, 0, []string{c.Name})
	if err != nil || len(found) == 0 {
		return 0
	}
	return found[0].ID
}

// channels imports channels, or adds the members that are missing to those that
// are there.
func (b *importBatch) channels() error {
	return b.good(func(n *importEntry) error { return n.fail(b.channel(n)) })
}

func (b *importBatch) channel(n *importEntry) error {
	item := n.item.(transfer.Channel)
	if item.Key == "" && item.Name == "" && item.Type != chat.Direct {
		// The parts of the item, and the next attempt, must find the channel again.
		item.Key = fmt.Sprintf(jobKey+"%d-%d", b.job.ID, n.line)
	}
	users, missing, err := usersNamed(b.ctx, b.tx, b.job.Application, item.Members)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		if err := n.fail(noUsers(missing)); err != nil || item.Type == chat.Direct {
			return err
		}
	}
	existing, err := b.existing(item, users)
	if chat.IsKind(err, chat.NotFound) {
		return b.newChannel(item, users)
	}
	if err != nil {
		return err
	}
	if existing.Type != item.Type {
		return chat.Errorf(chat.Conflict, "there is already a channel %q of type %s", existing.Name, existing.Type)
	}
	return b.addTo(n, existing, item, users)
}

// existing finds the channel that an item means.
func (b *importBatch) existing(item transfer.Channel, users []chat.User) (chat.Channel, error) {
	if item.Key != "" {
		c, err := b.tx.ChannelByKey(b.ctx, b.job.Application, item.Key)
		if !chat.IsKind(err, chat.NotFound) {
			return c, err
		}
	}
	key, err := directKey(item, users)
	if err != nil {
		return chat.Channel{}, err
	}
	if key != "" {
		return b.tx.ChannelByDirectKey(b.ctx, b.job.Application, key)
	}
	found, err := b.tx.ChannelsByName(b.ctx, b.job.Application, 0, []string{item.Name})
	if err != nil || len(found) == 0 {
		return chat.Channel{}, errors.Join(err, chat.NoChannel(0))
	}
	return found[0].Channel, nil
}

// directKey is the key of a channel that is found by its members, and empty for
// others.
func directKey(item transfer.Channel, users []chat.User) (string, error) {
	if item.Type != chat.Direct || item.Incomplete {
		return "", nil
	}
	return chat.DirectKey(idsOf(users))
}

func idsOf(users []chat.User) []chat.UserID {
	ids := make([]chat.UserID, len(users))
	for i, user := range users {
		ids[i] = user.ID
	}
	return ids
}

// newChannel creates a channel with its first members.
func (b *importBatch) newChannel(item transfer.Channel, users []chat.User) error {
	creator, missing, err := usersNamed(b.ctx, b.tx, b.job.Application, names(item.Creator))
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return noUsers(missing)
	}
	creation := &channelCreation{
		actor: chat.Actor{Application: b.job.Application}, at: b.tx.Now(),
		request: chat.NewChannel{Type: item.Type, Name: item.Name, DisplayName: item.DisplayName, Properties: item.Properties},
	}
	if len(creator) > 0 {
		creation.creator = creator[0].ID
	}
	channel := creation.channel()
	if channel.CreatedAt = orNow(item.CreatedAt, b.tx.Now()); !item.CreatedAt.IsZero() {
		channel.ActiveAt = channel.CreatedAt
	}
	if channel.DirectKey, err = directKey(item, users); err != nil {
		return err
	}
	if item.Type == chat.Direct {
		if channel.Name, err = b.directName(item.Name, channel.Name); err != nil {
			return err
		}
		channel.DisplayName = channel.Name
	}
	if err := creation.insert(b.ctx, b.tx, channel, idsOf(users)); err != nil {
		return err
	}
	b.events = append(b.events, creation.events...)
	id := creation.view.ID
	if item.Key != "" {
		if err := b.tx.KeyChannel(b.ctx, b.job.Application, id, item.Key); err != nil {
			return err
		}
	}
	return b.promote(id, item, users)
}

// directName is the name under which a direct channel was exported, if it is
// free, or a random one. Nobody sees it but exports.
func (b *importBatch) directName(exported, random string) (string, error) {
	taken, err := b.tx.ChannelsByName(b.ctx, b.job.Application, 0, []string{exported})
	if exported == "" || len(taken) > 0 {
		return random, err
	}
	return exported, err
}

func names(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// addTo adds to a channel those who are no members yet.
func (b *importBatch) addTo(n *importEntry, channel chat.Channel, item transfer.Channel, users []chat.User) error {
	var added []chat.User
	if channel.Group() {
		view, err := b.tx.ChannelView(b.ctx, b.job.Application, channel.ID, 0)
		if err != nil {
			return err
		}
		c := &channelChange{ctx: b.ctx, tx: b.tx, actor: chat.Actor{Application: b.job.Application}, view: view}
		if added, _, err = c.admitNamed(namesOf(users)); err != nil {
			return err
		}
		b.events = append(b.events, c.events...)
	}
	if len(added) == 0 && n.problem == nil && !n.part {
		b.unchanged++
	}
	return b.promote(channel.ID, item, added)
}

func namesOf(users []chat.User) []string {
	names := make([]string, len(users))
	for i, user := range users {
		names[i] = user.Name
	}
	return names
}

// promote gives new members the rights that the item lists.
func (b *importBatch) promote(channel chat.ChannelID, item transfer.Channel, users []chat.User) error {
	if item.Moderators == nil || item.Type == chat.Direct {
		return nil
	}
	moderators := make(map[string]bool, len(*item.Moderators))
	for _, name := range *item.Moderators {
		moderators[name] = true
	}
	for _, user := range users {
		place := chat.Membership{Channel: channel, User: user.ID, Moderator: moderators[user.Name]}
		if _, err := b.tx.SetPlace(b.ctx, b.job.Application, place); err != nil {
			return err
		}
	}
	return nil
}
