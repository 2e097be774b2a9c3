package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"openkitty/stomp"
)

// run is the client's goroutine: it reads from one connection after another
// until the client is closed.
func (c *Client) run(connection *conn) {
	defer close(c.done)
	for connection != nil {
		reason := c.receive(connection)
		connection.close()
		c.detach(reason)
		if isFinal(reason) {
			c.shut(reason, false)
			return
		}
		connection = c.reconnect(reason)
	}
}

// detach fails what was in flight on a connection that is gone.
func (c *Client) detach(reason error) {
	c.mu.Lock()
	c.conn = nil
	clear(c.behindBy)
	failed := c.calls
	c.calls = make(map[string]*call)
	c.mu.Unlock()
	for _, waiting := range failed {
		waiting.done(fmt.Errorf("%w: %w", ErrDisconnected, reason))
	}
}

// reconnect connects again, however often it takes. It returns nil once the
// client is closed.
func (c *Client) reconnect(reason error) *conn {
	if c.ctx.Err() != nil {
		return nil
	}
	c.log.Info("connection lost", slog.Any("error", reason))
	c.announce(State{Status: Reconnecting, Reason: reason}, nil)
	for attempt := 0; ; attempt++ {
		select {
		case <-time.After(c.options.Backoff.wait(attempt)):
		case <-c.ctx.Done():
			return nil
		}
		connection, err := c.reopen()
		switch {
		case err == nil:
			return connection
		case isFinal(err):
			c.shut(err, false)
			return nil
		}
		c.log.Debug("not connected again", slog.Int("attempt", attempt+1), slog.Any("error", err))
	}
}

func (c *Client) reopen() (*conn, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.options.Timeout)
	defer cancel()
	connection, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	c.attach(connection).start()
	return connection, nil
}

// attach makes a connection the client's: its subscriptions are renewed before
// any call may use it. It returns what awaits the answers. If the client was
// closed meanwhile, so is the connection.
func (c *Client) attach(connection *conn) *renewal {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed != nil {
		connection.close()
	}
	r := &renewal{client: c, conn: connection}
	var frames []stomp.Frame
	await := func(asked *call, sub *subscription) {
		asked.done = func(err error) { r.answered(asked, sub, err) }
		c.calls[asked.id] = asked
		frames = append(frames, asked.frame)
		r.left++
	}
	for _, sub := range c.subs {
		await(sub.call(), sub)
	}
	if c.user.ID != 0 { // it may have changed meanwhile
		await(c.relayCall(userRelay, nil, &r.user), nil)
	}
	_ = connection.out.put(c.ctx, frames...) // if it fails, the reader ends the connection
	c.session = connection.session
	c.conn = connection
	c.signal()
	return r
}

// renewal awaits the answers to the subscriptions that are made again. It is
// used on the client's goroutine.
type renewal struct {
	client *Client
	conn   *conn
	user   CurrentUser
	left   int         // answers
	late   *time.Timer // announces the connection if an answer stays out; nil before start
}

// start lets the client count as connected once all answers are there, or have
// not come in time.
func (r *renewal) start() {
	r.late = time.AfterFunc(r.client.options.Timeout, r.announce)
}

func (r *renewal) answered(asked *call, sub *subscription, err error) {
	switch {
	case errors.Is(err, ErrDisconnected):
		r.awaited()
		return
	case err != nil && sub != nil:
		r.client.log.Warn("subscription lost", slog.String("topic", sub.topic), slog.Any("error", err))
		r.client.forget([]*subscription{sub})
	case err != nil:
		r.client.log.Warn("user unknown after reconnect", slog.Any("error", err))
	case asked.kind == forRelay:
		r.client.userChanged(r.user)
	}
	if r.left--; r.left == 0 && r.awaited() {
		r.announce()
	}
}

// awaited ends the waiting, and reports whether there was any.
func (r *renewal) awaited() bool { return r.late != nil && r.late.Stop() }

// announce tells that the client is connected, or what it still lacks.
func (r *renewal) announce() {
	state := State{Status: Connected}
	r.client.mu.Lock()
	if len(r.client.behindBy) > 0 {
		state = State{Status: CatchingUp, Behind: r.client.behind()}
	}
	r.client.mu.Unlock()
	r.client.announce(state, r.conn)
}
