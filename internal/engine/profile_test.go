package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"openkitty/internal/chat"
)

func TestARenamedUserTypesUnderTheNewNameAtOnce(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "bob"}}})
		if err := w.StartChat(t.Context(), alice, channel); err != nil {
			t.Fatal(err)
		}
		w.keys(alice, channel, "h")
		name := "Alice"
		if _, err := w.UpdateUser(t.Context(), alice, chat.UserChange{DisplayName: &name}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		w.take()
		w.keys(alice, channel, "he")
		w.EndChat(alice, channel)
		synctest.Wait()
		seen := 0
		for _, event := range w.take() {
			var user chat.User
			switch e := event.(type) {
			case chat.KeystrokesMade:
				user = e.User
			case chat.TypingChanged:
				user = e.User
			case chat.ParticipantChanged:
				user = e.User
			}
			seen++
			if user.DisplayName != name {
				t.Errorf("%T shows %q", event, user.DisplayName)
			}
		}
		if seen != 3 {
			t.Errorf("%d events, want keystrokes, their end, and the participant's", seen)
		}
	})
}

func TestAnInvisibleUserComesAndGoesUnseen(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "bob"}}})
		become := func(status chat.Status) {
			t.Helper()
			if _, err := w.UpdateUser(t.Context(), alice, chat.UserChange{Status: &status}); err != nil {
				t.Fatal(err)
			}
		}
		w.take()
		become(chat.Invisible)
		w.expect("chat.UserUpdated; chat.ContactUpdated; ")
		w.Connected(alice)
		w.expect("")
		become(chat.DoNotDisturb)
		w.expect("chat.UserUpdated; chat.ContactUpdated; alice to 0 channels, 1 contacts; ")
		become(chat.Invisible)
		w.expect("chat.UserUpdated; chat.ContactUpdated; alice to 0 channels, 1 contacts; ")
		w.Disconnected(alice, true)
		w.expect("")
	})
}

func TestADeletedUserCannotGoOn(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public, Members: []chat.UserRef{{ID: bob.User}}})
		if err := w.DeleteUser(t.Context(), bob, alice.User); !chat.IsKind(err, chat.Denied) {
			t.Errorf("bob deletes alice: %v", err)
		}
		if err := w.DeleteUser(t.Context(), alice, alice.User); err != nil {
			t.Fatal(err)
		}
		if err := w.DeleteUser(t.Context(), alice, alice.User); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("once more: %v", err)
		}
		if _, err := w.SendMessage(t.Context(), alice, text(channel, "hello")); err == nil {
			t.Error("a deleted user says something")
		}
		if _, _, err := w.CreateChannel(t.Context(), alice, chat.NewChannel{Type: chat.Public}); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("a deleted user makes a channel: %v", err)
		}
		if _, _, err := w.BlockUser(t.Context(), bob, alice.User); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("bob blocks a deleted user: %v", err)
		}
		members, err := w.Members(t.Context(), bob, channel, "", chat.PageRequest{})
		if err != nil || len(members.Items) != 1 || members.Total != 1 {
			t.Errorf("the channel has %+v, %v", members, err)
		}
	})
}
