package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// The published SDKs have traps, which a server must not step into. Those that
// other tests do not show by the way are shown here. The list of all of them is
// in compat/traps.mjs.

// Whoever awaits a receipt takes it for success, if it comes first.
func TestARefusedActionGetsNoReceipt(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	for _, destination := range []string{"/application/threads/999.read", "/application/channels/999.trigger_event"} {
		alice.send(stomp.Send, []byte(`{"type":"x"}`), "destination", destination, "receipt", destination)
		frame := alice.await("an answer", func(f stomp.Frame) bool { return f.Header.Get("receipt-id") == destination })
		if frame.Command != stomp.Message || frame.Header.Get("subscription") != "errors" {
			t.Errorf("%s was answered with %s", destination, frame.Command)
		}
	}
	alice.settle()
	for _, frame := range alice.got {
		if frame.Command == stomp.Receipt {
			t.Errorf("later came the receipt %v", frame.Header)
		}
	}
}

// A refusal without an id fails everything that the SDK waits for.
func TestARefusalNamesTheOneRequestThatItRefuses(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.Limits.MaxSubscriptions = 1 }})
	alice := connect(t, s, "alice")
	user := alice.me()
	alice.send(stomp.Subscribe, nil, "id", "relay", "destination", "/application/channels/999.relay")
	alice.send(stomp.Send, []byte(`{}`), "destination", "/application/channels/999.read", "receipt", "action")
	alice.send(stomp.Send, []byte(`{}`), "destination", "/application/channels/999.message")
	alice.listen(user.link("_topics", "self"))
	alice.send(stomp.Subscribe, nil, "id", "topic", "destination", user.link("_topics", "channels"))
	alice.settle()
	var named []string
	for _, frame := range alice.got {
		if frame.Header.Get("subscription") != "errors" {
			continue
		}
		ids := frame.Header.Get("subscription-id") + frame.Header.Get("receipt-id")
		named = append(named, ids)
	}
	if got := strings.Join(named, " "); got != "relay action topic" {
		t.Errorf("refused were %q", got)
	}
}

// Older SDKs acknowledge the text "undefined".
func TestAcknowledgementsOfNothingAreIgnored(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	channel := alice.create(`{"type":"PUBLIC"}`)
	alice.enter(channel)
	for _, id := range []string{"undefined", "c1-99999", "", "m-"} {
		alice.send(stomp.Ack, nil, "id", id, "subscription", "none")
	}
	alice.send(stomp.Send, []byte(`{"type":"TEXT","body":"hello"}`), "destination", channel.link("_actions", "message"), "receipt", "r")
	frame := alice.await("a message", with(stomp.Message, "receipt-id", "r"))
	if ack := frame.Header.Get("ack"); ack == "" {
		t.Error("an event on a subscription that acknowledges has no ack header")
	}
}

// Some SDKs send this text when the server gave them no session to resume.
func TestASessionNamedUndefinedIsAFreshOne(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	p := dial(t, s, "/rtm/websocket", key(s.APIKey()))
	p.text("CONNECT\nStompX-User:alice\nStompX-Auth-Session-ID:undefined\naccept-version:1.2\nheart-beat:0,0\n\n\x00")
	if got := p.next(); got.Command != stomp.Connected || got.Header.Get("session") == "" || got.Header.Get("session") == "undefined" {
		t.Errorf("got %s %v", got.Command, got.Header)
	}
}

// SDKs never end the subscriptions of relays.
func TestRelaysLeaveNoSubscriptionBehind(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.Limits.MaxSubscriptions = 1 }})
	alice := connect(t, s, "alice")
	for i := range 20 {
		if _, refused := alice.read("/application/user.relay", "n", fmt.Sprint(i)); refused.Error != "" {
			t.Fatal(refused)
		}
	}
	alice.listen(alice.me().link("_topics", "self"))
}

// Chat sessions that are ended too early are never unsubscribed by the SDKs.
func TestAChatSessionEndsWithItsConnectionWithoutAWord(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	channel := alice.direct("bob")
	alice.enter(channel)
	bob.enter(channel)
	participants := channel.link("_topics", "participants")
	alice.event(participants, "channel.participant.active")
	bob.send(stomp.Disconnect, nil, "receipt", "close-1")
	if left := alice.event(participants, "channel.participant.inactive"); left["name"] != "bob" {
		t.Errorf("%v left", left)
	}
}

// SDKs send the whole resource that an application changed, with all that is in it.
func TestAnActionMayCarryAResourceOfManyKilobytes(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	channel := alice.create(`{"type":"PUBLIC"}`)
	seen, _ := bob.read(fmt.Sprintf("/application/channels/%d.relay", channel.id()))
	bob.listen(bob.me().link("_topics", "channels"))
	body := fmt.Sprintf(`{"channel":{"id":%d,"unknown":%q,"_relays":{}}}`, channel.id(), strings.Repeat("x", 256<<10))
	if joined, refused := bob.act(seen.link("_actions", "join"), body); refused.Error != "" || joined.id() != channel.id() {
		t.Errorf("joined %v, %+v", joined.id(), refused)
	}
}

// SDKs keep handlers by topic: equal strings would share them.
func TestEveryTopicOfEveryResourceIsAnother(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	first, second := alice.create(`{"type":"PUBLIC"}`), alice.create(`{"type":"PUBLIC"}`)
	main, _ := alice.read(fmt.Sprintf("/application/channels/%d.thread.relay", first.id()))
	seen := map[string]string{}
	for name, r := range map[string]resource{"user": alice.me(), "first": first, "second": second, "thread": main} {
		topics, _ := r["_topics"].(map[string]any)
		if len(topics) == 0 {
			t.Errorf("the %s has no topics", name)
		}
		for key, topic := range topics {
			if other, twice := seen[topic.(string)]; twice {
				t.Errorf("%s.%s and %s are %s", name, key, other, topic)
			}
			seen[topic.(string)] = name + "." + key
		}
	}
}
