package store_test

import (
	"cmp"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openkitty/internal/store"
	"openkitty/internal/store/storetest"

	gocmp "github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
)

// column is a column of a table, in words that both engines are brought to.
type column struct{ Table, Name, Type, Null string }

func TestMigrationsOfBothEnginesGiveTheSameTables(t *testing.T) {
	t.Parallel()

	directory, address := t.TempDir(), storetest.EmptyPostgres(t)
	open(t, store.Options{Directory: directory})
	open(t, store.Options{Database: address})
	sqlite := columns(t, "sqlite", filepath.Join(directory, "openkitty.db"), `
		SELECT t.name, c.name, lower(c.type), CASE WHEN c."notnull" OR c.pk THEN 'NO' ELSE 'YES' END
		FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> 'goose_db_version'
			AND t.name <> 'sequence'`) // PostgreSQL has sequences that are not tables
	postgres := columns(t, "pgx", address, `
		SELECT table_name, column_name, data_type, is_nullable
		FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`)
	if diff := gocmp.Diff(sqlite, postgres); diff != "" {
		t.Errorf("SQLite (-) and PostgreSQL (+) differ:\n%s", diff)
	}
	if len(sqlite) < 40 {
		t.Errorf("only %d columns were compared", len(sqlite))
	}
}

// columns reads the columns of a database's tables, in order.
func columns(t *testing.T, driver, address, query string) []column {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	same := strings.NewReplacer("integer", "bigint", "blob", "bytea")
	var all []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.Table, &c.Name, &c.Type, &c.Null); err != nil {
			t.Fatal(err)
		}
		c.Type = same.Replace(c.Type)
		all = append(all, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b column) int { return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Name, b.Name)) })
	return all
}

func TestADatabaseOfANewerVersionIsRefused(t *testing.T) {
	t.Parallel()

	refuse := func(t *testing.T, o store.Options, driver, address, insert string) {
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open(driver, address)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(insert); err != nil {
			t.Fatal(err)
		}
		s, err = store.Open(t.Context(), o)
		if err == nil {
			s.Close()
			t.Fatal("the database was opened")
		}
		if !strings.Contains(err.Error(), "newer openkitty") || !strings.Contains(err.Error(), "9000") {
			t.Errorf("the error does not say what is wrong: %v", err)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		directory := t.TempDir()
		refuse(t, store.Options{Directory: directory}, "sqlite", filepath.Join(directory, "openkitty.db"),
			`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, 1)`)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		address := storetest.Postgres(t)
		refuse(t, store.Options{Database: address}, "pgx", address,
			`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, true)`)
	})
}

func TestSeveralProcessesMayOpenANewDatabaseAtOnce(t *testing.T) {
	t.Parallel()

	together := func(t *testing.T, o store.Options) {
		opened := make(chan error)
		for range 4 {
			go func() {
				s, err := store.Open(t.Context(), o)
				if err == nil {
					err = s.Close()
				}
				opened <- err
			}()
		}
		for range 4 {
			if err := <-opened; err != nil {
				t.Errorf("open: %v", err)
			}
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		together(t, store.Options{Directory: t.TempDir()})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		together(t, store.Options{Database: storetest.EmptyPostgres(t)})
	})
}

func TestAnAddressThatIsNoDatabaseIsRefused(t *testing.T) {
	t.Parallel()

	for _, o := range []store.Options{
		{Database: "mysql://localhost/chat"},
		{Database: "postgres://local host:port"},
		{Database: "postgres://127.0.0.1:1/none?sslmode=disable"},
		{},
	} {
		if s, err := store.Open(t.Context(), o); err == nil {
			s.Close()
			t.Errorf("%+v was opened", o)
		}
	}
}

// mattn/go-sqlite3 binds in order of appearance whatever the numbers say.
func TestParametersAreBoundByNumber(t *testing.T) {
	t.Parallel()

	for driver, address := range map[string]string{"sqlite": ":memory:", "pgx": storetest.EmptyPostgres(t)} {
		db, err := sql.Open(driver, address)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var got string
		err = db.QueryRow(`SELECT CAST($2 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT)`, "one", "two").Scan(&got)
		if err != nil || got != "twoonetwo" {
			t.Errorf("%s: $2, $1, $2 of one, two is %q (%v)", driver, got, err)
		}
	}
}

func TestTheDataDirectoryMayHaveAnyNameAndIsItsOwners(t *testing.T) {
	t.Parallel()

	directory := filepath.Join(t.TempDir(), "a b?c#d%41&e=é", "data")
	open(t, store.Options{Directory: directory})
	if _, err := os.Stat(filepath.Join(directory, "openkitty.db")); err != nil {
		t.Errorf("the database: %v", err)
	}
	info, err := os.Stat(directory)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v, %v", info.Mode(), err)
	}
}
