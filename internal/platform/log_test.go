package platform_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
)

// syncBuffer is a log that several goroutines write.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// lines are those of the log that have all of some texts.
func (b *syncBuffer) lines(texts ...string) (found []string) {
	for line := range strings.Lines(b.String()) {
		has := true
		for _, text := range texts {
			has = has && strings.Contains(line, text)
		}
		if has {
			found = append(found, line)
		}
	}
	return found
}

// logged starts a server that logs as it does by default.
func logged(t *testing.T) (*servertest.Server, *syncBuffer) {
	t.Helper()
	var log syncBuffer
	return servertest.Start(t, servertest.Options{Log: &log, Change: func(settings *config.Serve) { settings.LogLevel = "info" }}), &log
}

func TestRefusalsAreLoggedWithTheIDOfTheirRequest(t *testing.T) {
	t.Parallel()

	s, log := logged(t)
	b := newBackEnd(t, s)
	reader := newBackEndWith(t, s, s.Application.ClientID, s.Secret, "read:user")
	nobody := &backEnd{t: t, url: s.URL}
	owned := fmt.Sprintf("application=%d credential=", s.Application.ID)
	refused := []struct {
		who                      *backEnd
		status                   int
		name, method, path, body string
		want                     string
	}{
		{b, 404, "UserNotFoundError", "GET", "/users/999", "", "operation=retrieve-user status=404 " + owned},
		{b, 400, "InvalidRequestError", "POST", "/users", `{"name":"hush-hush"}`, "operation=create-user status=400 " + owned},
		{b, 400, "InvalidRequestError", "GET", "/users?page=-1", "", "operation=list-users status=400 " + owned},
		{b, 404, "NotFoundError", "GET", "/nothing", "", `path=/nothing operation="" status=404`},
		{b, 405, "MethodNotAllowedError", "PUT", "/users", "", "path=/users"},
		{reader, 403, "insufficient_scope", "GET", "/application", "", "operation=retrieve-application status=403 " + owned},
		{nobody, 401, "unauthorized", "GET", "/application", "", "status=401 application=0 credential=0"},
		{nobody, 400, "unsupported_grant_type", "POST", "/oauth/token", `{"client_secret":"hush-hush"}`, "path=/oauth/token"},
	}
	for n, c := range refused {
		c.who.wants(c.status, c.name, c.method, c.path, c.body, "X-Request-Id", fmt.Sprintf("mine-%d", n), "Content-Type", "application/json")
	}
	s.Stop() // lines are written after answers
	for n, c := range refused {
		id := fmt.Sprintf("request=mine-%d", n)
		if lines := log.lines(id, "level=INFO", "method="+c.method, c.want, c.name); len(lines) != 1 {
			t.Errorf("%s %s is logged as %v", c.method, c.path, log.lines(id))
		}
	}
	if strings.Contains(log.String(), "hush-hush") {
		t.Error("the log has the body of a request")
	}
}

func TestRequestsThatSucceedAreNotLogged(t *testing.T) {
	t.Parallel()

	s, log := logged(t)
	newBackEnd(t, s).must("GET", "/users", "")
	s.Stop()
	if lines := log.lines("request="); len(lines) > 0 {
		t.Errorf("the log has %v", lines)
	}
}

func TestWhoeverIsRefusedOftenDoesNotFillTheLog(t *testing.T) {
	t.Parallel()

	s, log := logged(t)
	b, nobody := newBackEnd(t, s), &backEnd{t: t, url: s.URL}
	long := "/" + strings.Repeat("x", 4000)
	began := time.Now()
	for range 300 {
		nobody.wants(http.StatusUnauthorized, "unauthorized", "GET", "/users", "")
		nobody.wants(http.StatusNotFound, "NotFoundError", "GET", long, "")
	}
	most := 100 + 10*int(1+time.Since(began).Seconds()) // a hundred at once, and ten a second
	b.wants(http.StatusNotFound, "UserNotFoundError", "GET", "/users/999", "", "X-Request-Id", "mine-1")
	s.Stop()
	refused := log.lines("request refused", "credential=0")
	if len(refused) == 0 || len(refused) > most {
		t.Errorf("%d of 600 refusals of unknown callers were logged, where %d may be", len(refused), most)
	}
	for _, line := range refused {
		if len(line) > 2<<10 {
			t.Errorf("the log has a line of %d bytes: %.200s…", len(line), line)
		}
	}
	if lines := log.lines("request=mine-1"); len(lines) != 1 {
		t.Errorf("the lines of another caller are %v", lines)
	}
	// It may stand in a line before the last.
	if len(refused) < 600 && len(log.lines("not_logged_before=")) == 0 {
		t.Error("no line says that others were not logged")
	}
}

func TestTheLineThatMakesAJobNamesTheRequestAndTheJob(t *testing.T) {
	t.Parallel()

	s, log := logged(t)
	c := newCaller(t, s)
	b := newBackEnd(t, s)
	_, job, _ := b.send("POST", "/analytics/users", "", "X-Request-Id", "mine-1")
	c.ended(job)
	s.Stop()
	name := fmt.Sprintf("job=%.0f", job["id"])
	for _, want := range [][]string{{"job created", name, "request=mine-1"}, {"job ended", name}} {
		if lines := log.lines(want...); len(lines) != 1 {
			t.Errorf("the lines with %v are %v of:\n%s", want, lines, log.String())
		}
	}
}
