// Package storetest gives tests databases of their own. Most have the tables
// already: they are copies of one that was migrated, since the migrations would
// take longer than most tests.
package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"openkitty/internal/store"
)

// Variable names the PostgreSQL server that tests use: a postgres:// address
// of a role that may create databases.
const Variable = "OPENKITTY_TEST_POSTGRES"

// patience bounds what is done with a PostgreSQL server.
const patience = time.Minute

// SQLite makes a data directory for a test, with a SQLite database that has the
// tables of this version and no rows.
func SQLite(t testing.TB) (directory string) {
	t.Helper()
	database, err := migratedSQLite()
	if err != nil {
		t.Fatalf("migrate a SQLite database: %v", err)
	}
	directory = t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "openkitty.db"), database, 0o600); err != nil {
		t.Fatal(err)
	}
	return directory
}

// migratedSQLite is the file that the databases of SQLite begin as.
var migratedSQLite = sync.OnceValues(func() (database []byte, err error) {
	directory, err := os.MkdirTemp("", "openkitty-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	if err := migrate(store.Options{Directory: directory}); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(directory, "openkitty.db"))
})

// Postgres makes a PostgreSQL database for a test, with the tables of this version
// and no rows, returns its address, and drops it when the test ends. Without a
// server the test fails: what is only tested on SQLite is not tested.
func Postgres(t testing.TB) (address string) {
	t.Helper()
	server(t)
	template, err := migratedPostgres()
	if err != nil {
		t.Fatalf("migrate a PostgreSQL database: %v", err)
	}
	return create(t, template)
}

// EmptyPostgres is Postgres without tables, for those whose subject is a start on a
// new database.
func EmptyPostgres(t testing.TB) (address string) {
	t.Helper()
	return create(t, "template1")
}

// create makes a database that begins as another, until the test ends.
func create(t testing.TB, template string) (address string) {
	t.Helper()
	at := server(t)
	name := "test_" + strings.ToLower(rand.Text())
	execute(t, at, "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() { execute(t, at, "DROP DATABASE "+name+" WITH (FORCE)") })
	return databaseAt(at, name)
}

// server is the address that the tests were given.
func server(t testing.TB) *url.URL {
	t.Helper()
	address := os.Getenv(Variable)
	if address == "" {
		t.Fatalf("%s is not set: it names the PostgreSQL server of the tests, which `make test` starts", Variable)
	}
	at, err := url.Parse(address)
	if err != nil {
		t.Fatalf("%s: %v", Variable, err)
	}
	return at
}

func databaseAt(server *url.URL, name string) string {
	at := *server
	at.Path = "/" + name
	return at.String()
}

func execute(t testing.TB, server *url.URL, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, server.String())
	if err != nil {
		t.Fatalf("connect to %s: %v", Variable, err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// migratedPostgres is the name of the database that those of the tests begin as. It
// stays on the server, for the tests of other packages and for later runs, and is
// another one if a migration is added or changed.
var migratedPostgres = sync.OnceValues(func() (string, error) {
	schema, err := store.Schema()
	if err != nil {
		return "", err
	}
	server, err := url.Parse(os.Getenv(Variable))
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, server.String())
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	name := "template_" + schema
	return name, makeTemplate(ctx, conn, server, name)
})

// makeTemplate makes a database with the tables of this version, unless it is there.
// Others who want to make it wait.
func makeTemplate(ctx context.Context, conn *pgx.Conn, server *url.URL, name string) error {
	// The lock ends with the connection.
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext($1))`, name); err != nil {
		return err
	}
	there := false
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there)
	if err != nil || there {
		return err
	}
	// It gets its name when it is whole.
	draft := "draft_" + strings.ToLower(rand.Text())
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+draft); err != nil {
		return err
	}
	if err := migrate(store.Options{Database: databaseAt(server, draft)}); err != nil {
		_, dropping := conn.Exec(ctx, "DROP DATABASE "+draft+" WITH (FORCE)")
		return errors.Join(err, dropping)
	}
	if _, err := conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name); err != nil {
		return fmt.Errorf("keep the template: %w", err)
	}
	return nil
}

// migrate makes the tables.
func migrate(o store.Options) error {
	s, err := store.Open(context.Background(), o)
	if err != nil {
		return err
	}
	return s.Close()
}
