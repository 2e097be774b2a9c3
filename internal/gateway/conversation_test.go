package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
	"openkitty/stomp"
)

func TestAMessageReachesEverybodyInTheChannelWithOneID(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		alice.enter(channel)
		bob.enter(channel)
		messages := channel.link("_topics", "messages")

		sent, refused := alice.act(channel.link("_actions", "message"),
			`{"type":"TEXT","body":"Grüße, \u0000 and \"quotes\"","groupTag":"a:b","properties":{"k":[1]}}`)
		if refused.Error == "" {
			t.Fatalf("a body with U+0000 was accepted: %v", sent)
		}
		sent, refused = alice.act(channel.link("_actions", "message"),
			`{"type":"TEXT","body":"Grüße, \n and \"quotes\"","groupTag":"a:b","properties":{"k":[1]}}`)
		if refused.Error != "" {
			t.Fatalf("send: %+v", refused)
		}
		got := bob.event(messages, "channel.message.created")
		if got.id() != sent.id() || got["body"] != "Grüße, \n and \"quotes\"" || got["groupTag"] != "a:b" ||
			got.at("user", "name") != "alice" || fmt.Sprint(got["properties"]) != "map[k:[1]]" {
			t.Errorf("bob got %v", got)
		}
		if _, present := got["file"]; present {
			t.Error("a text message has the key file, which breaks every published SDK")
		}
	})
}

func TestMessagesArePagedInBothDirections(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	channel := alice.direct("bob")
	for i := range 7 {
		if _, refused := alice.act(channel.link("_actions", "message"), fmt.Sprintf(`{"type":"TEXT","body":"%d"}`, i)); refused.Error != "" {
			t.Fatal(refused)
		}
	}
	bodies := func(page resource) (all string) {
		for _, message := range page.at("_embedded", "messages").([]any) {
			all += message.(map[string]any)["body"].(string)
		}
		return all
	}
	relay := strings.Replace(channel.link("_relays", "messages"), ".size..", ".size.3.", 1)
	var walked []string
	page, _ := alice.read(relay)
	walked = append(walked, bodies(page))
	for page.link("_relays", "next") != "" {
		page, _ = alice.read(page.link("_relays", "next"))
		walked = append(walked, bodies(page))
	}
	for page.link("_relays", "prev") != "" {
		page, _ = alice.read(page.link("_relays", "prev"))
		walked = append(walked, bodies(page))
	}
	if got, want := strings.Join(walked, " "), "654 321 0 321 654"; got != want {
		t.Errorf("walked %s, want %s", got, want)
	}
	if total := page.at("page", "totalElements"); total != 7.0 {
		t.Errorf("the page counts %v messages, want 7", total)
	}
}

func TestAnEndedChatSessionHearsNothingMore(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	channel := alice.direct("bob")
	bob.enter(channel)
	alice.enter(channel)
	participants := channel.link("_topics", "participants")
	for _, name := range []string{"participants", "typing", "keystrokes", "messages", "self"} {
		bob.send(stomp.Unsubscribe, nil, "id", channel.link("_topics", name))
	}
	if got := alice.event(participants, "channel.participant.inactive"); got["name"] != "bob" {
		t.Errorf("%v left, want bob", got["name"])
	}
	bob.settle()
	bob.got = nil
	alice.act(channel.link("_actions", "message"), `{"type":"TEXT","body":"anybody?"}`)
	bob.settle()
	for _, frame := range bob.got {
		if frame.Command == stomp.Message {
			t.Errorf("bob still got %s", frame.Body)
		}
	}
}

func TestTypingStopsBySilenceAndIsNotShownToTheTypist(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.TypingTimeout = 200 * time.Millisecond }})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	channel := alice.direct("bob")
	alice.enter(channel)
	bob.enter(channel)
	typing := channel.link("_topics", "typing")

	alice.send(stomp.Send, []byte(`{"keys":"hel"}`), "destination", channel.link("_actions", "keystrokes"), "receipt", "typed")
	alice.await("the receipt", with(stomp.Receipt, "receipt-id", "typed"))
	if got := bob.event(channel.link("_topics", "keystrokes"), "thread.keystrokes.created"); got["keys"] != "hel" || got["username"] != "alice" {
		t.Errorf("bob got the keystrokes %v", got)
	}
	bob.event(typing, "thread.typing.started")
	bob.event(typing, "thread.typing.stopped")
	alice.settle()
	for _, frame := range alice.got {
		if strings.Contains(string(frame.Body), "typing.st") {
			t.Errorf("the typist got %s", frame.Body)
		}
	}
}

