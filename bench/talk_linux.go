package bench

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// room is a channel, as the load generator knows it: who has which of its
// messages. Messages are told apart by position alone. A channel delivers them
// to everybody in one order, so the nth that a listener gets is the nth of the
// room, and nothing of a delivery has to be parsed.
type room struct {
	listeners int
	window    int // messages that may be under way at once
	sent      int
	done      int             // messages that every listener has
	sentAt    []time.Duration // of the messages under way, by position modulo window
	heardBy   []int           // how many listeners have them
	idle      []*talker
}

func newRoom(listeners, window int) *room {
	return &room{
		listeners: listeners,
		window:    window,
		sentAt:    make([]time.Duration, window),
		heardBy:   make([]int, window),
	}
}

// free reports whether another message may be sent now.
func (r *room) free() bool { return r.sent-r.done < r.window }

// post counts a message that is about to be sent.
func (r *room) post(at time.Duration) {
	r.sentAt[r.sent%r.window] = at
	r.sent++
	if r.listeners == 0 {
		r.done++
	}
}

// hear counts a delivery and returns when its message was sent.
func (r *room) hear(p *peer) (sentAt time.Duration, err error) {
	if p.heard >= r.sent {
		return 0, fmt.Errorf("a listener received %d messages of a room where %d were sent", p.heard+1, r.sent)
	}
	slot := p.heard % r.window
	p.heard++
	if r.heardBy[slot]++; r.heardBy[slot] == r.listeners {
		r.heardBy[slot] = 0
		r.done++
	}
	return r.sentAt[slot], nil
}

// talker sends the messages of one connection, each after the one before was
// acknowledged.
type talker struct {
	peer    *peer
	frame   *sendFrame
	sentAt  time.Duration
	waiting bool // for an acknowledgement
}

// conversation lets the talkers of a crowd talk.
//
// Without a rate everybody sends the next message as soon as the one before is
// acknowledged and the room's window has space. With one, messages are due at
// even intervals whatever the server does; latency counts from when a message
// was due, so a stall shows in every message that it delayed.
type conversation struct {
	loop      *loop
	rooms     []*room
	rate      float64    // messages a second of all talkers; 0: as many as possible
	surviving *survivors // nil if lost connections are an error
	answer    string     // the command by which each delivery is answered; empty for none

	started time.Time
	due     int // messages that the rate has asked for so far
	turns   []*talker
	stopped bool

	*tally
}

// survivors is the account of a conversation in which the server may end.
type survivors struct {
	texts        *bufio.Writer // gets that of each acknowledged message
	acknowledged int
	lost         int // connections
}

// tally is what happened since it was last reset.
type tally struct {
	acknowledgements, deliveries int64
	deliveryBytes                int64 // of the frames of the deliveries, on the wire
	receipts, arrivals           latencies
}

// start gives every talker a first turn.
func (c *conversation) start() {
	c.loop.receive, c.loop.lose = c.receive, c.lose
	c.tally = &tally{}
	c.started = time.Now()
	c.loop.now = c.started
	for _, r := range c.rooms {
		if c.rate > 0 {
			c.turns = append(c.turns, r.idle...)
			r.idle = nil
		}
	}
}

// talkFor lets the conversation go on for a time, or until nobody is left.
func (c *conversation) talkFor(ctx context.Context, d time.Duration) error {
	end := time.Now().Add(d)
	return c.loop.run(func() (time.Duration, error) {
		if err := cmp.Or(ctx.Err(), c.surviving.flush()); err != nil || c.loop.open == 0 {
			return -1, err
		}
		left := end.Sub(c.loop.now)
		if left < 0 {
			return -1, nil
		}
		wait, err := c.prompt()
		return min(wait, left), err
	})
}

