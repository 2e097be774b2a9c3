package engine

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// DefaultApplication is the name of the application that the first start makes.
const DefaultApplication = "default"

// Applications lists every application, the oldest first.
func (e *Engine) Applications(ctx context.Context) ([]chat.Application, error) {
	return e.store.Applications(ctx)
}

// CreateApplication makes a tenant. The secret is returned here and never again.
func (e *Engine) CreateApplication(ctx context.Context, name string) (app chat.Application, secret string, err error) {
	if err := checkApplicationName(name); err != nil {
		return chat.Application{}, "", err
	}
	secret = newSecret()
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		app, err = tx.CreateApplication(ctx, newApplication(name), digest(secret))
		return err
	})
	if err != nil {
		return chat.Application{}, "", err
	}
	return app, secret, nil
}

// FirstApplication returns the oldest application, and makes one if there is
// none yet. Only then is the secret not empty.
func (e *Engine) FirstApplication(ctx context.Context) (app chat.Application, secret string, err error) {
	apps, err := e.store.Applications(ctx)
	if err != nil {
		return chat.Application{}, "", err
	}
	if len(apps) > 0 {
		return apps[0], "", nil
	}
	app, secret, err = e.CreateApplication(ctx, DefaultApplication)
	if chat.IsKind(err, chat.Conflict) {
		// Another server on the same database was faster.
		return e.FirstApplication(ctx)
	}
	return app, secret, err
}

// RotateKey gives an application a new API key. New connections need it from
// now on; sessions that run go on.
func (e *Engine) RotateKey(ctx context.Context, name string) (chat.Application, error) {
	return e.changeApplication(ctx, name, func(ctx context.Context, tx *store.Tx, app *chat.Application) error {
		app.APIKey = newAPIKey()
		return tx.SetAPIKey(ctx, app.ID, app.APIKey)
	})
}

// changeApplication runs change on the application of this name, and returns
// what it made of it.
func (e *Engine) changeApplication(
	ctx context.Context, name string, change func(context.Context, *store.Tx, *chat.Application) error,
) (app chat.Application, err error) {
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		if app, err = tx.ApplicationByName(ctx, name); err != nil {
			return err
		}
		return change(ctx, tx, &app)
	})
	if err != nil {
		return chat.Application{}, err
	}
	return app, nil
}

func newApplication(name string) chat.Application {
	return chat.Application{
		Name:      name,
		APIKey:    newAPIKey(),
		ClientID:  "ok_client_" + rand.Text(),
		Settings:  chat.DefaultSettings(),
		CreatedAt: time.Now(),
	}
}

func checkApplicationName(name string) error {
	switch {
	case name == "":
		return chat.Errorf(chat.Invalid, "an application needs a name")
	case utf8.RuneCountInString(name) > chat.NameMax:
		return chat.Errorf(chat.Invalid, "the application's name has more than %d characters", chat.NameMax)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return chat.Errorf(chat.Invalid, "the application's name contains what is no printable text")
	}
	return nil
}

// newAPIKey returns a key of letters, digits and '_', as it travels in URLs. The
// prefixes of keys and secrets let people, and scanners of source code, tell
// what they have found.
func newAPIKey() string { return "ok_key_" + rand.Text() }

// newSecret returns a secret of at least 256 random bits.
func newSecret() string { return "ok_secret_" + rand.Text() + rand.Text() }

// digest is the form in which a secret is stored. A slow password hash would
// add nothing: it protects words that can be guessed, and nobody guesses 256
// random bits, while each token request would pay for it.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Application returns the actor's application.
func (e *Engine) Application(ctx context.Context, actor chat.Actor) (chat.Application, error) {
	return e.store.Application(ctx, actor.Application)
}
