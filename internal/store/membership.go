package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"openkitty/internal/chat"
)

// viewerRow receives what a user, who may not be a member, is in a channel.
type viewerRow struct {
	member bool
	membershipRow
}

func (v *viewerRow) into() []any { return append([]any{&v.member}, v.membershipRow.into()...) }

// value lacks the user, whom the query was given.
func (v *viewerRow) value(channel chat.ChannelID) *chat.Membership {
	if !v.member {
		return nil
	}
	m := v.membershipRow.value()
	m.Channel = channel
	return &m
}

const (
	membershipColumns = `m.moderator, m.muted, m.hidden, m.joined_at, m.cleared_at, m.cleared_count`
	// maybeMembershipColumns are those of a membership that may be missing.
	maybeMembershipColumns = `COALESCE(m.moderator, FALSE), COALESCE(m.muted, FALSE), COALESCE(m.hidden, FALSE),
		COALESCE(m.joined_at, 0), COALESCE(m.cleared_at, 0), COALESCE(m.cleared_count, 0)`
)

// membershipRow receives the columns of a membership but whose it is.
type membershipRow struct {
	membership      chat.Membership
	joined, cleared int64
}

func (m *membershipRow) into() []any {
	return []any{&m.membership.Moderator, &m.membership.Muted, &m.membership.Hidden, &m.joined, &m.cleared, &m.membership.ClearedCount}
}

func (m *membershipRow) value() chat.Membership {
	m.membership.JoinedAt = moment(m.joined)
	if m.cleared != 0 {
		m.membership.ClearedAt = moment(m.cleared)
	}
	return m.membership
}

