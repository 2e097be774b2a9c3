package engine

import (
	"context"
	"fmt"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// StartSession admits a user to the application of an API key, creating a guest
// on the first use of a username. Every final refusal is an AccessDeniedError:
// after any other the published SDKs try again for ever, as they should after
// that of too many connects.
func (e *Engine) StartSession(ctx context.Context, apiKey, username string) (chat.User, error) {
	app, err := e.store.ApplicationByKey(ctx, apiKey)
	if chat.IsKind(err, chat.NotFound) {
		return chat.User{}, chat.AccessDenied("the API key is not valid on this server")
	}
	if err != nil {
		return chat.User{}, err
	}
	if err := chat.CheckUsername(username); err != nil {
		return chat.User{}, chat.AccessDenied("%v", err)
	}
	user, err := e.store.UserByName(ctx, app.ID, username)
	if err != nil && !chat.IsKind(err, chat.NotFound) {
		return chat.User{}, err
	}
	if limited := e.Allow(ctx, chat.Actor{Application: app.ID, User: user.ID}, Connecting); limited != nil {
		return chat.User{}, limited
	}
	if err == nil {
		return user, nil
	}
	if !app.Settings.GuestUsers {
		return chat.User{}, chat.AccessDenied("there is no user %q, and this application admits no guests", username)
	}
	return e.createGuest(ctx, app.ID, username)
}

func (e *Engine) createGuest(ctx context.Context, app chat.ApplicationID, username string) (user chat.User, err error) {
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		user, _, err = tx.CreateUser(ctx, guest(app, username, tx.Now()))
		return err
	})
	if err != nil {
		return chat.User{}, fmt.Errorf("create guest: %w", err)
	}
	return user, nil
}

func guest(app chat.ApplicationID, username string, at time.Time) chat.User {
	return chat.User{
		Application: app,
		Name:        username,
		DisplayName: username,
		Guest:       true,
		CreatedAt:   at,
	}
}

// IssueGrant returns a grant under which the actor may read or write files.
func (e *Engine) IssueGrant(actor chat.Actor, access chat.FileAccess) string {
	return e.grants.Issue(actor.Application, actor.User, access, time.Now())
}

// CheckGrant returns the user that a grant was issued to.
func (e *Engine) CheckGrant(ctx context.Context, grant string, access chat.FileAccess) (chat.Actor, error) {
	actor, err := e.grants.Check(grant, access, time.Now())
	if err != nil {
		return chat.Actor{}, err
	}
	if _, err := e.store.User(ctx, actor.Application, actor.User); err != nil {
		return chat.Actor{}, err
	}
	return actor, nil
}
