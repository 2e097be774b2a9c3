package engine

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// CreateUser makes a user under a name that is free.
func (e *Engine) CreateUser(ctx context.Context, actor chat.Actor, user chat.User) (chat.User, error) {
	if err := chat.CheckUsername(user.Name); err != nil {
		return user, err
	}
	if err := (chat.UserChange{DisplayName: &user.DisplayName}).Check(); err != nil {
		return user, err
	}
	user.Application = actor.Application
	err := e.store.Update(ctx, 0, func(tx *store.Tx) error {
		user.CreatedAt = tx.Now()
		made, created, err := tx.CreateUser(ctx, user)
		if err == nil && !created {
			err = chat.Errorf(chat.Conflict, "there is already a user %q", user.Name).Named("UsernameTakenError")
		}
		user = made
		return err
	})
	return user, err
}

// ChangeUser is UpdateUser by the application: it may give a user any status, and
// make guests of users and users of guests.
func (e *Engine) ChangeUser(ctx context.Context, actor chat.Actor, id chat.UserID, change chat.UserChange) (chat.User, error) {
	if err := change.CheckDelegate(); err != nil {
		return chat.User{}, err
	}
	return e.changeUser(ctx, chat.Actor{Application: actor.Application, User: id}, change)
}

// UserSecret returns a secret of a user's, as JSON.
func (e *Engine) UserSecret(ctx context.Context, actor chat.Actor, user chat.UserID, name string) ([]byte, error) {
	if _, err := e.store.User(ctx, actor.Application, user); err != nil {
		return nil, err
	}
	sealed, err := e.store.UserSecret(ctx, actor.Application, user, name)
	if err != nil {
		return nil, err
	}
	return e.sealer.open(sealed, secretPlace(user, name))
}

// SetUserSecret sets a secret of a user's, which is encrypted on disk and shown
// nowhere but to UserSecret.
func (e *Engine) SetUserSecret(ctx context.Context, actor chat.Actor, user chat.UserID, name string, value []byte) error {
	if err := chat.CheckSecret(name, value); err != nil {
		return err
	}
	sealed := e.sealer.seal(value, secretPlace(user, name))
	return e.store.Update(ctx, 0, func(tx *store.Tx) error {
		return tx.SetUserSecret(ctx, actor.Application, user, name, sealed)
	})
}

// RemoveUserSecret removes a secret of a user's.
func (e *Engine) RemoveUserSecret(ctx context.Context, actor chat.Actor, user chat.UserID, name string) error {
	return e.store.Update(ctx, 0, func(tx *store.Tx) error {
		return tx.RemoveUserSecret(ctx, actor.Application, user, name)
	})
}

func secretPlace(user chat.UserID, name string) string {
	return fmt.Sprintf("secret %d %s", user, name)
}