func TestACustomEventReachesThoseWhoChat(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob, eve := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "eve")
	channel := alice.direct("bob")
	events, trigger := channel.link("_topics", "events"), channel.link("_actions", "triggerEvent")
	bob.listen(events)
	for body, want := range map[string]string{
		`{"type":"wave","properties":{"hand": "left"}}`: `map[hand:left]`,
		`{"type":"count","properties":[1, 2]}`:          `[1 2]`,
		`{"type":"nothing"}`:                            `<nil>`,
	} {
		alice.send(stomp.Send, []byte(body), "destination", trigger, "receipt", body)
		alice.await("the receipt", with(stomp.Receipt, "receipt-id", body))
		if got := bob.event(events, "channel.event.triggered"); fmt.Sprint(got["properties"]) != want || got.at("user", "name") != "alice" {
			t.Errorf("bob got %v", got)
		}
	}
	for body, want := range map[string]string{
		`{}`: "InvalidRequestError",
		`{"type":"x","properties":"` + strings.Repeat("x", 17<<10) + `"}`: "InvalidRequestError",
		`{"type":7}`: "InvalidRequestError",
	} {
		if _, got := alice.act(trigger, body); got.Error != want {
			t.Errorf("%.40s: got %+v", body, got)
		}
	}
	if _, got := eve.act(trigger, `{"type":"x"}`); got.Error != "ChannelNotFoundError" {
		t.Errorf("a stranger got %+v", got)
	}
}

func TestOnlyParticipantsMayType(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	channel := alice.direct("bob")
	if _, got := alice.act(channel.link("_actions", "keystrokes"), `{"keys":"x"}`); got.Error != "NotPermittedError" {
		t.Errorf("got %+v", got)
	}
}

func TestPresenceFollowsTheLastConnectionAfterTheGraceTime(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.Grace = 300 * time.Millisecond }})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	channel := alice.direct("bob")
	alice.enter(channel)
	participants := channel.link("_topics", "participants")

	bob.conn.Close()
	if got := alice.event(participants, "participant.presence.changed"); got.at("presence", "online") != false || got["name"] != "bob" {
		t.Errorf("alice saw %v", got)
	}
	bob = connect(t, s, "bob")
	if got := alice.event(participants, "participant.presence.changed"); got.at("presence", "online") != true {
		t.Errorf("alice saw %v", got)
	}
	second := connect(t, s, "bob")
	bob.conn.Close()
	second.settle()
	user, _ := alice.read(fmt.Sprintf("/application/users/%d.relay", second.me().id()))
	if user.at("presence", "online") != true {
		t.Errorf("bob has a connection left, but is shown as %v", user["presence"])
	}
}

func (p *peer) me() resource {
	p.t.Helper()
	me, refused := p.read("/application/v1/user.relay")
	if refused.Error != "" {
		p.t.Fatalf("read the current user: %+v", refused)
	}
	return me
}

func TestADirectChannelExistsOncePerSetOfMembers(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		again := bob.create(fmt.Sprintf(`{"type":"DIRECT","members":[{"id":%d},{"id":%d},{"username":"alice"}]}`,
			alice.me().id(), bob.me().id()))
		if channel.id() != again.id() {
			t.Errorf("alice got channel %d, bob %d", channel.id(), again.id())
		}
		three := alice.create(`{"type":"DIRECT","members":[{"username":"bob"},{"username":"carol"}]}`)
		if three.id() == channel.id() {
			t.Error("three users share the channel of two")
		}
	})
}

