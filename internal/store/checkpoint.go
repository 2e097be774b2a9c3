package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	"modernc.org/sqlite"
)

// When a checkpointer does what, in pages of 4 KB.
const (
	// stepPages is how many are written until it moves as many.
	stepPages = 500
	// logLong is how long the log gets until all of it is moved, for it to begin anew,
	// and logOverlong until the lane waits for that.
	logLong     = 8_000
	logOverlong = 2 * logLong
)

// checkpointer moves what commits appended to SQLite's write-ahead log into the
// database file, while the lane goes on: a commit that did it took ten times as
// long as others. SQLite's own way, to do it in a commit, is turned off.
//
// It does so in short steps, which need no sync: whatever was moved is in the log too.
// To a step that reaches the log's end SQLite adds one, and commits would wait until
// the disk has written hundreds of scattered pages. So a reader is kept where the log
// ended one step before, and the next step ends there.
//
// A log that is written all the time can't begin anew by itself, since there is
// always a rest that was not moved. When it is long, what was moved is written to the disk
// little by little, so that commits find it free, and the same again with what came
// meanwhile. Then the reader goes. The last rest is moved by the lane, after its next
// commit, and takes as long as a few commits.
type checkpointer struct {
	db     *sql.DB       // two connections, one of which is reader's
	reader *sql.Conn     // in a transaction that reads; nil while there is none
	file   *os.File      // the database; to close it ends all locks of SQLite on it
	due    chan struct{} // takes a token when a step is due; the next after stepped
	ended  chan struct{} // closed when the goroutine has ended
	stop   context.CancelFunc
	log    *slog.Logger

	stepped chan bool    // takes the token back: whether the lane may move the rest
	pages   atomic.Int64 // how long the log is, at most: it can begin anew unnoticed

	// The lane's:
	asked   bool  // a token is under way
	written int64 // pages since the latest
}

// newCheckpointer starts the goroutine, which close ends.
func newCheckpointer(e *engine, log *slog.Logger) (*checkpointer, error) {
	file, err := os.Open(e.file)
	if err != nil {
		return nil, err
	}
	db, err := e.open(2, writing)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpointer{
		db: db, file: file, log: log, stop: stop,
		due: make(chan struct{}, 1), stepped: make(chan bool, 1), ended: make(chan struct{}),
	}
	go c.run(ctx)
	return c, nil
}

// close ends the goroutine, and its connections.
func (c *checkpointer) close() error {
	c.stop()
	<-c.ended
	return errors.Join(c.leave(), c.db.Close())
}

// release closes the file, after all connections to the database.
func (c *checkpointer) release() error {
	if err := c.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil // it was closed before
}

func (c *checkpointer) run(ctx context.Context) {
	defer close(c.ended)
	for failing := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-c.due:
		}
		all, err := c.work(ctx)
		c.stepped <- all
		if err != nil && !failing && ctx.Err() == nil {
			c.log.Warn("a checkpoint of the database failed; the next ones will do its work", "error", err)
		}
		failing = err != nil
	}
}

// work does what is due, and reports whether all but a rest of the log was moved.
func (c *checkpointer) work(ctx context.Context) (all bool, err error) {
	if c.pages.Load() < logLong {
		return false, c.step(ctx)
	}
	return true, c.moveMost(ctx)
}

// step moves what was in the log at the step before.
func (c *checkpointer) step(ctx context.Context) error {
	if c.reader != nil {
		if err := errors.Join(c.move(ctx), c.leave()); err != nil {
			return err
		}
	}
	return c.stay(ctx)
}

// moveMost moves a long log, and leaves little of it to SQLite's own sync.
func (c *checkpointer) moveMost(ctx context.Context) error {
	for range 2 {
		if err := c.step(ctx); err != nil {
			return err
		}
		if err := writeOut(c.file, c.hurried); err != nil {
			return fmt.Errorf("write the database to the disk: %w", err)
		}
	}
	return errors.Join(c.leave(), c.move(ctx))
}

// hurried reports whether the log may soon be overlong. Then a busy disk is better
// than a lane that waits for it.
func (c *checkpointer) hurried() bool { return c.pages.Load() >= (logLong+logOverlong)/2 }

// checkpoint moves what no reader needs where it is. It returns 1 if others keep it
// from that, how many pages the log has, and how many of these were moved.
const checkpoint = `PRAGMA wal_checkpoint(PASSIVE)`

// move makes one checkpoint.
func (c *checkpointer) move(ctx context.Context) error {
	before := c.pages.Load()
	var busy, pages, moved int64
	err := c.db.QueryRowContext(ctx, checkpoint).Scan(&busy, &pages, &moved)
	if err == nil {
		c.pages.Add(pages - before)
	}
	return err
}

// stay keeps a reader where the log ends now.
func (c *checkpointer) stay(ctx context.Context) error {
	reader, err := c.db.Conn(ctx)
	if err != nil {
		return err
	}
	var rows int
	if _, err = reader.ExecContext(ctx, `BEGIN`); err == nil {
		err = reader.QueryRowContext(ctx, `SELECT COUNT(*) FROM sequence`).Scan(&rows)
	}
	c.reader = reader
	if err != nil {
		err = errors.Join(err, c.leave())
	}
	return err
}

// leave lets the reader go, if there is one.
func (c *checkpointer) leave() error {
	if c.reader == nil {
		return nil
	}
	_, err := c.reader.ExecContext(context.Background(), `ROLLBACK`)
	err = errors.Join(err, c.reader.Close())
	c.reader = nil
	return err
}

// committed follows each commit on the lane's connection.
func (c *checkpointer) committed(conn *connection) error {
	written, err := pagesWritten(conn)
	if err != nil {
		return err
	}
	c.written += written
	pages := c.pages.Add(written)
	if c.asked && (len(c.stepped) > 0 || pages >= logOverlong) {
		c.asked = false
		if all := <-c.stepped; all {
			return c.restart(conn)
		}
	}
	if !c.asked && c.written >= stepPages {
		c.asked, c.written = true, 0
		c.due <- struct{}{}
	}
	return nil
}

// restart moves the rest of a log, for it to begin anew with the next commit. If
// somebody still reads from it, that is tried again some steps later.
func (c *checkpointer) restart(conn *connection) error {
	return conn.execute(checkpoint, nil, func(r row) error {
		var busy, pages, moved int64
		if err := r.Scan(&busy, &pages, &moved); err != nil {
			return err
		}
		if busy == 0 && moved == pages {
			c.pages.Store(0)
		}
		return nil
	})
}

// pagesWritten is how many pages a connection wrote since it was last asked.
func pagesWritten(conn *connection) (pages int64, err error) {
	err = conn.conn.Raw(func(c any) error {
		status, ok := c.(sqlite.DBStatus)
		if !ok {
			return errors.New("the driver does not count pages")
		}
		count, _, err := status.Status(sqlite.DBStatusCacheWrite, true)
		pages = int64(count)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count the pages that were written: %w", err)
	}
	return pages, nil
}
