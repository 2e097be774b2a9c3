// Package preview finds out what web pages say about themselves, on behalf of
// whoever links to them.
//
// The pages are anybody's, and so are the links: a server that follows them is a
// way into its own network. So it connects only to public addresses, looked at
// when the connection is made, whatever a name resolved to before and wherever a
// redirect leads; on the ports of the web only; and it takes little time and
// memory, and gives nothing away: no cookies, no credentials, no referrer.
package preview

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"golang.org/x/net/html/charset"

	"openkitty/internal/chat"
)

const (
	timeout      = 5 * time.Second // for all of a lookup
	pageMax      = 512 << 10       // bytes of a page that are read, uncompressed
	headerMax    = 64 << 10        // bytes of an answer's header
	redirectsMax = 3
	agent        = "OpenKitty (link preview)"
)

// Finder looks pages up. It holds no connections.
type Finder struct {
	client *http.Client
	dialer net.Dialer
	admit  func(netip.AddrPort) error
}

// New returns a finder.
func New() *Finder {
	f := &Finder{admit: admitPublic}
	f.dialer = net.Dialer{Timeout: timeout, Control: f.control}
	f.client = &http.Client{
		Timeout:       timeout,
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			DialContext:            f.dialer.DialContext,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: headerMax,
			TLSHandshakeTimeout:    timeout,
			ForceAttemptHTTP2:      true,
		},
	}
	return f
}

// control looks at the address of a connection that is about to be made.
func (f *Finder) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connect to %q: %w", address, err)
	}
	return f.admit(to)
}

var errPrivate = errors.New("the address is not one of the public web")

func admitPublic(to netip.AddrPort) error {
	if !isPublic(to.Addr()) || to.Port() != 80 && to.Port() != 443 {
		return errPrivate
	}
	return nil
}

func checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > redirectsMax {
		return fmt.Errorf("there are more than %d redirects", redirectsMax)
	}
	r.Header.Del("Referer")
	return checkLink(r.URL)
}

// checkLink admits links that may be followed at all.
func checkLink(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return errors.New("the link is not one of the web")
	case u.User != nil:
		return errors.New("the link holds credentials")
	case u.Port() != "" && u.Port() != "80" && u.Port() != "443":
		return errPrivate
	}
	return nil
}

// Find returns what the page behind a link says about itself. A page without a
// title or an image has no preview, which is an error as any other.
func (f *Finder) Find(ctx context.Context, link string) (chat.LinkPreview, error) {
	u, err := url.Parse(link)
	if err != nil {
		return chat.LinkPreview{}, fmt.Errorf("read the link: %w", err)
	}
	if err := checkLink(u); err != nil {
		return chat.LinkPreview{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return chat.LinkPreview{}, fmt.Errorf("ask for the page: %w", err)
	}
	request.Header.Set("User-Agent", agent)
	request.Header.Set("Accept", "text/html, application/xhtml+xml")
	answer, err := f.client.Do(request)
	if err != nil {
		return chat.LinkPreview{}, fmt.Errorf("fetch the page: %w", err)
	}
	defer answer.Body.Close()
	return readPage(answer)
}

func readPage(answer *http.Response) (chat.LinkPreview, error) {
	kind := answer.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(kind)
	switch {
	case answer.StatusCode != http.StatusOK:
		return chat.LinkPreview{}, fmt.Errorf("the page answers %s", answer.Status)
	case err != nil || media != "text/html" && media != "application/xhtml+xml":
		return chat.LinkPreview{}, fmt.Errorf("the page is of the type %q", kind)
	}
	text, err := charset.NewReader(io.LimitReader(answer.Body, pageMax), kind)
	if err != nil {
		return chat.LinkPreview{}, fmt.Errorf("read the page: %w", err)
	}
	return parse(text, answer.Request.URL)
}
