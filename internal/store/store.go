// Package store keeps everything that OpenKitty must not forget, in SQLite or
// in PostgreSQL, through one SQL text.
//
// What [Store.Update] has acknowledged is on disk. Reads see what is committed;
// inside a transaction they also see its own writes. Every method that touches
// an application's data takes that application and sees nothing of another.
//
// Absence and conflicts are refusals of package chat, for callers to show.
// Other errors are the operator's.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// Options say where a store keeps its data.
type Options struct {
	Directory string                // the data directory, made if missing; SQLite keeps openkitty.db in it
	Database  string                // empty for SQLite, or a postgres:// address
	Metrics   prometheus.Registerer // nil to measure nothing
	Log       *slog.Logger          // nil to log nothing
}

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	Reader
	engine  *engine
	reads   *sql.DB
	writes  *sql.DB
	lanes   []*lane
	logs    *checkpointer  // nil where the database needs none
	running sync.WaitGroup // the lanes' goroutines
	asked   atomic.Int64   // updates
}

// Reader holds the reads, which are the same inside and outside of a
// transaction.
type Reader struct {
	db    runner
	known *longLists // what is known of long lists; nil inside of a transaction
}

// Open opens the database, bringing its tables up to this version first. It
// refuses a database that a newer version has written.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e, err := engineFor(o)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e}
	if s.writes, err = e.open(e.lanes, writing); err != nil {
		return nil, fmt.Errorf("open the %s database: %w", e.name, err)
	}
	if s.reads, err = e.open(e.readers, reading); err != nil {
		return nil, errors.Join(fmt.Errorf("open the %s database: %w", e.name, err), s.writes.Close())
	}
	readers := newPool(s.reads)
	s.Reader = Reader{readers, newLongLists(listSmall, e.readers/2)}
	if err := s.start(ctx, o, readers); err != nil {
		return nil, errors.Join(err, s.reads.Close(), s.writes.Close())
	}
	return s, nil
}

// start migrates, and starts the lanes. Close stops them.
func (s *Store) start(ctx context.Context, o Options, readers *pool) error {
	if err := s.engine.migrate(ctx, s.writes); err != nil {
		return err
	}
	m, err := newMetrics(o.Metrics, s.waiting, func() float64 { return float64(readers.ran.Load()) })
	if err != nil {
		return fmt.Errorf("register the store's metrics: %w", err)
	}
	var t *turns
	if s.engine.lanes > 1 {
		t = newTurns()
	}
	if s.engine.checkpoints {
		db, err := s.engine.open(1, writing)
		if err != nil {
			return err
		}
		s.logs = newCheckpointer(db, o.Log)
	}
	for range s.engine.lanes {
		l := newLane(s.engine, s.writes, t, s.logs, m, o.Log)
		s.lanes = append(s.lanes, l)
		s.running.Go(l.commitAll)
		s.running.Go(l.announceAll)
	}
	return nil
}

// Close finishes the updates that were accepted, refuses later ones, and closes
// the database.
func (s *Store) Close() error {
	for _, l := range s.lanes {
		l.close()
	}
	s.running.Wait()
	err := s.reads.Close()
	if s.logs != nil {
		err = errors.Join(err, s.logs.close())
	}
	for _, l := range s.lanes {
		l.disconnect()
	}
	return errors.Join(err, s.writes.Close())
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.reads.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the %s database: %w", s.engine.name, err)
	}
	return nil
}

// Learn has the database look at how much it holds, after much was added at once.
// PostgreSQL does so by itself within a minute or two; until then it takes tables
// for small, and a page of a channel with a million messages takes seconds.
func (s *Store) Learn(ctx context.Context) error {
	if s.engine.learn == "" {
		return nil
	}
	_, err := s.reads.ExecContext(ctx, s.engine.learn)
	return wrap(err, "count what the tables hold")
}

// waiting is how many updates no lane has taken yet.
func (s *Store) waiting() float64 {
	n := 0
	for _, l := range s.lanes {
		n += len(l.queue) + len(l.behind)
	}
	return float64(n)
}

// engineFor chooses the engine by the address.
func engineFor(o Options) (*engine, error) {
	switch {
	case o.Database == "":
		return newSQLite(o.Directory)
	case strings.HasPrefix(o.Database, "postgres://"), strings.HasPrefix(o.Database, "postgresql://"):
		return newPostgres(o.Database)
	}
	return nil, errors.New("the database must be empty, for SQLite in the data directory, or a postgres:// address")
}
