package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"openkitty/internal/chat"
)

// errClosed answers updates that come after Close.
var errClosed = errors.New("the store is closed")

// Update runs fn in a transaction and returns once that is on disk, or with the
// reason why nothing of it was kept.
//
// Updates of the same key run one after another, in the order they came, and so
// do the functions that they gave to [Tx.AfterCommit]; callers pass the id of
// the channel they write to, or 0. Updates that wait together share one commit,
// but not their fate: one that fails, or panics, undoes itself alone. Those that
// run behind others, by UpdateBehind, keep their order among themselves.
//
// fn may run more than once and must change nothing but through tx, which it
// must not use after it returns. It must not call Update, nor end its goroutine
// (as t.Fatal does).
//
// The context decides until fn runs: at its end Update gives up waiting for
// room in the queue, or fn is not run. Statements under way are not interrupted.
func (s *Store) Update(ctx context.Context, key int64, fn func(tx *Tx) error) error {
	l := s.lane(key)
	return s.update(ctx, l, l.queue, fn)
}

// UpdateBehind is Update for work in the background, which can wait: of all such
// calls one is part of every second commit, if others are waiting, and of each if
// not. Since those share its commit, also those who come while it runs, it should take
// about as long as theirs, which [Store.CommitTime] tells.
func (s *Store) UpdateBehind(ctx context.Context, key int64, fn func(tx *Tx) error) error {
	l := s.lane(key)
	return s.update(ctx, l, l.behind, fn)
}

// CommitTime is how long commits took lately that nothing ran behind, with what was
// done in them; zero if there were none.
func (s *Store) CommitTime(key int64) time.Duration { return time.Duration(s.lane(key).usual.Load()) }

func (s *Store) lane(key int64) *lane { return s.lanes[uint64(key)%uint64(len(s.lanes))] }

func (s *Store) update(ctx context.Context, l *lane, queue chan<- *call, fn func(tx *Tx) error) error {
	s.asked.Add(1)
	c := &call{ctx: ctx, fn: fn, done: make(chan error, 1)}
	if err := l.submit(c, queue); err != nil {
		return err
	}
	return <-c.done
}

// Updates is how many updates were asked for so far. Work in the background sees
// from it whether anybody else writes.
func (s *Store) Updates() int64 { return s.asked.Load() }

// call is an update on its way through a lane.
type call struct {
	ctx  context.Context
	fn   func(tx *Tx) error
	done chan error // takes the answer; never blocks

	// What the last run of fn came to.
	err     error
	after   []func()
	streams []chat.UserID // of which it took numbers
}

// Tx is a transaction: it reads what it wrote, and others see either all of it
// or nothing.
type Tx struct {
	Reader
	lane *lane
	call *call
	now  time.Time
}

// Now is the time of the transaction, in whole microseconds. Later transactions
// of a key have later times, so rows in order of time are in order of commit.
func (tx *Tx) Now() time.Time { return tx.now }

// AfterCommit has fn run once the transaction is on disk, before Update returns.
// It must be quick, since everything later in its lane waits for it, and must
// not call Update.
func (tx *Tx) AfterCommit(fn func()) { tx.call.after = append(tx.call.after, fn) }

// run runs the call's function and turns a panic into an error.
func (c *call) run(tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("an update panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return c.fn(tx)
}
