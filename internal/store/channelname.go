package store

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
)

// Channels returns those of the channels that exist, in no particular order. The
// sign before application_id keeps SQLite from walking the application's.
func (r Reader) Channels(ctx context.Context, app chat.ApplicationID, ids []chat.ChannelID) ([]chat.Channel, error) {
	channels, err := manyOf(ctx, r.db, scanChannel, `
		SELECT `+channelColumns+`
		FROM channel c
		WHERE +c.application_id = $1 AND c.id IN (list)`,
		distinct(ids), app)
	if err != nil {
		return nil, fmt.Errorf("read %d channels: %w", len(ids), err)
	}
	return channels, nil
}

// ChannelsByName returns those of the channels that exist, in no particular
// order, each with the viewer's membership but without what other tables hold.
func (r Reader) ChannelsByName(ctx context.Context, app chat.ApplicationID, viewer chat.UserID, names []string) ([]chat.ChannelView, error) {
	views, err := manyOf(ctx, r.db, scanView, `
		SELECT `+viewColumns+`
		FROM channel c
		LEFT JOIN membership m ON m.application_id = c.application_id AND m.channel_id = c.id AND m.user_id = $2
		WHERE c.application_id = $1 AND c.name IN (list)`,
		distinct(names), app, viewer)
	if err != nil {
		return nil, fmt.Errorf("read %d channels by name: %w", len(names), err)
	}
	return views, nil
}
