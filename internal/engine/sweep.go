package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

const (
	// sweepPause is the time from the end of one sweep to the next.
	sweepPause = 10 * time.Minute
	// sweepRows is about how many rows one transaction of a sweep removes, of each
	// table: a few milliseconds' work.
	sweepRows = 100
	// sweepMessages is how many messages one transaction deletes for their age:
	// each takes as much as if its author deleted it.
	sweepMessages = 20
	// sweepShare is how many times the duration of each transaction the sweep rests
	// after it: it takes a fifth of the time of the lane that it shares with all
	// others.
	sweepShare = 4
	// sweepPage is how many channels or users are looked at with one query.
	sweepPage = 500
	// sweepFailures is after how many failures the rest of a walk is left to the next
	// sweep.
	sweepFailures = 10
)

// sweeper removes what is past its retention, and what deleted channels left. It
// keeps no account of where it was: what is gone is not found again, so a sweep
// that was cut short begins anew. Several nodes may sweep at once.
type sweeper struct {
	engine  *Engine
	cancel  context.CancelFunc // nil until it runs
	running sync.WaitGroup
	swept   *prometheus.CounterVec
}

func newSweeper(e *Engine, registry prometheus.Registerer) (*sweeper, error) {
	s := &sweeper{engine: e, swept: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "openkitty_swept_total",
		Help: "What was removed in the background: messages past their retention, rows that deleted channels and messages left, entries of the change log past theirs, sessions that nobody can resume, keys of messages, answers to requests under a key.",
	}, []string{"what"})}
	if registry == nil {
		return s, nil
	}
	return s, registry.Register(s.swept)
}

// StartSweeping removes in the background, from now on until Close, what is past
// the retention that the settings of each application say, what deleted channels
// left behind, and bytes that belong to no file. It is called at most once.
func (e *Engine) StartSweeping() {
	ctx, cancel := context.WithCancel(context.Background())
	e.sweeper.cancel = cancel
	e.sweeper.running.Go(func() { e.sweeper.run(ctx) })
	e.sweeper.running.Go(func() { e.sweepAllFiles(ctx) })
}

func (s *sweeper) close() {
	if s.cancel == nil {
		return
	}
	s.cancel()
	s.running.Wait()
}

// run sweeps until the context ends.
func (s *sweeper) run(ctx context.Context) {
	for {
		if err := s.sweep(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.engine.log.Error("sweep", "error", err)
		}
		if !rest(ctx, sweepPause) {
			return
		}
	}
}

// rest waits, and reports whether there is still something to wait for.
func rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Sweep removes, once, what is past its retention at a time.
func (e *Engine) Sweep(ctx context.Context, at time.Time) error { return e.sweeper.sweep(ctx, at) }

// sweep goes through everything once. What fails at one point keeps nothing else
// from its turn.
func (s *sweeper) sweep(ctx context.Context, at time.Time) error {
	apps, err := s.engine.store.Applications(ctx)
	if err != nil {
		return err
	}
	for _, app := range apps {
		s.engine.erasures.begin(app.ID) // what failed, or was cut short by the end of a server
	}
	began := time.Now()
	w := &sweep{sweeper: s, cutoffs: make(map[chat.ApplicationID]cutoffs, len(apps)), count: map[string]int{}}
	for _, app := range apps {
		w.cutoffs[app.ID] = cutoffs{cutoff(app.Settings.MessageRetention, at), cutoff(app.Settings.ChangeRetention, at)}
	}
	reader := s.engine.store.Reader
	err = errors.Join(
		walk(ctx, reader.DeletedChannels, func(d store.DeletedChannel) chat.ChannelID { return d.ID }, w.deletedChannel),
		walk(ctx, reader.ChannelAges, func(a store.ChannelAge) chat.ChannelID { return a.ID }, w.channel),
		walk(ctx, reader.UserAges, func(a store.UserAge) chat.UserID { return a.ID }, w.user),
		w.sessions(ctx, at),
		w.requests(ctx, at),
	)
	if len(w.count) > 0 {
		s.engine.log.Info("swept", "messages", w.count["messages"], "leftovers", w.count["leftovers"], "changes", w.count["changes"], "sessions", w.count["sessions"], "answers", w.count["answers"],
			"took", time.Since(began).Round(time.Millisecond).String())
	}
	return err
}

// walk reads a list page by page, and has each of its items seen to.
func walk[T any, ID ~int64](
	ctx context.Context, read func(context.Context, ID, int) ([]T, error), id func(T) ID, see func(context.Context, T) error,
) error {
	var (
		after  ID
		failed []error
	)
	for {
		items, err := read(ctx, after, sweepPage)
		if err != nil || len(items) == 0 {
			return errors.Join(append(failed, err)...)
		}
		for _, item := range items {
			if err := see(ctx, item); err != nil {
				failed = append(failed, err)
			}
			if ctx.Err() != nil || len(failed) > sweepFailures {
				return errors.Join(failed...)
			}
		}
		after = id(items[len(items)-1])
	}
}

// sweep is one sweep.
type sweep struct {
	*sweeper
	cutoffs map[chat.ApplicationID]cutoffs
	count   map[string]int // what was removed
}

// cutoffs are the times before which things are past their retention.
type cutoffs struct{ messages, changes time.Time }

