package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// connection is one connection that transactions take turns on. It belongs to
// one goroutine, and so it speaks to the driver itself: what database/sql does
// around each statement to share connections was a tenth of a message.
//
// A context does not interrupt its statements: that would undo the transaction
// on SQLite, and close the connection on PostgreSQL, and with it lose the work
// of the other calls in the batch. A context that has ended stops a statement
// from starting.
type connection struct {
	conn       *sql.Conn
	unnamed    bool // parameters are written as ?
	statements map[string]*statement

	// What became of the statements since forget.
	wrote  bool  // one may have changed something
	failed error // what the first that failed said
}

// statement is prepared on a connection, and closed with it.
type statement struct {
	prepared interface {
		driver.StmtQueryContext
		driver.StmtExecContext
	}
	writes bool
	places []int               // which of the arguments each of its parameters is, from 0; nil if they are in order
	args   []driver.NamedValue // of the latest use
	values []driver.Value      // of the latest row
}

func newConnection(conn *sql.Conn, unnamed bool) *connection {
	return &connection{conn: conn, unnamed: unnamed, statements: map[string]*statement{}}
}

// unnamed writes the parameters of a statement as ?, in place of $1 and so on, and
// says which argument each of them is. To SQLite, $1 is a name, which its driver
// looks up among those of all parameters whenever the statement is used.
func unnamed(text string) (written string, places []int) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String(), places
		}
		digits := len(after) - len(strings.TrimLeft(after, "0123456789"))
		n, err := strconv.Atoi(after[:digits])
		if err != nil || n == 0 {
			b.WriteString("$" + after[:digits]) // something else
		} else {
			b.WriteByte('?')
			places = append(places, n-1)
		}
		text = after[digits:]
	}
}

func (c *connection) run(ctx context.Context, text string, args []any, scan func(row) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := c.execute(text, args, scan)
	if err != nil && c.failed == nil {
		c.failed = err
	}
	return err
}

func (c *connection) execute(text string, args []any, scan func(row) error) error {
	return c.conn.Raw(func(conn any) error {
		s, err := c.statement(conn, text)
		if err != nil {
			return err
		}
		c.wrote = c.wrote || s.writes
		if err := s.bind(args); err != nil {
			return err
		}
		if scan != nil {
			return s.fetch(scan)
		}
		_, err = s.prepared.ExecContext(context.Background(), s.args)
		return err
	})
}

// statement prepares each text once.
func (c *connection) statement(conn any, text string) (*statement, error) {
	if s := c.statements[text]; s != nil {
		return s, nil
	}
	s := &statement{writes: !strings.HasPrefix(strings.TrimSpace(text), "SELECT")}
	prepare := text
	if c.unnamed {
		prepare, s.places = unnamed(text)
	}
	prepared, err := conn.(driver.ConnPrepareContext).PrepareContext(context.Background(), prepare)
	if err != nil {
		return nil, err
	}
	s.prepared = prepared.(interface {
		driver.StmtQueryContext
		driver.StmtExecContext
	})
	c.statements[text] = s
	return s, nil
}

// forget starts the account of a new call.
func (c *connection) forget() { c.wrote, c.failed = false, nil }

// bind makes the arguments of the next use.
func (s *statement) bind(args []any) error {
	s.args = s.args[:0]
	n := len(args)
	if s.places != nil {
		n = len(s.places)
	}
	for i := range n {
		at := i
		if s.places != nil {
			at = s.places[i]
		}
		if at >= len(args) {
			return fmt.Errorf("a statement asks for argument %d of %d", at+1, len(args))
		}
		value, err := driver.DefaultParameterConverter.ConvertValue(args[at])
		if err != nil {
			return fmt.Errorf("argument %d of a statement: %w", at+1, err)
		}
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	return nil
}

// fetch passes the rows to scan.
func (s *statement) fetch(scan func(row) error) (err error) {
	rows, err := s.prepared.QueryContext(context.Background(), s.args)
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	if s.values == nil {
		s.values = make([]driver.Value, len(rows.Columns()))
	}
	for {
		if err := rows.Next(s.values); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := scan(values(s.values)); err != nil {
			return err
		}
	}
}

// values is a row as drivers give it.
type values []driver.Value

// Scan copies the row to pointers to integers, texts, truths and bytes: what our
// columns hold, without null.
func (v values) Scan(dest ...any) error {
	if len(dest) != len(v) {
		return fmt.Errorf("a row of %d columns was read as %d", len(v), len(dest))
	}
	for i, d := range dest {
		if !assign(d, v[i]) {
			return fmt.Errorf("column %d of a row holds %T, which was read as %T", i+1, v[i], d)
		}
	}
	return nil
}

// assign copies a value to where dest points, and reports whether it fits.
func assign(dest any, value driver.Value) bool {
	switch value := value.(type) {
	case int64:
		return assignInteger(dest, value)
	case string:
		return assignText(dest, value)
	case bool:
		d, ok := dest.(*bool)
		if ok {
			*d = value
		}
		return ok
	case []byte:
		d, ok := dest.(*[]byte)
		if ok {
			*d = slices.Clone(value) // the driver may write over it
			return true
		}
		return assignText(dest, string(value))
	}
	return false
}

func assignInteger(dest any, value int64) bool {
	switch d := dest.(type) {
	case *int64:
		*d = value
		return true
	case *bool: // SQLite has no other
		*d = value != 0
		return true
	}
	d := reflect.ValueOf(dest).Elem()
	if !d.CanInt() || d.OverflowInt(value) {
		return false
	}
	d.SetInt(value)
	return true
}

func assignText(dest any, value string) bool {
	if d, ok := dest.(*string); ok {
		*d = value
		return true
	}
	d := reflect.ValueOf(dest).Elem()
	if d.Kind() != reflect.String {
		return false
	}
	d.SetString(value)
	return true
}
