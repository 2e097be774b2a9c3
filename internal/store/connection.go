package store

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// pool runs statements on whichever connection is free.
type pool struct {
	db         *sql.DB
	mu         sync.Mutex
	statements map[string]*sql.Stmt // by text; closed with db
}

func newPool(db *sql.DB) *pool { return &pool{db: db, statements: map[string]*sql.Stmt{}} }

func (p *pool) run(ctx context.Context, text string, args []any, scan func(row) error) error {
	statement, err := p.statement(ctx, text)
	if err != nil {
		return err
	}
	return fetch(ctx, statement, args, scan)
}

func (p *pool) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	p.mu.Lock()
	known := p.statements[text]
	p.mu.Unlock()
	if known != nil {
		return known, nil
	}
	made, err := p.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.statements[text]; known != nil {
		return known, made.Close()
	}
	p.statements[text] = made
	return made, nil
}

// connection is one connection that transactions take turns on. It belongs to
// one goroutine.
//
// A context does not interrupt its statements: that would undo the transaction
// on SQLite, and close the connection on PostgreSQL, and with it lose the work
// of the other calls in the batch. A context that has ended stops a statement
// from starting.
type connection struct {
	conn       *sql.Conn
	statements map[string]statement

	// What became of the statements since forget.
	wrote  bool  // one may have changed something
	failed error // what the first that failed said
}

type statement struct {
	*sql.Stmt
	writes bool
}

func newConnection(conn *sql.Conn) *connection {
	return &connection{conn: conn, statements: map[string]statement{}}
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
	s, ok := c.statements[text]
	if !ok {
		made, err := c.conn.PrepareContext(context.Background(), text)
		if err != nil {
			return err
		}
		s = statement{made, !strings.HasPrefix(strings.TrimSpace(text), "SELECT")}
		c.statements[text] = s
	}
	c.wrote = c.wrote || s.writes
	if scan != nil {
		return fetch(context.Background(), s.Stmt, args, scan)
	}
	_, err := s.ExecContext(context.Background(), args...)
	return err
}

// forget starts the account of a new call.
func (c *connection) forget() { c.wrote, c.failed = false, nil }

// fetch passes the rows of a statement to scan.
func fetch(ctx context.Context, s *sql.Stmt, args []any, scan func(row) error) (err error) {
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
