package client

import (
	"cmp"
	"log/slog"

	"openkitty/stomp"
)

// incoming is what the client needs of a MESSAGE.
type incoming struct {
	subscription, ack, messageID string
	receiptID, subscriptionID    string // what it answers
	body                         []byte
}

// receive reads until the connection ends, and returns why.
func (c *Client) receive(connection *conn) error {
	for {
		message, err := connection.read()
		if err != nil {
			return err
		}
		for len(message) > 0 {
			var frame stomp.Frame
			if frame, message, err = (stomp.Limits{}).Decode(message); err != nil {
				return err
			}
			if err := c.handle(connection, frame); err != nil {
				return err
			}
		}
	}
}

// handle serves one frame. Its error ends the connection.
func (c *Client) handle(connection *conn, frame stomp.Frame) error {
	switch frame.Command {
	case stomp.Message:
		c.handleMessage(connection, readIncoming(frame))
	case stomp.Receipt:
		c.lags(frame)
		if asked := c.take(frame.Header.Get("receipt-id"), forReceipt); asked != nil {
			asked.done(nil)
		}
	case stomp.Error:
		return readError(frame.Body)
	}
	return nil // heart-beats, and commands of later versions
}

func readIncoming(frame stomp.Frame) incoming {
	m := incoming{body: frame.Body}
	for _, f := range frame.Header {
		switch f.Name {
		case "subscription":
			m.subscription = f.Value
		case "ack":
			m.ack = f.Value
		case "message-id":
			m.messageID = f.Value
		case "receipt-id":
			m.receiptID = f.Value
		case "subscription-id":
			m.subscriptionID = f.Value
		}
	}
	return m
}

func (c *Client) handleMessage(connection *conn, m incoming) {
	if asked := c.take(m.subscription, forRelay); asked != nil {
		asked.answer(readEnvelope(m.body).resource)
		return
	}
	sub := c.subscription(m.subscription)
	if sub != nil && sub.errors {
		c.handleRefusal(m)
		return
	}
	body := readEnvelope(m.body)
	if asked := c.take(m.receiptID, forEvent); asked != nil {
		asked.answer(body.resource)
	}
	if sub != nil && !c.handleDelivery(connection, sub, m, body) { // it has not ended meanwhile
		c.handleEvent(connection, sub, m, body)
	}
}

// handleRefusal fails the call that the server refused. A refusal of what
// nobody awaits any more is dropped.
func (c *Client) handleRefusal(m incoming) {
	if asked := c.take(cmp.Or(m.receiptID, m.subscriptionID), forRefusal); asked != nil {
		asked.done(readError(m.body))
	}
}

// handleEvent queues an event for its handler.
func (c *Client) handleEvent(connection *conn, sub *subscription, m incoming, body envelope) {
	e := event{sub: sub, conn: connection, ack: m.ack}
	c.arrived(sub, m.messageID)
	for _, l := range sub.listeners {
		if l.event == "" || l.event != string(body.event) || sub.repeats(m.messageID) {
			continue
		}
		resource := cursor{text: body.resource}
		if e.run = l.read(&resource); resource.err != nil {
			e.run = nil
			c.log.Warn("event unreadable", slog.String("event", l.event),
				slog.String("message", m.messageID), slog.Any("error", resource.err))
		}
	}
	if e.run != nil || e.ack != "" {
		c.events.add(e)
	}
}

// envelope is the body of an event or of the answer to a relay; its parts are
// nil if absent.
type envelope struct {
	event, resource []byte
}

func readEnvelope(body []byte) envelope {
	var e envelope
	c := cursor{text: body}
	c.object(func(key []byte) {
		switch {
		case string(key) == "type" && c.next() == '"':
			quoted := c.quoted()
			e.event = quoted[min(1, len(quoted)):max(len(quoted)-1, 0)]
		case string(key) == "resource" && c.next() == '{':
			e.resource = c.value()
		default:
			c.skip()
		}
	})
	if c.err != nil {
		return envelope{}
	}
	return e
}
