package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gobwas/ws"
	"github.com/igm/sockjs-go/v3/sockjs"
)

// tryAgainLater is the code of RFC 6455's registry for a server that is too busy.
const tryAgainLater = 1013

// sockjsHandler serves SockJS below an endpoint. Its WebSocket transport is our
// own WebSocket with other framing; the library serves the transports that do
// without WebSocket.
func (g *Gateway) sockjsHandler(prefix, endpoint string) http.Handler {
	base := prefix + "/" + endpoint
	options := sockjs.DefaultOptions
	options.Websocket = true // as /info tells clients; the pattern below comes first
	options.CheckOrigin = g.allowsOrigin
	fallback := sockjs.NewHandler(base, options, func(s sockjs.Session) {
		if err := g.engine.AllowAddress(AddressOf(s.Request())); err != nil {
			_ = s.Close(tryAgainLater, err.Error()) // only fails if it is closed already
			return
		}
		g.serve(newPolling(s, &g.limits), endpoint, s.Request())
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/{server}/{session}/websocket", func(w http.ResponseWriter, r *http.Request) {
		g.upgrade(w, r, endpoint, true)
	})
	mux.HandleFunc(base+"/", func(w http.ResponseWriter, r *http.Request) {
		if g.isStopping() {
			http.Error(w, "the server is stopping", http.StatusServiceUnavailable)
			return
		}
		// A message in JSON may take six bytes for one.
		limit := int64(g.limits.FrameSize) * 6
		if r.ContentLength > limit {
			http.Error(w, "the request is larger than a frame may be", http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		fallback.ServeHTTP(w, r)
	})
	return mux
}

// sockjsSocket is a WebSocket with the framing of SockJS: "o" opens, a["…"]
// carries messages, c[code,"reason"] closes, and clients send arrays of strings.
type sockjsSocket struct {
	*socket
	waiting []string // messages of the last array
}

func newSockjsSocket(s *socket) (*sockjsSocket, error) {
	if err := s.write(append(appendTextHeader(nil, 1), 'o')); err != nil {
		return nil, err
	}
	return &sockjsSocket{socket: s}, nil
}

func (s *sockjsSocket) receive() ([]byte, error) {
	for len(s.waiting) == 0 {
		payload, err := s.socket.receive()
		if err != nil {
			return nil, err
		}
		if len(payload) == 0 {
			continue
		}
		if err := json.Unmarshal(payload, &s.waiting); err != nil {
			return nil, &violation{ws.StatusInvalidFramePayloadData, "the message is not a JSON array of strings"}
		}
	}
	message := s.waiting[0]
	s.waiting = s.waiting[1:]
	return []byte(message), nil
}

// tryWrite leaves everything to write: few connections are of this kind.
func (s *sockjsSocket) tryWrite([]byte) (int, error) { return 0, nil }

func (s *sockjsSocket) write(run []byte) error {
	var converted []byte
	err := eachText(run, func(payload []byte) error {
		framed := append(appendString([]byte("a["), string(payload)), ']')
		converted = append(appendTextHeader(converted, len(framed)), framed...)
		return nil
	})
	if err != nil {
		return err
	}
	return s.socket.write(converted)
}

func (s *sockjsSocket) finish(code ws.StatusCode, reason string) {
	frame := fmt.Appendf(nil, "c[%d,%q]", code, reason)
	// Best effort: the connection ends either way.
	_ = s.socket.write(append(appendTextHeader(nil, len(frame)), frame...))
	s.socket.finish(code, reason)
}

// polling is a SockJS session over HTTP requests: the library's.
type polling struct {
	session sockjs.Session
	ctx     context.Context // ends receive
	cancel  context.CancelFunc
	connect *time.Timer // ends a session that does not connect in time
	out     outlet
}

func newPolling(s sockjs.Session, limits *Limits) *polling {
	ctx, cancel := context.WithCancel(s.Context())
	return &polling{
		session: s,
		ctx:     ctx,
		cancel:  cancel,
		connect: time.AfterFunc(limits.ConnectTime, cancel),
	}
}

func (p *polling) bind(out outlet) { p.out = out }
func (p *polling) established()    { p.connect.Stop() }
func (p *polling) pings() bool     { return false }
func (p *polling) interrupt()      { p.cancel() }

func (p *polling) receive() ([]byte, error) {
	p.out.flush()
	message, err := p.session.RecvCtx(p.ctx)
	p.out.alive()
	if errors.Is(err, context.Canceled) {
		return nil, errInterrupted
	}
	return []byte(message), err
}

func (p *polling) tryWrite([]byte) (int, error) { return 0, nil }

func (p *polling) write(run []byte) error {
	return eachText(run, func(payload []byte) error { return p.session.Send(string(payload)) })
}

// finish gives the client time for one more request: the library drops what it
// has not delivered when a session is closed.
func (p *polling) finish(code ws.StatusCode, reason string) {
	linger := time.NewTimer(lingerTime)
	defer linger.Stop()
	select {
	case <-p.session.Context().Done():
	case <-linger.C:
	}
	p.end(code, reason)
}

func (p *polling) cut() { p.end(ws.StatusGoingAway, "") }

func (p *polling) end(code ws.StatusCode, reason string) {
	p.connect.Stop()
	p.cancel()
	_ = p.session.Close(uint32(code), reason) // only fails if it is closed already
}
