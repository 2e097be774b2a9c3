package gateway

import (
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

// pursuitOf says which rate bounds an action.
func pursuitOf(at route) engine.Pursuit {
	switch at {
	case route{ofChannel, "message"}, route{ofMessage, "reply"}:
		return engine.Sending
	case route{ofChannel, "keystrokes"}:
		return engine.Typing
	}
	return engine.Requesting
}

// allow counts an action. Those above a rate are refused, but for keystrokes,
// which some SDKs send one by one: they are taken for done.
func (s *session) allow(at route) (done bool, err error) {
	pursuit := pursuitOf(at)
	err = s.g.engine.Allow(s.ctx, s.actor, pursuit)
	if pursuit == engine.Typing && chat.IsKind(err, chat.Limited) {
		return true, nil
	}
	return false, err
}

// AddressOf is where on the network a request comes from. What a proxy says is
// believed of those that connect from the server's own machine or network, and
// of each the address that it saw itself, which is the last.
func AddressOf(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !address.IsLoopback() && !address.IsPrivate() {
			break
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		address = next.Unmap()
	}
	return address
}

// writeTooMany refuses a request for a time. To a client that wants a WebSocket it
// is a failed connection, after which all SDKs try again.
func writeTooMany(w http.ResponseWriter, e *chat.Error) {
	if e.CoolOff > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.CoolOff.Seconds()))))
	}
	writeError(w, http.StatusTooManyRequests, e)
}
