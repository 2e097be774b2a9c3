package store

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
)

// ChangeUser changes what a user shows of itself, with every copy of it, and
// returns the user.
func (tx *Tx) ChangeUser(ctx context.Context, app chat.ApplicationID, id chat.UserID, change chat.UserChange) (chat.User, error) {
	// Held first: what another transaction just changed is not to be undone.
	if err := tx.holdUsers(ctx, app, []chat.UserID{id}); err != nil {
		return chat.User{}, fmt.Errorf("change user %d: %w", id, err)
	}
	before, err := tx.User(ctx, app, id)
	if err != nil {
		return before, err
	}
	user := change.Apply(before)
	err = tx.exec(ctx, `
		UPDATE chat_user
		SET display_name = $3, search = $4, picture = $5, properties = $6, status = $7, guest = $8
		WHERE application_id = $1 AND id = $2`,
		app, id, user.DisplayName, searchable(user.Name, user.DisplayName), user.Picture, string(user.Properties), string(user.Status),
		user.Guest)
	if err == nil && user.DisplayName != before.DisplayName {
		err = tx.exec(ctx, `
			UPDATE membership
			SET display_name = $3
			WHERE application_id = $1 AND user_id = $2`,
			app, id, user.DisplayName)
	}
	if err != nil {
		return user, fmt.Errorf("change user %d: %w", id, err)
	}
	return user, nil
}

// DeleteUser leaves of a user only a row without anything of them, under a name
// that must be free, and returns it. The user's memberships and blocks are gone,
// and the changes of the channels recorded; what they said stays.
func (tx *Tx) DeleteUser(ctx context.Context, app chat.ApplicationID, id chat.UserID, name string) (chat.User, error) {
	if err := tx.holdUsers(ctx, app, []chat.UserID{id}); err != nil {
		return chat.User{}, fmt.Errorf("delete user %d: %w", id, err)
	}
	user, err := tx.User(ctx, app, id)
	if err != nil {
		return user, err
	}
	user = chat.User{
		ID: id, Application: app, Name: name, DisplayName: chat.DeletedDisplayName, Guest: user.Guest, CreatedAt: user.CreatedAt,
	}
	err = tx.exec(ctx, `
		UPDATE chat_user
		SET name = $3, display_name = $4, search = '', picture = '', properties = '', status = '', deleted_at = $5
		WHERE application_id = $1 AND id = $2`,
		app, id, name, user.DisplayName, tx.now.UnixMicro())
	if err != nil {
		return user, fmt.Errorf("delete user %d: %w", id, err)
	}
	for _, table := range []string{"user_secret", "channel_invite"} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE application_id = $1 AND user_id = $2`, app, id); err != nil {
			return user, fmt.Errorf("clear the table %s of user %d: %w", table, id, err)
		}
	}
	if err := tx.SetPicture(ctx, app, id, nil); err != nil {
		return user, fmt.Errorf("delete the picture of user %d: %w", id, err)
	}
	if err := tx.forgetKey(ctx, app, userKey, int64(id)); err != nil {
		return user, err
	}
	if err := tx.removeFromChannels(ctx, app, id); err != nil {
		return user, fmt.Errorf("delete the memberships of user %d: %w", id, err)
	}
	return user, nil
}

func (tx *Tx) removeFromChannels(ctx context.Context, app chat.ApplicationID, user chat.UserID) error {
	left, err := many(ctx, tx.db, scanDeparture, `
		UPDATE channel
		SET member_count = member_count - 1, sequence = sequence + 1
		WHERE +application_id = $1 AND id IN (SELECT m.channel_id FROM membership m WHERE m.application_id = $1 AND m.user_id = $2)
		RETURNING id, sequence`,
		app, user)
	if err != nil {
		return err
	}
	if err := tx.exec(ctx, `DELETE FROM membership WHERE application_id = $1 AND user_id = $2`, app, user); err != nil {
		return err
	}
	err = tx.exec(ctx, `DELETE FROM user_block WHERE application_id = $1 AND (user_id = $2 OR blocked_id = $2)`, app, user)
	if err != nil {
		return err
	}
	for _, table := range []string{"channel_block", "thread_position"} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE application_id = $1 AND user_id = $2`, app, user); err != nil {
			return err
		}
	}
	channels := make([]chat.ChannelID, len(left))
	for i, d := range left {
		channels[i] = d.channel
		change := chat.Change{
			Stream: chat.Stream{Channel: d.channel}, Sequence: d.sequence, Kind: chat.MemberDeleted, Subject: int64(user), At: tx.now,
		}
		if err := tx.insertChange(ctx, app, change); err != nil {
			return err
		}
	}
	return tx.CountBlocks(ctx, app, channels)
}

// departure is a channel that a member is gone from, and the number of that change.
type departure struct {
	channel  chat.ChannelID
	sequence int64
}

func scanDeparture(r row) (d departure, err error) {
	err = r.Scan(&d.channel, &d.sequence)
	return d, err
}
