package engine

import (
	"context"
	"time"

	"openkitty/internal/store"
)

const (
	// paceAlone is how long a batch of work in the background may take while
	// nobody else writes: who comes then waits for it once.
	paceAlone = 8 * time.Millisecond
	// paceShared is that while others write, in commits of theirs, of which it shares
	// every second: where the disk or the processor is slow, or busy, all take longer.
	paceShared = 2
	// paceLeast and paceMost bound that.
	paceLeast = 500 * time.Microsecond
	paceMost  = 2 * time.Millisecond
	// paceRest is how long it rests after each batch then, in parts of the batch:
	// connections are served and read meanwhile.
	paceRest = 0.3
	// paceMemory is how long others count as writing after they did.
	paceMemory = 100 * time.Millisecond
)

// pace says how long the batches of some work may take, and rests between them
// where others write too.
type pace struct {
	store  *store.Store
	seen   int64     // the store's updates when the latest batch began
	others time.Time // when others last wrote
}

// batch begins a batch, and returns how long it may take.
func (p *pace) batch() time.Duration {
	now := p.store.Updates()
	if now-p.seen > 1 { // more than the batch before
		p.others = time.Now()
	}
	p.seen = now
	if p.shared() {
		return min(max(time.Duration(paceShared*float64(p.store.CommitTime(0))), paceLeast), paceMost)
	}
	return paceAlone
}

func (p *pace) shared() bool { return time.Since(p.others) < paceMemory }

// rest ends a batch that took so long. It reports whether the context lasts.
func (p *pace) rest(ctx context.Context, took time.Duration) bool {
	if p.shared() {
		return rest(ctx, time.Duration(paceRest*float64(took)))
	}
	return ctx.Err() == nil
}
