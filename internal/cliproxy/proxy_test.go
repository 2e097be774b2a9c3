package cliproxy_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/cliproxy"
)

const patience = 10 * time.Second

// running is a proxy that serves until its test ends.
type running struct {
	*cliproxy.Proxy
	address string
	trust   *x509.CertPool
	ended   chan error // what Serve returned
}

// start serves a handler by a proxy.
func start(t *testing.T, handler http.HandlerFunc, change func(*cliproxy.Options)) *running {
	t.Helper()
	o := cliproxy.Options{
		Handler:    handler,
		Secret:     bytes.Repeat([]byte{7}, cliproxy.SecretSize),
		HeaderSize: 4 << 10,
		HeaderTime: patience,
		Log:        slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	if change != nil {
		change(&o)
	}
	proxy, err := cliproxy.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &running{proxy, l.Addr().String(), x509.NewCertPool(), make(chan error, 1)}
	if !p.trust.AppendCertsFromPEM(proxy.Certificate()) {
		t.Fatal("the certificate is none")
	}
	go func() { p.ended <- proxy.Serve(l) }()
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

// client sends everything by the proxy, as programs do that obey HTTPS_PROXY.
func (p *running) client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{
		Proxy:             http.ProxyURL(&url.URL{Scheme: "http", Host: p.address}),
		TLSClientConfig:   &tls.Config{RootCAs: p.trust},
		ForceAttemptHTTP2: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// dial connects to the proxy and sends what is to be sent first.
func (p *running) dial(t *testing.T, first string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, first); err != nil {
		t.Fatal(err)
	}
	return c
}

const connect = "CONNECT api.chatkitty.com:443 HTTP/1.1\r\nHost: api.chatkitty.com:443\r\n\r\n"

// tunnel speaks TLS in a tunnel.
func (p *running) tunnel(t *testing.T) *tls.Conn {
	t.Helper()
	c := p.dial(t, connect)
	if response := answer(t, c); response.StatusCode != http.StatusOK {
		t.Fatalf("the tunnel is refused: %s", response.Status)
	}
	secured := tls.Client(c, &tls.Config{RootCAs: p.trust, ServerName: "api.chatkitty.com", NextProtos: []string{"h2", "http/1.1"}})
	if err := secured.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return secured
}

// answer reads the head of a response.
func answer(t *testing.T, c net.Conn) *http.Response {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("read the answer: %v", err)
	}
	return response
}

// tell answers with what the handler sees of a request.
func tell(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = []byte(err.Error())
	}
	fmt.Fprintf(w, "%s %s %s %s %q", r.Method, r.Host, r.RequestURI, r.URL, body)
}

