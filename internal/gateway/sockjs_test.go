package gateway_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gobwas/ws/wsutil"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
)

const connectFrame = "CONNECT\nStompX-User:alice\naccept-version:1.2\n\n\x00"

// post sends a request of SockJS and returns the answer's status and body.
func post(t *testing.T, s *servertest.Server, path, body string) (int, string) {
	t.Helper()
	address := s.URL + path + "?" + key(s.APIKey()).Encode()
	response, err := http.Post(address, "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func array(t *testing.T, messages ...string) string {
	t.Helper()
	text, err := json.Marshal(messages)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestASessionRunsOverPollingWhereThereIsNoWebSocket(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	for _, endpoint := range []string{"/rtm", "/stompx"} {
		base := endpoint + "/000/" + strings.Trim(endpoint, "/")
		if _, answer := post(t, s, base+"/xhr", ""); answer != "o\n" {
			t.Fatalf("opened with %q", answer)
		}
		if status, answer := post(t, s, base+"/xhr_send", array(t, connectFrame)); status != http.StatusNoContent {
			t.Fatalf("send: %d %s", status, answer)
		}
		if _, answer := post(t, s, base+"/xhr", ""); !strings.Contains(answer, "CONNECTED") {
			t.Fatalf("connect got %q", answer)
		}
		post(t, s, base+"/xhr_send", array(t, "SUBSCRIBE\nid:me\ndestination:/application/user.relay\n\n\x00"))
		if _, answer := post(t, s, base+"/xhr", ""); !strings.Contains(answer, `\"name\":\"alice\"`) {
			t.Errorf("the current user is %q", answer)
		}
		post(t, s, base+"/xhr_send", array(t, "SING\n\n\x00"))
		if _, answer := post(t, s, base+"/xhr", ""); !strings.Contains(answer, "ERROR") {
			t.Errorf("a malformed frame got %q", answer)
		}
		if _, answer := post(t, s, base+"/xhr", ""); !strings.HasPrefix(answer, "c[1002,") {
			t.Errorf("and then %q", answer)
		}
	}
}

func TestSockJSRequestsAreBounded(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) {
		c.MaxFrameSize = 8 << 10
		c.MaxHeaderSize = 4 << 10
		c.MaxMessageSize = 4 << 10
	}})
	post(t, s, "/rtm/000/large/xhr", "")
	if status, _ := post(t, s, "/rtm/000/large/xhr_send", array(t, strings.Repeat("x", 100<<10))); status != http.StatusRequestEntityTooLarge {
		t.Errorf("100 KB were taken with status %d", status)
	}
	if status, _ := post(t, s, "/rtm/000/nobody/xhr_send", array(t, connectFrame)); status != http.StatusNotFound {
		t.Errorf("a session that nobody opened takes messages, with status %d", status)
	}
	if status, _ := post(t, s, "/rtm/000/large/xhr_send", `["`); status != http.StatusBadRequest {
		t.Errorf("broken JSON got status %d", status)
	}
}

func TestSockJSFramesAMessageOnItsWebSocket(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	p := dialSockJS(t, s)
	p.text(array(t, connectFrame, "\n", "SUBSCRIBE\nid:me\ndestination:/application/v1/user.relay\n\n\x00"))
	if got := p.line(); !strings.HasPrefix(got, `a["CONNECTED`) {
		t.Errorf("connect got %q", got)
	}
	if got := p.line(); !strings.Contains(got, `\"name\":\"alice\"`) {
		t.Errorf("the current user is %q", got)
	}
	p.text("no array")
	if got := p.line(); !strings.HasPrefix(got, `a["ERROR`) {
		t.Errorf("no array got %q", got)
	}
	if got := p.line(); !strings.HasPrefix(got, "c[1007,") {
		t.Errorf("and then %q", got)
	}
}

// dialSockJS opens a WebSocket with SockJS framing.
func dialSockJS(t *testing.T, s *servertest.Server) *peer {
	t.Helper()
	p := dialPath(t, s, "/rtm/123/abcdefgh/websocket", key(s.APIKey()))
	if got := p.line(); got != "o" {
		t.Fatalf("opened with %q", got)
	}
	return p
}

// line returns the next message as it is, or how the connection ended.
func (p *peer) line() string {
	p.t.Helper()
	message, err := wsutil.ReadServerText(p.conn)
	var closing wsutil.ClosedError
	if errors.As(err, &closing) {
		return closing.Reason
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return string(message)
}
