package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode/utf8"

	"openkitty/internal/chat"
)

// runner runs statements: a pool of connections outside of a transaction, a
// lane's connection inside of one. It prepares each text once.
type runner interface {
	// run passes each row to scan; without scan the statement returns no rows.
	run(ctx context.Context, text string, args []any, scan func(row) error) error
}

// row is what a scan function reads.
type row interface{ Scan(dest ...any) error }

// one returns the only row of a query, or sql.ErrNoRows.
func one[T any](ctx context.Context, r runner, scan func(row) (T, error), text string, args ...any) (T, error) {
	var item T
	found := false
	err := run(ctx, r, text, args, func(row row) (err error) {
		found = true
		item, err = scan(row)
		return err
	})
	if err == nil && !found {
		err = sql.ErrNoRows
	}
	return item, err
}

// many returns the rows of a query.
func many[T any](ctx context.Context, r runner, scan func(row) (T, error), text string, args ...any) ([]T, error) {
	var items []T
	err := run(ctx, r, text, args, func(row row) error {
		item, err := scan(row)
		items = append(items, item)
		return err
	})
	return items, err
}

// listMax is how many values one statement lists; longer lists take several.
const listMax = 128

// manyOf returns the rows of a query for a list of values. The text says
// "IN (list)", and its other parameters come before the list's. Lists are
// filled up to a power of two with their last value, so that few statements
// have to be prepared.
//
// Where a table has an index that begins with the application, the text says
// +application_id: SQLite, which guesses without statistics, would walk all that
// an application has rather than look for more than a few ids.
func manyOf[T, V any](ctx context.Context, r runner, scan func(row) (T, error), text string, list []V, args ...any) ([]T, error) {
	var items []T
	for len(list) > 0 {
		n := min(len(list), listMax)
		found, err := many(ctx, r, scan, listing(text, len(args), n), append(args[:len(args):len(args)], padded(list[:n])...)...)
		if err != nil {
			return nil, err
		}
		items = append(items, found...)
		list = list[n:]
	}
	return items, nil
}

// run refuses what PostgreSQL can't keep before a statement sees it, so that
// bad input never is an error of SQL.
func run(ctx context.Context, r runner, text string, args []any, scan func(row) error) error {
	for _, arg := range args {
		if s, ok := arg.(string); ok && !storable(s) {
			return chat.Errorf(chat.Invalid, "text must be valid UTF-8 without the character U+0000")
		}
	}
	return r.run(ctx, text, args, scan)
}

// storable reports whether both engines keep a text as it is.
func storable(s string) bool {
	return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s)
}

// absent turns a missing row into a refusal.
func absent(err error, refusal error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return refusal
	}
	return err
}

// scanValue reads a row of one column.
func scanValue[T any](r row) (T, error) {
	var v T
	err := r.Scan(&v)
	return v, err
}

// exec runs a statement that returns no rows.
func (tx *Tx) exec(ctx context.Context, text string, args ...any) error {
	return run(ctx, tx.db, text, args, nil)
}

// execOf runs a statement that returns no rows for a list of users, as manyOf.
func (tx *Tx) execOf(ctx context.Context, text string, list []chat.UserID, args ...any) error {
	for len(list) > 0 {
		n := min(len(list), listMax)
		err := run(ctx, tx.db, listing(text, len(args), n), append(args[:len(args):len(args)], padded(list[:n])...), nil)
		if err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}
