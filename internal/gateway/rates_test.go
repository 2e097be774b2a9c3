package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/config"
	"openkitty/internal/servertest"
	"openkitty/stomp"
)

func TestWhatComesTooFastIsRefusedWithATimeToTryAgain(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	s.Set(map[string]string{"sends_per_user": "2/24h", "requests_per_user": "20/24h"})
	alice := connect(t, s, "alice")
	channel := alice.create(`{"type":"PUBLIC"}`)
	message := channel.link("_actions", "message")
	for range 2 {
		if _, refused := alice.act(message, `{"type":"TEXT","body":"hi"}`); refused.Error != "" {
			t.Fatalf("within the rate: %+v", refused)
		}
	}
	alice.send(stomp.Send, []byte(`{"type":"TEXT","body":"hi"}`), "destination", message, "receipt", "third")
	frame := alice.await("the refusal", with(stomp.Message, "receipt-id", "third"))
	checkCoolOff(t, frame.Body, "PT43200S")

	self := channel.link("_relays", "self")
	for range 20 {
		alice.read(self)
	}
	alice.send(stomp.Subscribe, nil, "id", "relay", "destination", self)
	frame = alice.await("the refusal", with(stomp.Message, "subscription-id", "relay"))
	checkCoolOff(t, frame.Body, "PT4320S")

	bob := connect(t, s, "bob")
	if _, refused := bob.read(self); refused.Error != "" {
		t.Errorf("somebody else is refused: %+v", refused)
	}
}

// checkCoolOff checks the body of a refusal, whose time may have run for a little
// while.
func checkCoolOff(t *testing.T, body []byte, most string) {
	t.Helper()
	got := decode[struct{ Error, CoolOffDuration string }](t, body)
	seconds, isSeconds := strings.CutSuffix(got.CoolOffDuration, "S")
	if got.Error != "RateLimitedError" || !isSeconds || len(seconds) < len(most)-1 || seconds[:2] != "PT" {
		t.Errorf("refused as %+v, want a wait of about %s", got, most)
	}
}

func TestKeystrokesThatComeTooFastAreDroppedWithoutAnError(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	s.Set(map[string]string{"keystrokes_per_user": "1/24h"})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	channel := alice.create(`{"type":"DIRECT","members":[{"username":"bob"}]}`)
	alice.enter(channel)
	bob.enter(channel)
	for _, keys := range []string{"a", "b", ""} {
		alice.send(stomp.Send, []byte(`{"keys":"`+keys+`"}`),
			"destination", channel.link("_actions", "keystrokes"), "receipt", "keys "+keys)
		alice.await("the receipt", with(stomp.Receipt, "receipt-id", "keys "+keys))
	}
	bob.settle()
	shown := 0
	for _, frame := range bob.got {
		if strings.Contains(string(frame.Body), "thread.keystrokes.created") {
			shown++
		}
	}
	if shown != 1 {
		t.Errorf("%d keystrokes were shown, want that within the rate", shown)
	}
}

func TestTooManyConnectsOfAUserAreClosedWithoutAWordSoThatTheyComeBack(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	s.Set(map[string]string{"connects_per_user": "1/24h"})
	connect(t, s, "alice") // a newcomer, who is a user from now on
	connect(t, s, "alice")
	p := dial(t, s, "/stompx/websocket", key(s.APIKey()))
	p.text("CONNECT\nStompX-User:alice\naccept-version:1.2\n\n\x00")
	if refused, how := p.end(); refused.Error != "" || how != "without a word" {
		t.Errorf("the connection ended %s, after %+v", how, refused)
	}
	connect(t, s, "bob")
}

func TestTooManyConnectionsFromAnAddressFailAtTheHandshake(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) {
		c.MaxAddressConnects = chat.Rate{Count: 2, Per: 24 * 3600e9}
	}})
	attempt := func(forwarded string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/stompx/websocket", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-WebSocket-Version": {"13"},
			"Sec-WebSocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "X-Forwarded-For": {forwarded},
		}
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode == http.StatusTooManyRequests && response.Header.Get("Retry-After") == "" {
			t.Error("the refusal does not say when to try again")
		}
		return response.StatusCode
	}
	for _, step := range []struct {
		forwarded string
		status    int
	}{
		{"203.0.113.1", 101}, {"203.0.113.1", 101}, {"203.0.113.1", 429},
		{"203.0.113.2", 101},              // another client of the proxy
		{"203.0.113.2, 203.0.113.1", 429}, // what a client says itself is not believed
		{"203.0.113.1, 10.0.0.7", 429},    // one proxy behind another
		{"", 101},                         // no proxy
	} {
		if got := attempt(step.forwarded); got != step.status {
			t.Errorf("forwarded for %q: status %d, want %d", step.forwarded, got, step.status)
		}
	}
}

func TestWithoutRateLimitsNothingIsTooFast(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.RateLimits = "off" }})
	s.Set(map[string]string{"sends_per_user": "1/24h", "connects_per_user": "1/24h", "requests_per_user": "1/24h"})
	alice := connect(t, s, "alice")
	channel := alice.create(`{"type":"PUBLIC"}`)
	for range 3 {
		if _, refused := alice.act(channel.link("_actions", "message"), `{"type":"TEXT","body":"hi"}`); refused.Error != "" {
			t.Errorf("refused: %+v", refused)
		}
	}
}
