package gateway_test

import (
	"strings"
	"testing"

	"openkitty/internal/servertest"
	"openkitty/stomp"
)

func TestAnUnknownUserIsRefusedForGoodWhereThereAreNoGuests(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	connect(t, s, "alice")
	without := servertest.Start(t, servertest.Options{})
	without.Set(map[string]string{"guest_users": "DISABLED"})
	p := dial(t, without, "/stompx/websocket", key(without.APIKey()))
	p.text("CONNECT\nStompX-User:alice\naccept-version:1.2\n\n\x00")
	if refused, how := p.end(); refused.Error != "AccessDeniedError" || !strings.HasPrefix(how, "1008") {
		t.Errorf("the connection ended %s, after %+v", how, refused)
	}
}

func TestUsersCreateOnlyTheChannelsThatTheSettingsAllow(t *testing.T) {
	t.Parallel()

	for name, allowed := range map[string]struct {
		settings        map[string]string
		direct, private string
	}{
		"none":  {map[string]string{"user_created_channels": "DISABLED"}, "NotPermittedError", "NotPermittedError"},
		"types": {map[string]string{"creatable_channel_types": "DIRECT"}, "", "NotPermittedError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, servertest.Options{})
			s.Set(allowed.settings)
			alice := connect(t, s, "alice")
			me, _ := alice.read("/application/user.relay")
			alice.listen(me.link("_topics", "channels"))
			for body, want := range map[string]string{
				`{"type":"DIRECT","members":[{"username":"bob"}]}`: allowed.direct,
				`{"type":"PRIVATE"}`: allowed.private,
			} {
				if _, refused := alice.act(me.link("_actions", "createChannel"), body); refused.Error != want {
					t.Errorf("%s: %+v, want %q", body, refused, want)
				}
			}
		})
	}
}

func TestADeviceChatsInAsManyChannelsAsTheSettingsAllow(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	s.Set(map[string]string{"max_chat_sessions": "1"})
	alice := connect(t, s, "alice")
	alice.enter(alice.direct("bob"))
	second := alice.direct("cid").link("_topics", "self")
	alice.send(stomp.Subscribe, nil, "id", "second", "destination", second)
	frame := alice.await("the refusal", with(stomp.Message, "subscription-id", "second"))
	if got := decode[refusal](t, frame.Body); got.Error != "TooManyChatSessionsError" {
		t.Errorf("got %+v", got)
	}
}

func TestMessagesOfATypeThatIsNotKeptAreDeliveredAndForgotten(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		s.Set(map[string]string{"persistent_channel_types": "PUBLIC,PRIVATE"})
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		direct := alice.direct("bob")
		bob.enter(direct)
		sent, refused := alice.act(direct.link("_actions", "message"), `{"type":"TEXT","body":"psst <@alice>"}`)
		if refused.Error != "" || sent["body"] != "psst <@alice>" {
			t.Fatalf("sent %v, %+v", sent, refused)
		}
		got := bob.event(direct.link("_topics", "messages"), "channel.message.created")
		if got.id() != sent.id() || got.id() == 0 {
			t.Errorf("bob got %v, want what was answered: %v", got, sent)
		}
		if _, refused := bob.read(got.link("_relays", "self")); refused.Error != "MessageNotFoundError" {
			t.Errorf("the message is there afterwards: %+v", refused)
		}
		if _, refused := bob.act(got.link("_actions", "react"), `{"emoji":"👍"}`); refused.Error != "MessageNotFoundError" {
			t.Errorf("a reaction to it: %+v", refused)
		}
		if count, _ := bob.read(direct.link("_relays", "messagesCount")); count["count"] != 0.0 {
			t.Errorf("the channel counts %v messages", count)
		}
		room := alice.create(`{"type":"PRIVATE"}`)
		if _, refused := alice.act(room.link("_actions", "message"), `{"type":"TEXT","body":"keep"}`); refused.Error != "" {
			t.Errorf("send: %+v", refused)
		}
		if count, _ := alice.read(room.link("_relays", "messagesCount")); count["count"] != 1.0 {
			t.Errorf("a channel of a type that is kept counts %v messages", count)
		}
	})
}
