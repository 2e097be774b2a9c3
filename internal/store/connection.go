package store

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
)

// pool runs statements on whichever connection is free.
type pool struct {
	db         *sql.DB
	mu         sync.Mutex
	statements map[string]*sql.Stmt // by text; closed with db
	ran        atomic.Uint64        // statements so far
}

func newPool(db *sql.DB) *pool { return &pool{db: db, statements: map[string]*sql.Stmt{}} }

func (p *pool) run(ctx context.Context, text string, args []any, scan func(row) error) error {
	p.ran.Add(1)
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
