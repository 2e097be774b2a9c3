package preview

import (
	"context"
	"net"
	"net/http"
	"net/netip"
)

// NewTo returns a finder whose every name leads to one address, where a test
// listens, as if that were the address it resolved to.
func NewTo(listening string, pretended netip.Addr) *Finder {
	f := New()
	f.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if err := f.admit(netip.MustParseAddrPort(net.JoinHostPort(pretended.String(), port))); err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, listening)
	}
	return f
}

// IsPublic is isPublic, for tests.
var IsPublic = isPublic

// ErrPrivate is errPrivate, for tests.
var ErrPrivate = errPrivate
