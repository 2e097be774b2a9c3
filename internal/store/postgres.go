package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// newPostgres describes the PostgreSQL database at an address.
func newPostgres(address string) (*engine, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	// What is acknowledged is on disk, whatever the server's default.
	config.RuntimeParams["synchronous_commit"] = "on"
	config.RuntimeParams["application_name"] = "openkitty"
	return &engine{
		name:    "PostgreSQL",
		lanes:   8,
		readers: 16,
		begin:   `BEGIN`,
		learn:   `ANALYZE chat_user, channel, membership, message, change`,
		reserve: `SELECT nextval('message_id')`,
		open: func(connections int, _ purpose) (*sql.DB, error) {
			db := stdlib.OpenDB(*config)
			db.SetMaxOpenConns(connections)
			db.SetMaxIdleConns(connections)
			return db, nil
		},
		migrate:   migratePostgres,
		undone:    func(err error) bool { return sqlState(err) != "" },
		transient: transientPostgres,
	}, nil
}

// migratePostgres lets one node migrate at a time; the others wait, for at most
// a minute, and find the work done.
func migratePostgres(ctx context.Context, db *sql.DB) error {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return err
	}
	return migrate(ctx, db, goose.DialectPostgres, "migrations/postgres", goose.WithSessionLocker(locker))
}

// transientPostgres knows the losers of a conflict between transactions.
func transientPostgres(err error) bool {
	switch sqlState(err) {
	case "40001", "40P01": // serialization failure, deadlock
		return true
	case "23505": // a name that was free when it was looked for: now it is found
		return true
	}
	return false
}

// sqlState is the server's code for an error, or empty if the error is not the
// server's answer.
func sqlState(err error) string {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}
