package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"openkitty/internal/servertest"
	"openkitty/stomp"

	"github.com/google/go-cmp/cmp"
)

// thread creates a thread in a channel, whose chat session the peer has.
func (p *peer) thread(channel resource, name string) resource {
	p.t.Helper()
	thread, refused := p.act(channel.link("_actions", "createThread"), fmt.Sprintf(`{"name":%q,"properties":{"k":1}}`, name))
	if refused.Error != "" {
		p.t.Fatal(refused)
	}
	return thread
}

// items lists what a page of a relay has, by one of its members.
func (p *peer) items(relay, content, member string, headers ...string) (values []any) {
	p.t.Helper()
	page, refused := p.read(relay, headers...)
	if refused.Error != "" {
		p.t.Fatalf("%s: %+v", relay, refused)
	}
	list, _ := page.at("_embedded", content).([]any)
	for _, item := range list {
		values = append(values, item.(map[string]any)[member])
	}
	if total := page.at("page", "totalElements"); total != float64(len(list)) {
		p.t.Errorf("%s: %v in all, and %d on its only page", relay, total, len(list))
	}
	return values
}

func TestAThreadIsWrittenListedAndRead(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.create(`{"type":"PRIVATE","members":[{"username":"bob"}]}`)
		alice.enter(channel)
		bob.enter(channel)
		thread := alice.thread(channel, "aside")
		if thread["type"] != "STANDALONE" || thread["name"] != "aside" || thread.at("properties", "k") != 1.0 || thread["createdTime"] == nil {
			t.Errorf("created %v", thread)
		}
		sent, refused := bob.act(thread.link("_actions", "message"), `{"type":"TEXT","body":"psst"}`)
		if refused.Error != "" || sent["body"] != "psst" || sent["nestedLevel"] != 0.0 || sent.link("_relays", "parent") != "" {
			t.Fatalf("sent %v, %+v", sent, refused)
		}
		if heard := alice.event(channel.link("_topics", "messages"), "channel.message.created"); heard.id() != sent.id() {
			t.Errorf("the channel hears %v", heard)
		}
		main, _ := alice.act(channel.link("_actions", "message"), `{"type":"TEXT","body":"aloud"}`)
		reply, _ := alice.act(main.link("_actions", "reply"), `{"type":"TEXT","body":"indeed"}`)
		list := func(relay, content, member string, headers ...string) []any {
			t.Helper()
			return alice.items(relay, content, member, headers...)
		}
		threads := channel.link("_relays", "threads")
		for _, test := range []struct {
			headers []string
			want    []any
		}{
			{nil, []any{"MAIN", "STANDALONE", "MESSAGE"}},
			{[]string{"includeMainThread", "false"}, []any{"STANDALONE", "MESSAGE"}},
			{[]string{"standalone", "true", "includeMainThread", "undefined"}, []any{"STANDALONE"}},
		} {
			if diff := cmp.Diff(test.want, list(threads, "threads", "type", test.headers...)); diff != "" {
				t.Errorf("threads %v:\n%s", test.headers, diff)
			}
		}
		for what, want := range map[string]struct {
			relay   string
			headers []string
			ids     []any
		}{
			"the thread":      {thread.link("_relays", "messages"), nil, []any{sent["id"]}},
			"the main thread": {channel.link("_relays", "messages"), []string{"mainThread", "true"}, []any{main["id"]}},
			"the channel":     {channel.link("_relays", "messages"), []string{"mainThread", "false"}, []any{reply["id"], main["id"], sent["id"]}},
		} {
			if diff := cmp.Diff(want.ids, list(want.relay, "messages", "id", want.headers...)); diff != "" {
				t.Errorf("%s:\n%s", what, diff)
			}
		}
		if got, _ := alice.read(thread.link("_relays", "channel")); got.id() != channel.id() {
			t.Errorf("its channel is %v", got)
		}
		if _, refused := alice.read(thread.link("_relays", "message")); refused.Error != "MessageNotFoundError" {
			t.Errorf("its message: %+v", refused)
		}
		page, _ := alice.read(threads, "includeMainThread", "false")
		replies := resource(page.at("_embedded", "threads").([]any)[1].(map[string]any))
		if got, _ := alice.read(replies.link("_relays", "message")); got.id() != main.id() {
			t.Errorf("the message of the replies is %v", got)
		}
		again, _ := bob.act(replies.link("_actions", "message"), `{"type":"TEXT","body":"and again"}`)
		if got, _ := alice.read(again.link("_relays", "parent")); got.id() != main.id() || again["nestedLevel"] != 1.0 {
			t.Errorf("what is sent to the replies is %v, a reply to %v", again, got)
		}
		if got := list(replies.link("_relays", "messages"), "messages", "id"); len(got) != 2 {
			t.Errorf("the replies are %v", got)
		}
		for _, want := range []bool{true, false} {
			if got, _ := alice.read(thread.link("_relays", "unread")); got["exists"] != want {
				t.Errorf("the thread is unread: %v, want %v", got, want)
			}
			alice.send(stomp.Send, []byte(`{}`), "destination", thread.link("_actions", "read"), "receipt", "read")
			alice.await("the receipt of reading", with(stomp.Receipt, "receipt-id", "read"))
		}
	})
}

