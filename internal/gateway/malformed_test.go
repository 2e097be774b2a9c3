package gateway_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
	"openkitty/stomp"
)

func TestASessionWithoutAValidAPIKeyIsRefusedForGood(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	for name, query := range map[string]url.Values{
		"no key":           {},
		"an empty key":     key(""),
		"an unknown key":   key("ok_key_NOBODYHASTHIS"),
		"a key with a NUL": key("a\x00b"),
		"a client id":      key(s.Application.ClientID),
	} {
		p := dial(t, s, "/rtm/websocket", query)
		p.text("CONNECT\nStompX-User:eve\naccept-version:1.2\n\n\x00")
		// On any other name the SDKs would try again every five seconds.
		if got, _ := p.end(); got.Error != "AccessDeniedError" || got.Message == "" || got.Timestamp.IsZero() {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestUsernamesThatNobodyCanHaveAreRefused(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	for _, name := range []string{"", strings.Repeat("x", 256), "a\tb"} {
		p := dial(t, s, "/rtm/websocket", key(s.APIKey()))
		p.text("CONNECT\nStompX-User:" + name + "\n\n\x00")
		if got, _ := p.end(); got.Error != "AccessDeniedError" {
			t.Errorf("the name %q: got %+v", name, got)
		}
	}
}

func TestMalformedFramesAreAnsweredWithAnErrorAndTheEnd(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	bystander := connect(t, s, "bystander")
	for name, frame := range map[string]string{
		"no NUL":                      "SEND\ndestination:/application/channels/1.message\n\n{}",
		"a header that does not end":  "SEND\ndestination:x\x00",
		"no colon":                    "SEND\ndestination\n\n\x00",
		"an unknown escape":           "SEND\ndestination:a\\tb\n\n\x00",
		"an escape that ends early":   "SEND\ndestination:a\\\n\n\x00",
		"invalid UTF-8":               "SEND\ndestination:\xff\xfe\n\n\x00",
		"a content-length too long":   "SEND\ndestination:x\ncontent-length:10\n\n{}\x00",
		"a content-length too short":  "SEND\ndestination:x\ncontent-length:1\n\n{}\x00",
		"a content-length of letters": "SEND\ndestination:x\ncontent-length:two\n\n{}\x00",
		"a negative content-length":   "SEND\ndestination:x\ncontent-length:-1\n\n{}\x00",
		"an unknown command":          "SING\n\n\x00",
		"a second CONNECT":            "CONNECT\nStompX-User:other\n\n\x00",
		"a transaction":               "BEGIN\ntransaction:1\n\n\x00",
		"SUBSCRIBE without an id":     "SUBSCRIBE\ndestination:/topic/users/1\n\n\x00",
	} {
		p := connect(t, s, "eve")
		p.text(frame)
		if got, _ := p.end(); got.Error != "InvalidRequestError" || got.Message == "" {
			t.Errorf("%s: got %+v, want an error that says what is wrong", name, got)
		}
	}
	bystander.settle()
}

func TestTheFirstFrameMustBeConnect(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	for name, text := range map[string]string{
		"SEND":                   "SEND\ndestination:/application/channels/1.message\n\n{}\x00",
		"a malformed heart-beat": "CONNECT\nStompX-User:eve\nheart-beat:often\n\n\x00",
		"frames behind CONNECT":  "CONNECT\nStompX-User:eve\n\n\x00SEND\ndestination:x\n\n\x00",
	} {
		p := dial(t, s, "/rtm/websocket", key(s.APIKey()))
		p.text(text)
		if got, _ := p.end(); got.Error != "InvalidRequestError" {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestOversizeFramesAreRefusedWithTheLimit(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) {
		c.MaxFrameSize = 32 << 10
		c.MaxHeaderSize = 4 << 10
		c.MaxHeaders = 10
	}})
	for name, frame := range map[string]string{
		"32768":    "SEND\ndestination:x\n\n" + strings.Repeat("x", 33<<10) + "\x00",
		"4096":     "SEND\ndestination:x\nlong:" + strings.Repeat("x", 5<<10) + "\n\n\x00",
		"10 lines": "SEND\ndestination:x\n" + strings.Repeat("a:b\n", 11) + "\n\x00",
	} {
		p := connect(t, s, "eve")
		p.text(frame)
		if got, _ := p.end(); got.Error != "InvalidRequestError" || !strings.Contains(got.Message, name) {
			t.Errorf("over the limit of %s: got %+v", name, got)
		}
	}
}

// A message in fragments can't be longer than one that is whole.
func TestFragmentsAreJoinedUpToTheLimit(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.MaxFrameSize = 8 << 10 }})
	p := connect(t, s, "alice")
	fragment := func(op ws.OpCode, final bool, text string) {
		frame := ws.MaskFrame(ws.NewFrame(op, final, []byte(text)))
		if err := ws.WriteFrame(p.conn, frame); err != nil {
			t.Fatal(err)
		}
	}
	fragment(ws.OpText, false, "UNSUBSCRIBE\nid:x\n")
	fragment(ws.OpPing, true, "between")
	fragment(ws.OpContinuation, true, "receipt:joined\n\n\x00")
	p.await("the receipt of a frame in fragments", with(stomp.Receipt, "receipt-id", "joined"))

	fragment(ws.OpText, false, strings.Repeat("x", 5<<10))
	fragment(ws.OpContinuation, true, strings.Repeat("x", 5<<10))
	if got, how := p.end(); got.Error != "InvalidRequestError" || !strings.HasPrefix(how, "1009") {
		t.Errorf("got %+v, closed with %s", got, how)
	}
}

