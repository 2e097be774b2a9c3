package client

import (
	"slices"
	"sync"
)

// event is something for a handler, and its acknowledgement.
type event struct {
	run  func()        // nil if only the acknowledgement is due
	sub  *subscription // nil if the event came from no subscription
	conn *conn         // where to acknowledge
	ack  string        // empty if no acknowledgement is wanted
}

// handle runs the handler unless its subscription has ended, then acknowledges.
func (e event) handle() {
	if e.run != nil && (e.sub == nil || !e.sub.ended.Load()) {
		e.run()
	}
	if e.ack != "" {
		e.conn.acknowledge(e.ack, e.sub.id)
	}
}

// queueKept is how many events' room an empty queue keeps.
const queueKept = 32

// queue runs handlers one at a time and in order. Its goroutine runs only while
// there are events, and ends after the last one.
type queue struct {
	limit int // of events that wait

	mu      sync.Mutex
	room    sync.Cond // there is room, or the queue is stopped
	events  []event
	head    int // where those begin that wait
	running bool
	stopped bool
}

func newQueue(limit int) *queue {
	q := &queue{limit: limit}
	q.room.L = &q.mu
	return q
}

// add puts an event at the end. It waits while the queue is full, and drops the
// event if the queue is stopped.
func (q *queue) add(e event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.events)-q.head >= q.limit && !q.stopped {
		q.room.Wait()
	}
	if !q.stopped {
		q.push(e)
	}
}

func (q *queue) push(e event) {
	q.events = append(q.events, e)
	if !q.running {
		q.running = true
		go q.drain()
	}
}

// stop refuses further events, after a last one. Those that wait are handled
// before it, or dropped.
func (q *queue) stop(last event, drop bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return
	}
	q.stopped = true
	if drop {
		q.events, q.head = nil, 0
	}
	q.push(last)
	q.room.Broadcast()
}

// drain is the goroutine of the handlers.
func (q *queue) drain() {
	for {
		e, found := q.next()
		if !found {
			return
		}
		e.handle()
	}
}

func (q *queue) next() (e event, found bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.head == len(q.events) {
		q.running = false
		q.events, q.head = q.events[:0], 0
		if cap(q.events) > queueKept {
			q.events = nil
		}
		return event{}, false
	}
	e, q.events[q.head] = q.events[q.head], event{}
	q.head++
	if q.head > q.limit { // never empty, so make room at the front
		q.events, q.head = slices.Delete(q.events, 0, q.head), 0
	}
	q.room.Signal()
	return e, true
}
