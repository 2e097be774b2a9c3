package gateway_test

import (
	"fmt"
	"testing"

	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// confirm performs an action that only a receipt answers, and returns the error
// if there is one instead.
func (p *peer) confirm(destination, body string) refusal {
	p.t.Helper()
	receipt := "to confirm " + destination
	p.send(stomp.Send, []byte(body), "destination", destination, "receipt", receipt)
	frame := p.await(destination, func(f stomp.Frame) bool { return f.Header.Get("receipt-id") == receipt })
	if frame.Command == stomp.Receipt {
		return refusal{}
	}
	return decode[refusal](p.t, frame.Body)
}

// unread reads a relay that counts what is unread.
func (p *peer) unread(owner resource, relay string) any {
	p.t.Helper()
	return p.ask(owner.link("_relays", relay), "unread", "true")["count"]
}

func TestWhatIsReadIsToldToReaderAuthorAndChannel(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		alice.enter(channel)
		inChannel, ofAlice, ofBob := channel.link("_topics", "readReceipts"), alice.me().link("_topics", "readReceipts"), bob.me().link("_topics", "readReceipts")
		alice.listen(inChannel)
		alice.listen(ofAlice)
		bob.listen(ofBob)
		message := alice.say(channel, "hello")
		me := bob.me()
		if channels, all, here := bob.unread(me, "channelsCount"), bob.unread(me, "unreadMessagesCount"), bob.unread(channel, "messagesCount"); channels != 1.0 || all != 1.0 || here != 1.0 {
			t.Errorf("bob has %v channels and %v messages unread, %v of them here", channels, all, here)
		}
		if got := bob.ask(channel.link("_relays", "unread"))["exists"]; got != true {
			t.Errorf("unread: %v", got)
		}
		if refused := bob.confirm(message.link("_actions", "read"), `{}`); refused.Error != "" {
			t.Fatalf("read: %+v", refused)
		}
		for _, heard := range []resource{
			alice.event(inChannel, "message.read_receipt.created"),
			alice.event(ofAlice, "message.read_receipt.created"),
			bob.event(ofBob, "message.read_receipt.created"),
		} {
			if heard.at("user", "name") != "bob" || heard["createdTime"] == nil {
				t.Errorf("heard of %v", heard)
			}
			if got := alice.ask(heard.link("_relays", "message")); got.id() != message.id() {
				t.Errorf("the receipt leads to %v", got)
			}
		}
		receipts := alice.ask(message.link("_relays", "readReceipts")).at("_embedded", "receipts").([]any)
		if len(receipts) != 1 || resource(receipts[0].(map[string]any)).at("user", "name") != "bob" {
			t.Errorf("the receipts are %v", receipts)
		}
		if last := alice.ask(channel.link("_relays", "lastReadMessage"), "username", "bob"); last.id() != message.id() {
			t.Errorf("bob last read %v", last)
		}
		if got := bob.ask(me.link("_relays", "unreadChannelsCount"))["count"]; got != 0.0 {
			t.Errorf("after reading, %v channels are unread", got)
		}
		if refused := bob.confirm(message.link("_actions", "unread"), `{}`); refused.Error != "" {
			t.Fatalf("unread: %+v", refused)
		}
		alice.event(inChannel, "message.read_receipt.deleted")
		alice.event(ofAlice, "message.read_receipt.deleted")
		bob.event(ofBob, "message.read_receipt.deleted")
		if refused := bob.confirm(channel.link("_actions", "read"), `{}`); refused.Error != "" {
			t.Fatalf("read the channel: %+v", refused)
		}
		alice.event(inChannel, "message.read_receipt.created")
		if page := bob.ask(me.link("_relays", "unreadChannels")); page.at("page", "totalElements") != 0.0 {
			t.Errorf("unread channels: %v", page)
		}
	})
}

