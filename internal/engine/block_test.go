package engine_test

import (
	"testing"

	"openkitty/internal/chat"
)

func TestABlockSilencesTwoUsersForEachOtherOutsideOfGroups(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		direct := w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{ID: bob.User}}})
		group := w.channel(alice, chat.NewChannel{Type: chat.Private, Members: []chat.UserRef{{ID: bob.User}}})
		for _, channel := range []chat.ChannelID{direct, group} {
			if err := w.StartChat(t.Context(), alice, channel); err != nil {
				t.Fatal(err)
			}
		}
		w.take()
		if _, changed, err := w.BlockUser(t.Context(), bob, alice.User); err != nil || !changed {
			t.Fatal(changed, err)
		}
		w.expect("chat.UserBlockAdded; ")

		if err := w.SendKeystrokes(t.Context(), alice, direct, "h"); chat.AsError(err).Name != "UserBlockedError" {
			t.Errorf("typing: %v", err)
		}
		if err := w.TriggerEvent(t.Context(), alice, direct, chat.CustomEvent{Type: "ping"}); chat.AsError(err).Name != "UserBlockedError" {
			t.Errorf("an event of the application's own: %v", err)
		}
		if err := w.StartChat(t.Context(), bob, direct); err != nil {
			t.Errorf("bob can't read what was said: %v", err)
		}
		w.expect("")
		w.EndChat(bob, direct)
		w.EndChat(alice, direct)
		w.expect("")

		// In the group all goes on, but its members' own topics are theirs.
		w.keys(alice, group, "h")
		w.keys(alice, group, "")
		w.expect("keys h; typing true to 1; keys ; typing false to 1; ")
		w.Connected(bob)
		w.expect("bob to 1 channels, 0 contacts; ")

		if _, changed, err := w.UnblockUser(t.Context(), bob, alice.User); err != nil || !changed {
			t.Fatal(changed, err)
		}
		w.take()
		if err := w.StartChat(t.Context(), bob, direct); err != nil {
			t.Fatal(err)
		}
		w.expect("bob active true; ")
	})
}

func TestABlockOfOneMemberLeavesTheOthersOfADirectChannelFree(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob, carol := w.user("alice"), w.user("bob"), w.user("carol")
		block := func(blocker, blocked chat.Actor) {
			t.Helper()
			if _, _, err := w.BlockUser(t.Context(), blocker, blocked.User); err != nil {
				t.Fatal(err)
			}
		}
		block(alice, bob)
		// Made after the block, by somebody whom it does not concern.
		channel := w.channel(carol, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{ID: alice.User}, {ID: bob.User}}})
		for name, test := range map[string]struct {
			actor chat.Actor
			want  string
		}{"alice": {alice, "UserBlockedError"}, "bob": {bob, "UserBlockedError"}, "carol": {carol, ""}} {
			_, err := w.SendMessage(t.Context(), test.actor, text(channel, "hello"))
			if err == nil && test.want == "" {
				continue
			}
			if got := chat.AsError(err).Name; got != test.want {
				t.Errorf("%s: got %v", name, err)
			}
		}
		// A block that was mutual ends when both have ended it.
		block(bob, alice)
		if _, _, err := w.UnblockUser(t.Context(), alice, bob.User); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SendMessage(t.Context(), alice, text(channel, "hello")); err == nil {
			t.Error("alice can write while bob still blocks her")
		}
		if _, _, err := w.UnblockUser(t.Context(), bob, alice.User); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SendMessage(t.Context(), alice, text(channel, "hello")); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