func TestRequestsThatBreakARuleFailByName(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	channel := alice.direct("bob")
	public := alice.create(`{"type":"PUBLIC","name":"plaza"}`)
	create := alice.me().link("_actions", "createChannel")
	message := channel.link("_actions", "message")
	members := `{"username":"m0"}`
	for i := range 10 {
		members += fmt.Sprintf(`,{"username":"n%d"}`, i)
	}
	for name, test := range map[string]struct{ destination, body, want string }{
		"an empty message":               {message, `{"type":"TEXT","body":""}`, "InvalidRequestError"},
		"a message of 100 KB":            {message, `{"type":"TEXT","body":"` + strings.Repeat("x", 100<<10) + `"}`, "MessageTooLargeError"},
		"no type":                        {message, `{"body":"x"}`, "NotSupportedError"},
		"a system message":               {message, `{"type":"SYSTEM_TEXT","body":"x"}`, "NotSupportedError"},
		"invalid JSON":                   {message, `{"type":`, "InvalidRequestError"},
		"JSON of the wrong shape":        {message, `["TEXT"]`, "InvalidRequestError"},
		"a number for a text":            {message, `{"type":"TEXT","body":7}`, "InvalidRequestError"},
		"no body at all":                 {message, ``, "InvalidRequestError"},
		"properties that are no object":  {message, `{"type":"TEXT","body":"x","properties":[1]}`, "InvalidRequestError"},
		"properties without end":         {message, `{"type":"TEXT","body":"x","properties":{"k":"` + strings.Repeat("x", 17<<10) + `"}}`, "InvalidRequestError"},
		"a long group tag":               {message, `{"type":"TEXT","body":"x","groupTag":"` + strings.Repeat("x", 300) + `"}`, "InvalidRequestError"},
		"a channel that does not exist":  {"/application/channels/999999.message", `{"type":"TEXT","body":"x"}`, "ChannelNotFoundError"},
		"a channel id that is no number": {"/application/channels/undefined.message", `{"type":"TEXT","body":"x"}`, "ChannelNotFoundError"},
		"a channel id beyond 64 bits":    {"/application/channels/99999999999999999999.message", `{}`, "ChannelNotFoundError"},
		"an unknown action":              {"/application/channels/1.explode", `{}`, "UnknownDestinationError"},
		"an unknown noun":                {"/application/planets/1.message", `{}`, "UnknownDestinationError"},
		"a topic":                        {"/topic/channels/1.messages", `{}`, "UnknownDestinationError"},
		"an action of later":             {channel.link("_actions", "call"), `{}`, "NotSupportedError"},
		"another's createChannel":        {"/application/users/999.create_channel", `{"type":"PUBLIC"}`, "NotPermittedError"},
		"an unknown channel type":        {create, `{"type":"SECRET"}`, "InvalidRequestError"},
		"a direct channel with nobody":   {create, `{"type":"DIRECT"}`, "DirectChannelMembersError"},
		"a direct channel with oneself":  {create, `{"type":"DIRECT","members":[{"username":"alice"}]}`, "DirectChannelMembersError"},
		"a direct channel of twelve":     {create, `{"type":"DIRECT","members":[` + members + `]}`, "DirectChannelMembersError"},
		"a member that does not exist":   {create, `{"type":"PUBLIC","members":[{"id":999999}]}`, "UserNotFoundError"},
		"a member without a name":        {create, `{"type":"PUBLIC","members":[{}]}`, "InvalidRequestError"},
		"a name that is taken":           {create, `{"type":"PRIVATE","name":"` + public["name"].(string) + `"}`, "ChannelNameTakenError"},
		"a name without end":             {create, `{"type":"PUBLIC","name":"` + strings.Repeat("x", 256) + `"}`, "InvalidRequestError"},
	} {
		if _, got := alice.act(test.destination, test.body); got.Error != test.want || got.Message == "" || got.Timestamp.IsZero() {
			t.Errorf("%s: got %+v, want %s", name, got, test.want)
		}
	}
}

func TestRelaysThatAreNotThereFailByName(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	bob := connect(t, s, "bob")
	me := alice.me()
	private := alice.create(`{"type":"PRIVATE"}`)
	alice.act(private.link("_actions", "message"), `{"type":"TEXT","body":"x"}`)
	for destination, want := range map[string]string{
		"/application/channels/999999.relay":                               "ChannelNotFoundError",
		"/application/channels/undefined.relay":                            "ChannelNotFoundError",
		"/application/users/999999.relay":                                  "UserNotFoundError",
		"/application/users/null.relay":                                    "UserNotFoundError",
		"/application/messages/999999.relay":                               "MessageNotFoundError",
		"/application/planets/1.relay":                                     "UnknownDestinationError",
		"/application/channels/1.nonsense.relay":                           "UnknownDestinationError",
		"/application/channels/1":                                          "UnknownDestinationError",
		"/application/":                                                    "UnknownDestinationError",
		private.link("_relays", "self"):                                    "ChannelNotFoundError",
		private.link("_relays", "messages"):                                "ChannelNotFoundError",
		private.link("_relays", "members"):                                 "ChannelNotFoundError",
		me.link("_relays", "channels"):                                     "NotPermittedError",
		me.link("_relays", "readFileAccessGrant"):                          "NotPermittedError",
		me.link("_relays", "unreadChannels"):                               "NotPermittedError",
		me.link("_relays", "messages"):                                     "NotPermittedError",
		me.link("_relays", "unreadMessagesCount"):                          "NotPermittedError",
		private.link("_relays", "lastReceivedMessage"):                     "ChannelNotFoundError",
		private.link("_relays", "threads"):                                 "ChannelNotFoundError",
		"/application/threads/999999.relay":                                "ThreadNotFoundError",
		"/application/threads/undefined.relay":                             "ThreadNotFoundError",
		"/application/block_records/1.relay":                               "UnknownDestinationError",
		bob.create(`{"type":"PRIVATE"}`).link("_relays", "calls"):          "NotSupportedError",
		"/application/user.channels.relay.after.not-a-cursor.size.3.sort.": "InvalidRequestError",
	} {
		if got, refused := bob.read(destination); refused.Error != want {
			t.Errorf("%s: got %v %+v, want %s", destination, got, refused, want)
		}
	}
}

