package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// queueMax is how many updates may wait for a lane; further ones wait for
	// room until their context ends.
	queueMax = 4096
	// behindMax is that for updates of the background.
	behindMax = 64
	// batchMax is how many updates share a commit.
	batchMax = 512
	// committedMax is how many committed batches may wait to be announced; the
	// lane waits when there are more.
	committedMax = 4
	// attemptsMax is how often an update runs alone that loses conflicts with
	// other transactions.
	attemptsMax = 5
)

// lane runs updates one after another on a connection of its own, and commits
// together those that wait together: that is what makes a sync to disk for
// every acknowledged update affordable. While it commits a batch, the one
// before is announced and answered.
//
// Work in the background has a queue of its own. One call of it joins a batch, and
// not the next one if others wait; those who come while it runs join its batch too.
// So they wait for one of them at most, and the work goes on however many come.
type lane struct {
	engine      *engine
	db          *sql.DB
	turns       *turns        // of all lanes
	checkpoints *checkpointer // nil where the database needs none
	metrics     *metrics
	log         *slog.Logger

	gate   sync.RWMutex // held shared while submitting
	closed bool

	queue     chan *call   // capacity queueMax
	behind    chan *call   // capacity behindMax; of the background
	committed chan []*call // capacity committedMax

	usual atomic.Int64 // how long a commit took lately, in nanoseconds; without calls from behind

	// The goroutine of commitAll owns what follows.
	conn *connection // nil while there is none
	ids  idBlock
	last time.Time // of the latest transaction
}

func newLane(e *engine, db *sql.DB, t *turns, c *checkpointer, m *metrics, log *slog.Logger) *lane {
	return &lane{
		engine: e, db: db, turns: t, checkpoints: c, metrics: m, log: log,
		queue:     make(chan *call, queueMax),
		behind:    make(chan *call, behindMax),
		committed: make(chan []*call, committedMax),
	}
}

// submit puts a call into one of the queues, waiting for room while its context
// lasts.
func (l *lane) submit(c *call, queue chan<- *call) error {
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		return errClosed
	}
	select {
	case queue <- c:
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// close lets nothing more in. The lane ends when its queues are empty.
func (l *lane) close() {
	l.gate.Lock()
	defer l.gate.Unlock()
	if !l.closed {
		l.closed = true
		close(l.queue)
		close(l.behind)
	}
}

// commitAll serves the queues until they are closed and empty.
func (l *lane) commitAll() {
	defer close(l.committed)
	for batch, behind := l.next(false); len(batch) > 0; batch, behind = l.next(behind) {
		started := time.Now()
		batch = l.commit(batch, behind)
		took := time.Since(started)
		l.metrics.commit(len(batch), took)
		if !behind {
			usual := l.usual.Load()
			l.usual.Store(usual + (int64(took)-usual)/16)
		}
		l.committed <- batch
		l.afterCommit()
	}
}

// next waits for a batch, which is empty at the end, and reports whether a call from
// behind is in it. If there was one in the batch before, others go first.
func (l *lane) next(before bool) (batch []*call, behind bool) {
	var first, last *call
	if before {
		select {
		case first = <-l.queue:
		default:
		}
	}
	if first == nil {
		select {
		case first = <-l.queue:
		case last = <-l.behind:
		}
	}
	if first == nil && last == nil { // one of them is closed, and so is the other
		first, last = <-l.queue, <-l.behind
	}
	if first == nil && last == nil {
		return nil, false
	}
	// The first waiting call wakes the lane: let those that run beside it arrive
	// too, or it is committed nearly alone.
	runtime.Gosched()
	batch = l.take(first)
	if last == nil && !before {
		select {
		case last = <-l.behind:
		default:
		}
	}
	if last != nil {
		batch = append(batch, last)
	}
	return batch, last != nil
}

// take collects the calls that are waiting, behind the first if there is one.
func (l *lane) take(first *call) []*call {
	batch := make([]*call, 0, min(len(l.queue), batchMax)+2)
	if first != nil {
		batch = append(batch, first)
	}
	for len(batch) < batchMax {
		select {
		case c := <-l.queue:
			if c == nil { // it is closed
				return batch
			}
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// afterCommit lets the database's log be moved.
func (l *lane) afterCommit() {
	if l.checkpoints == nil || l.conn == nil {
		return
	}
	if err := l.checkpoints.committed(l.conn); err != nil {
		l.log.Warn("looking after the database's log failed", "error", err)
	}
}

// announceAll runs what was to run after each commit, in the order of commits
// and of the numbers in users' streams, and answers the callers.
func (l *lane) announceAll() {
	for batch := range l.committed {
		for _, c := range batch {
			l.turns.await(c)
			for _, fn := range c.after {
				l.announce(c.ctx, fn)
			}
			l.turns.leave(c)
			c.done <- c.err
		}
	}
}

// announce survives a panic: the commit has happened and must be answered.
func (l *lane) announce(ctx context.Context, fn func()) {
	defer func() {
		if p := recover(); p != nil {
			l.log.ErrorContext(ctx, "a function after commit panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	fn()
}

// connect takes a connection from the pool.
func (l *lane) connect() error {
	if l.conn != nil {
		return nil
	}
	conn, err := l.db.Conn(context.Background())
	if err != nil {
		return fmt.Errorf("connect to the %s database: %w", l.engine.name, err)
	}
	l.conn = newConnection(conn, l.engine.unnamed)
	return nil
}

// disconnect drops a connection that can't be trusted any more, with the
// transaction on it.
func (l *lane) disconnect() {
	if l.conn == nil {
		return
	}
	l.ids = idBlock{}
	// An error means that it is closed already.
	_ = l.conn.conn.Raw(func(any) error { return driver.ErrBadConn })
	l.conn = nil
}
