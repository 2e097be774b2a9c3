package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"openkitty/internal/chat"
)

const applicationColumns = `id, name, api_key, client_id, settings, created_at`

func scanApplication(r row) (chat.Application, error) {
	var a chat.Application
	var settings string
	var created int64
	if err := r.Scan(&a.ID, &a.Name, &a.APIKey, &a.ClientID, &settings, &created); err != nil {
		return a, err
	}
	a.CreatedAt = moment(created)
	var err error
	if a.Settings, err = decodeSettings(settings); err != nil {
		return a, fmt.Errorf("read the settings of application %d: %w", a.ID, err)
	}
	return a, nil
}

// encodeSettings is the form in which settings are stored: those alone that are
// not the default.
func encodeSettings(s chat.Settings) (string, error) {
	text, err := json.Marshal(s.Changed())
	return string(text), err
}

func decodeSettings(text string) (chat.Settings, error) {
	var changed map[string]string
	if err := json.Unmarshal([]byte(text), &changed); err != nil {
		return chat.Settings{}, err
	}
	return chat.ParseSettings(changed)
}

// CreateApplication stores an application and its first credential, with the hash
// of its secret, and returns the application with its id.
func (tx *Tx) CreateApplication(ctx context.Context, a chat.Application, secretHash []byte) (chat.Application, error) {
	settings, err := encodeSettings(a.Settings)
	if err != nil {
		return a, fmt.Errorf("write the settings of application %q: %w", a.Name, err)
	}
	a.ID, err = one(ctx, tx.db, scanValue[chat.ApplicationID], `
		INSERT INTO application (name, api_key, client_id, settings, created_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (name) DO NOTHING
		RETURNING id`,
		a.Name, a.APIKey, a.ClientID, settings, a.CreatedAt.UnixMicro())
	if err != nil {
		taken := chat.Errorf(chat.Conflict, "there is already an application %q", a.Name).Named("ApplicationNameTakenError")
		return a, fmt.Errorf("create application %q: %w", a.Name, absent(err, taken))
	}
	_, err = tx.CreateCredential(ctx, chat.Credential{
		Application: a.ID, ClientID: a.ClientID, Name: "default", Scopes: chat.AllScopes, SecretHash: secretHash, CreatedAt: a.CreatedAt,
	})
	return a, err
}

// Applications returns every application of the server, oldest first.
func (r Reader) Applications(ctx context.Context) ([]chat.Application, error) {
	applications, err := many(ctx, r.db, scanApplication, `
		SELECT `+applicationColumns+`
		FROM application
		ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read the applications: %w", err)
	}
	return applications, nil
}

// Application returns the application with an id.
func (r Reader) Application(ctx context.Context, id chat.ApplicationID) (chat.Application, error) {
	a, err := one(ctx, r.db, scanApplication, `
		SELECT `+applicationColumns+`
		FROM application
		WHERE id = $1`,
		id)
	if err != nil {
		return a, fmt.Errorf("read application %d: %w", id, absent(err, noApplication()))
	}
	return a, nil
}

// ApplicationByName returns the application with a name.
func (r Reader) ApplicationByName(ctx context.Context, name string) (chat.Application, error) {
	a, err := one(ctx, r.db, scanApplication, `
		SELECT `+applicationColumns+`
		FROM application
		WHERE name = $1`,
		name)
	if err != nil {
		return a, fmt.Errorf("read application %q: %w", name, absent(err, noApplication()))
	}
	return a, nil
}

// ApplicationByKey returns the application that an API key names.
func (r Reader) ApplicationByKey(ctx context.Context, apiKey string) (chat.Application, error) {
	a, err := one(ctx, r.db, scanApplication, `
		SELECT `+applicationColumns+`
		FROM application
		WHERE api_key = $1 OR id = (SELECT k.application_id FROM api_key k WHERE k.value = $1)`,
		apiKey)
	if err != nil {
		return a, fmt.Errorf("read the application of an API key: %w", absent(err, noApplication()))
	}
	return a, nil
}

// SetAPIKey replaces an application's API key.
func (tx *Tx) SetAPIKey(ctx context.Context, id chat.ApplicationID, apiKey string) error {
	_, err := one(ctx, tx.db, scanValue[chat.ApplicationID], `
		UPDATE application
		SET api_key = $2
		WHERE id = $1
		RETURNING id`,
		id, apiKey)
	if err != nil {
		return fmt.Errorf("set the API key of application %d: %w", id, absent(err, noApplication()))
	}
	return nil
}

// SetSettings replaces an application's settings.
func (tx *Tx) SetSettings(ctx context.Context, id chat.ApplicationID, settings chat.Settings) error {
	text, err := encodeSettings(settings)
	if err != nil {
		return fmt.Errorf("write the settings of application %d: %w", id, err)
	}
	_, err = one(ctx, tx.db, scanValue[chat.ApplicationID], `
		UPDATE application
		SET settings = $2
		WHERE id = $1
		RETURNING id`,
		id, text)
	if err != nil {
		return fmt.Errorf("set the settings of application %d: %w", id, absent(err, noApplication()))
	}
	return nil
}

func noApplication() error {
	return chat.Errorf(chat.NotFound, "there is no such application").Named("ApplicationNotFoundError")
}

// moment is a stored time.
func moment(micro int64) time.Time { return time.UnixMicro(micro).UTC() }