func TestAnEleventhChatSessionIsRefusedWithoutAReceipt(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	for i := range 10 {
		alice.enter(alice.create(fmt.Sprintf(`{"type":"PUBLIC","name":"room %d"}`, i)))
	}
	eleventh := alice.create(`{"type":"PUBLIC"}`).link("_topics", "self")
	alice.send(stomp.Subscribe, nil, "id", "eleventh", "receipt", "eleventh", "destination", eleventh)
	frame := alice.await("the refusal", with(stomp.Message, "subscription-id", "eleventh"))
	if got := decode[refusal](t, frame.Body); got.Error != "TooManyChatSessionsError" {
		t.Errorf("got %+v", got)
	}
	alice.settle()
	for _, frame := range alice.got {
		if frame.Header.Get("receipt-id") == "eleventh" {
			t.Error("the eleventh chat session got a receipt")
		}
	}
}

// Some SDKs subscribe to the text "undefined", and to topics of a user that they
// were before.
func TestTopicsOfOthersAreConfirmedAndSilent(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, eve := connect(t, s, "alice"), connect(t, s, "eve")
	private := alice.create(`{"type":"PRIVATE"}`)
	alice.enter(private)
	for _, topic := range []string{
		"undefined", "null", "/topic/users/x", "/topic/nothing/1", "/topic/channels/1.nonsense",
		alice.me().link("_topics", "channels"),
		private.link("_topics", "self"), private.link("_topics", "messages"),
	} {
		eve.listen(topic)
	}
	alice.act(private.link("_actions", "message"), `{"type":"TEXT","body":"secret"}`)
	alice.create(`{"type":"PUBLIC"}`)
	eve.settle()
	for _, frame := range eve.got {
		t.Errorf("eve got %s %s", frame.Command, frame.Body)
	}
}

func TestNothingOfAnotherApplicationIsThere(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		other := s.CreateApplication("other")
		alice := connect(t, s, "alice")
		public := alice.create(`{"type":"PUBLIC","name":"plaza"}`)
		alice.enter(public)
		sent, _ := alice.act(public.link("_actions", "message"), `{"type":"TEXT","body":"ours"}`)

		eve := connectTo(t, s, other.APIKey, "alice")
		if eve.me().id() == alice.me().id() {
			t.Error("two applications share a user")
		}
		for destination, want := range map[string]string{
			public.link("_relays", "self"):     "ChannelNotFoundError",
			public.link("_relays", "messages"): "ChannelNotFoundError",
			public.link("_relays", "members"):  "ChannelNotFoundError",
			alice.me().link("_relays", "self"): "UserNotFoundError",
			sent.link("_relays", "self"):       "MessageNotFoundError",
			sent.link("_relays", "channel"):    "MessageNotFoundError",
		} {
			if got, refused := eve.read(destination); refused.Error != want {
				t.Errorf("%s: got %v %+v, want %s", destination, got, refused, want)
			}
		}
		if _, got := eve.act(public.link("_actions", "message"), `{"type":"TEXT","body":"theirs"}`); got.Error != "ChannelNotFoundError" {
			t.Errorf("send: got %+v", got)
		}
		if _, got := eve.act(eve.me().link("_actions", "createChannel"),
			fmt.Sprintf(`{"type":"DIRECT","members":[{"id":%d}]}`, alice.me().id())); got.Error != "UserNotFoundError" {
			t.Errorf("direct channel across applications: got %+v", got)
		}
		joinable, _ := eve.read(eve.me().link("_relays", "joinableChannels"))
		if n := len(joinable.at("_embedded", "channels").([]any)); n != 0 {
			t.Errorf("%d channels of the other application are joinable", n)
		}
		// Names are free in every application.
		eve.create(`{"type":"PUBLIC","name":"plaza"}`)
		eve.listen(public.link("_topics", "messages"))
		alice.act(public.link("_actions", "message"), `{"type":"TEXT","body":"ours again"}`)
		eve.settle()
		for _, frame := range eve.got {
			if strings.Contains(string(frame.Body), "ours again") {
				t.Error("a message crossed over to another application")
			}
		}
	})
}
