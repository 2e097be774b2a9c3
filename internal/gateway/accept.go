package gateway

import (
	"net"
	"net/http"

	"github.com/gobwas/ws"

	"openkitty/internal/chat"
)

// subprotocol is what the SDKs' WebSocket handshakes offer.
const subprotocol = "v12.stomp"

func (g *Gateway) websocketHandler(endpoint string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.upgrade(w, r, endpoint, false)
	})
}

// upgrade makes a WebSocket of a request and serves a session on it, in a
// goroutine of its own: that of the HTTP server has grown a large stack, and
// holds the request.
func (g *Gateway) upgrade(w http.ResponseWriter, r *http.Request, endpoint string, framed bool) {
	if g.isStopping() {
		http.Error(w, "the server is stopping", http.StatusServiceUnavailable)
		return
	}
	if !g.allowsOrigin(r) {
		http.Error(w, "this origin may not connect; see the setting allowed-origins", http.StatusForbidden)
		return
	}
	if err := g.engine.AllowAddress(AddressOf(r)); err != nil {
		writeTooMany(w, chat.AsError(err))
		return
	}
	upgrader := ws.HTTPUpgrader{
		Timeout:  g.limits.WriteTime,
		Protocol: func(name string) bool { return name == subprotocol },
	}
	conn, buffered, _, err := upgrader.Upgrade(r, w)
	if err != nil {
		if conn != nil {
			conn.Close()
		}
		return
	}
	var early []byte
	if n := buffered.Reader.Buffered(); n > 0 {
		early, _ = buffered.Reader.Peek(min(n, inputSize))
	}
	plain := newSocket(raw(conn), early, &g.limits)
	request := &http.Request{URL: r.URL, RemoteAddr: r.RemoteAddr}
	if !framed {
		go g.serve(plain, endpoint, request)
		return
	}
	if framed, err := newSockjsSocket(plain); err == nil {
		go g.serve(framed, endpoint, request)
	} else {
		plain.cut()
	}
}

// raw returns the connection beneath the wrappers of a listener.
func raw(conn net.Conn) net.Conn {
	for {
		wrapper, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		conn = wrapper.NetConn()
	}
}
