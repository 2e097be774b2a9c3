package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"openkitty/internal/config"
)

// open opens a server on SQLite and a free port, and stops it with the test.
func open(t *testing.T, change func(*config.Serve)) *Server {
	t.Helper()
	settings := config.Default()
	settings.Data = t.TempDir()
	settings.Listen = "127.0.0.1:0"
	if change != nil {
		change(&settings)
	}
	s, err := Open(t.Context(), settings, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return s
}

// ask has a server's routes answer one request.
func ask(s *Server, path string) (status int, body string) {
	response := httptest.NewRecorder()
	s.routes().ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
	return response.Code, response.Body.String()
}

func TestAServerThatStopsIsAliveButNotReady(t *testing.T) {
	t.Parallel()

	s := open(t, nil)
	if status, _ := ask(s, "/readyz"); status != http.StatusOK {
		t.Errorf("before: /readyz is %d, want 200", status)
	}
	s.stopping.Store(true)
	if status, body := ask(s, "/readyz"); status != http.StatusServiceUnavailable || body != "stopping\n" {
		t.Errorf("while stopping: /readyz is %d %q, want 503 and the reason", status, body)
	}
	if status, _ := ask(s, "/healthz"); status != http.StatusOK {
		t.Errorf("while stopping: /healthz is %d, want 200", status)
	}
}

func TestAServerIsNotReadyWithoutItsDatabase(t *testing.T) {
	t.Parallel()

	s := open(t, nil)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	if status, body := ask(s, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "database") {
		t.Errorf("/readyz is %d %q, want 503 and the reason", status, body)
	}
	if status, _ := ask(s, "/healthz"); status != http.StatusOK {
		t.Errorf("/healthz is %d, want 200", status)
	}
}

// A body of which one byte comes now and then would hold its handler for ever.
func TestABodyHasAFixedTimeToArrive(t *testing.T) {
	t.Parallel()

	s := &Server{settings: config.Default()}
	s.settings.FrameTimeout = 50 * time.Millisecond
	ended := make(chan error, 1)
	address := listenHTTP(t, s.bounded(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		ended <- err
	})))

	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	fmt.Fprint(connection, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
	trickle := time.NewTicker(10 * time.Millisecond)
	defer trickle.Stop()
	for patience := time.After(10 * time.Second); ; {
		select {
		case <-trickle.C:
			_, _ = connection.Write([]byte("x")) // fails once the server has given up
		case err := <-ended:
			var timeout net.Error
			if !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("reading the body ended with %v, want a timeout", err)
			}
			return
		case <-patience:
			t.Fatal("the handler still reads")
		}
	}
}

// The streams of SockJS answer a short body for a long time.
func TestAnAnswerMayTakeLongerThanABody(t *testing.T) {
	t.Parallel()

	s := &Server{settings: config.Default()}
	s.settings.FrameTimeout = 20 * time.Millisecond
	address := listenHTTP(t, s.bounded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "xyz" {
			t.Errorf("the body is %q, %v", body, err)
		}
		select {
		case <-time.After(10 * s.settings.FrameTimeout):
		case <-r.Context().Done():
			t.Error("the request ended before its answer")
		}
		fmt.Fprint(w, "late")
	})))
	response, err := http.Post("http://"+address, "text/plain", strings.NewReader("xyz"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if answer, err := io.ReadAll(response.Body); err != nil || string(answer) != "late" {
		t.Errorf("the answer is %q, %v", answer, err)
	}
}

func TestABodyHasAFixedSize(t *testing.T) {
	t.Parallel()

	s := &Server{settings: config.Default()}
	s.settings.MaxFrameSize = 1 << 10
	var read int64
	handler := s.bounded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if read, err = io.Copy(io.Discard, r.Body); err == nil {
			t.Error("the whole body was read")
		}
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}))
	address := listenHTTP(t, handler)
	response, err := http.Post("http://"+address, "text/plain", strings.NewReader(strings.Repeat("x", 64<<10)))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if read != 2<<10 {
		t.Errorf("%d bytes were read, want twice the size of a frame", read)
	}
}

// listenHTTP serves a handler until the test ends.
func listenHTTP(t *testing.T, handler http.Handler) (address string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func TestAClientThatDoesNotFinishItsRequestIsDropped(t *testing.T) {
	t.Parallel()

	s := open(t, func(settings *config.Serve) {
		settings.ConnectTimeout = 50 * time.Millisecond
		settings.FrameTimeout = 50 * time.Millisecond
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})

	for name, start := range map[string]string{
		"nothing":                     "",
		"a part of the header":        "GET / HTTP/1.1\r\nHost: x\r\n",
		"a body that no handler read": "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx",
	} {
		connection, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { connection.Close() })
		fmt.Fprint(connection, start)
		if err := connection.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, connection); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %s the connection is still open", name)
		}
	}
}

func TestPathsAreServedHoweverTheirSlashesAreWritten(t *testing.T) {
	t.Parallel()

	s := open(t, nil)
	for path, want := range map[string]int{
		"//healthz":                      http.StatusOK,
		"/healthz/":                      http.StatusOK,
		"//readyz//":                     http.StatusOK,
		"/metrics/":                      http.StatusOK,
		"//pictures///1.png/":            http.StatusOK,
		"/rtm":                           http.StatusOK,
		"//rtm//info":                    http.StatusOK,
		"//files/1/nothing":              http.StatusNotFound,
		"/files/1//nothing/":             http.StatusNotFound,
		"/pictures/nothing":              http.StatusNotFound,
		"/healthz/nothing":               http.StatusNotFound,
		"//nothing//":                    http.StatusNotFound,
		"/files/1/../../healthz":         http.StatusOK,
		"/files/1/%2e%2e/healthz/x/y/z/": http.StatusNotFound,
	} {
		status, body := ask(s, path)
		if status != want || strings.Contains(body, "<") {
			t.Errorf("%s is answered %d %.80q, want %d", path, status, body, want)
		}
		if status >= http.StatusBadRequest && !json.Valid([]byte(body)) {
			t.Errorf("%s is refused in what is no JSON: %q", path, body)
		}
	}
}
