package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"openkitty/internal/chat"
)

const channelColumns = `c.id, c.application_id, c.type, c.name, c.display_name, c.creator_id, c.properties, c.direct_key,
	c.sequence, c.member_count, c.message_count, c.hidden_count, c.blocks, c.last_message_id, c.active_at, c.created_at`

// channelRow receives the columns of a channel.
type channelRow struct {
	channel         chat.Channel
	active, created int64
}

func (c *channelRow) into() []any {
	return []any{&c.channel.ID, &c.channel.Application, &c.channel.Type, &c.channel.Name, &c.channel.DisplayName,
		&c.channel.Creator, &c.channel.Properties, &c.channel.DirectKey, &c.channel.Sequence, &c.channel.MemberCount,
		&c.channel.MessageCount, &c.channel.HiddenCount, &c.channel.Blocks, &c.channel.LastMessage, &c.active, &c.created}
}

func (c *channelRow) value() chat.Channel {
	c.channel.ActiveAt, c.channel.CreatedAt = moment(c.active), moment(c.created)
	return c.channel
}

func scanChannel(r row) (chat.Channel, error) {
	var c channelRow
	err := r.Scan(c.into()...)
	return c.value(), err
}

// CreateChannel stores a channel without members or messages, and returns it
// with its id. It refuses a name that is taken in the application, and a direct
// channel of members who have one.
func (tx *Tx) CreateChannel(ctx context.Context, c chat.Channel) (chat.Channel, error) {
	id, err := one(ctx, tx.db, scanValue[chat.ChannelID], `
		INSERT INTO channel (application_id, type, name, display_name, search, creator_id, properties, direct_key, active_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT DO NOTHING
		RETURNING id`,
		c.Application, string(c.Type), c.Name, c.DisplayName, searchable(c.Name, c.DisplayName), c.Creator, string(c.Properties),
		c.DirectKey, c.ActiveAt.UnixMicro(), c.CreatedAt.UnixMicro())
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.channelConflict(ctx, c)
	}
	if err != nil {
		return c, fmt.Errorf("create channel %q: %w", c.Name, err)
	}
	c.ID = id
	if err := tx.createMainThread(ctx, c); err != nil {
		return c, fmt.Errorf("create channel %q: %w", c.Name, err)
	}
	c.Sequence, c.MemberCount, c.MessageCount, c.HiddenCount, c.LastMessage = 0, 0, 0, 0, 0
	return c, nil
}

// channelConflict is the reason why a channel could not be created.
func (tx *Tx) channelConflict(ctx context.Context, c chat.Channel) error {
	if c.DirectKey != "" {
		_, err := tx.ChannelByDirectKey(ctx, c.Application, c.DirectKey)
		if err == nil {
			return chat.Errorf(chat.Conflict, "these users have a direct channel already").Named(chat.DirectChannelExists)
		}
		if !chat.IsKind(err, chat.NotFound) {
			return err
		}
	}
	return taken(c.Name)
}

func taken(name string) error {
	return chat.Errorf(chat.Conflict, "there is already a channel %q", name).Named("ChannelNameTakenError")
}

// Channel returns the channel with an id.
func (r Reader) Channel(ctx context.Context, app chat.ApplicationID, id chat.ChannelID) (chat.Channel, error) {
	c, err := one(ctx, r.db, scanChannel, `
		SELECT `+channelColumns+`
		FROM channel c
		WHERE c.application_id = $1 AND c.id = $2`,
		app, id)
	if err != nil {
		return c, fmt.Errorf("read channel %d: %w", id, absent(err, chat.NoChannel(id)))
	}
	return c, nil
}

// ChannelByDirectKey returns the direct channel of a set of users; see
// chat.DirectKey.
func (r Reader) ChannelByDirectKey(ctx context.Context, app chat.ApplicationID, key string) (chat.Channel, error) {
	c, err := one(ctx, r.db, scanChannel, `
		SELECT `+channelColumns+`
		FROM channel c
		WHERE c.application_id = $1 AND c.direct_key = $2 AND c.direct_key <> ''`,
		app, key)
	if err != nil {
		none := chat.Errorf(chat.NotFound, "these users have no direct channel").Named("ChannelNotFoundError")
		return c, fmt.Errorf("read the direct channel of %s: %w", key, absent(err, none))
	}
	return c, nil
}

// CountJoinedChannels counts the channels that a user is a member of and has not
// hidden, of one type, or of all if the type is empty.
func (r Reader) CountJoinedChannels(ctx context.Context, app chat.ApplicationID, user chat.UserID, t chat.ChannelType) (int64, error) {
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT COUNT(*)
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.user_id = $2 AND NOT m.hidden AND ($3 = '' OR c.type = $3)`,
		app, user, string(t))
	if err != nil {
		return 0, fmt.Errorf("count the channels of user %d: %w", user, err)
	}
	return n, nil
}
