package store

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
)

// unblocked is the condition that neither of two users, of the application $1,
// has blocked the other.
func unblocked(a, b string) string {
	return `NOT EXISTS (SELECT 1 FROM user_block b
				WHERE b.application_id = $1 AND b.user_id = ` + a + ` AND b.blocked_id = ` + b + `)
			AND NOT EXISTS (SELECT 1 FROM user_block b
				WHERE b.application_id = $1 AND b.user_id = ` + b + ` AND b.blocked_id = ` + a + `)`
}

// AddBlock puts a user on the block list of another, and reports false if it is
// there already. Both must exist.
func (tx *Tx) AddBlock(ctx context.Context, app chat.ApplicationID, blocker, blocked chat.UserID) (bool, error) {
	// Held: a direct channel that is made at this moment must know of the block.
	if err := tx.holdUsers(ctx, app, distinct([]chat.UserID{blocker, blocked})); err != nil {
		return false, fmt.Errorf("user %d blocks user %d: %w", blocker, blocked, err)
	}
	added, err := many(ctx, tx.db, scanValue[chat.UserID], `
		INSERT INTO user_block (application_id, user_id, blocked_id, created_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT DO NOTHING
		RETURNING blocked_id`,
		app, blocker, blocked, tx.now.UnixMicro())
	if err != nil {
		return false, fmt.Errorf("user %d blocks user %d: %w", blocker, blocked, err)
	}
	return len(added) > 0, nil
}

// RemoveBlock takes a user off the block list of another, and reports false if
// it is not there.
func (tx *Tx) RemoveBlock(ctx context.Context, app chat.ApplicationID, blocker, blocked chat.UserID) (bool, error) {
	if err := tx.holdUsers(ctx, app, distinct([]chat.UserID{blocker, blocked})); err != nil {
		return false, fmt.Errorf("user %d unblocks user %d: %w", blocker, blocked, err)
	}
	removed, err := many(ctx, tx.db, scanValue[chat.UserID], `
		DELETE FROM user_block
		WHERE application_id = $1 AND user_id = $2 AND blocked_id = $3
		RETURNING blocked_id`,
		app, blocker, blocked)
	if err != nil {
		return false, fmt.Errorf("user %d unblocks user %d: %w", blocker, blocked, err)
	}
	return len(removed) > 0, nil
}

// SharedDirectChannels returns the direct channels that two users are both in.
func (r Reader) SharedDirectChannels(ctx context.Context, app chat.ApplicationID, a, b chat.UserID) ([]chat.ChannelID, error) {
	ids, err := many(ctx, r.db, scanValue[chat.ChannelID], `
		SELECT c.id
		FROM membership x
		JOIN membership y ON y.application_id = x.application_id AND y.channel_id = x.channel_id AND y.user_id = $3
		JOIN channel c ON c.application_id = x.application_id AND c.id = x.channel_id
		WHERE x.application_id = $1 AND x.user_id = $2 AND c.type = 'DIRECT'
		ORDER BY c.id`,
		app, a, b)
	if err != nil {
		return nil, fmt.Errorf("read the direct channels of users %d and %d: %w", a, b, err)
	}
	return ids, nil
}

// CountBlocks counts anew the blocks among the members of direct channels.
func (tx *Tx) CountBlocks(ctx context.Context, app chat.ApplicationID, channels []chat.ChannelID) error {
	_, err := manyOf(ctx, tx.db, scanValue[chat.ChannelID], `
		UPDATE channel
		SET blocks = (
			SELECT COUNT(*)
			FROM membership x
			JOIN user_block b ON b.application_id = x.application_id AND b.user_id = x.user_id
			JOIN membership y ON y.channel_id = x.channel_id AND y.user_id = b.blocked_id
			WHERE x.application_id = $1 AND x.channel_id = channel.id)
		WHERE +application_id = $1 AND type = 'DIRECT' AND id IN (list)
		RETURNING id`,
		channels, app)
	if err != nil {
		return fmt.Errorf("count the blocks in %d channels: %w", len(channels), err)
	}
	return nil
}

// ChannelUser is a user in a channel.
type ChannelUser struct {
	Channel chat.ChannelID
	User    chat.UserID
}

