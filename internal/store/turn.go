package store

import (
	"slices"
	"sync"

	"openkitty/internal/chat"
)

// turns has what happens to a user announced in the order of its numbers, though
// every lane writes to users' streams.
//
// A number is taken under the lock of the user's row, so calls come here in the
// order in which they will be committed. An announcement waits for those of
// earlier commits alone, and the lanes announce in the order of their commits:
// they never wait for each other in a circle. A nil one is that of a single lane,
// which needs none.
type turns struct {
	mu    sync.Mutex
	left  sync.Cond
	taken map[chat.UserID][]*call // calls that are not yet announced, by their numbers
}

func newTurns() *turns {
	t := &turns{taken: map[chat.UserID][]*call{}}
	t.left.L = &t.mu
	return t
}

// take notes that a call has the next numbers of the streams of some users.
func (t *turns) take(c *call, users ...chat.UserID) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, user := range users {
		if !slices.Contains(t.taken[user], c) {
			c.streams = append(c.streams, user)
			t.taken[user] = append(t.taken[user], c)
		}
	}
}

// await waits until nothing is before a call in any of its streams.
func (t *turns) await(c *call) {
	if len(c.streams) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range c.streams {
		for t.taken[s][0] != c {
			t.left.Wait()
		}
	}
}

// leave lets others pass a call that is announced, or undone.
func (t *turns) leave(c *call) {
	if len(c.streams) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range c.streams {
		waiting := slices.DeleteFunc(t.taken[s], func(other *call) bool { return other == c })
		t.taken[s] = waiting
		if len(waiting) == 0 {
			delete(t.taken, s)
		}
	}
	c.streams = nil
	t.left.Broadcast()
}