func TestWhoListensToAThreadHearsOnlyOfIt(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.create(`{"type":"PUBLIC"}`)
		seen, _ := bob.read(fmt.Sprintf("/application/channels/%d.relay", channel.id()))
		bob.listen(bob.me().link("_topics", "channels"))
		if _, refused := bob.act(seen.link("_actions", "join"), `{}`); refused.Error != "" {
			t.Fatal(refused)
		}
		alice.enter(channel)
		aside, other := alice.thread(channel, "aside"), alice.thread(channel, "other")
		main, _ := alice.read(fmt.Sprintf("/application/channels/%d.thread.relay", channel.id()))
		for _, topic := range []string{"self", "messages", "keystrokes", "typing"} {
			bob.listen(aside.link("_topics", topic))
			bob.listen(main.link("_topics", topic))
		}
		for _, place := range []resource{other, aside, channel} {
			body := fmt.Sprintf(`{"type":"TEXT","body":"in %v"}`, place["type"])
			if _, refused := alice.act(place.link("_actions", "message"), body); refused.Error != "" {
				t.Fatal(refused)
			}
			alice.send(stomp.Send, []byte(`{"keys":"k"}`), "destination", place.link("_actions", "keystrokes"))
		}
		alice.act(channel.link("_actions", "update"), `{"displayName":"renamed"}`)
		alice.settle()
		inAside := bob.event(aside.link("_topics", "messages"), "thread.message.created")
		if inAside["body"] != "in STANDALONE" {
			t.Errorf("in the thread: %v", inAside)
		}
		if heard := bob.event(main.link("_topics", "messages"), "thread.message.created"); heard["body"] != "in PUBLIC" {
			t.Errorf("in the main thread: %v", heard)
		}
		keys := bob.event(aside.link("_topics", "keystrokes"), "thread.keystrokes.created")
		if got, _ := bob.read(keys.link("_relays", "thread")); got.id() != aside.id() {
			t.Errorf("the keys were typed in %v", got)
		}
		keys = bob.event(main.link("_topics", "keystrokes"), "thread.keystrokes.created")
		if got, _ := bob.read(keys.link("_relays", "thread")); got.id() != main.id() || got["type"] != "MAIN" {
			t.Errorf("the keys were typed in %v", got)
		}
		for _, name := range []string{"thread.typing.started", "thread.typing.stopped"} {
			if heard := bob.event(aside.link("_topics", "typing"), name); heard["name"] != "alice" {
				t.Errorf("%s of %v", name, heard)
			}
		}
		bob.settle()
		for _, frame := range bob.got {
			topic := frame.Header.Get("destination")
			if strings.HasPrefix(topic, "/topic/threads/") && !strings.HasSuffix(topic, ".typing") {
				t.Errorf("also heard %s: %s", topic, frame.Body)
			}
		}
		// Who is removed hears nothing more.
		if _, refused := alice.act(channel.link("_actions", "leave"), fmt.Sprintf(`{"user":{"id":%d}}`, bob.me().id())); refused.Error != "" {
			t.Fatal(refused)
		}
		bob.got = nil
		alice.act(aside.link("_actions", "message"), `{"type":"TEXT","body":"unheard"}`)
		bob.settle()
		for _, frame := range bob.got {
			if strings.Contains(string(frame.Body), "unheard") {
				t.Errorf("a removed member hears %s", frame.Body)
			}
		}
	})
}

func TestThreadsAreForMembers(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		other := s.CreateApplication("other")
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		mallory := connectTo(t, s, other.APIKey, "mallory")
		channel := alice.create(`{"type":"PUBLIC"}`)
		alice.enter(channel)
		thread := alice.thread(channel, "aside")
		const hello = `{"type":"TEXT","body":"hello"}`
		for who, p := range map[string]*peer{"bob": bob, "mallory": mallory} {
			for destination, body := range map[string]string{
				thread.link("_actions", "message"):    hello,
				thread.link("_actions", "keystrokes"): `{"keys":"h"}`,
				thread.link("_actions", "read"):       `{}`,
			} {
				if _, refused := p.act(destination, body); refused.Error != "ThreadNotFoundError" {
					t.Errorf("%s: %s got %+v", who, destination, refused)
				}
			}
			for _, relay := range []string{"self", "channel", "message", "messages", "unread"} {
				if _, refused := p.read(thread.link("_relays", relay)); refused.Error != "ThreadNotFoundError" {
					t.Errorf("%s reads %s: %+v", who, relay, refused)
				}
			}
			p.listen(thread.link("_topics", "messages"))
		}
		for destination, want := range map[string]string{
			channel.link("_actions", "createThread"):                    "NotPermittedError",
			"/application/v1/channels/999.create_thread":                "ChannelNotFoundError",
			"/application/v1/threads/undefined.message":                 "ThreadNotFoundError",
			fmt.Sprintf("/application/threads/%d.nothing", thread.id()): "UnknownDestinationError",
		} {
			if _, refused := bob.act(destination, `{"name":"x"}`); refused.Error != want {
				t.Errorf("%s: %+v, want %s", destination, refused, want)
			}
		}
		if _, refused := bob.read(channel.link("_relays", "threads")); refused.Error != "NotPermittedError" {
			t.Errorf("bob lists the threads: %+v", refused)
		}
		for body, want := range map[string]string{
			`{}`: "InvalidRequestError", `{"name":7}`: "InvalidRequestError", `{"name":"x","properties":[]}`: "InvalidRequestError",
			fmt.Sprintf(`{"name":%q}`, strings.Repeat("x", 256)): "InvalidRequestError",
		} {
			if _, refused := alice.act(channel.link("_actions", "createThread"), body); refused.Error != want {
				t.Errorf("%.40s: %+v", body, refused)
			}
		}
		if _, refused := alice.act(thread.link("_actions", "message"), `{"type":"TEXT","body":""}`); refused.Error != "InvalidRequestError" {
			t.Errorf("an empty message: %+v", refused)
		}
		alice.act(thread.link("_actions", "message"), hello)
		for who, p := range map[string]*peer{"bob": bob, "mallory": mallory} {
			p.settle()
			for _, frame := range p.got {
				if strings.Contains(string(frame.Body), "hello") {
					t.Errorf("%s hears %s", who, frame.Body)
				}
			}
		}
	})
}