func TestBreachesOfWebSocketEndTheConnection(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	for name, bytes := range map[string][]byte{
		"a frame without a mask":          {0x81, 0x01, 'x'},
		"a reserved bit":                  {0xc1, 0x80, 0, 0, 0, 0},
		"a reserved opcode":               {0x83, 0x80, 0, 0, 0, 0},
		"a continuation of nothing":       {0x80, 0x80, 0, 0, 0, 0},
		"a ping in fragments":             {0x09, 0x80, 0, 0, 0, 0},
		"a length of the whole world":     {0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0},
		"a ping longer than pings may be": {0x89, 0xfe, 0x00, 0x7e, 0, 0, 0, 0},
	} {
		p := connect(t, s, "eve")
		if _, err := p.conn.Write(bytes); err != nil {
			t.Fatal(err)
		}
		if got, _ := p.end(); got.Error != "InvalidRequestError" {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestAuthParametersMustBeReadable(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	for params, want := range map[string]string{
		`{"password":"p:w"}`:                     stomp.Connected,
		base64Of(`{"name":"caf` + "\xe9" + `"}`): stomp.Connected, // one byte a character
		`{"password"`:                            stomp.Error,
		base64Of("{"):                            stomp.Error,
	} {
		p := dial(t, s, "/rtm/websocket", key(s.APIKey()))
		p.text("CONNECT\nStompX-User:alice\nStompX-Auth-Params:" + params + "\n\n\x00")
		if got := p.next(); got.Command != want {
			t.Errorf("%s: got %s %s", params, got.Command, got.Body)
		}
	}
}

func TestPagesOfOtherOriginsAreKeptOutIfTheListSaysSo(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) {
		c.AllowedOrigins = []string{"https://app.example"}
	}})
	for origin, want := range map[string]int{
		"https://app.example":  http.StatusSwitchingProtocols,
		"https://evil.example": http.StatusForbidden,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/rtm/websocket", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = http.Header{
			"Origin": {origin}, "Upgrade": {"websocket"}, "Connection": {"Upgrade"},
			"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
		}
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: got status %d, want %d", origin, response.StatusCode, want)
		}
	}
}

// A client must connect in time, and finish the frames that it begins.
func TestClientsThatDawdleAreLetGo(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) {
		c.ConnectTimeout = 300 * time.Millisecond
		c.FrameTimeout = 300 * time.Millisecond
	}})
	silent := dial(t, s, "/rtm/websocket", key(s.APIKey()))
	silent.end()

	slow := connect(t, s, "slow")
	header := []byte{0x81, 0xfe, 0x10, 0x00, 0, 0, 0, 0} // a message of 4 KB
	drip(t, slow.conn, append(header, make([]byte, 4096)...))
	if _, how := slow.end(); !strings.Contains(how, "too slow") && how != "without a word" {
		t.Errorf("the connection ended with %s", how)
	}
}

// drip sends a byte now and then for a second, or until the server has had
// enough.
func drip(t *testing.T, conn net.Conn, bytes []byte) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for i := range 50 {
		if _, err := conn.Write(bytes[i : i+1]); err != nil {
			return
		}
		<-ticker.C
	}
}
