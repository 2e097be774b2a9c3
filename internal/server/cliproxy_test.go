package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"openkitty/internal/config"
)

// throughProxy asks as the original command line does.
func throughProxy(t *testing.T, s *Server, address string) (status int, body string) {
	t.Helper()
	proxy, certificate := s.CLIProxy()
	proxyURL, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM(file)
	transport := &http.Transport{Proxy: http.ProxyURL(proxyURL), TLSClientConfig: &tls.Config{RootCAs: trust}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// serve runs a server until the test ends.
func serve(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

func TestTheProxyServesThePlatformAPIAlone(t *testing.T) {
	t.Parallel()

	s := open(t, func(settings *config.Serve) { settings.CLIProxy = "127.0.0.1:0" })
	serve(t, s)
	for address, want := range map[string]int{
		"https://api.chatkitty.com/application":   http.StatusUnauthorized,
		"https://api.chatkitty.com/metrics":       http.StatusNotFound,
		"https://api.chatkitty.com/healthz":       http.StatusNotFound,
		"https://api.chatkitty.com/rtm/websocket": http.StatusNotFound,
	} {
		if status, body := throughProxy(t, s, address); status != want || !strings.HasPrefix(body, "{") {
			t.Errorf("%s: %d %q, want %d in JSON", address, status, body, want)
		}
	}
}

func TestWithoutTheSettingThereIsNoProxy(t *testing.T) {
	t.Parallel()

	if address, certificate := open(t, nil).CLIProxy(); address != "" || certificate != "" {
		t.Errorf("there is a proxy at %q, with %q", address, certificate)
	}
}

// Users keep a copy of it.
func TestTheProxyKeepsItsCertificate(t *testing.T) {
	t.Parallel()

	directory := t.TempDir()
	var certificates [2][]byte
	for i := range certificates {
		s := open(t, func(settings *config.Serve) {
			settings.Data = directory
			settings.CLIProxy = "127.0.0.1:0"
		})
		_, file := s.CLIProxy()
		var err error
		if certificates[i], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(certificates[0]) == 0 || !bytes.Equal(certificates[0], certificates[1]) {
		t.Errorf("the certificate was\n%s and is\n%s", certificates[0], certificates[1])
	}
}

func TestAProxyForOtherMachinesIsWarnedOf(t *testing.T) {
	t.Parallel()

	for address, warned := range map[string]bool{
		"127.0.0.1:0": false,
		":0":          false,
		"0.0.0.0:0":   true,
	} {
		var log bytes.Buffer
		settings := config.Default()
		settings.Data = t.TempDir()
		settings.Listen = "127.0.0.1:0"
		settings.CLIProxy = address
		s, err := Open(t.Context(), settings, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "level=WARN"); got != warned {
			t.Errorf("%s: warned is %v, want %v:\n%s", address, got, warned, &log)
		}
	}
}

func TestAProxyOnATakenPortKeepsTheServerFromOpening(t *testing.T) {
	t.Parallel()

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	settings := config.Default()
	settings.Data = t.TempDir()
	settings.Listen = "127.0.0.1:0"
	settings.CLIProxy = taken.Addr().String()
	if s, err := Open(t.Context(), settings, slog.New(slog.NewTextHandler(t.Output(), nil))); err == nil {
		t.Errorf("the server opened: %v", s.Stop(t.Context()))
	} else if !strings.Contains(err.Error(), settings.CLIProxy) {
		t.Errorf("opening ended with %v, want an error that names the port", err)
	}
}

func TestAStopEndsTheProxy(t *testing.T) {
	t.Parallel()

	s := open(t, func(settings *config.Serve) { settings.CLIProxy = "127.0.0.1:0" })
	serve(t, s)
	throughProxy(t, s, "https://api.chatkitty.com/")
	proxy, _ := s.CLIProxy()
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp", strings.TrimPrefix(proxy, "http://")); err == nil {
		c.Close()
		t.Error("the proxy still listens")
	}
}
