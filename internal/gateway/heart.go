package gateway

import (
	"runtime/debug"
	"time"

	"github.com/gobwas/ws"
)

// heart sends heart-beats to all sessions, and gives up those that fall silent.
// One goroutine beats for all: a timer a session would cost more memory than
// the session.
type heart struct {
	opened uint64 // sessions that had been opened at the last beat
	tidied uint64 // and when memory was last given back

	stopped chan struct{}
	done    chan struct{}
}

// The heart-beat of STOMP is an end of line ("Heart-beating"). A WebSocket ping
// is answered by every browser, also while the page sleeps.
var (
	lineFeed = append(appendTextHeader(nil, 1), '\n')
	ping     = []byte{0x80 | byte(ws.OpPing), 0}
)

// heartSlots is over how many moments of an interval the beats are spread, so
// that they are not one burst of writes.
const heartSlots = 10

// startHeart beats until stop is called.
func startHeart(g *Gateway) *heart {
	h := &heart{stopped: make(chan struct{}), done: make(chan struct{})}
	go h.run(g)
	return h
}

func (h *heart) run(g *Gateway) {
	defer close(h.done)
	ticker := time.NewTicker(max(g.limits.HeartBeat/heartSlots, time.Millisecond))
	defer ticker.Stop()
	for slot := 0; ; slot = (slot + 1) % heartSlots {
		select {
		case <-h.stopped:
			return
		case <-ticker.C:
		}
		g.hub.eachSessionOf(slot, func(s *session) { s.beat() })
		h.tidy(g.opened.Load())
	}
}

// crowdOfSessions is how many new sessions are worth tidying up after.
const crowdOfSessions = 500

// tidy gives memory back when a rush of new sessions is over. Starting them
// leaves garbage and grown stacks, and sessions at rest allocate nothing, so
// that it would take minutes until the collector came by.
func (h *heart) tidy(opened uint64) {
	if opened == h.opened && opened-h.tidied >= crowdOfSessions {
		h.tidied = opened
		debug.FreeOSMemory()
	}
	h.opened = opened
}

func (h *heart) stop() {
	close(h.stopped)
	<-h.done
}

// beat is called once an interval.
func (s *session) beat() {
	silence := s.silence()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.patience == 0 && !s.beats:
		return // not connected yet, or nothing was agreed on
	case s.patience > 0 && silence > s.patience:
		s.sever("silent: heart-beats and pings went unanswered")
		return
	}
	if s.beats {
		s.write(lineFeed)
	}
	if s.wire.pings() && silence >= s.g.limits.HeartBeat {
		s.write(ping)
	}
}
