package engine

import (
	"context"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// pruneBatch is how many rows one transaction removes at most: everybody's
// writes wait for it.
const pruneBatch = 500

// pruning removes what is past its retention, in the background: changes that
// no client will ask for again, sessions that nobody came back to, and keys of
// messages.
type pruning struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// startPruning prunes until close is called, about thirty times in the time that
// things are kept for, but not more than once a minute.
func startPruning(e *Engine) *pruning {
	ctx, cancel := context.WithCancel(context.Background())
	p := &pruning{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		ticker := time.NewTicker(max(e.limits.Retention/30, time.Minute))
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			if err := e.Prune(ctx, time.Now()); err != nil && ctx.Err() == nil {
				e.log.Error("remove what is past its retention", "error", err)
			}
		}
	}()
	return p
}

func (p *pruning) close() {
	p.cancel()
	<-p.done
}

// Prune removes what is past its retention at a time.
func (e *Engine) Prune(ctx context.Context, now time.Time) error {
	before := now.Add(-e.limits.Retention)
	if err := e.pruneChanges(ctx, before); err != nil {
		return err
	}
	for all := false; !all; {
		err := e.store.Update(ctx, 0, func(tx *store.Tx) (err error) {
			all, err = tx.PruneSessions(ctx, before, now.Add(-chat.KeyLife), pruneBatch)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pruneChanges looks at the oldest change of each stream, and writes only where
// there is something to remove.
func (e *Engine) pruneChanges(ctx context.Context, before time.Time) error {
	for after := int64(0); ; {
		log, err := e.store.NextLog(ctx, after)
		if err != nil || log.Stream == 0 {
			return err
		}
		more := false
		if log.At.Before(before) {
			err = e.store.Update(ctx, log.Stream/2, func(tx *store.Tx) (err error) {
				more, err = tx.PruneLog(ctx, log, before, pruneBatch)
				return err
			})
			if err != nil {
				return err
			}
		}
		if !more {
			after = log.Stream
		}
	}
}
