package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"openkitty/internal/chat"
)

const (
	userColumns    = `u.id, u.application_id, ` + profileColumns
	profileColumns = `u.name, u.display_name, u.picture, u.guest, u.properties, u.created_at, u.status`
	// maybeUserColumns are those of a user who may be missing: with id zero.
	maybeUserColumns = `COALESCE(u.id, 0), COALESCE(u.application_id, 0), COALESCE(u.name, ''), COALESCE(u.display_name, ''),
		COALESCE(u.picture, ''), COALESCE(u.guest, FALSE), COALESCE(u.properties, ''), COALESCE(u.created_at, 0), COALESCE(u.status, '')`
)

// userRow receives the columns of a user.
type userRow struct {
	user    chat.User
	created int64
}

func (u *userRow) into() []any {
	return []any{&u.user.ID, &u.user.Application, &u.user.Name, &u.user.DisplayName, &u.user.Picture, &u.user.Guest,
		&u.user.Properties, &u.created, &u.user.Status}
}

func (u *userRow) value() chat.User {
	u.user.CreatedAt = moment(u.created)
	return u.user
}

func scanUser(r row) (chat.User, error) {
	var u userRow
	err := r.Scan(u.into()...)
	return u.value(), err
}

// CreateUser stores a user under a name that is not taken in the application,
// and returns the user with an id. If the name is taken, it returns its holder.
func (tx *Tx) CreateUser(ctx context.Context, u chat.User) (user chat.User, created bool, err error) {
	id, err := one(ctx, tx.db, scanValue[chat.UserID], `
		INSERT INTO chat_user (application_id, name, display_name, search, picture, guest, properties, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (application_id, name) DO NOTHING
		RETURNING id`,
		u.Application, u.Name, u.DisplayName, searchable(u.Name, u.DisplayName), u.Picture, u.Guest,
		string(u.Properties), u.CreatedAt.UnixMicro())
	if errors.Is(err, sql.ErrNoRows) {
		user, err = tx.UserByName(ctx, u.Application, u.Name)
		return user, false, err
	}
	if err != nil {
		return u, false, fmt.Errorf("create user %q: %w", u.Name, err)
	}
	u.ID = id
	return u, true, nil
}

// User returns the user with an id, unless it is deleted.
func (r Reader) User(ctx context.Context, app chat.ApplicationID, id chat.UserID) (chat.User, error) {
	u, err := one(ctx, r.db, scanUser, `
		SELECT `+userColumns+`
		FROM chat_user u
		WHERE u.application_id = $1 AND u.id = $2 AND u.deleted_at = 0`,
		app, id)
	if err != nil {
		return u, fmt.Errorf("read user %d: %w", id, absent(err, chat.NoUser(id)))
	}
	return u, nil
}

// UserByName returns the user with a username.
func (r Reader) UserByName(ctx context.Context, app chat.ApplicationID, name string) (chat.User, error) {
	u, err := one(ctx, r.db, scanUser, `
		SELECT `+userColumns+`
		FROM chat_user u
		WHERE u.application_id = $1 AND u.name = $2 AND u.deleted_at = 0`,
		app, name)
	if err != nil {
		return u, fmt.Errorf("read user %q: %w", name, absent(err, chat.NoUser(name)))
	}
	return u, nil
}

// Users returns those of the users that exist, in no particular order. The sign
// before application_id keeps SQLite from walking the application's.
func (r Reader) Users(ctx context.Context, app chat.ApplicationID, ids []chat.UserID) ([]chat.User, error) {
	users, err := manyOf(ctx, r.db, scanUser, `
		SELECT `+userColumns+`
		FROM chat_user u
		WHERE +u.application_id = $1 AND u.deleted_at = 0 AND u.id IN (list)`,
		distinct(ids), app)
	if err != nil {
		return nil, fmt.Errorf("read %d users: %w", len(ids), err)
	}
	return users, nil
}

// UsersByName returns those of the users that exist, in no particular order.
func (r Reader) UsersByName(ctx context.Context, app chat.ApplicationID, names []string) ([]chat.User, error) {
	users, err := manyOf(ctx, r.db, scanUser, `
		SELECT `+userColumns+`
		FROM chat_user u
		WHERE u.application_id = $1 AND u.deleted_at = 0 AND u.name IN (list)`,
		distinct(names), app)
	if err != nil {
		return nil, fmt.Errorf("read %d users: %w", len(names), err)
	}
	return users, nil
}