// cutoff is never, if the retention has no end.
func cutoff(retention time.Duration, now time.Time) time.Time {
	if retention == 0 {
		return time.Time{}
	}
	return now.Add(-retention)
}

func (w *sweep) deletedChannel(ctx context.Context, d store.DeletedChannel) error {
	before := w.cutoffs[d.Application].changes
	if d.Emptied && !d.DeletedAt.Before(before) {
		return nil
	}
	return w.repeat(ctx, d.ID, "leftovers", func(tx *store.Tx) (int, bool, error) {
		return tx.RemoveDeletedChannel(ctx, d.Application, d.ID, before, sweepRows)
	})
}

// channel sweeps one channel. The place of a deleted message stays as long as the
// change log may lead a client there.
func (w *sweep) channel(ctx context.Context, age store.ChannelAge) error {
	before := w.cutoffs[age.Application]
	if isOld(age.Message, before.messages) {
		if err := w.expire(ctx, age.Application, age.ID, before.messages); err != nil {
			return err
		}
	}
	if isOld(age.Place, before.changes) {
		err := w.repeat(ctx, age.ID, "leftovers", func(tx *store.Tx) (int, bool, error) {
			n, err := tx.RemovePlaces(ctx, age.Application, age.ID, before.changes, sweepRows)
			return n, n == 0, err
		})
		if err != nil {
			return err
		}
	}
	if isOld(age.Change, before.changes) {
		return w.forget(ctx, age.Application, chat.Stream{Channel: age.ID}, before.changes)
	}
	return nil
}

func (w *sweep) user(ctx context.Context, age store.UserAge) error {
	before := w.cutoffs[age.Application].changes
	if !isOld(age.Change, before) {
		return nil
	}
	return w.forget(ctx, age.Application, chat.Stream{User: age.ID}, before)
}

// sessions removes sessions that nobody can resume, those that ended long ago, and keys that nobody should
// send again.
func (w *sweep) sessions(ctx context.Context, at time.Time) error {
	for app, before := range w.cutoffs {
		err := errors.Join(
			w.repeat(ctx, 0, "sessions", func(tx *store.Tx) (int, bool, error) {
				n, err := tx.RemoveSessions(ctx, app, before.changes, sweepRows)
				return n, n < sweepRows, err
			}),
			w.repeat(ctx, 0, "sessions", func(tx *store.Tx) (int, bool, error) {
				n, err := tx.ForgetSessions(ctx, app, at.Add(-chat.SessionHistory), sweepRows)
				return n, n < sweepRows, err
			}),
			w.repeat(ctx, 0, "keys", func(tx *store.Tx) (int, bool, error) {
				n, err := tx.RemoveKeys(ctx, app, at.Add(-chat.KeyLife), sweepRows)
				return n, n < sweepRows, err
			}),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// requests forgets the answers to requests that nobody should repeat.
func (w *sweep) requests(ctx context.Context, at time.Time) error {
	return w.repeat(ctx, 0, "answers", func(tx *store.Tx) (int, bool, error) {
		n, err := tx.ForgetRequests(ctx, at.Add(-requestMemory), sweepRows)
		return n, n < sweepRows, err
	})
}

// isOld reports whether there is something, and it is from before a time.
func isOld(oldest, before time.Time) bool { return !oldest.IsZero() && oldest.Before(before) }

// expire deletes the messages of a channel that are past their retention, as if
// their authors did.
func (w *sweep) expire(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, before time.Time) error {
	return w.repeat(ctx, channel, "messages", func(tx *store.Tx) (int, bool, error) {
		// Another node may be at the same.
		if err := tx.LockChannel(ctx, app, channel); err != nil {
			return 0, false, err
		}
		messages, err := tx.ExpiredMessages(ctx, app, channel, before, sweepMessages)
		if err != nil || len(messages) == 0 {
			return 0, true, err
		}
		var events []chat.Event
		for _, message := range messages {
			_, told, err := withdraw(ctx, tx, message, chat.Cause{})
			if err != nil {
				return 0, false, err
			}
			events = append(events, told...)
		}
		tx.AfterCommit(func() { w.engine.announce(events...) })
		last := messages[len(messages)-1]
		return len(messages), len(messages) < sweepMessages, tx.SetExpired(ctx, app, channel, last.CreatedAt)
	})
}

// forget removes the changes of a stream that are past their retention.
func (w *sweep) forget(ctx context.Context, app chat.ApplicationID, stream chat.Stream, before time.Time) error {
	return w.repeat(ctx, stream.Channel, "changes", func(tx *store.Tx) (int, bool, error) {
		n, err := tx.RemoveChanges(ctx, app, stream, before, sweepRows)
		return n, n < sweepRows, err
	})
}

// repeat runs short transactions until one says that it was the last, rests after
// each, and counts what they removed.
func (w *sweep) repeat(ctx context.Context, lane chat.ChannelID, what string, step func(*store.Tx) (int, bool, error)) error {
	for {
		var (
			n    int
			last bool
		)
		began := time.Now()
		err := w.engine.store.Update(ctx, int64(lane), func(tx *store.Tx) (err error) {
			n, last, err = step(tx)
			return err
		})
		if err != nil {
			return err
		}
		if n > 0 {
			w.count[what] += n
			w.swept.WithLabelValues(what).Add(float64(n))
		}
		if !rest(ctx, sweepShare*time.Since(began)) {
			return ctx.Err()
		}
		if last {
			return nil
		}
	}
}
