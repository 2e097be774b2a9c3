package store

import (
	"context"

	"openkitty/internal/chat"
)

func scanAPIKey(r row) (chat.APIKey, error) {
	var k chat.APIKey
	var created int64
	err := r.Scan(&k.ID, &k.Value, &k.Name, &created)
	k.CreatedAt = moment(created)
	return k, err
}

// APIKeys returns the keys that an application has beside its first, the oldest
// first.
func (r Reader) APIKeys(ctx context.Context, app chat.ApplicationID) ([]chat.APIKey, error) {
	keys, err := many(ctx, r.db, scanAPIKey, `
		SELECT id, value, name, created_at
		FROM api_key
		WHERE application_id = $1
		ORDER BY id
		LIMIT $2`,
		app, chat.CredentialsMax)
	return keys, wrap(err, "read the API keys of application %d", app)
}

// CreateAPIKey stores a key, and returns it with its id.
func (tx *Tx) CreateAPIKey(ctx context.Context, app chat.ApplicationID, k chat.APIKey) (chat.APIKey, error) {
	k, err := one(ctx, tx.db, scanAPIKey, `
		INSERT INTO api_key (application_id, value, name, created_at)
		SELECT a.id, $2, $3, CAST($4 AS BIGINT)
		FROM application a
		WHERE a.id = $1
		RETURNING id, value, name, created_at`,
		app, k.Value, k.Name, k.CreatedAt.UnixMicro())
	return k, wrap(absent(err, noApplication()), "create an API key of application %d", app)
}

// DeleteAPIKey ends a key.
func (tx *Tx) DeleteAPIKey(ctx context.Context, app chat.ApplicationID, id int64) error {
	_, err := one(ctx, tx.db, scanValue[int64], `
		DELETE FROM api_key
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		app, id)
	none := chat.Errorf(chat.NotFound, "there is no such API key").Named("APIKeyNotFoundError")
	return wrap(absent(err, none), "delete API key %d", id)
}
