package client

import (
	"log/slog"
	"strconv"
	"strings"

	"openkitty/stomp"
)

// What the server says of the delivery itself, on the subscription it is about.
const (
	eventsLost = "delivery.lost"
	caughtUp   = "delivery.caught_up"
)

// lag is how much a subscription lacks after a reconnect.
type lag struct {
	latest uint64 // the change up to which it was behind
	got    uint64 // the latest that has arrived
}

// lags takes note of a receipt that says how far its subscription is behind.
func (c *Client) lags(receipt stomp.Frame) {
	behind, err := strconv.ParseUint(receipt.Header.Get("behind"), 10, 63)
	if err != nil {
		return
	}
	latest, err := strconv.ParseUint(receipt.Header.Get("sequence"), 10, 63)
	if err != nil || latest < behind {
		return
	}
	sub := c.subscription(receipt.Header.Get("receipt-id"))
	if sub == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.behindBy[sub] = &lag{latest: latest, got: latest - behind}
}

// arrived takes note of an event of a subscription that is behind.
func (c *Client) arrived(sub *subscription, messageID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.behindBy[sub]
	if l == nil {
		return
	}
	_, number, _ := strings.Cut(messageID, "-")
	if sequence, err := strconv.ParseUint(number, 10, 63); err == nil && sequence <= l.latest {
		l.got = max(l.got, sequence)
	}
}

// behind is how many changes the client lacks: those of each stream once,
// however many of its subscriptions wait for them. The caller holds the lock.
func (c *Client) behind() int64 {
	streams := make(map[string]uint64, len(c.behindBy))
	for sub, l := range c.behindBy {
		stream, _, _ := strings.Cut(sub.topic, ".")
		streams[stream] = max(streams[stream], l.latest-l.got)
	}
	var changes uint64
	for _, lacking := range streams {
		changes += lacking
	}
	return int64(changes)
}

// handleDelivery serves what the server says of the delivery, and reports
// whether that is what a message is.
func (c *Client) handleDelivery(connection *conn, sub *subscription, m incoming, body envelope) bool {
	e := event{sub: sub, conn: connection, ack: m.ack}
	switch string(body.event) {
	case caughtUp:
		c.events.add(e)
		c.caughtUp(connection, sub)
	case eventsLost:
		lost := EventsLost{Topic: sub.topic}
		resource := cursor{text: body.resource}
		lost.read(&resource)
		c.log.Warn("events lost", slog.String("topic", sub.topic), slog.Int64("from", lost.From), slog.Int64("to", lost.To))
		if handler := c.options.Handlers.OnEventsLost; handler != nil {
			e.run = func() { handler(lost) }
		}
		c.events.add(e)
	default:
		return false
	}
	return true
}

// caughtUp takes note that a subscription lacks nothing any more. After the last,
// the client is connected as before.
func (c *Client) caughtUp(connection *conn, sub *subscription) {
	c.mu.Lock()
	delete(c.behindBy, sub)
	last := len(c.behindBy) == 0 && c.state.Status == CatchingUp
	c.mu.Unlock()
	if last {
		c.announce(State{Status: Connected}, connection)
	}
}