func scanChannelUser(r row) (c ChannelUser, err error) {
	err = r.Scan(&c.Channel, &c.User)
	return c, err
}

// Silenced returns the members of direct channels whom a block parts from
// another member there.
func (r Reader) Silenced(ctx context.Context, app chat.ApplicationID, channels []chat.ChannelID) ([]ChannelUser, error) {
	silenced, err := manyOf(ctx, r.db, scanChannelUser, `
		SELECT DISTINCT x.channel_id, x.user_id
		FROM membership x
		JOIN membership y ON y.application_id = x.application_id AND y.channel_id = x.channel_id
		JOIN user_block b ON b.application_id = x.application_id
			AND (b.user_id = x.user_id AND b.blocked_id = y.user_id OR b.user_id = y.user_id AND b.blocked_id = x.user_id)
		WHERE x.application_id = $1 AND x.channel_id IN (list)`,
		channels, app)
	if err != nil {
		return nil, fmt.Errorf("read the blocks in %d channels: %w", len(channels), err)
	}
	return silenced, nil
}

// Parted returns those of some users whom a block parts from a user.
func (r Reader) Parted(ctx context.Context, app chat.ApplicationID, user chat.UserID, others []chat.UserID) ([]chat.UserID, error) {
	ids, err := manyOf(ctx, r.db, scanValue[chat.UserID], `
		SELECT u.id
		FROM chat_user u
		WHERE +u.application_id = $1 AND NOT (`+unblocked("$2", "u.id")+`) AND u.id IN (list)`,
		distinct(others), app, user)
	if err != nil {
		return nil, fmt.Errorf("read the blocks of user %d: %w", user, err)
	}
	return ids, nil
}

func scanBlock(r row) (chat.Block, error) {
	var u userRow
	var created int64
	err := r.Scan(append(u.into(), &created)...)
	return chat.Block{User: u.value(), CreatedAt: moment(created)}, err
}

// Block returns an entry of a user's block list.
func (r Reader) Block(ctx context.Context, app chat.ApplicationID, blocker, blocked chat.UserID) (chat.Block, error) {
	b, err := one(ctx, r.db, scanBlock, `
		SELECT `+userColumns+`, l.created_at
		FROM user_block l
		JOIN chat_user u ON u.application_id = l.application_id AND u.id = l.blocked_id
		WHERE l.application_id = $1 AND l.user_id = $2 AND l.blocked_id = $3`,
		app, blocker, blocked)
	if err != nil {
		return b, fmt.Errorf("read the block of user %d by user %d: %w", blocked, blocker, absent(err, chat.NoUser(blocked)))
	}
	return b, nil
}

// Blocks returns a page of a user's block list, the latest entry first.
func (r Reader) Blocks(ctx context.Context, app chat.ApplicationID, blocker chat.UserID, f chat.UserFilter, p chat.PageRequest) (chat.Page[chat.Block], error) {
	var none chat.Page[chat.Block]
	k, err := byTime(p)
	if err != nil {
		return none, err
	}
	from := `user_block l
		JOIN chat_user u ON u.application_id = l.application_id AND u.id = l.blocked_id
		WHERE l.application_id = $1 AND l.user_id = $2 AND ` + userFilter + ` AND ` + presenceFilter(f.Online)
	name, displayName := namePattern(f.Name), displayNamePattern(f.DisplayName)
	blocks, err := many(ctx, r.db, scanBlock, `
		SELECT `+userColumns+`, l.created_at
		FROM `+from+` AND (l.created_at, l.blocked_id) `+k.beyond+` ($5, $6)
		ORDER BY l.created_at `+k.order+`, l.blocked_id `+k.order+`
		LIMIT $7`,
		app, blocker, name, displayName, k.time, k.id, k.fetch)
	if err != nil {
		return none, fmt.Errorf("list the blocks of user %d: %w", blocker, err)
	}
	total, err := one(ctx, r.db, scanValue[int64], `SELECT COUNT(*) FROM `+from, app, blocker, name, displayName)
	if err != nil {
		return none, fmt.Errorf("count the blocks of user %d: %w", blocker, err)
	}
	return page(p, blocks, total, blockCursor), nil
}

func blockCursor(b chat.Block) chat.Cursor {
	return timeCursor(b.CreatedAt.UnixMicro(), int64(b.User.ID))
}
