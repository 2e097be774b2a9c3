package store

import (
	"context"

	"openkitty/internal/chat"
)

// UserSecret returns a sealed value that was set for a user under a name.
func (r Reader) UserSecret(ctx context.Context, app chat.ApplicationID, user chat.UserID, name string) ([]byte, error) {
	value, err := one(ctx, r.db, scanValue[[]byte], `
		SELECT value
		FROM user_secret
		WHERE application_id = $1 AND user_id = $2 AND name = $3`,
		app, user, name)
	return value, wrap(absent(err, chat.NoSecret(name)), "read a secret of user %d", user)
}

// SetUserSecret sets a sealed value for a user under a name. It refuses a new name
// above a number of them.
func (tx *Tx) SetUserSecret(ctx context.Context, app chat.ApplicationID, user chat.UserID, name string, value []byte) error {
	if err := tx.holdUsers(ctx, app, []chat.UserID{user}); err != nil {
		return err
	}
	_, err := one(ctx, tx.db, scanValue[string], `
		INSERT INTO user_secret (application_id, user_id, name, value)
		SELECT u.application_id, u.id, $3, $4
		FROM chat_user u
		WHERE u.application_id = $1 AND u.id = $2
			AND (SELECT COUNT(*) FROM user_secret s WHERE s.application_id = $1 AND s.user_id = $2 AND s.name <> $3) < $5
		ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value
		RETURNING name`,
		app, user, name, value, chat.UserSecretsMax)
	full := chat.Errorf(chat.Conflict, "a user has at most %d secrets", chat.UserSecretsMax).Named("TooManySecretsError")
	return wrap(absent(err, full), "set a secret of user %d", user)
}

// RemoveUserSecret removes what SetUserSecret set.
func (tx *Tx) RemoveUserSecret(ctx context.Context, app chat.ApplicationID, user chat.UserID, name string) error {
	_, err := one(ctx, tx.db, scanValue[string], `
		DELETE FROM user_secret
		WHERE application_id = $1 AND user_id = $2 AND name = $3
		RETURNING name`,
		app, user, name)
	return wrap(absent(err, chat.NoSecret(name)), "remove a secret of user %d", user)
}
