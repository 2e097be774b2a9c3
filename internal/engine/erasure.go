package engine

import (
	"context"
	"fmt"
	"sync"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// erasureBatch is how many messages or reactions one transaction erases: each
// takes as much as if its author deleted it.
const erasureBatch = 20

// erasures erases what is noted in the database: of each application one after
// another, whoever asked for it and whether they wait or not. What is gone is not
// found again, so one that was cut short begins anew.
type erasures struct {
	engine  *Engine
	ctx     context.Context // of those that run
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	again   map[chat.ApplicationID]bool // of those whose erasures run: whether to look once more
	waiting map[chat.ApplicationID][]erasureWaiter
}

// erasureWaiter waits for the end of an erasure.
type erasureWaiter struct {
	user chat.UserID
	done chan error // capacity 1
}

func newErasures(e *Engine) *erasures {
	ctx, cancel := context.WithCancel(context.Background())
	return &erasures{
		engine: e, ctx: ctx, cancel: cancel, again: map[chat.ApplicationID]bool{}, waiting: map[chat.ApplicationID][]erasureWaiter{},
	}
}

// DeleteMessages deletes every message that the application has now, for
// everybody. Those who chat see them go one by one. It returns when that is done;
// that it is to be done is on disk before, and goes on without the caller.
func (e *Engine) DeleteMessages(ctx context.Context, actor chat.Actor) error {
	err := e.store.Update(ctx, 0, func(tx *store.Tx) error {
		_, err := tx.NoteErasure(ctx, actor.Application, 0)
		return err
	})
	if err != nil {
		return err
	}
	return e.erasures.await(ctx, actor.Application, 0)
}

// EraseUser deletes a user, who may be deleted already, together with what the
// user wrote: messages, reactions and reports. It returns as DeleteMessages does.
func (e *Engine) EraseUser(ctx context.Context, actor chat.Actor, id chat.UserID) error {
	note := func(tx *store.Tx) error {
		_, err := tx.NoteErasure(ctx, actor.Application, id)
		return err
	}
	_, err := e.store.User(ctx, actor.Application, id)
	if err == nil {
		err = e.deleteUser(ctx, chat.Actor{Application: actor.Application, User: id}, note)
	}
	if chat.IsKind(err, chat.NotFound) { // or not any more
		err = e.store.Update(ctx, 0, note)
	}
	if err != nil {
		return err
	}
	return e.erasures.await(ctx, actor.Application, id)
}

// await has an application's erasures run, and waits for one that is noted.
func (x *erasures) await(ctx context.Context, app chat.ApplicationID, user chat.UserID) error {
	w := erasureWaiter{user, make(chan error, 1)}
	x.mu.Lock()
	x.waiting[app] = append(x.waiting[app], w)
	x.mu.Unlock()
	x.begin(app)
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-x.ctx.Done():
		return x.ctx.Err()
	}
}

// begin has an application's erasures run.
func (x *erasures) begin(app chat.ApplicationID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, runs := x.again[app]; runs || x.ctx.Err() != nil {
		x.again[app] = true
		return
	}
	x.again[app] = false
	x.running.Go(func() {
		for more := true; more; {
			x.run(app, x.take(app))
			more = x.more(app)
		}
	})
}

// more reports whether to look once more; if not, the application's next erasure
// begins anew.
func (x *erasures) more(app chat.ApplicationID) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.again[app] && x.ctx.Err() == nil {
		x.again[app] = false
		return true
	}
	delete(x.again, app)
	return false
}

// close ends what runs.
func (x *erasures) close() {
	x.mu.Lock()
	x.cancel()
	x.mu.Unlock()
	x.running.Wait()
}

// take returns who waits for something that is noted by now.
func (x *erasures) take(app chat.ApplicationID) []erasureWaiter {
	x.mu.Lock()
	defer x.mu.Unlock()
	waiting := x.waiting[app]
	delete(x.waiting, app)
	return waiting
}

// run goes once through an application's erasures, and answers who waits. What
// fails stays noted, and is tried again with the next sweep.
func (x *erasures) run(app chat.ApplicationID, waiting []erasureWaiter) {
	answer := func(which func(chat.UserID) bool, err error) {
		for _, w := range waiting {
			if which(w.user) {
				select {
				case w.done <- err:
				default: // it was answered
				}
			}
		}
	}
	all := func(chat.UserID) bool { return true }
	for after := chat.UserID(-1); ; {
		next, err := x.engine.store.NextErasure(x.ctx, app, after)
		if err != nil || next == nil {
			answer(all, err) // what is not noted any more is done
			return
		}
		after = next.User
		err = x.erase(x.ctx, *next)
		if err != nil && x.ctx.Err() == nil {
			x.engine.log.Error("erase", "application", app, "user", next.User, "error", err)
		}
		answer(func(user chat.UserID) bool { return user == next.User }, err)
	}
}

// erase does an erasure.
func (x *erasures) erase(ctx context.Context, what store.Erasure) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("an erasure panicked: %v", p)
		}
	}()
	w := &erasing{Erasure: what, engine: x.engine, pace: pace{store: x.engine.store}}
	if what.User == 0 {
		err = w.channels(ctx)
	} else {
		err = w.user(ctx)
	}
	if err != nil {
		return err
	}
	return w.update(ctx, 0, func(tx *store.Tx) error { return tx.EndErasure(ctx, what) })
}