func TestBothHostsAreReachedThroughTunnels(t *testing.T) {
	t.Parallel()

	client := start(t, tell, nil).client(t)
	for address, want := range map[string]string{
		"https://authorization.chatkitty.com/oauth/token": `POST authorization.chatkitty.com /oauth/token /oauth/token "grant"`,
		"https://api.chatkitty.com//users?name=a%20b":     `POST api.chatkitty.com //users?name=a%20b //users?name=a%20b "grant"`,
	} {
		response, err := client.Post(address, "text/plain", strings.NewReader("grant"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		response.Body.Close()
		if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", address, err, diff)
		}
	}
}

func TestWholeAddressesAreServedInPlainHTTP(t *testing.T) {
	t.Parallel()

	p := start(t, func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.HasPrefix(name, "Proxy-") {
				t.Errorf("the handler gets %s", name)
			}
		}
		tell(w, r)
	}, nil)
	for target, want := range map[string]string{
		"https://authorization.chatkitty.com/oauth/token": `authorization.chatkitty.com /oauth/token /oauth/token ""`,
		"https://API.chatkitty.com:443//users?a=%2C":      `API.chatkitty.com:443 //users?a=%2C //users?a=%2C ""`,
		"https://api.chatkitty.com":                       `api.chatkitty.com / / ""`,
	} {
		c := p.dial(t, "GET "+target+" HTTP/1.1\r\nHost: elsewhere\r\nProxy-Connection: close\r\nProxy-Authorization: Basic eDp5\r\n\r\n")
		response := answer(t, c)
		got, err := io.ReadAll(response.Body)
		if diff := cmp.Diff("GET "+want, string(got)); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", target, err, diff)
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()

	p := start(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was served", r.RequestURI) }, nil)
	for line, want := range map[string]int{
		"CONNECT example.com:443":                                      http.StatusForbidden,
		"CONNECT 127.0.0.1:443":                                        http.StatusForbidden,
		"CONNECT [::1]:443":                                            http.StatusForbidden,
		"CONNECT localhost:5432":                                       http.StatusForbidden,
		"CONNECT api.chatkitty.com":                                    http.StatusForbidden,
		"CONNECT api.chatkitty.com:":                                   http.StatusForbidden,
		"CONNECT api.chatkitty.com:80":                                 http.StatusForbidden,
		"CONNECT api.chatkitty.com:0443":                               http.StatusForbidden,
		"CONNECT api.chatkitty.com.:443":                               http.StatusForbidden,
		"CONNECT api.chatkitty.com:443:443":                            http.StatusBadRequest,
		"CONNECT www.api.chatkitty.com:443":                            http.StatusForbidden,
		"CONNECT api.chatkitty.com.example.com:443":                    http.StatusForbidden,
		"CONNECT example.com@api.chatkitty.com:443":                    http.StatusForbidden,
		"CONNECT api.chatkitty.com@example.com:443":                    http.StatusForbidden,
		"CONNECT example.com/api.chatkitty.com:443":                    http.StatusForbidden,
		"CONNECT example.com?api.chatkitty.com:443":                    http.StatusForbidden,
		"CONNECT https://api.chatkitty.com:443":                        http.StatusForbidden,
		"CONNECT /":                                                    http.StatusForbidden,
		"GET https://example.com/":                                     http.StatusForbidden,
		"GET https://127.0.0.1/":                                       http.StatusForbidden,
		"GET https://api.chatkitty.com:8443/":                          http.StatusForbidden,
		"GET https://api.chatkitty.com@example.com/":                   http.StatusForbidden,
		"GET https://example.com/https://api.chatkitty.com/":           http.StatusForbidden,
		"GET http://api.chatkitty.com/":                                http.StatusForbidden,
		"GET ftp://api.chatkitty.com/":                                 http.StatusForbidden,
		"GET file:///etc/passwd":                                       http.StatusForbidden,
		"GET https:api.chatkitty.com":                                  http.StatusForbidden,
		"GET //api.chatkitty.com/":                                     http.StatusBadRequest,
		"GET /users":                                                   http.StatusBadRequest,
		"OPTIONS *":                                                    http.StatusBadRequest,
		"GET https://api.chatkitty.com/" + strings.Repeat("a", 16<<10): http.StatusRequestHeaderFieldsTooLarge,
	} {
		c := p.dial(t, line+" HTTP/1.1\r\nHost: api.chatkitty.com:443\r\n\r\n")
		response := answer(t, c)
		if response.StatusCode != want {
			t.Errorf("%.60s: %s, want %d", line, response.Status, want)
		}
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%.60s: the connection stays open", line)
		}
	}
}

