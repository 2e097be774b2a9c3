package client

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"openkitty/stomp"
)

// closeTimeout bounds how long Close waits for the server's farewell.
const closeTimeout = 2 * time.Second

// errorsQueue is where a session hears what the server refuses.
const errorsQueue = "/user/queue/errors"

// Client is a session of one user. Its methods may be called from any
// goroutine.
type Client struct {
	options    Options
	address    string
	authParams string
	log        *slog.Logger
	web        *http.Client // for files
	events     *queue
	ids        atomic.Uint64
	key        string          // unlike that of any other client
	ctx        context.Context // ends with the client
	cancel     context.CancelFunc
	done       chan struct{} // closed when the client's goroutine has ended

	announcing sync.Mutex // states are announced in the order they come

	mu      sync.Mutex
	state   State
	conn    *conn         // nil while there is none
	changed chan struct{} // closed, and replaced, when conn or closed change
	closed  error         // why calls fail for good; nil while they don't
	session string        // what the server called the session last
	user    CurrentUser
	calls   map[string]*call
	subs    []*subscription // in the order they were made

	behindBy map[*subscription]*lag // what is being made up for
}

// Connect starts a session. The context bounds only the start; the client lives
// until [Client.Close], or until the server refuses it for good. When Connect
// returns, the handlers hear everything that happens from then on. It does not
// try again if the server is not there.
func Connect(ctx context.Context, options Options) (*Client, error) {
	c, err := newClient(options)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	connection, err := c.open(ctx)
	if err != nil {
		c.cancel()
		return nil, fmt.Errorf("connect: %w", err)
	}
	c.attach(connection)
	go c.run(connection) // ends with Close, or after the server's final refusal
	if err := c.start(ctx); err != nil {
		c.end(false)
		return nil, fmt.Errorf("connect: %w", err)
	}
	return c, nil
}

func newClient(options Options) (*Client, error) {
	if err := options.complete(); err != nil {
		return nil, err
	}
	address, err := options.address()
	if err != nil {
		return nil, err
	}
	authParams, err := encodeAuthParams(options.AuthParams)
	if err != nil {
		return nil, err
	}
	c := &Client{
		options:    options,
		address:    address,
		authParams: authParams,
		log:        options.Logger,
		key:        rand.Text(),
		events:     newQueue(options.QueueSize),
		done:       make(chan struct{}),
		changed:    make(chan struct{}),
		calls:      make(map[string]*call),
		behindBy:   make(map[*subscription]*lag),
		web:        options.web(),
		state:      State{Status: Connecting},
	}
	c.subs = []*subscription{{id: c.newID(), topic: errorsQueue, errors: true}}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// start learns who the user is and subscribes what a session listens to.
func (c *Client) start(ctx context.Context) error {
	var user CurrentUser
	if err := c.relay(ctx, "retrieve the current user", userRelay, nil, &user); err != nil {
		return err
	}
	c.userChanged(user)
	if err := c.subscribe(ctx, c.userSubscriptions(user.links.topics)...); err != nil {
		return fmt.Errorf("subscribe to the user's topics: %w", err)
	}
	c.announce(State{Status: Connected}, nil)
	return nil
}

// State returns how the client stands with its server.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := c.state
	if state.Status == CatchingUp {
		state.Behind = c.behind()
	}
	return state
}

// Close ends the session. It waits at most two seconds for the server's
// farewell. No handler starts after it, but for the last OnStateChanged; one
// that runs at the moment is not waited for, so a handler may call Close.
func (c *Client) Close() { c.end(true) }

// end closes the client and waits for its goroutine.
func (c *Client) end(politely bool) {
	if c.shut(nil, true) {
		c.mu.Lock()
		connection := c.conn
		c.mu.Unlock()
		if connection != nil && politely {
			c.sayGoodbye(connection)
		}
		if connection != nil {
			connection.close()
		}
	}
	<-c.done
}

// sayGoodbye lets the server know that the user left, rather than lost its
// connection. What it had to say is of no use if it fails.
func (c *Client) sayGoodbye(connection *conn) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	receipt := c.newID()
	_ = c.ask(ctx, connection, &call{id: receipt, kind: forReceipt, frame: stomp.Frame{
		Command: stomp.Disconnect,
		Header:  stomp.Header{field("receipt", receipt)},
	}})
}

// shut fails all calls from now on, and ends the handlers: after what waits for
// them, or without it. It reports whether the client was open.
func (c *Client) shut(reason error, drop bool) bool {
	c.cancel()
	c.mu.Lock()
	if c.closed != nil {
		c.mu.Unlock()
		return false
	}
	c.closed = ErrClosed
	if reason != nil {
		c.closed = fmt.Errorf("%w: %w", ErrClosed, reason)
	}
	c.signal()
	started := c.state.Status != Connecting
	state := State{Status: Closed, Reason: reason}
	c.state = state
	c.mu.Unlock()
	var last event
	if handler := c.options.Handlers.OnStateChanged; handler != nil && started {
		last.run = func() { handler(state) }
	}
	c.events.stop(last, drop)
	return true
}

// announce enters a state and tells the handler, unless the client is closed or
// has another connection than the state is about, if that is given.
func (c *Client) announce(state State, about *conn) {
	c.announcing.Lock()
	defer c.announcing.Unlock()
	c.mu.Lock()
	if c.closed != nil || about != nil && about != c.conn {
		c.mu.Unlock()
		return
	}
	c.state = state
	c.mu.Unlock()
	if handler := c.options.Handlers.OnStateChanged; handler != nil {
		c.events.add(event{run: func() { handler(state) }})
	}
}

// signal wakes whoever waits for a connection. The caller holds the lock.
func (c *Client) signal() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// newID names a subscription or a receipt, unlike any other of this client.
func (c *Client) newID() string { return strconv.FormatUint(c.ids.Add(1), 10) }

// connection returns the connection, or waits for the next one, if there is none
// or it is the one that failed.
func (c *Client) connection(ctx context.Context, failed *conn) (*conn, error) {
	for {
		c.mu.Lock()
		connection, changed, closed := c.conn, c.changed, c.closed
		c.mu.Unlock()
		if closed != nil {
			return nil, closed
		}
		if connection != nil && connection != failed {
			return connection, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrDisconnected, ctx.Err())
		}
	}
}

// register keeps subscriptions, on the connection that it returns; on those
// that follow they are renewed.
func (c *Client) register(ctx context.Context, subs []*subscription) (*conn, error) {
	for {
		connection, err := c.connection(ctx, nil)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		if c.conn == connection {
			c.subs = append(c.subs, subs...)
			c.mu.Unlock()
			return connection, nil
		}
		c.mu.Unlock()
	}
}

// forget removes subscriptions and returns the connection they are on, or nil
// if there is none or they were removed before.
func (c *Client) forget(subs []*subscription) *conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := false
	for _, sub := range subs {
		sub.ended.Store(true)
		delete(c.behindBy, sub)
		if at := slices.Index(c.subs, sub); at >= 0 {
			c.subs = slices.Delete(c.subs, at, at+1)
			known = true
		}
	}
	if !known {
		return nil
	}
	return c.conn
}

// subscription returns the one with this id, or nil.
func (c *Client) subscription(id string) *subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sub := range c.subs {
		if sub.id == id {
			return sub
		}
	}
	return nil
}
