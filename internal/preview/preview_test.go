package preview_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
	"openkitty/internal/preview"
)

var public = netip.MustParseAddr("93.184.216.34")

// serve answers every request by a handler, and returns a finder to which the
// whole web is that server.
func serve(t *testing.T, handler http.HandlerFunc) *preview.Finder {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return preview.NewTo(s.Listener.Addr().String(), public)
}

// page serves a page of HTML.
func page(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, text)
	}
}

const cats = `<!doctype html><html><head><title>Plain title</title>
	<meta property="og:title" content="Cats &amp;
	 more"><meta property="og:image" content="/cat.png"><meta property="og:site_name" content="Cats">
	<meta name="description" content="All about cats"></head>
	<body><meta property="og:title" content="not this"></body></html>`

func TestAPageIsDescribedByWhatItSaysInItsHead(t *testing.T) {
	t.Parallel()

	want := chat.LinkPreview{
		URL: "http://cats.example/a?b=c", Title: "Cats & more", Image: "http://cats.example/cat.png",
		Description: "All about cats", Site: "Cats",
	}
	got, err := serve(t, page(cats)).Find(t.Context(), "http://cats.example/a?b=c")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestAPageInAnotherEncodingIsRead(t *testing.T) {
	t.Parallel()

	finder := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
		w.Write([]byte("<title>Gr\xfc\xdfe</title><link rel='shortcut icon' href='//img.example/i.png'>"))
	})
	got, err := finder.Find(t.Context(), "http://x.example/")
	if err != nil || got.Title != "Grüße" || got.Image != "http://img.example/i.png" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNothingIsGivenAwayToAPage(t *testing.T) {
	t.Parallel()

	finder := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/first" {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			http.Redirect(w, r, "/second", http.StatusFound)
			return
		}
		for _, name := range []string{"Cookie", "Authorization", "Referer", "X-Forwarded-For"} {
			if value := r.Header.Get(name); value != "" {
				t.Errorf("the page got %s: %s", name, value)
			}
		}
		page(cats)(w, r)
	})
	got, err := finder.Find(t.Context(), "http://x.example/first")
	if err != nil || got.URL != "http://x.example/second" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatIsNoPageHasNoPreview(t *testing.T) {
	t.Parallel()

	redirects := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if len(r.URL.Path) <= n {
				http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
				return
			}
			page(cats)(w, r)
		}
	}
	to := func(address string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) }
	}
	for name, handler := range map[string]http.HandlerFunc{
		"an image": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			fmt.Fprint(w, cats)
		},
		"an error": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, cats)
		},
		"no title":             page(`<meta property="og:image" content="/a.png">`),
		"no image":             page(`<title>a</title>`),
		"a script as an image": page(`<title>a</title><meta property="og:image" content="javascript:alert(1)">`),
		"a title beyond reach": page(strings.Repeat("<!-- -->", 1<<17) + cats),
		"four redirects":       redirects(4),
		"a redirect to a file": to("file:///etc/passwd"),
		"a redirect to a port": to("http://x.example:8080/"),
		"a redirect with keys": to("http://user:password@x.example/"),
	} {
		if got, err := serve(t, handler).Find(t.Context(), "http://x.example/"); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if _, err := serve(t, redirects(3)).Find(t.Context(), "http://x.example/"); err != nil {
		t.Errorf("three redirects: %v", err)
	}
}

func TestLinksThatLeadElsewhereThanTheWebAreNotFollowed(t *testing.T) {
	t.Parallel()

	finder := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("somebody asked for %s", r.URL) })
	for _, link := range []string{
		"ftp://x.example/", "file:///etc/passwd", "http:///x", "http://x.example:22/", "https://x.example:8443/",
		"http://user@x.example/", "http://a b/", "gopher://x", "http://",
	} {
		if _, err := finder.Find(t.Context(), link); err == nil {
			t.Errorf("%s was followed", link)
		}
	}
}

// The dialer is the real one here: names and numbers that mean this machine are
// refused when the connection is made, in whatever form they are written.
func TestAFinderNeverConnectsToItsOwnMachine(t *testing.T) {
	t.Parallel()

	for _, host := range []string{
		"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1.2.3", "[::ffff:127.0.0.1]", "169.254.169.254", "[::]", "10.0.0.1",
		"[64:ff9b::7f00:1]", "[fe80::1]", "[fd00::1]",
	} {
		_, err := preview.New().Find(t.Context(), "http://"+host+"/")
		if err == nil {
			t.Errorf("%s was fetched", host)
		}
		if host == "127.0.0.1" && !errors.Is(err, preview.ErrPrivate) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestARedirectIsHeldToTheSameAddresses(t *testing.T) {
	t.Parallel()

	s := httptest.NewServer(page(cats))
	t.Cleanup(s.Close)
	inside := preview.NewTo(s.Listener.Addr().String(), netip.MustParseAddr("192.168.0.1"))
	if _, err := inside.Find(t.Context(), "http://rebound.example/"); !errors.Is(err, preview.ErrPrivate) {
		t.Errorf("a name that leads inside: %v", err)
	}
}

func TestOnlyAddressesOfThePublicNetworkArePublic(t *testing.T) {
	t.Parallel()

	for _, address := range []string{"1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"} {
		if !preview.IsPublic(netip.MustParseAddr(address)) {
			t.Errorf("%s is not public", address)
		}
	}
	for _, address := range []string{
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:1.1.1.1", "::1.1.1.1", "64:ff9b::1.1.1.1", "64:ff9b:1::1", "100::1", "fe80::1", "fe80::1%eth0", "fec0::1",
		"fc00::1", "fd00:ec2::254", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "4000::1",
	} {
		if preview.IsPublic(netip.MustParseAddr(address)) {
			t.Errorf("%s is public", address)
		}
	}
}
