package store

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"openkitty/internal/chat"
)

var (
	// errUndo asks for a batch to be run again, each call in a savepoint: one
	// had failed after it wrote, and only the whole could be undone.
	errUndo = errors.New("a call failed after it wrote")
	// errUnknown says that nobody knows: it may be on disk or not.
	errUnknown = fmt.Errorf("the database was lost during the commit: %w", chat.ErrUnsettled)
	// errBegin marks what kept a transaction from starting.
	errBegin = errors.New("begin a transaction")
)

// commit runs a batch and leaves each call with its outcome.
//
// The common batch, in which nobody fails, runs without savepoints: they would
// cost as much as half a message. A batch in which a call fails that has
// already written is undone and run again with them, so bad luck costs its
// neighbours one repetition. If a batch can't be committed as a whole, its
// calls are tried one by one.
//
// It returns the batch with those who joined it.
func (l *lane) commit(batch []*call, behind bool) []*call {
	if len(batch) == 1 && !behind {
		l.each(batch)
		return batch
	}
	batch, err := l.together(batch, behind)
	if errors.Is(err, errUndo) {
		err = l.transact(batch, true)
	}
	switch {
	case err == nil:
		l.each(l.losers(batch))
	case errors.Is(err, errBegin), errors.Is(err, errUnknown):
		for _, c := range batch {
			l.fail(c, err)
		}
	default:
		l.each(batch)
	}
	return batch
}

// together runs a batch in one transaction, as transact does. If its last call is one
// from behind, those who came while that ran join the batch, up to batchMax more: they
// would wait for its commit, and then for one of their own.
func (l *lane) together(batch []*call, behind bool) ([]*call, error) {
	if err := l.begin(batch); err != nil {
		return batch, err
	}
	err := l.attemptAll(batch, false)
	if err == nil && behind {
		late := l.take(nil)
		batch = append(batch, late...)
		err = l.attemptAll(late, false)
	}
	if err != nil {
		return batch, err
	}
	return batch, l.finish()
}

// losers returns the calls of a committed batch that lost a conflict inside it,
// and moves them to its end: what is committed last is announced last.
func (l *lane) losers(batch []*call) []*call {
	if !slices.ContainsFunc(batch, func(c *call) bool { return l.lost(c.err) }) {
		return nil
	}
	var kept, lost []*call
	for _, c := range batch {
		if l.lost(c.err) {
			lost = append(lost, c)
		} else {
			kept = append(kept, c)
		}
	}
	copy(batch, slices.Concat(kept, lost))
	return lost
}

// each runs calls one by one.
func (l *lane) each(calls []*call) {
	for i, c := range calls {
		err := l.alone(c)
		if errors.Is(err, errBegin) {
			// Every further attempt could last as long.
			for _, c := range calls[i+1:] {
				c.err = nil
				l.fail(c, err)
			}
			return
		}
	}
}

// alone runs a call in a transaction of its own, again while it loses conflicts
// or its connection. The error is the last transaction's.
func (l *lane) alone(c *call) error {
	var err error
	for range attemptsMax {
		if err = l.transact([]*call{c}, false); err == nil {
			break
		}
		if !errors.Is(err, errUndo) {
			l.fail(c, err)
		}
		if errors.Is(err, errBegin) || errors.Is(err, errUnknown) || !l.lost(c.err) {
			break
		}
	}
	return err
}

// lost reports whether a call that was undone for this reason may well succeed
// when it is run again: a conflict went against it, or its connection broke.
func (l *lane) lost(reason error) bool {
	return reason != nil && (l.engine.transient(reason) || l.conn == nil)
}

// fail gives a call the reason why nothing of it was kept, unless it has a
// better one of its own.
func (l *lane) fail(c *call, err error) {
	if c.err == nil {
		c.err = err
	}
	l.discard(c)
}

// discard forgets what was to follow a run of a call of which nothing is kept.
func (l *lane) discard(c *call) {
	c.after = nil
	l.turns.leave(c)
}

// transact runs calls in one transaction. If it returns an error, nothing was
// kept, except that with errUnknown it may have been.
func (l *lane) transact(batch []*call, savepoints bool) error {
	if err := l.begin(batch); err != nil {
		return err
	}
	if err := l.attemptAll(batch, savepoints); err != nil {
		return err
	}
	return l.finish()
}

// begin begins the transaction of a batch.
func (l *lane) begin(batch []*call) error {
	err := l.start()
	if err != nil {
		for _, c := range batch {
			c.err = nil
		}
	}
	return err
}

// attemptAll runs calls inside the transaction. An error means that it was undone.
func (l *lane) attemptAll(calls []*call, savepoints bool) error {
	for _, c := range calls {
		if err := l.attempt(c, savepoints); err != nil {
			l.rollback()
			return err
		}
	}
	return nil
}

// start begins a transaction, on a new connection if the old one is lost.
func (l *lane) start() error {
	var err error
	for range 2 {
		if err = l.connect(); err != nil {
			break
		}
		if err = l.conn.execute(l.engine.begin, nil, nil); err == nil {
			return nil
		}
		l.disconnect()
	}
	return fmt.Errorf("%w: %w", errBegin, err)
}

// attempt runs a call inside the transaction. An error means that the
// transaction is spoilt, not that the call failed.
func (l *lane) attempt(c *call, savepoint bool) error {
	l.discard(c)
	c.err = c.ctx.Err()
	if c.err != nil {
		return nil
	}
	if savepoint {
		if err := l.conn.execute(`SAVEPOINT update_call`, nil, nil); err != nil {
			return err
		}
	}
	l.conn.forget()
	c.err = c.run(&Tx{Reader: Reader{db: l.conn}, lane: l, call: c, now: l.tick()})
	if c.err == nil {
		// On PostgreSQL a failed statement dooms the transaction, whatever
		// the function made of it.
		c.err = l.conn.failed
	}
	return l.settle(c, savepoint)
}

// settle keeps what a call did, or undoes it.
func (l *lane) settle(c *call, savepoint bool) error {
	spoilt := c.err != nil && (l.conn.wrote || l.conn.failed != nil)
	if c.err != nil {
		l.discard(c)
	}
	if spoilt && !savepoint {
		return errUndo
	}
	if spoilt {
		l.ids = idBlock{}
		if err := l.conn.execute(`ROLLBACK TO SAVEPOINT update_call`, nil, nil); err != nil {
			return err
		}
	}
	if savepoint {
		return l.conn.execute(`RELEASE SAVEPOINT update_call`, nil, nil)
	}
	return nil
}

// finish commits.
func (l *lane) finish() error {
	err := l.conn.execute(`COMMIT`, nil, nil)
	if err == nil {
		return nil
	}
	if l.engine.undone(err) {
		l.rollback()
		return fmt.Errorf("commit: %w", err)
	}
	l.disconnect()
	return fmt.Errorf("%w: %w", errUnknown, err)
}

// rollback undoes the transaction, by closing the connection if need be.
func (l *lane) rollback() {
	l.ids = idBlock{}
	if err := l.conn.execute(`ROLLBACK`, nil, nil); err != nil {
		l.disconnect()
	}
}

// tick is the time of a new transaction, later than that of the one before.
func (l *lane) tick() time.Time {
	now := time.Now().UTC().Truncate(time.Microsecond)
	if !now.After(l.last) {
		now = l.last.Add(time.Microsecond)
	}
	l.last = now
	return now
}