// AddMembers makes users members of a channel, and counts them. It passes over
// those who are members already, and refuses users and channels that do not
// exist.
func (tx *Tx) AddMembers(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, members []chat.Membership) error {
	type terms struct {
		moderator bool
		joined    int64
	}
	same := map[terms][]chat.UserID{}
	for _, m := range members {
		t := terms{m.Moderator, m.JoinedAt.UnixMicro()}
		same[t] = append(same[t], m.User)
	}
	added := 0
	for t, users := range same {
		n, err := tx.addMembers(ctx, app, channel, distinct(users), t.moderator, t.joined)
		if err != nil {
			return fmt.Errorf("add members to channel %d: %w", channel, err)
		}
		added += n
	}
	_, err := one(ctx, tx.db, scanValue[chat.ChannelID], `
		UPDATE channel
		SET member_count = member_count + $3
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		app, channel, added)
	if err != nil {
		return fmt.Errorf("count the members of channel %d: %w", channel, absent(err, chat.NoChannel(channel)))
	}
	return nil
}

// addMembers adds users on the same terms and returns how many are new.
func (tx *Tx) addMembers(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, users []chat.UserID, moderator bool, joined int64) (int, error) {
	if err := tx.holdUsers(ctx, app, users); err != nil {
		return 0, err
	}
	added, err := manyOf(ctx, tx.db, scanValue[chat.UserID], `
		INSERT INTO membership (application_id, channel_id, user_id, display_name, moderator, joined_at, seen_number, sent_from)
		SELECT c.application_id, c.id, u.id, u.display_name, CAST($3 AS BOOLEAN), CAST($4 AS BIGINT), c.posted_count, c.posted_count
		FROM channel c
		JOIN chat_user u ON +u.application_id = c.application_id
		WHERE c.application_id = $1 AND c.id = $2 AND u.id IN (list)
		ON CONFLICT DO NOTHING
		RETURNING user_id`,
		users, app, channel, moderator, joined)
	return len(added), err
}

// Membership returns a user's membership of a channel, or nil if there is none.
// Nobody is a member of a deleted channel.
func (r Reader) Membership(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (*chat.Membership, error) {
	m, err := one(ctx, r.db, scanMembership, `
		SELECT m.channel_id, m.user_id, `+membershipColumns+`
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.user_id = $3`,
		app, channel, user)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the membership of user %d in channel %d: %w", user, channel, err)
	}
	return &m, nil
}

func scanMembership(r row) (chat.Membership, error) {
	var m membershipRow
	err := r.Scan(append([]any{&m.membership.Channel, &m.membership.User}, m.into()...)...)
	return m.value(), err
}

// Members returns a page of a channel's members, in the order of display name
// and id. The filter, if not empty, is looked for in their names, in any case.
func (r Reader) Members(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, filter string, p chat.PageRequest) (chat.Page[chat.User], error) {
	var none chat.Page[chat.User]
	k, err := byName(p)
	if err != nil {
		return none, err
	}
	total, err := r.countMembers(ctx, app, channel, filter)
	if err != nil {
		return none, err
	}
	users, err := many(ctx, r.db, scanUser, `
		SELECT `+userColumns+`
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		JOIN chat_user u ON u.application_id = m.application_id AND u.id = m.user_id
		WHERE m.application_id = $1 AND m.channel_id = $2 AND ($3 = '' OR u.search LIKE $3 ESCAPE '\')
			AND (m.display_name, m.user_id) `+k.beyond+` ($4, $5)
		ORDER BY m.display_name `+k.order+`, m.user_id `+k.order+`
		LIMIT $6`,
		app, channel, pattern(filter), k.name, k.id, k.fetch)
	if err != nil {
		return none, fmt.Errorf("list the members of channel %d: %w", channel, err)
	}
	return page(p, users, total, userCursor), nil
}

// countMembers counts the members whose names contain the filter; all of them
// are counted already.
func (r Reader) countMembers(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, filter string) (int64, error) {
	if filter == "" {
		c, err := r.Channel(ctx, app, channel)
		return c.MemberCount, err
	}
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT COUNT(*)
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		JOIN chat_user u ON u.application_id = m.application_id AND u.id = m.user_id
		WHERE m.application_id = $1 AND m.channel_id = $2 AND u.search LIKE $3 ESCAPE '\'`,
		app, channel, pattern(filter))
	if err != nil {
		return 0, fmt.Errorf("count the members of channel %d: %w", channel, err)
	}
	return n, nil
}

// holdUsers refuses users who do not exist, and keeps the others as they are
// until the transaction ends: somebody who is renamed, blocked or deleted
// meanwhile would be in the channel as they were before.
func (tx *Tx) holdUsers(ctx context.Context, app chat.ApplicationID, users []chat.UserID) error {
	held, err := manyOf(ctx, tx.db, scanValue[chat.UserID], `
		UPDATE chat_user
		SET sequence = sequence
		WHERE +application_id = $1 AND deleted_at = 0 AND id IN (list)
		RETURNING id`,
		users, app)
	if err != nil {
		return err
	}
	for _, id := range users {
		if !slices.Contains(held, id) {
			return chat.NoUser(id)
		}
	}
	return nil
}

// MemberIDs returns up to limit members of a channel.
func (r Reader) MemberIDs(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, limit int) ([]chat.UserID, error) {
	ids, err := many(ctx, r.db, scanValue[chat.UserID], `
		SELECT m.user_id
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.channel_id = $2
		ORDER BY m.user_id
		LIMIT $3`,
		app, channel, limit)
	if err != nil {
		return nil, fmt.Errorf("read the members of channel %d: %w", channel, err)
	}
	return ids, nil
}

// Contacts returns up to limit users who share a channel of at most
// channelSizeMax members with a user, without those whom a block parts from the
// user.
func (r Reader) Contacts(ctx context.Context, app chat.ApplicationID, user chat.UserID, channelSizeMax, limit int) ([]chat.UserID, error) {
	ids, err := many(ctx, r.db, scanValue[chat.UserID], `
		SELECT DISTINCT other.user_id
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		JOIN membership other ON other.application_id = m.application_id AND other.channel_id = m.channel_id
		WHERE m.application_id = $1 AND m.user_id = $2 AND c.member_count <= $3 AND other.user_id <> $2
			AND `+unblocked("$2", "other.user_id")+`
		ORDER BY other.user_id
		LIMIT $4`,
		app, user, channelSizeMax, limit)
	if err != nil {
		return nil, fmt.Errorf("read the contacts of user %d: %w", user, err)
	}
	return ids, nil
}

// channelMember is a user as a member of one of several channels.
type channelMember struct {
	channel chat.ChannelID
	user    chat.User
}

func scanChannelMember(r row) (channelMember, error) {
	var m channelMember
	var u userRow
	err := r.Scan(append([]any{&m.channel}, u.into()...)...)
	m.user = u.value()
	return m, err
}

// directMembers returns all members of direct channels, in the order of their
// ids.
func (r Reader) directMembers(ctx context.Context, app chat.ApplicationID, channels []chat.ChannelID) ([]channelMember, error) {
	members, err := manyOf(ctx, r.db, scanChannelMember, `
		SELECT m.channel_id, `+userColumns+`
		FROM membership m
		JOIN chat_user u ON u.application_id = m.application_id AND u.id = m.user_id
		WHERE m.application_id = $1 AND m.channel_id IN (list)
		ORDER BY m.channel_id, m.user_id`,
		channels, app)
	if err != nil {
		return nil, fmt.Errorf("read the members of %d channels: %w", len(channels), err)
	}
	return members, nil
}
