package store

import (
	"context"

	"openkitty/internal/chat"
)

// AddChannelBlock puts a user on the block list of a channel, and reports
// whether it is new there.
func (tx *Tx) AddChannelBlock(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (bool, error) {
	if err := tx.holdUsers(ctx, app, []chat.UserID{user}); err != nil {
		return false, wrap(err, "block user %d in channel %d", user, channel)
	}
	added, err := many(ctx, tx.db, scanValue[chat.ChannelBlockID], `
		INSERT INTO channel_block (application_id, channel_id, user_id, created_at)
		SELECT c.application_id, c.id, u.id, CAST($4 AS BIGINT)
		FROM channel c
		JOIN chat_user u ON u.application_id = c.application_id
		WHERE c.application_id = $1 AND c.id = $2 AND u.id = $3
		ON CONFLICT DO NOTHING
		RETURNING id`,
		app, channel, user, tx.now.UnixMicro())
	return len(added) > 0, wrap(err, "block user %d in channel %d", user, channel)
}

// RemoveChannelBlock takes an entry off a channel's block list. It refuses one
// that is not there.
func (tx *Tx) RemoveChannelBlock(ctx context.Context, app chat.ApplicationID, id chat.ChannelBlockID) error {
	_, err := one(ctx, tx.db, scanValue[chat.ChannelBlockID], `
		DELETE FROM channel_block
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		app, id)
	return wrap(absent(err, chat.NoChannelBlock(id)), "remove the block %d", id)
}

const channelBlockColumns = `b.id, b.channel_id, b.created_at, ` + userColumns

func scanChannelBlock(r row) (chat.ChannelBlock, error) {
	var b chat.ChannelBlock
	var created int64
	var u userRow
	err := r.Scan(append([]any{&b.ID, &b.Channel, &created}, u.into()...)...)
	b.User, b.CreatedAt = u.value(), moment(created)
	return b, err
}

// ChannelBlock returns an entry of a channel's block list by its id.
func (r Reader) ChannelBlock(ctx context.Context, app chat.ApplicationID, id chat.ChannelBlockID) (chat.ChannelBlock, error) {
	b, err := one(ctx, r.db, scanChannelBlock, `
		SELECT `+channelBlockColumns+`
		FROM channel_block b
		JOIN chat_user u ON u.application_id = b.application_id AND u.id = b.user_id
		WHERE b.application_id = $1 AND b.id = $2`,
		app, id)
	return b, wrap(absent(err, chat.NoChannelBlock(id)), "read the block %d", id)
}

// ChannelBlockOf returns the entry of a user on a channel's block list.
func (r Reader) ChannelBlockOf(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (chat.ChannelBlock, error) {
	b, err := one(ctx, r.db, scanChannelBlock, `
		SELECT `+channelBlockColumns+`
		FROM channel_block b
		JOIN chat_user u ON u.application_id = b.application_id AND u.id = b.user_id
		WHERE b.application_id = $1 AND b.channel_id = $2 AND b.user_id = $3`,
		app, channel, user)
	return b, wrap(absent(err, chat.NoUser(user)), "read the block of user %d in channel %d", user, channel)
}

// ChannelBlocks returns a page of a channel's block list, the latest entry first.
// The filter, if not empty, is looked for in the display names, in any case.
func (r Reader) ChannelBlocks(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, filter string, p chat.PageRequest) (chat.Page[chat.ChannelBlock], error) {
	var none chat.Page[chat.ChannelBlock]
	k, err := byTime(p)
	if err != nil {
		return none, err
	}
	const from = `
		FROM channel_block b
		JOIN chat_user u ON u.application_id = b.application_id AND u.id = b.user_id
		WHERE b.application_id = $1 AND b.channel_id = $2 AND ($3 = '' OR u.search LIKE $3 ESCAPE '\')`
	blocks, err := many(ctx, r.db, scanChannelBlock, `
		SELECT `+channelBlockColumns+from+` AND (b.created_at, b.id) `+k.beyond+` ($4, $5)
		ORDER BY b.created_at `+k.order+`, b.id `+k.order+`
		LIMIT $6`,
		app, channel, displayNamePattern(filter), k.time, k.id, k.fetch)
	if err != nil {
		return none, wrap(err, "list the blocks in channel %d", channel)
	}
	total, err := one(ctx, r.db, scanValue[int64], `SELECT COUNT(*)`+from, app, channel, displayNamePattern(filter))
	if err != nil {
		return none, wrap(err, "count the blocks in channel %d", channel)
	}
	return page(p, blocks, total, func(b chat.ChannelBlock) chat.Cursor {
		return timeCursor(b.CreatedAt.UnixMicro(), int64(b.ID))
	}), nil
}

// IsBarred reports whether a user is blocked in a channel.
func (r Reader) IsBarred(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (bool, error) {
	channels, err := r.barredFrom(ctx, app, user, []chat.ChannelID{channel})
	return len(channels) > 0, err
}

// barredFrom returns those of some channels in which a user is blocked.
func (r Reader) barredFrom(ctx context.Context, app chat.ApplicationID, user chat.UserID, channels []chat.ChannelID) ([]chat.ChannelID, error) {
	barred, err := manyOf(ctx, r.db, scanValue[chat.ChannelID], `
		SELECT b.channel_id
		FROM channel_block b
		WHERE b.application_id = $1 AND b.user_id = $2 AND b.channel_id IN (list)`,
		channels, app, user)
	return barred, wrap(err, "read where user %d is blocked", user)
}