func TestWhatIsNoHTTP1IsRefused(t *testing.T) {
	t.Parallel()

	p := start(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was served", r.RequestURI) }, nil)
	for name, first := range map[string]string{
		"HTTP/2":           "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"no host":          "GET https://api.chatkitty.com/ HTTP/1.1\r\n\r\n",
		"two lengths":      "POST https://api.chatkitty.com/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"a folded header":  "GET https://api.chatkitty.com/ HTTP/1.1\r\nHost: x\r\n x\r\n\r\n",
		"a zero character": "CONNECT api.chatkitty.com:443\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
		"TLS at once":      "\x16\x03\x01\x00\x05hello\r\n\r\n",
		"SOCKS":            "\x05\x01\x00\r\n\r\n",
	} {
		if response := answer(t, p.dial(t, first)); response.StatusCode < 400 {
			t.Errorf("%s: %s", name, response.Status)
		}
	}
}

func TestATunnelServesTheTwoHostsAlone(t *testing.T) {
	t.Parallel()

	p := start(t, tell, nil)
	for request, want := range map[string]int{
		"GET / HTTP/1.1\r\nHost: authorization.chatkitty.com\r\n\r\n":                            http.StatusOK,
		"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n":                                            http.StatusMisdirectedRequest,
		"GET https://example.com/ HTTP/1.1\r\nHost: api.chatkitty.com\r\n\r\n":                   http.StatusMisdirectedRequest,
		"CONNECT example.com:443 HTTP/1.1\r\nHost: api.chatkitty.com\r\n\r\n":                    http.StatusMisdirectedRequest,
		"CONNECT api.chatkitty.com:443 HTTP/1.1\r\nHost: api.chatkitty.com:443\r\n\r\n":          http.StatusMisdirectedRequest,
		"GET / HTTP/1.1\r\nHost: api.chatkitty.com\r\nHost: authorization.chatkitty.com\r\n\r\n": http.StatusBadRequest,
	} {
		c := p.tunnel(t)
		if protocol := c.ConnectionState().NegotiatedProtocol; protocol != "http/1.1" {
			t.Errorf("the tunnel speaks %q", protocol)
		}
		if _, err := io.WriteString(c, request); err != nil {
			t.Fatal(err)
		}
		if response := answer(t, c); response.StatusCode != want {
			t.Errorf("%q: %s, want %d", request, response.Status, want)
		}
	}
}

func TestAClientMaySpeakBeforeItsTunnelIsOpen(t *testing.T) {
	t.Parallel()

	p := start(t, tell, nil)
	c := tls.Client(&eager{Conn: p.dial(t, "")}, &tls.Config{RootCAs: p.trust, ServerName: "api.chatkitty.com"})
	if _, err := io.WriteString(c, "GET /users HTTP/1.1\r\nHost: api.chatkitty.com\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer(t, c).Body)
	if want := `GET api.chatkitty.com /users /users ""`; err != nil || string(body) != want {
		t.Errorf("the answer is %q, %v; want %q", body, err, want)
	}
}

// eager sends CONNECT and the first words of TLS as one, and takes the answer to
// the first when it reads.
type eager struct {
	net.Conn
	connected bool
	opened    *bufio.Reader
}

func (e *eager) Write(p []byte) (int, error) {
	if e.connected {
		return e.Conn.Write(p)
	}
	e.connected = true
	if _, err := e.Conn.Write(append([]byte(connect), p...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (e *eager) Read(p []byte) (int, error) {
	if e.opened == nil {
		e.opened = bufio.NewReader(e.Conn)
		if response, err := http.ReadResponse(e.opened, nil); err != nil || response.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("open the tunnel: %v %w", response, err)
		}
	}
	return e.opened.Read(p)
}

func TestAClientThatTrustsNobodySaysNothingInATunnel(t *testing.T) {
	t.Parallel()

	p := start(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was served", r.RequestURI) }, nil)
	p.trust = x509.NewCertPool()
	_, err := p.client(t).Get("https://api.chatkitty.com/application")
	if unknown := (x509.UnknownAuthorityError{}); !errors.As(err, &unknown) {
		t.Errorf("the request ended with %v, want an unknown authority", err)
	}
}

func TestSlowClientsAreCut(t *testing.T) {
	t.Parallel()

	p := start(t, tell, func(o *cliproxy.Options) { o.HeaderTime = 50 * time.Millisecond })
	for name, first := range map[string]string{
		"nothing":             "",
		"a part of a head":    "GET https://api.chatkitty.com/ HTTP/1.1\r\nHost: x\r\n",
		"a tunnel":            connect,
		"a part of handshake": connect + "\x16\x03\x01\x02\x00\x01",
	} {
		if _, err := io.Copy(io.Discard, p.dial(t, first)); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %s the connection is still open", name)
		}
	}
}

func TestConnectionsBeyondTheBoundWait(t *testing.T) {
	t.Parallel()

	p := start(t, tell, nil)
	const bound = 64
	open := make([]net.Conn, bound)
	for i := range open { // of both kinds
		if i%2 == 0 {
			open[i] = p.tunnel(t)
		} else {
			open[i] = p.dial(t, "GET https://api.chatkitty.com/ HTTP/1.1\r\nHost: x\r\n\r\n")
			answer(t, open[i])
		}
	}
	c := p.dial(t, "GET https://api.chatkitty.com/ HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("one too many is not left waiting: %v", err)
	}
	open[0].Close()
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if response := answer(t, c); response.StatusCode != http.StatusOK {
		t.Errorf("when another has gone: %s", response.Status)
	}
}

func TestAShutdownWaitsForAnswersInTunnels(t *testing.T) {
	t.Parallel()

	asked, finish := make(chan struct{}), make(chan struct{})
	p := start(t, func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-finish
		tell(w, r)
	}, nil)
	c := p.tunnel(t)
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: api.chatkitty.com\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	stopped := make(chan error, 1)
	go func() { stopped <- p.Shutdown(context.Background()) }()
	if err := <-p.ended; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("serving ended with %v", err)
	}
	close(finish)
	if response := answer(t, c); response.StatusCode != http.StatusOK {
		t.Errorf("the answer is %s", response.Status)
	}
	if err := <-stopped; err != nil {
		t.Errorf("the shutdown ended with %v", err)
	}
}

func TestCloseCutsEveryConnection(t *testing.T) {
	t.Parallel()

	p := start(t, tell, nil)
	open := []net.Conn{p.tunnel(t), p.dial(t, connect), p.dial(t, "GET ")}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for i, c := range open {
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("connection %d is still open", i)
		}
	}
	if err := <-p.ended; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("serving ended with %v", err)
	}
}
