package platform_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"openkitty/internal/logging"
	"openkitty/internal/platform"
	"openkitty/internal/servertest"
)

func TestARequestThatPanickedMayBeMadeAgainUnderItsKey(t *testing.T) {
	t.Parallel()

	e := servertest.OpenEngine(t)
	app, secret, err := e.CreateApplication(t.Context(), "app")
	if err != nil {
		t.Fatal(err)
	}
	token, err := e.IssueToken(t.Context(), app.ClientID, secret, nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var log syncBuffer
	api, err := platform.New(platform.Options{
		Engine: e, Limits: platform.DefaultLimits, Log: slog.New(logging.Handler(slog.NewTextHandler(&log, nil))), PublicURL: "http://localhost",
	})
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	api.AddPost("/panics-once", func() {
		if calls++; calls == 1 {
			panic("for the test")
		}
	})
	s := httptest.NewServer(api)
	defer s.Close()
	b := &backEnd{t: t, url: s.URL, token: token.Text}
	b.wants(http.StatusInternalServerError, "InternalServerError", "POST", "/panics-once", "", "Idempotency-Key", "k", "X-Request-Id", "mine-1")
	b.wants(http.StatusOK, "", "POST", "/panics-once", "", "Idempotency-Key", "k")
	b.wants(http.StatusOK, "", "POST", "/panics-once", "", "Idempotency-Key", "k")
	if calls != 2 {
		t.Errorf("it was done %d times", calls)
	}
	s.Close() // lines are written after answers
	if lines := log.lines("level=ERROR", "request=mine-1", "for the test"); len(lines) != 1 {
		t.Errorf("the log has %s", log.String())
	}
}
