package store

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"openkitty/internal/chat"
)

// What the tests of behaviour need to see of the inside.

const QueueMax = queueMax

// Waiting is how many updates no lane has taken yet.
func Waiting(s *Store) int { return int(s.waiting()) }

// Leftovers are the tables that are swept, each with the column that says of what.
func Leftovers() (names []string) {
	for _, l := range leftovers {
		names = append(names, l.table+" "+l.of)
		if l.through != "" {
			names = append(names, l.table+" "+l.through+"_id")
		}
	}
	return names
}

// Ask runs a statement of one value on the connection of a transaction.
func Ask(tx *Tx, text string) (string, error) {
	return one(context.Background(), tx.db, func(r row) (string, error) {
		if n, err := scanValue[int64](r); err == nil {
			return strconv.FormatInt(n, 10), nil
		}
		return scanValue[string](r)
	}, text)
}

// Written returns what the transactions on a SQLite database ran, each statement
// with its plan: a line for each table.
func Written(s *Store) (plans map[string][]string, err error) {
	plans = map[string][]string{}
	err = s.Update(context.Background(), 0, func(tx *Tx) error {
		conn := tx.lane.conn
		for text := range maps.Clone(conn.statements) {
			var args []any // as many as there are parameters: the plan does not depend on them
			for strings.Contains(text, "$"+strconv.Itoa(len(args)+1)) {
				args = append(args, nil)
			}
			plan, err := many(context.Background(), conn, func(r row) (string, error) {
				var id, parent, unused int64
				var line string
				err := r.Scan(&id, &parent, &unused, &line)
				return line, err
			}, "EXPLAIN QUERY PLAN "+text, args...)
			if err != nil {
				return err
			}
			plans[strings.Join(strings.Fields(text), " ")] = plan
		}
		return nil
	})
	return plans, err
}

// Exec runs a statement on the connection of a transaction.
func Exec(tx *Tx, text string) error { return tx.exec(context.Background(), text) }

// Counting returns a reader that counts its statements.
func Counting(s *Store, statements *int) Reader {
	return Reader{&counter{s.Reader.db, statements}, s.known}
}

type counter struct {
	runner
	n *int
}

func (c *counter) run(ctx context.Context, text string, args []any, scan func(row) error) error {
	*c.n++
	return c.runner.run(ctx, text, args, scan)
}

// Explaining returns a reader of SQLite that shows the plan of each of its
// statements: a line for each table.
func Explaining(s *Store, show func(text string, plan []string)) Reader {
	return Reader{&explainer{s.Reader.db, s, show}, s.known}
}

type explainer struct {
	runner
	s    *Store
	show func(text string, plan []string)
}

func (e *explainer) run(ctx context.Context, text string, args []any, scan func(row) error) error {
	var plan []string
	rows, err := e.s.reads.QueryContext(ctx, "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			return err
		}
		plan = append(plan, line)
	}
	e.show(strings.Join(strings.Fields(text), " "), plan)
	return e.runner.run(ctx, text, args, scan)
}

// Remembering returns a reader to which lists of more than so many items are long.
func Remembering(r Reader, small int) Reader { return Reader{r.db, newLongLists(int64(small), 2)} }

// Crowded returns a reader to which lists of more than so many items are long, and
// of which an application takes no further long reads.
func Crowded(s *Store, small int, app chat.ApplicationID) Reader {
	r := Remembering(s.Reader, small)
	for range longReadsMax {
		if _, err := r.known.turns.join(app); err != nil {
			panic(err)
		}
	}
	return r
}

// NewLongReads returns what lets each application read one long list at a time.
func NewLongReads() func(context.Context, chat.ApplicationID) (func(), error) {
	return newLongReads(2).begin
}
