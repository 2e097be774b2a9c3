package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"openkitty/internal/chat"
)

// RemoveMember ends a membership, and counts it. It reports whether there was
// one: of two that remove the same member at once, one did.
func (tx *Tx) RemoveMember(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (bool, error) {
	removed, err := many(ctx, tx.db, scanValue[chat.UserID], `
		DELETE FROM membership
		WHERE application_id = $1 AND channel_id = $2 AND user_id = $3
		RETURNING user_id`,
		app, channel, user)
	if err != nil || len(removed) == 0 {
		return false, wrap(err, "remove user %d from channel %d", user, channel)
	}
	err = tx.exec(ctx, `
		UPDATE channel
		SET member_count = member_count - 1
		WHERE application_id = $1 AND id = $2`,
		app, channel)
	return true, wrap(err, "count the members of channel %d", channel)
}

// SetPlace keeps what a member chose for themself, and what rights they were
// given: all of a membership but since when it exists and what is hidden. It
// reports whether there is the membership.
func (tx *Tx) SetPlace(ctx context.Context, app chat.ApplicationID, m chat.Membership) (bool, error) {
	found, err := many(ctx, tx.db, scanValue[chat.UserID], `
		UPDATE membership
		SET moderator = $4, muted = $5, cleared_at = $6, cleared_count = $7
		WHERE application_id = $1 AND channel_id = $2 AND user_id = $3
		RETURNING user_id`,
		app, m.Channel, m.User, m.Moderator, m.Muted, clearedAt(m), m.ClearedCount)
	return len(found) > 0, wrap(err, "change the place of user %d in channel %d", m.User, m.Channel)
}

func clearedAt(m chat.Membership) int64 {
	if m.ClearedAt.IsZero() {
		return 0
	}
	return m.ClearedAt.UnixMicro()
}

// Hide hides a channel from a member's list, and counts that. It reports whether
// it was shown before.
func (tx *Tx) Hide(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (bool, error) {
	hidden, err := many(ctx, tx.db, scanValue[chat.UserID], `
		UPDATE membership
		SET hidden = TRUE
		WHERE application_id = $1 AND channel_id = $2 AND user_id = $3 AND NOT hidden
		RETURNING user_id`,
		app, channel, user)
	if err == nil {
		err = tx.countHidden(ctx, app, channel, len(hidden))
	}
	return len(hidden) > 0, wrap(err, "hide channel %d from user %d", channel, user)
}

// Unhide shows a channel again to a member who hid it, or with zero for the user
// to all of them, and returns who that is.
func (tx *Tx) Unhide(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) ([]chat.UserID, error) {
	shown, err := many(ctx, tx.db, scanValue[chat.UserID], `
		UPDATE membership
		SET hidden = FALSE
		WHERE application_id = $1 AND channel_id = $2 AND hidden AND ($3 = 0 OR user_id = $3)
		RETURNING user_id`,
		app, channel, user)
	if err == nil {
		err = tx.countHidden(ctx, app, channel, -len(shown))
	}
	return shown, wrap(err, "show channel %d again", channel)
}

func (tx *Tx) countHidden(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, more int) error {
	if more == 0 {
		return nil
	}
	return tx.exec(ctx, `
		UPDATE channel
		SET hidden_count = hidden_count + $3
		WHERE application_id = $1 AND id = $2`,
		app, channel, more)
}

// UpdateChannel gives a channel other names and properties. It refuses a name
// that is taken in the application.
func (tx *Tx) UpdateChannel(ctx context.Context, c chat.Channel) error {
	holder, err := one(ctx, tx.db, scanValue[chat.ChannelID], `
		SELECT id
		FROM channel
		WHERE application_id = $1 AND name = $2`,
		c.Application, c.Name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return wrap(err, "look for channel %q", c.Name)
	}
	if err == nil && holder != c.ID {
		return taken(c.Name)
	}
	_, err = one(ctx, tx.db, scanValue[chat.ChannelID], `
		UPDATE channel
		SET name = $3, display_name = $4, search = $5, properties = $6
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		c.Application, c.ID, c.Name, c.DisplayName, searchable(c.Name, c.DisplayName), string(c.Properties))
	return wrap(absent(err, chat.NoChannel(c.ID)), "update channel %d", c.ID)
}

// DeleteChannel makes a channel, its members and its messages unreachable, and
// its name free. It takes the same time for channels of any size: what becomes
// unreachable is noted for removal.
func (tx *Tx) DeleteChannel(ctx context.Context, app chat.ApplicationID, id chat.ChannelID) error {
	_, err := one(ctx, tx.db, scanValue[chat.ChannelID], `
		DELETE FROM channel
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		app, id)
	if err == nil {
		err = tx.exec(ctx, `
			INSERT INTO deleted_channel (channel_id, application_id, deleted_at)
			VALUES ($1, $2, $3)`,
			id, app, tx.Now().UnixMicro())
	}
	return wrap(absent(err, chat.NoChannel(id)), "delete channel %d", id)
}

// Memberships returns up to limit memberships of a channel.
func (r Reader) Memberships(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, limit int) ([]chat.Membership, error) {
	members, err := many(ctx, r.db, scanMembership, `
		SELECT m.channel_id, m.user_id, `+membershipColumns+`
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.channel_id = $2
		ORDER BY m.user_id
		LIMIT $3`,
		app, channel, limit)
	return members, wrap(err, "read the memberships of channel %d", channel)
}

// ManagerIDs returns the moderators of a channel.
func (r Reader) ManagerIDs(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID) ([]chat.UserID, error) {
	ids, err := many(ctx, r.db, scanValue[chat.UserID], `
		SELECT m.user_id
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.moderator
		ORDER BY m.user_id
		LIMIT $3`,
		app, channel, chat.ModeratorsMax)
	return ids, wrap(err, "read the moderators of channel %d", channel)
}

// Moderators returns a page of a channel's moderators, otherwise as Members.
func (r Reader) Moderators(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, filter string, p chat.PageRequest) (chat.Page[chat.User], error) {
	var none chat.Page[chat.User]
	k, err := byName(p)
	if err != nil {
		return none, err
	}
	const of = `
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		JOIN chat_user u ON u.application_id = m.application_id AND u.id = m.user_id
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.moderator AND ($3 = '' OR u.search LIKE $3 ESCAPE '\')`
	total, err := one(ctx, r.db, scanValue[int64], `SELECT COUNT(*)`+of, app, channel, pattern(filter))
	if err != nil {
		return none, wrap(err, "count the moderators of channel %d", channel)
	}
	users, err := many(ctx, r.db, scanUser, `SELECT `+userColumns+of+`
			AND (m.display_name, m.user_id) `+k.beyond+` ($4, $5)
		ORDER BY m.display_name `+k.order+`, m.user_id `+k.order+`
		LIMIT $6`,
		app, channel, pattern(filter), k.name, k.id, k.fetch)
	if err != nil {
		return none, wrap(err, "list the moderators of channel %d", channel)
	}
	return page(p, users, total, userCursor), nil
}

// wrap says what was being done when something failed, and nothing if nothing
// did.
func wrap(err error, doing string, about ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(doing+": %w", append(about, err)...)
}
