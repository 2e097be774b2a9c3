package engine

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// OverlapMax is how long two secrets of a credential work at most.
const OverlapMax = 30 * 24 * time.Hour

// RotateSecret gives the first credential of an application a new secret, which
// is returned here and never again. The old one, and the tokens issued for it,
// work until the overlap is over.
func (e *Engine) RotateSecret(ctx context.Context, name string, overlap time.Duration) (app chat.Application, secret string, err error) {
	app, err = e.changeApplication(ctx, name, func(ctx context.Context, tx *store.Tx, app *chat.Application) error {
		credential, err := tx.CredentialByClient(ctx, app.ClientID)
		if err != nil {
			return err
		}
		secret, err = replaceSecret(ctx, tx, credential, overlap)
		return err
	})
	if err != nil {
		return chat.Application{}, "", err
	}
	return app, secret, nil
}

// RotateCredential is RotateSecret for any credential of an application that may
// do nothing which whoever asks may not: the secret is theirs from then on.
func (e *Engine) RotateCredential(ctx context.Context, access Access, id chat.CredentialID, overlap time.Duration) (c chat.Credential, secret string, err error) {
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		if c, err = tx.Credential(ctx, access.Actor.Application, id); err != nil {
			return err
		}
		if err = access.mayGive(c.Scopes); err != nil {
			return err
		}
		secret, err = replaceSecret(ctx, tx, c, overlap)
		return err
	})
	return c, secret, err
}

func replaceSecret(ctx context.Context, tx *store.Tx, c chat.Credential, overlap time.Duration) (string, error) {
	if overlap < 0 || overlap > OverlapMax {
		return "", chat.Errorf(chat.Invalid, "two secrets may overlap for at most %d hours", OverlapMax/time.Hour)
	}
	secret := newSecret()
	return secret, tx.SetSecret(ctx, c.Application, c.ID, digest(secret), tx.Now().Add(overlap))
}

// Credentials lists the credentials of the actor's application, the oldest first.
func (e *Engine) Credentials(ctx context.Context, actor chat.Actor) ([]chat.Credential, error) {
	return e.store.Credentials(ctx, actor.Application)
}

// mayGive refuses to hand out a credential that may do more than the access.
func (a Access) mayGive(scopes []string) error {
	for _, scope := range scopes {
		if !chat.Admits(a.Scopes, scope) {
			return chat.Errorf(chat.Denied, "a credential can't be given the scope %s, which yours lacks", scope)
		}
	}
	return nil
}

// CreateCredential makes another credential, with scopes that whoever asks has
// too. The secret is returned here and never again.
func (e *Engine) CreateCredential(ctx context.Context, access Access, name string, scopes []string) (c chat.Credential, secret string, err error) {
	if err := checkApplicationName(name); err != nil {
		return c, "", err
	}
	if err := access.mayGive(scopes); err != nil {
		return c, "", err
	}
	actor := access.Actor
	secret = newSecret()
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		present, err := tx.Credentials(ctx, actor.Application)
		if err != nil {
			return err
		}
		if len(present) >= chat.CredentialsMax {
			return chat.Errorf(chat.Conflict, "an application has at most %d credentials", chat.CredentialsMax).Named("TooManyCredentialsError")
		}
		c, err = tx.CreateCredential(ctx, chat.Credential{
			Application: actor.Application, ClientID: "ok_client_" + rand.Text(), Name: name, Scopes: scopes,
			SecretHash: digest(secret), CreatedAt: tx.Now(),
		})
		return err
	})
	return c, secret, err
}

// DeleteCredential ends a credential and its tokens. The first one of an
// application stays: the command line rotates it.
func (e *Engine) DeleteCredential(ctx context.Context, actor chat.Actor, id chat.CredentialID) error {
	return e.store.Update(ctx, 0, func(tx *store.Tx) error {
		app, err := tx.Application(ctx, actor.Application)
		if err != nil {
			return err
		}
		credential, err := tx.Credential(ctx, app.ID, id)
		if err != nil {
			return err
		}
		if credential.ClientID == app.ClientID {
			return chat.Errorf(chat.Conflict, "the first credential of an application can't be deleted; rotate its secret").
				Named("FirstCredentialError")
		}
		return tx.DeleteCredential(ctx, app.ID, id)
	})
}

// authenticate returns the credential of a client whose secret is right, and the
// hash of that secret. What is wrong takes as long, whatever it is.
func (e *Engine) authenticate(ctx context.Context, clientID, secret string) (chat.Credential, []byte, error) {
	hash := digest(secret)
	c, err := e.store.CredentialByClient(ctx, clientID)
	if err != nil && !chat.IsKind(err, chat.NotFound) {
		return c, nil, err
	}
	right := 0
	for _, valid := range c.ValidHashes(time.Now()) {
		right |= subtle.ConstantTimeCompare(hash, valid)
	}
	if err != nil || right != 1 {
		return chat.Credential{}, nil, chat.Errorf(chat.Denied, "the client id or the secret is wrong").Named("invalid_client")
	}
	return c, hash, nil
}
