package gateway

import (
	"slices"
	"sync"

	"openkitty/internal/broker"
)

// expulsions ends the chat sessions of those who may no longer follow a channel.
//
// That a follower is at its end is found by the worker that delivers the event
// that says so, so that it hears everything before and nothing after. What is
// left to do publishes an event of its own, for which a worker must not wait; so
// a goroutine of the hub does it.
type expulsions struct {
	mu      sync.Mutex
	waiting []*follower // each follower at most once, so bounded by their number
	wake    chan struct{}
}

func (x *expulsions) add(f *follower) {
	x.mu.Lock()
	x.waiting = append(x.waiting, f)
	x.mu.Unlock()
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// run works until done is closed. What waits then needs no end: all sessions are
// ending.
func (x *expulsions) run(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-x.wake:
		}
		x.mu.Lock()
		waiting := x.waiting
		x.waiting = nil
		x.mu.Unlock()
		for _, f := range waiting {
			f.session.expel(f)
		}
	}
}

// expel ends what the session takes part in by a follower that was ended, unless
// the session itself is about to.
func (s *session) expel(f *follower) {
	s.mu.Lock()
	i := slices.Index(s.follows, f)
	if i >= 0 {
		s.follows = slices.Delete(s.follows, i, i+1)
	}
	s.mu.Unlock()
	if i >= 0 {
		s.unfollow(f)
	}
}

// ends reports whether a user may not follow the topic after this event.
func (e *event) ends(user int64) bool {
	return e.Ends == broker.Everybody || e.Ends != 0 && e.Ends == user
}