// finish waits until everything sent has been acknowledged and delivered.
func (c *conversation) finish(ctx context.Context) error {
	c.stopped = true
	end := time.Now().Add(patience)
	return c.loop.run(func() (time.Duration, error) {
		missing := c.underWay()
		switch {
		case missing == 0 || c.loop.open == 0 || ctx.Err() != nil:
			return -1, ctx.Err()
		case c.loop.now.After(end):
			return -1, fmt.Errorf("%d messages were not acknowledged, or not delivered to everybody, within %v", missing, patience)
		}
		return 10 * time.Millisecond, nil
	})
}

// underWay counts the messages that somebody still waits for.
func (c *conversation) underWay() (n int) {
	for _, p := range c.loop.peers {
		if p.talker != nil && p.talker.waiting && p.fd >= 0 {
			n++
		}
	}
	for _, r := range c.rooms {
		if c.surviving == nil {
			n += r.sent - r.done
		}
	}
	return n
}

// prompt sends what may be sent now, and says when it has to be called again.
func (c *conversation) prompt() (time.Duration, error) {
	if c.rate == 0 {
		for _, r := range c.rooms {
			if err := c.continueRoom(r); err != nil {
				return 0, err
			}
		}
		return time.Hour, nil
	}
	for {
		at := time.Duration(float64(c.due) / c.rate * float64(time.Second))
		if wait := at - c.loop.now.Sub(c.started); wait > 0 {
			return wait, nil
		}
		turn := slices.IndexFunc(c.turns, func(t *talker) bool { return t.peer.room.free() })
		if turn < 0 {
			return time.Hour, nil // late: what arrives next may let somebody talk
		}
		t := c.turns[turn]
		c.turns = slices.Delete(c.turns, turn, turn+1)
		c.due++
		if err := c.send(t, at); err != nil {
			return 0, err
		}
	}
}

func (c *conversation) continueRoom(r *room) error {
	for len(r.idle) > 0 && r.free() && !c.stopped {
		t := r.idle[0]
		r.idle = slices.Delete(r.idle, 0, 1)
		if err := c.send(t, c.loop.now.Sub(c.started)); err != nil {
			return err
		}
	}
	return nil
}

func (c *conversation) send(t *talker, at time.Duration) error {
	if t.peer.fd < 0 {
		return nil // lost while it waited for its turn
	}
	t.sentAt, t.waiting = at, true
	t.peer.room.post(at)
	return c.loop.write(t.peer, t.frame.next())
}

func (c *conversation) receive(p *peer, payload []byte) error {
	switch kindOf(payload) {
	case deliveryPayload:
		if c.answer != "" {
			if err := c.loop.write(p, responseTo(payload, c.answer)); err != nil {
				return err
			}
		}
		return c.deliver(p, len(payload))
	case receiptPayload:
		return c.acknowledge(p.talker)
	case refusalPayload:
		return fmt.Errorf("the server refused: %s", payload)
	}
	return nil
}

func (c *conversation) deliver(p *peer, size int) error {
	if p.room == nil || !p.listens {
		return errors.New("a message arrived where none was asked for")
	}
	sentAt, err := p.room.hear(p)
	c.deliveries++
	c.deliveryBytes += int64(frameSize(size))
	c.arrivals.add(c.loop.now.Sub(c.started) - sentAt)
	return err
}

func (c *conversation) acknowledge(t *talker) error {
	if t == nil || !t.waiting {
		return errors.New("a receipt arrived that was not asked for")
	}
	t.waiting = false
	c.acknowledgements++
	c.receipts.add(c.loop.now.Sub(c.started) - t.sentAt)
	if c.rate > 0 {
		c.turns = append(c.turns, t)
	} else {
		t.peer.room.idle = append(t.peer.room.idle, t)
	}
	if c.surviving == nil {
		return nil
	}
	c.surviving.acknowledged++
	_, err := fmt.Fprintln(c.surviving.texts, t.frame.text())
	return err
}

// flush lets others see the texts. It is called between the arrivals.
func (s *survivors) flush() error {
	if s == nil {
		return nil
	}
	return s.texts.Flush()
}

func (c *conversation) lose(_ *peer, err error) error {
	if c.surviving == nil {
		return fmt.Errorf("a connection was lost: %w", err)
	}
	c.surviving.lost++
	return nil
}
