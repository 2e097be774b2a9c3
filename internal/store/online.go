package store

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
)

// SetOnline notes that users are online, or are not, for the filters of lists.
func (tx *Tx) SetOnline(ctx context.Context, app chat.ApplicationID, users []chat.UserID, online bool) error {
	statement := `
		DELETE FROM online_user
		WHERE application_id = $1 AND user_id IN (list)
		RETURNING user_id`
	if online {
		statement = `
		INSERT INTO online_user (application_id, user_id)
		SELECT u.application_id, u.id
		FROM chat_user u
		WHERE +u.application_id = $1 AND u.deleted_at = 0 AND u.id IN (list)
		ON CONFLICT DO NOTHING
		RETURNING user_id`
	}
	if _, err := manyOf(ctx, tx.db, scanValue[chat.UserID], statement, users, app); err != nil {
		return fmt.Errorf("note who is online: %w", err)
	}
	return nil
}

// ClearOnline notes that nobody is online.
func (tx *Tx) ClearOnline(ctx context.Context) error {
	if err := tx.exec(ctx, `DELETE FROM online_user`); err != nil {
		return fmt.Errorf("note that nobody is online: %w", err)
	}
	return nil
}

// PresenceChannels returns up to limit channels in which a user's presence is
// shown: those that the user is a member of, without the direct ones that a
// block divides.
func (r Reader) PresenceChannels(ctx context.Context, app chat.ApplicationID, user chat.UserID, limit int) ([]chat.ChannelID, error) {
	ids, err := many(ctx, r.db, scanValue[chat.ChannelID], `
		SELECT m.channel_id
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.user_id = $2 AND c.blocks = 0
		ORDER BY m.channel_id
		LIMIT $3`,
		app, user, limit)
	if err != nil {
		return nil, fmt.Errorf("read the channels of user %d: %w", user, err)
	}
	return ids, nil
}
