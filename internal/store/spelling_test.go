package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

func TestPropertiesOfADatabaseOfBeforeHaveOneSpelling(t *testing.T) {
	t.Parallel()

	bring := func(t *testing.T, o store.Options, driver, address string) {
		s := open(t, o)
		app := newApplication(t, s, "old")
		ann, bob := newUser(t, s, app.ID, "ann"), newUser(t, s, app.ID, "bob")
		escaped, kept := chat.Properties(`{"a":"\u0026\u003c\u003e\u00e9"}`), chat.Properties(`{"a":"\\u0026"}`)
		update(t, s, func(tx *store.Tx) error {
			if _, err := tx.ChangeUser(t.Context(), app.ID, ann.ID, chat.UserChange{Properties: &escaped}); err != nil {
				return err
			}
			_, err := tx.ChangeUser(t.Context(), app.ID, bob.ID, chat.UserChange{Properties: &kept})
			return err
		})
		forget(t, driver, address, 19)
		s = open(t, o)
		for id, want := range map[chat.UserID]chat.Properties{ann.ID: `{"a":"&<>\u00e9"}`, bob.ID: kept} {
			if user, err := s.User(t.Context(), app.ID, id); err != nil || user.Properties != want {
				t.Errorf("the properties are %s (%v), want %s", user.Properties, err, want)
			}
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		directory := storetest.SQLite(t)
		bring(t, store.Options{Directory: directory}, "sqlite", filepath.Join(directory, "openkitty.db"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		address := storetest.Postgres(t)
		bring(t, store.Options{Database: address}, "pgx", address)
	})
}

// forget makes a database one to which a migration of data was not applied.
func forget(t *testing.T, driver, address string, version int) {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`DELETE FROM goose_db_version WHERE version_id = $1`, version); err != nil {
		t.Fatal(err)
	}
}
