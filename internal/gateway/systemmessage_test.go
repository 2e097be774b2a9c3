package gateway_test

import (
	"fmt"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/servertest"
)

// The SDKs take a message for the system's if it has no user, and for a text if
// it has no file: null counts as having one.
func TestASystemMessageHasNoUser(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		alice.enter(channel)
		sent := s.SendSystemMessage(chat.ChannelID(channel.id()), "welcome, <@alice>")
		heard := alice.event(channel.link("_topics", "messages"), "channel.message.created")
		page, refused := bob.read(channel.link("_relays", "messages"))
		if refused.Error != "" {
			t.Fatal(refused)
		}
		listed := resource(page.at("_embedded", "messages").([]any)[0].(map[string]any))
		for where, m := range map[string]resource{"heard": heard, "listed": listed} {
			_, hasUser := m["user"]
			_, hasFile := m["file"]
			if m["type"] != "SYSTEM_TEXT" || m["body"] != "welcome, <@alice>" || m.id() != int64(sent.ID) || hasUser || hasFile || len(m["mentions"].([]any)) != 1 {
				t.Errorf("%s: %v", where, m)
			}
		}
		// It is nobody's to change.
		for _, action := range []string{"edit", "delete", "updateProperties"} {
			if _, refused := alice.act(heard.link("_actions", action), `{"body":"x","properties":{}}`); refused.Error != "NotPermittedError" {
				t.Errorf("%s: %+v", action, refused)
			}
		}
		bob.listen(bob.me().link("_topics", "messages"))
		reply, refused := bob.act(heard.link("_actions", "reply"), `{"type":"TEXT","body":"thanks"}`)
		if refused.Error != "" || reply.link("_relays", "parent") == "" {
			t.Errorf("a reply to it: %v, %+v", reply, refused)
		}
		if _, refused := bob.act(fmt.Sprintf("/application/channels/%d.message", channel.id()), `{"type":"SYSTEM_TEXT","body":"x"}`); refused.Error != "NotSupportedError" {
			t.Errorf("a user speaks for the system: %+v", refused)
		}
	})
}
