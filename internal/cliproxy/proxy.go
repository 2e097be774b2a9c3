// Package cliproxy lets programs reach this server whose addresses are fixed to
// those of the original product: its command line above all, which has no
// setting for them but obeys HTTPS_PROXY.
//
// It is no proxy in the usual sense: it opens no connection to anywhere. It
// passes requests for two host names to the handler that it was given, and
// refuses everything else. Clients ask for those in two ways, and both are
// served: through a tunnel (CONNECT), in which they speak TLS and trust the
// certificate of [Proxy.Certificate]; or in plain HTTP with a whole address as
// the request's target, which needs no certificate and protects nothing on the
// way.
package cliproxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// What bounds the proxy, beside its options.
const (
	// maxConnections counts tunnels and others together. Further ones wait to
	// be accepted.
	maxConnections = 64
	// idleTime ends connections without requests: a command line makes a few
	// in a row and ends.
	idleTime = 30 * time.Second
)

// Options say what a proxy serves, and within which limits.
type Options struct {
	Handler    http.Handler  // gets every request that is passed, with its path alone as the target
	Secret     []byte        // SecretSize bytes from which the certificate is made: the same make the same
	HeaderSize int           // most bytes of a request's head
	HeaderTime time.Duration // for a request's head or a TLS handshake to arrive
	Log        *slog.Logger
}

// Proxy serves connections. [Proxy.Serve] runs it; Shutdown and Close end it.
type Proxy struct {
	handler     http.Handler
	certificate []byte
	entrance    *http.Server // serves connections as they come
	interior    *http.Server // serves what is in tunnels
	tunnels     *tunnels
}

// New makes a proxy. It fails only for a secret of a wrong size.
func New(o Options) (*Proxy, error) {
	authority, err := newAuthority(o.Secret)
	if err != nil {
		return nil, fmt.Errorf("make the certificate of the command line proxy: %w", err)
	}
	host, err := authority.issue(apiHost, tokenHost)
	if err != nil {
		return nil, fmt.Errorf("make the certificate of the fixed hosts: %w", err)
	}
	p := &Proxy{handler: o.Handler, certificate: authority.pem(), tunnels: newTunnels()}
	p.entrance = o.server(p.enter)
	p.interior = o.server(p.insideTunnel)
	p.interior.TLSConfig = &tls.Config{Certificates: []tls.Certificate{host}, MinVersion: tls.VersionTLS12}
	return p, nil
}

// server speaks HTTP/1.1 alone, as all clients of the proxy do: a CONNECT of
// HTTP/2 would be a stream, and no connection to speak TLS on.
func (o Options) server(handler http.HandlerFunc) *http.Server {
	s := &http.Server{
		Handler:                      handler,
		DisableGeneralOptionsHandler: true, // OPTIONS * is refused as the rest is
		Protocols:                    new(http.Protocols),
		ReadHeaderTimeout:            o.HeaderTime,
		IdleTimeout:                  idleTime,
		MaxHeaderBytes:               o.HeaderSize,
		ErrorLog:                     slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	s.Protocols.SetHTTP1(true)
	return s
}

// Certificate is what clients must trust to use tunnels, in the form of PEM. It
// vouches for the two hosts and can't for others, and stays the same for as long
// as the secret does.
func (p *Proxy) Certificate() []byte { return p.certificate }

// Serve serves the connections of a listener, which it closes. As that of
// [http.Server], its error is never nil: after Shutdown or Close it is
// [http.ErrServerClosed].
func (p *Proxy) Serve(l net.Listener) error {
	interior := make(chan error, 1)
	go func() { interior <- p.interior.ServeTLS(p.tunnels, "", "") }() // ends when the tunnels are closed
	err := p.entrance.Serve(netutil.LimitListener(l, maxConnections))
	p.tunnels.Close()
	<-interior
	return fmt.Errorf("serve the command line proxy: %w", err)
}

// Shutdown accepts nothing more and waits, until ctx ends, for requests that are
// being answered.
func (p *Proxy) Shutdown(ctx context.Context) error {
	return errors.Join(p.entrance.Shutdown(ctx), p.interior.Shutdown(ctx))
}

// Close ends every connection at once.
func (p *Proxy) Close() error {
	return errors.Join(p.entrance.Close(), p.interior.Close())
}
