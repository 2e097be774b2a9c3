package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"openkitty/internal/chat"
)

const credentialColumns = `id, application_id, client_id, name, scopes, secret_hash, previous_hash, previous_until, created_at`

func scanCredential(r row) (chat.Credential, error) {
	var c chat.Credential
	var scopes string
	var until, created int64
	err := r.Scan(&c.ID, &c.Application, &c.ClientID, &c.Name, &scopes, &c.SecretHash, &c.PreviousHash, &until, &created)
	c.Scopes, c.PreviousUntil, c.CreatedAt = strings.Fields(scopes), maybeMoment(until), moment(created)
	return c, err
}

// CreateCredential stores a credential, and returns it with its id.
func (tx *Tx) CreateCredential(ctx context.Context, c chat.Credential) (chat.Credential, error) {
	id, err := one(ctx, tx.db, scanValue[chat.CredentialID], `
		INSERT INTO credential (application_id, client_id, name, scopes, secret_hash, previous_hash, previous_until, created_at)
		SELECT a.id, $2, $3, $4, $5, $5, 0, $6
		FROM application a
		WHERE a.id = $1
		RETURNING id`,
		c.Application, c.ClientID, c.Name, strings.Join(c.Scopes, " "), c.SecretHash, c.CreatedAt.UnixMicro())
	if err != nil {
		return c, fmt.Errorf("create a credential of application %d: %w", c.Application, absent(err, noApplication()))
	}
	c.ID, c.PreviousHash = id, c.SecretHash
	return c, nil
}

// CredentialByClient returns the credential of a client id, of whatever
// application.
func (r Reader) CredentialByClient(ctx context.Context, clientID string) (chat.Credential, error) {
	c, err := one(ctx, r.db, scanCredential, `
		SELECT `+credentialColumns+`
		FROM credential
		WHERE client_id = $1`,
		clientID)
	if err != nil {
		return c, fmt.Errorf("read the credential of a client: %w", absent(err, chat.NoCredential()))
	}
	return c, nil
}

// Credential returns a credential of an application.
func (r Reader) Credential(ctx context.Context, app chat.ApplicationID, id chat.CredentialID) (chat.Credential, error) {
	c, err := one(ctx, r.db, scanCredential, `
		SELECT `+credentialColumns+`
		FROM credential
		WHERE application_id = $1 AND id = $2`,
		app, id)
	if err != nil {
		return c, fmt.Errorf("read credential %d: %w", id, absent(err, chat.NoCredential()))
	}
	return c, nil
}

// Credentials returns the credentials of an application, the oldest first.
func (r Reader) Credentials(ctx context.Context, app chat.ApplicationID) ([]chat.Credential, error) {
	credentials, err := many(ctx, r.db, scanCredential, `
		SELECT `+credentialColumns+`
		FROM credential
		WHERE application_id = $1
		ORDER BY id
		LIMIT $2`,
		app, chat.CredentialsMax)
	return credentials, wrap(err, "read the credentials of application %d", app)
}

// SetSecret replaces the hash of a credential's secret. The one before works
// until a time.
func (tx *Tx) SetSecret(ctx context.Context, app chat.ApplicationID, id chat.CredentialID, hash []byte, until time.Time) error {
	_, err := one(ctx, tx.db, scanValue[chat.CredentialID], `
		UPDATE credential
		SET previous_hash = secret_hash, previous_until = $4, secret_hash = $3
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		app, id, hash, until.UnixMicro())
	return wrap(absent(err, chat.NoCredential()), "replace the secret of credential %d", id)
}

// DeleteCredential ends a credential.
func (tx *Tx) DeleteCredential(ctx context.Context, app chat.ApplicationID, id chat.CredentialID) error {
	_, err := one(ctx, tx.db, scanValue[chat.CredentialID], `
		DELETE FROM credential
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		app, id)
	return wrap(absent(err, chat.NoCredential()), "delete credential %d", id)
}
