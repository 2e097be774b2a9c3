package gateway_test

import (
	"fmt"
	"testing"

	"openkitty/internal/servertest"

	"github.com/google/go-cmp/cmp"
)

func TestTheMessagesOfAllOnesChannelsAreListed(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		var want []any
		for _, body := range []string{`{"type":"PUBLIC"}`, `{"type":"DIRECT","members":[{"username":"bob"}]}`} {
			channel := alice.create(body)
			message, _ := alice.act(channel.link("_actions", "message"), `{"type":"TEXT","body":"hello"}`)
			want = append([]any{message["id"]}, want...)
		}
		all := alice.me().link("_relays", "messages")
		if diff := cmp.Diff(want, alice.items(all, "messages", "id", "type", "undefined")); diff != "" {
			t.Error(diff)
		}
		if got := bob.items(bob.me().link("_relays", "messages"), "messages", "id"); len(got) != 1 || got[0] != want[0] {
			t.Errorf("bob lists %v", got)
		}
		if _, refused := bob.read(all); refused.Error != "NotPermittedError" {
			t.Errorf("bob lists alice's: %+v", refused)
		}
	})
}

func TestTheContextOfAChannelIsAStretchOfItsMessages(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.create(`{"type":"PUBLIC"}`)
		relay := channel.link("_relays", "context")
		stretch := func(start, end any) [2]any {
			t.Helper()
			got, refused := alice.read(relay, "startCursor", fmt.Sprint(start), "endCursor", fmt.Sprint(end))
			if refused.Error != "" || got["readBy"] == nil {
				t.Errorf("%v to %v: %v, %+v", start, end, got, refused)
			}
			return [2]any{got["startCursor"], got["endCursor"]}
		}
		if got := stretch("undefined", "undefined"); got != [2]any{"", ""} {
			t.Errorf("an empty channel has the context %v", got)
		}
		var ids []string
		for range 27 {
			message, _ := alice.act(channel.link("_actions", "message"), `{"type":"TEXT","body":"x"}`)
			ids = append(ids, fmt.Sprint(message.id()))
		}
		for _, test := range []struct{ start, end, newest, oldest string }{
			{"undefined", "undefined", ids[26], ids[2]},
			{ids[25], "undefined", ids[25], ids[1]},
			{"undefined", ids[1], ids[25], ids[1]},
			{ids[4], ids[7], ids[7], ids[4]},
			{ids[7], ids[4], ids[7], ids[4]},
		} {
			if got := stretch(test.start, test.end); got != [2]any{test.newest, test.oldest} {
				t.Errorf("%s to %s: %v", test.start, test.end, got)
			}
		}
		for cursor, want := range map[string]string{"x": "InvalidRequestError", "0": "InvalidRequestError", "999": "MessageNotFoundError"} {
			if _, refused := alice.read(relay, "startCursor", cursor); refused.Error != want {
				t.Errorf("%s: %+v", cursor, refused)
			}
		}
		if _, refused := bob.read(relay); refused.Error != "NotPermittedError" {
			t.Errorf("a stranger reads it: %+v", refused)
		}
	})
}

func TestAnOpenChannelIsPublic(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	channel := connect(t, s, "alice").create(`{"type":"OPEN","name":"stage"}`)
	bob := connect(t, s, "bob")
	seen, _ := bob.read(fmt.Sprintf("/application/channels/%d.relay", channel.id()))
	if channel["type"] != "PUBLIC" || seen.link("_actions", "join") == "" {
		t.Errorf("created %v, which bob sees as %v", channel, seen)
	}
}
