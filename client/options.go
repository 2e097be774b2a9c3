package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Backoff says how long to wait before connecting again. The first wait is
// about Min, and each one after a failure twice as long, up to Max; each is
// shortened at random by up to a half, so that clients that lost a server
// together do not come back together.
type Backoff struct {
	Min time.Duration // 0: 500 ms
	Max time.Duration // 0: 30 s
}

// wait returns how long to wait before the given attempt, counted from 0.
func (b Backoff) wait(attempt int) time.Duration {
	wait := b.Min
	for range attempt {
		if wait >= b.Max/2 {
			wait = b.Max
			break
		}
		wait *= 2
	}
	return wait - rand.N(wait/2+1)
}

// Options say where to connect, and as whom. URL, APIKey and Username are
// required.
type Options struct {
	// URL is the address of the server, as http://127.0.0.1:8080, with the
	// path prefix it is served under, if any. ws and wss mean http and https.
	URL string
	// APIKey names the application.
	APIKey string
	// Username is who to be. The server may create users that it does not know.
	Username string
	// AuthParams is what the application's own authentication wants to see, as
	// anything that encodes to JSON. Nil sends nothing.
	AuthParams any

	// Handlers hear what concerns the user.
	Handlers UserHandlers
	// QueueSize bounds the events that wait for their handlers; when it is
	// reached the client stops reading. 0: 1024.
	QueueSize int
	// Timeout bounds every call, besides its context, and every attempt to
	// connect again. 0: 30 s.
	Timeout time.Duration
	// Backoff says when to connect again.
	Backoff Backoff

	// Logger gets what no call can report: lost connections and events that
	// can't be read. Nil discards it.
	Logger *slog.Logger
	// Dial opens the network connection. Nil: net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is used for https. Nil: the defaults of crypto/tls.
	TLS *tls.Config
}

// complete checks what is required and sets what was left zero.
func (o *Options) complete() error {
	switch {
	case o.APIKey == "":
		return errors.New("the API key is missing")
	case o.Username == "":
		return errors.New("the username is missing")
	case strings.ContainsAny(o.Username, "\r\n\x00"):
		return fmt.Errorf("the username %q contains a control character", o.Username)
	}
	setDefault(&o.QueueSize, 1024)
	setDefault(&o.Timeout, 30*time.Second)
	setDefault(&o.Backoff.Min, 500*time.Millisecond)
	setDefault(&o.Backoff.Max, max(30*time.Second, o.Backoff.Min))
	setDefault(&o.Logger, slog.New(slog.DiscardHandler))
	return nil
}

func setDefault[T comparable](option *T, value T) {
	var zero T
	if *option == zero {
		*option = value
	}
}

// address is where the WebSocket is.
func (o *Options) address() (string, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return "", fmt.Errorf("the URL is invalid: %w", err)
	}
	switch u.Scheme {
	case "http", "ws":
		u.Scheme = "ws"
	case "https", "wss":
		u.Scheme = "wss"
	default:
		return "", fmt.Errorf("the URL %q does not begin with http:// or https://", o.URL)
	}
	u = u.JoinPath("rtm", "websocket")
	u.RawQuery = url.Values{"api-key": {o.APIKey}}.Encode()
	return u.String(), nil
}

// web returns the client that files travel by. It keeps no connections.
func (o *Options) web() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: o.Dial, TLSClientConfig: o.TLS, DisableKeepAlives: true}}
}
