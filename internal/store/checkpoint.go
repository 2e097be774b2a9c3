package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
)

// What a checkpointer does when, in pages of 4 KB.
const (
	// checkpointDue is how many pages are written until it moves them. With few the
	// disk is kept from commits for moments only; with many, what is written often
	// is moved less often.
	checkpointDue = 500
	// logLong is how long the log gets until the lane moves the rest after a checkpoint,
	// for the log to begin anew.
	logLong = 8_000
	// logOverlong is how long it gets until the lane waits for the checkpointer too.
	logOverlong = 2 * logLong
)

// checkpointer moves what commits appended to SQLite's write-ahead log into the
// database file, while the lane goes on: a commit that did it took ten times as
// long as others. SQLite's own way, to do it in a commit, is turned off.
//
// A log that is written all the time can't begin anew by itself, since there is
// always a rest that was not moved. When it is long, the lane moves that rest. It does
// so with the first commit after a checkpoint, of which there are two then, the second
// of what came during the first: the rest is that of a moment, and takes as long as a
// few commits.
type checkpointer struct {
	db    *sql.DB       // one connection
	due   chan struct{} // holds one token while there is something to move
	ended chan struct{} // closed when the goroutine has ended
	stop  context.CancelFunc
	log   *slog.Logger

	turn sync.Mutex // held while pages are moved

	moved atomic.Bool // a checkpoint has ended since the latest commit

	// The lane's:
	written int // pages since the latest token
	length  int // of the log in pages, at most; it began anew unnoticed if it is less
}

// newCheckpointer starts the goroutine, which close ends.
func newCheckpointer(db *sql.DB, log *slog.Logger) *checkpointer {
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{db: db, log: log, stop: stop, due: make(chan struct{}, 1), ended: make(chan struct{})}
	go c.run(ctx)
	return c
}

func (c *checkpointer) close() error {
	c.stop()
	<-c.ended
	return c.db.Close()
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.ended)
	for failing := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-c.due:
		}
		pages, err := c.move(ctx)
		if err == nil && pages >= logLong {
			_, err = c.move(ctx)
		}
		c.moved.Store(true)
		if err != nil && !failing && ctx.Err() == nil {
			c.log.Warn("a checkpoint of the database failed; the next ones will do its work", "error", err)
		}
		failing = err != nil
	}
}

// checkpoint moves what no reader needs where it is. It returns 1 if others keep it
// from that, how many pages the log has, and how many of these were moved.
const checkpoint = `PRAGMA wal_checkpoint(PASSIVE)`

// move makes a checkpoint, and returns how many pages the log has.
func (c *checkpointer) move(ctx context.Context) (pages int64, err error) {
	c.turn.Lock()
	defer c.turn.Unlock()
	var busy, moved int64
	err = c.db.QueryRowContext(ctx, checkpoint).Scan(&busy, &pages, &moved)
	return pages, err
}

// committed follows each commit on the lane's connection.
func (c *checkpointer) committed(conn *connection) error {
	pages, err := pagesWritten(conn)
	if err != nil {
		return err
	}
	moved := c.moved.Swap(false)
	c.written += pages
	c.length += pages
	if c.written >= checkpointDue {
		c.written = 0
		select {
		case c.due <- struct{}{}:
		default:
		}
	}
	if c.length >= logOverlong || c.length >= logLong && moved {
		return c.restart(conn)
	}
	return nil
}

// restart lets a long log begin anew with the next commit. If somebody still reads
// from it, that is tried again when the next pages are due.
func (c *checkpointer) restart(conn *connection) error {
	if c.length >= logOverlong {
		c.turn.Lock()
	} else if !c.turn.TryLock() {
		return nil
	}
	defer c.turn.Unlock()
	c.length = logLong - checkpointDue
	return conn.execute(checkpoint, nil, func(r row) error {
		var busy, pages, moved int64
		if err := r.Scan(&busy, &pages, &moved); err != nil {
			return err
		}
		if busy == 0 && moved == pages {
			c.length = 0
		}
		return nil
	})
}

// pagesWritten is how many pages a connection wrote since it was last asked.
func pagesWritten(conn *connection) (pages int, err error) {
	err = conn.conn.Raw(func(c any) error {
		status, ok := c.(sqlite.DBStatus)
		if !ok {
			return errors.New("the driver does not count pages")
		}
		pages, _, err = status.Status(sqlite.DBStatusCacheWrite, true)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count the pages that were written: %w", err)
	}
	return pages, nil
}
