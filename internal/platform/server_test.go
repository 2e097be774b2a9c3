package platform_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"openkitty/internal/logging"
	"openkitty/internal/platform"
	"openkitty/internal/servertest"
)

// backEnd asks a server as an application's back end does.
type backEnd struct {
	t     *testing.T
	url   string
	token string
	user  func(username string) *servertest.User // connects a user
}

// newBackEnd has a token with everything.
func newBackEnd(t *testing.T, s *servertest.Server) *backEnd {
	t.Helper()
	return newBackEndWith(t, s, s.Application.ClientID, s.Secret, "")
}

func newBackEndWith(t *testing.T, s *servertest.Server, id, secret, scope string) *backEnd {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "scope": {scope}}
	b := &backEnd{t: t, url: s.URL, user: s.Connect}
	status, answer, _ := b.send("POST", "/oauth/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if status != http.StatusOK {
		t.Fatalf("the token endpoint answers %d %v", status, answer)
	}
	b.token = answer["access_token"].(string)
	return b
}

// newAPI is an API without a server around it, and a back end with a token.
func newAPI(t *testing.T, limits platform.Limits) (*platform.API, *backEnd) {
	t.Helper()
	api, b, _ := newLoggedAPI(t, limits, t.Output())
	return api, b
}

// newLoggedAPI is newAPI with a log, which is whole once the API was stopped.
func newLoggedAPI(t *testing.T, limits platform.Limits, log io.Writer) (api *platform.API, b *backEnd, stop func()) {
	t.Helper()
	e := servertest.OpenEngine(t)
	app, secret, err := e.CreateApplication(t.Context(), "app")
	if err != nil {
		t.Fatal(err)
	}
	token, err := e.IssueToken(t.Context(), app.ClientID, secret, nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	api, err = platform.New(platform.Options{
		Engine: e, Limits: limits, Log: slog.New(logging.Handler(slog.NewTextHandler(log, nil))), PublicURL: "http://localhost",
		AddressOf: func(*http.Request) netip.Addr { return netip.IPv6Loopback() },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(api)
	t.Cleanup(s.Close)
	return api, &backEnd{t: t, url: s.URL, token: token.Text}, s.Close
}

// send makes a request and returns the answer, which must be JSON.
func (b *backEnd) send(method, path, body string, headers ...string) (status int, answer map[string]any, header http.Header) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if len(text) > 0 {
		if err := json.NewDecoder(bytes.NewReader(text)).Decode(&answer); err != nil {
			b.t.Fatalf("%s %s answers %d with what is no JSON: %.200s", method, path, response.StatusCode, text)
		}
	}
	return response.StatusCode, answer, response.Header
}

// must is send for what must succeed.
func (b *backEnd) must(method, path, body string, headers ...string) map[string]any {
	b.t.Helper()
	status, answer, _ := b.send(method, path, body, headers...)
	if status != http.StatusOK {
		b.t.Fatalf("%s %s answers %d %v", method, path, status, answer)
	}
	return answer
}

// until is must, again and again until the answer is as it will be.
func (b *backEnd) until(method, path string, holds func(answer map[string]any) bool) map[string]any {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		answer := b.must(method, path, "")
		if holds(answer) {
			return answer
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s %s still answers %v", method, path, answer)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// wants checks the status and the name of an error.
func (b *backEnd) wants(status int, name, method, path, body string, headers ...string) http.Header {
	b.t.Helper()
	got, answer, header := b.send(method, path, body, headers...)
	if got != status || name != "" && answer["error"] != name {
		b.t.Errorf("%s %s answers %d %v, want %d %s", method, path, got, answer, status, name)
	}
	return header
}