func TestReadingIsRefusedToOutsidersAndOfWhatIsGone(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob, eve := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "eve")
	stranger := connectTo(t, s, s.CreateApplication("another").APIKey, "alice")
	private := alice.create(`{"type":"PRIVATE","name":"den","members":[{"username":"bob"}]}`)
	public := alice.create(`{"type":"PUBLIC","name":"plaza"}`)
	message, deleted, open := alice.say(private, "hello"), alice.say(private, "gone"), alice.say(public, "hello, all")
	alice.must(deleted.link("_actions", "delete"), `{}`)
	for _, test := range []struct {
		who    *peer
		action string
		want   string
	}{
		{eve, message.link("_actions", "read"), "MessageNotFoundError"},
		{eve, message.link("_actions", "unread"), "MessageNotFoundError"},
		{eve, open.link("_actions", "read"), "MessageNotFoundError"},
		{eve, private.link("_actions", "read"), "ChannelNotFoundError"},
		{eve, public.link("_actions", "read"), "NotPermittedError"},
		{stranger, message.link("_actions", "read"), "MessageNotFoundError"},
		{stranger, public.link("_actions", "read"), "ChannelNotFoundError"},
		{bob, deleted.link("_actions", "read"), "MessageNotFoundError"},
		{bob, deleted.link("_actions", "unread"), "MessageNotFoundError"},
		{bob, "/application/messages/999999.read", "MessageNotFoundError"},
		{bob, "/application/channels/999999.read", "ChannelNotFoundError"},
	} {
		if got := test.who.confirm(test.action, `{}`); got.Error != test.want || got.Message == "" {
			t.Errorf("%s: %+v, want %s", test.action, got, test.want)
		}
	}
	for _, test := range []struct {
		who         *peer
		relay, want string
		headers     []string
	}{
		{eve, private.link("_relays", "unread"), "ChannelNotFoundError", nil},
		{eve, public.link("_relays", "unread"), "NotPermittedError", nil},
		{eve, public.link("_relays", "messagesCount"), "NotPermittedError", []string{"unread", "true"}},
		{eve, public.link("_relays", "lastReadMessage"), "NotPermittedError", []string{"username", "alice"}},
		{eve, message.link("_relays", "readReceipts"), "MessageNotFoundError", nil},
		{stranger, message.link("_relays", "readReceipts"), "MessageNotFoundError", nil},
		{eve, bob.me().link("_relays", "unreadMessagesCount"), "NotPermittedError", nil},
		{eve, bob.me().link("_relays", "unreadChannelsCount"), "NotPermittedError", nil},
		{bob, private.link("_relays", "lastReadMessage"), "UserNotFoundError", []string{"username", "nobody"}},
		{bob, private.link("_relays", "lastReadMessage"), "MemberNotFoundError", []string{"username", "eve"}},
		{bob, private.link("_relays", "lastReadMessage"), "MessageNotFoundError", []string{"username", "bob"}},
	} {
		if got, refused := test.who.read(test.relay, test.headers...); refused.Error != test.want {
			t.Errorf("%s: %v %+v, want %s", test.relay, got, refused, test.want)
		}
	}
}

// Some SDKs hang on null, and the others take nothing else for "none".
func TestNoLastReadMessageIsNullToTheSDKsThatTakeIt(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	channel := alice.direct("bob")
	older := dial(t, s, "/rtm/websocket", key(s.APIKey()))
	older.text("CONNECT\nStompX-User:bob\nStompX-User-Agent:ChatKitty-ChatUI/2.40.0\naccept-version:1.2\nheart-beat:60000,10000\n\n\x00")
	older.await("a session", func(f stomp.Frame) bool { return f.Command == stomp.Connected })
	older.send(stomp.Subscribe, nil, "id", "errors", "destination", "/user/queue/errors")
	if got, refused := older.read(channel.link("_relays", "lastReadMessage"), "username", "bob"); got != nil || refused.Error != "" {
		t.Errorf("got %v, %+v", got, refused)
	}
}

func TestNotificationsReachAllConnectionsOfWhoIsAway(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob, phone := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "bob")
		channel := alice.direct("bob")
		topic := bob.me().link("_topics", "notifications")
		bob.listen(topic)
		phone.listen(topic)
		message := alice.say(channel, "hello")
		for _, device := range []*peer{bob, phone} {
			got := device.event(topic, "user.notification.created")
			if got.at("data", "type") != "USER:SENT:MESSAGE" || got["title"] != "alice" || got["body"] != "hello" || got["muted"] != false ||
				got.at("data", "recipient", "name") != "bob" || got.at("data", "channelId") != channel["id"] || got.id() == 0 {
				t.Errorf("got %v", got)
			}
			if read, there := got["readTime"]; !there || read != nil {
				t.Errorf("readTime is %v, there: %v", read, there)
			}
			about := resource(got.at("data", "message").(map[string]any))
			in := resource(got.at("channel").(map[string]any))
			if about.id() != message.id() || in.link("_topics", "self") != channel.link("_topics", "self") || len(in["members"].([]any)) != 2 {
				t.Errorf("it is about %v in %v", about, in)
			}
		}
		bob.listen(bob.me().link("_topics", "messages")) // on which the reply is answered
		reply := bob.must(message.link("_actions", "reply"), `{"type":"TEXT","body":"hi"}`)
		alice.listen(alice.me().link("_topics", "notifications"))
		again := alice.must(reply.link("_actions", "reply"), `{"type":"TEXT","body":"<@bob>"}`)
		got := bob.event(topic, "user.notification.created")
		if got.at("data", "type") != "USER:MENTIONED:USER" || got.at("data", "mentionedUser", "name") != "bob" ||
			fmt.Sprint(got.at("data", "message", "id")) != fmt.Sprint(again["id"]) {
			t.Errorf("of a mention: %v", got)
		}
	})
}
