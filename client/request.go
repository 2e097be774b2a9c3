package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"openkitty/stomp"
)

// answerKind says which frame answers a request.
type answerKind int

const (
	forRelay   answerKind = iota // the MESSAGE on the subscription
	forEvent                     // the MESSAGE with the receipt's id
	forReceipt                   // the RECEIPT
	forRefusal                   // a refusal, which answers a call of any kind
)

// call is a frame that is answered.
type call struct {
	id    string // its subscription or its receipt
	kind  answerKind
	frame stomp.Frame
	into  resource    // filled by the reader before done; nil for a receipt
	again bool        // it is asked again on the next connection, if one is lost first
	done  func(error) // runs once, on the client's goroutine
}

// relay reads a resource from where a link leads.
func (c *Client) relay(ctx context.Context, what, destination string, header stomp.Header, into resource) error {
	return c.request(ctx, what, destination, c.relayCall(destination, header, into))
}

func (c *Client) relayCall(destination string, header stomp.Header, into resource) *call {
	id := c.newID()
	header = append(header[:len(header):len(header)], field("id", id), field("destination", destination))
	return &call{id: id, kind: forRelay, again: true, frame: stomp.Frame{Command: stomp.Subscribe, Header: header}, into: into}
}

// act sends a body to where a link leads. A result that is nil expects none.
//
// It is asked again, under the same receipt and key, if the connection is lost
// before it is answered: the server performs it once.
func (c *Client) act(ctx context.Context, what, destination string, body any, result resource) error {
	asked, err := c.action(destination, body, result)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	asked.again = true
	asked.frame.Header = append(asked.frame.Header, field("idempotency-key", c.key+"-"+asked.id))
	return c.request(ctx, what, destination, asked)
}

// show is act for what is about this moment: it fails if the connection is lost,
// rather than being asked again later.
func (c *Client) show(ctx context.Context, what, destination string, body any) error {
	asked, err := c.action(destination, body, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return c.request(ctx, what, destination, asked)
}

func (c *Client) action(destination string, body any, result resource) (*call, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	asked := &call{id: c.newID(), kind: forEvent, into: result}
	if result == nil {
		asked.kind = forReceipt
	}
	asked.frame = stomp.Frame{
		Command: stomp.Send,
		Header: stomp.Header{
			field("destination", destination),
			field("content-type", "application/json;charset=UTF-8"),
			field("receipt", asked.id),
		},
		Body: text,
	}
	return asked, nil
}

func (c *Client) request(ctx context.Context, what, destination string, asked *call) error {
	if destination == "" {
		return fmt.Errorf("%s: %w", what, ErrNotOffered)
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	connection, err := c.connection(ctx, nil)
	for err == nil {
		err = c.ask(ctx, connection, asked)
		if err == nil {
			return nil
		}
		if asked.again && errors.Is(err, ErrDisconnected) {
			connection, err = c.connection(ctx, connection)
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// ask sends calls and waits for all answers, or the first refusal. When it
// fails, what the calls were to fill must not be looked at.
func (c *Client) ask(ctx context.Context, connection *conn, calls ...*call) error {
	answers := make(chan error, len(calls))
	frames := make([]stomp.Frame, len(calls))
	for i, asked := range calls {
		asked.done = func(err error) { answers <- err }
		frames[i] = asked.frame
	}
	c.expect(calls)
	defer c.abandon(calls)
	if err := connection.out.put(ctx, frames...); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", ErrDisconnected, err)
	}
	for range calls {
		select {
		case err := <-answers:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// expect awaits the answers to calls.
func (c *Client) expect(calls []*call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, asked := range calls {
		c.calls[asked.id] = asked
	}
}

// abandon forgets the calls that nobody awaits any more.
func (c *Client) abandon(calls []*call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, asked := range calls {
		if c.calls[asked.id] == asked { // a renewed subscription has the same id
			delete(c.calls, asked.id)
		}
	}
}

// take returns the call that a frame of this kind answers, once, or nil.
func (c *Client) take(id string, kind answerKind) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.calls[id]
	if asked == nil || asked.kind != kind && kind != forRefusal {
		return nil
	}
	delete(c.calls, id)
	return asked
}

// answer ends the call with a resource.
func (a *call) answer(resource []byte) {
	err := errors.New("the server's answer holds no resource")
	if resource != nil {
		err = read(resource, a.into)
	}
	a.done(err)
}
