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
	// paceShared is that while others write. It is some three times what a commit
	// costs beside it.
	paceShared = 1600 * time.Microsecond
	// paceRest is the pause after each batch then. Without one, the work and the
	// lane would hand the processor to each other, and where there is only one, a
	// program in Go looks after its connections once in 10 ms only.
	paceRest = time.Millisecond
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
		return paceShared
	}
	return paceAlone
}

func (p *pace) shared() bool { return time.Since(p.others) < paceMemory }

// rest ends a batch. It reports whether the context lasts.
func (p *pace) rest(ctx context.Context) bool {
	if p.shared() {
		return rest(ctx, paceRest)
	}
	return ctx.Err() == nil
}
