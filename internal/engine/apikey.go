package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// APIKeys lists the API keys of the actor's application: its first, and those that
// were created later.
func (e *Engine) APIKeys(ctx context.Context, actor chat.Actor) ([]chat.APIKey, error) {
	app, err := e.store.Application(ctx, actor.Application)
	if err != nil {
		return nil, err
	}
	others, err := e.store.APIKeys(ctx, app.ID)
	first := chat.APIKey{Value: app.APIKey, Name: "default", CreatedAt: app.CreatedAt}
	return append([]chat.APIKey{first}, others...), err
}

// CreateAPIKey makes another API key.
func (e *Engine) CreateAPIKey(ctx context.Context, actor chat.Actor, name string) (key chat.APIKey, err error) {
	if err := checkApplicationName(name); err != nil {
		return key, err
	}
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		present, err := tx.APIKeys(ctx, actor.Application)
		if err != nil {
			return err
		}
		if len(present) >= chat.CredentialsMax {
			return chat.Errorf(chat.Conflict, "an application has at most %d API keys", chat.CredentialsMax).Named("TooManyAPIKeysError")
		}
		key, err = tx.CreateAPIKey(ctx, actor.Application, chat.APIKey{Value: newAPIKey(), Name: name, CreatedAt: tx.Now()})
		return err
	})
	return key, err
}

// DeleteAPIKey ends an API key: nobody connects with it any more. Sessions that run
// go on.
func (e *Engine) DeleteAPIKey(ctx context.Context, actor chat.Actor, id int64) error {
	return e.store.Update(ctx, 0, func(tx *store.Tx) error { return tx.DeleteAPIKey(ctx, actor.Application, id) })
}
