package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqliteFile is the database within the data directory.
const sqliteFile = "openkitty.db"

// newSQLite describes a SQLite database in a directory, which it makes for its
// owner alone.
func newSQLite(directory string) (*engine, error) {
	if directory == "" {
		return nil, errors.New("SQLite needs a data directory")
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(directory, sqliteFile))
	if err != nil {
		return nil, fmt.Errorf("find the data directory: %w", err)
	}
	return &engine{
		name:    "SQLite",
		lanes:   1,
		readers: 4,
		// IMMEDIATE: a transaction that starts as a reader can't become a
		// writer while another process writes.
		begin:       `BEGIN IMMEDIATE`,
		checkpoints: true,
		unnamed:     true,
		reserve:     `UPDATE sequence SET value = value + 64 WHERE name = 'message' RETURNING value`,
		open: func(connections int, p purpose) (*sql.DB, error) {
			return openSQLite(path, connections, p)
		},
		migrate:   migrateSQLite,
		undone:    func(error) bool { return true },
		transient: func(error) bool { return false },
	}, nil
}

// openSQLite makes a pool. With synchronous=FULL each commit ends in an fsync
// of the write-ahead log.
func openSQLite(path string, connections int, p purpose) (*sql.DB, error) {
	pragmas := []string{
		"busy_timeout(10000)", // ms: another process, as `openkitty app`, may be writing
		"foreign_keys(1)",
		"temp_store(memory)",
	}
	if p == writing {
		pragmas = append(pragmas, "journal_mode(wal)", "synchronous(full)", "cache_size(-8192)",
			"wal_autocheckpoint(0)") // a checkpointer does it
	} else {
		pragmas = append(pragmas, "query_only(1)", "cache_size(-1024)")
	}
	// _txlock is for the transactions of migrations; lanes begin their own.
	address := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}.Encode()}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// migrateSQLite tries again when it failed: a process that opens the database
// at the same moment may have made the same step.
func migrateSQLite(ctx context.Context, db *sql.DB) error {
	var err error
	for range 3 {
		if err = migrate(ctx, db, goose.DialectSQLite3, "migrations/sqlite"); err == nil || errors.Is(err, errNewer) {
			return err
		}
	}
	return err
}
