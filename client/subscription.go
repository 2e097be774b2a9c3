package client

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"openkitty/stomp"
)

// subscription is a topic that the session listens to, under one id for as long
// as the client lives.
type subscription struct {
	id        string
	topic     string
	errors    bool // this is the queue of refusals
	listeners []listener
	ended     atomic.Bool        // its handlers must not run any more
	handled   map[string]*window // what was handled of each stream; the reader's
}

// listener is a handler of one type of event. It is used on the reader's
// goroutine.
type listener struct {
	event string
	read  func(*cursor) (run func()) // a nil run leaves nothing to be done
}

// listen makes a listener whose handler runs in its turn. The listener of a nil
// handler listens to nothing.
func listen[T any, P resourceOf[T]](event string, handler func(T)) listener {
	if handler == nil {
		return listener{}
	}
	return listener{event, func(c *cursor) func() {
		value := new(T)
		P(value).read(c)
		return func() { handler(*value) }
	}}
}

// listenNow makes a listener for the client itself, run by the reader.
func listenNow[T any, P resourceOf[T]](event string, handle func(T)) listener {
	return listener{event, func(c *cursor) func() {
		var value T
		if P(&value).read(c); c.err == nil {
			handle(value)
		}
		return nil
	}}
}

func (c *Client) newSubscription(topic string, listeners ...listener) *subscription {
	return &subscription{id: c.newID(), topic: topic, listeners: listeners}
}

// listening keeps the subscriptions that a handler wants and the server offers.
func listening(subs ...*subscription) []*subscription {
	return slices.DeleteFunc(subs, func(s *subscription) bool {
		wanted := slices.ContainsFunc(s.listeners, func(l listener) bool { return l.event != "" })
		return !wanted || s.topic == ""
	})
}

// call asks for the topic. Its receipt has the id of the subscription, since a
// refusal names either.
func (s *subscription) call() *call {
	header := stomp.Header{field("id", s.id), field("receipt", s.id)}
	if !s.errors {
		header = append(header, field("ack", "client-individual"))
	}
	header = append(header, field("destination", s.topic))
	return &call{id: s.id, kind: forReceipt, frame: stomp.Frame{Command: stomp.Subscribe, Header: header}}
}

// repeats reports whether a durable event was handled before, and takes note of
// it otherwise. The id of a durable event is the name of its stream (a "c" or "u"
// and the number of the channel or user), a hyphen, and its sequence there, as
// "c7-42". Events with other ids are not repeated by the server.
func (s *subscription) repeats(messageID string) bool {
	stream, number, _ := strings.Cut(messageID, "-")
	sequence, err := strconv.ParseUint(number, 10, 64)
	if err != nil || stream == "" || stream[0] != 'c' && stream[0] != 'u' {
		return false
	}
	if _, err := strconv.ParseUint(stream[1:], 10, 64); err != nil {
		return false
	}
	w := s.handled[stream]
	if w == nil {
		if s.handled == nil {
			s.handled = make(map[string]*window, 1)
		}
		w = new(window)
		s.handled[strings.Clone(stream)] = w // not the memory of a whole header
	}
	return w.seen(sequence)
}

// window knows which of the 64 sequences up to the last one were handled. Those
// before count as handled: the server sends in order, or nearly.
type window struct {
	last uint64
	bits uint64 // the lowest is that of last
}

// seen reports whether a sequence was handled, and takes it for handled now.
func (w *window) seen(sequence uint64) bool {
	if sequence > w.last {
		w.bits = w.bits<<(sequence-w.last) | 1
		w.last = sequence
		return false
	}
	bit := uint64(1) << (w.last - sequence) // 0 from 64 on
	before := bit == 0 || w.bits&bit != 0
	w.bits |= bit
	return before
}

// subscribe starts subscriptions and waits until the server has them. If it
// fails, none is left.
func (c *Client) subscribe(ctx context.Context, subs ...*subscription) error {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	connection, err := c.register(ctx, subs)
	if err != nil {
		return err
	}
	calls := make([]*call, len(subs))
	for i, sub := range subs {
		calls[i] = sub.call()
	}
	if err := c.ask(ctx, connection, calls...); err != nil {
		c.unsubscribe(subs...)
		return err
	}
	return nil
}

// unsubscribe ends subscriptions, the last first. Handlers that have not begun
// will not run.
func (c *Client) unsubscribe(subs ...*subscription) {
	connection := c.forget(subs)
	if connection == nil {
		return
	}
	frames := make([]stomp.Frame, 0, len(subs))
	for i := len(subs) - 1; i >= 0; i-- {
		frames = append(frames, stomp.Frame{
			Command: stomp.Unsubscribe,
			Header:  stomp.Header{field("id", subs[i].id)},
		})
	}
	// A connection that fails here has no subscriptions any more.
	_ = connection.out.put(c.ctx, frames...)
}

// acknowledge tells the server that an event was handled. On a connection that
// is gone it does nothing: the event is repeated, and acknowledged then.
func (n *conn) acknowledge(ack, subscription string) {
	_ = n.out.putLazily(context.Background(), stomp.Frame{
		Command: stomp.Ack,
		Header:  stomp.Header{field("id", ack), field("subscription", subscription)},
	})
}
