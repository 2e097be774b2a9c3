package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// errNewer refuses a database of a later version: writing to it as this
// version would could destroy what this version does not know of.
var errNewer = errors.New("the database was written by a newer openkitty: run that version, or restore a backup from before it")

// Schema is a word for the tables of this version: it is another one as soon as a
// migration is added or changed.
func Schema() (string, error) {
	digest := fnv.New128a()
	err := fs.WalkDir(migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations, path)
		fmt.Fprintf(digest, "%s %d ", path, len(text))
		digest.Write(text)
		return err
	})
	return fmt.Sprintf("%x", digest.Sum(nil)), err
}

// migrate brings a database up to the last migration in a folder, each in a
// transaction.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, folder string, options ...goose.ProviderOption) error {
	steps, err := fs.Sub(migrations, folder)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, db, steps, append(options, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	for last := int64(-1); ; {
		current, target, err := provider.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("read the database's version: %w", err)
		}
		if current > target {
			return fmt.Errorf("its version is %d, of this openkitty %d: %w", current, target, errNewer)
		}
		if _, err = provider.Up(ctx); err == nil {
			return nil
		}
		// A process that starts at the same moment may have taken a step first:
		// then the database got further than it was, and the rest is tried again.
		if current == last {
			return fmt.Errorf("migrate the database: %w", err)
		}
		last = current
	}
}
