package engine_test

import (
	"fmt"
	"reflect"
	"testing"

	"openkitty/internal/chat"

	"github.com/google/go-cmp/cmp"
)

// kinds are the types of events, in their order.
func kinds(events []chat.Event) (names []string) {
	for _, event := range events {
		name := reflect.TypeOf(event).Name()
		switch e := event.(type) {
		case chat.MemberChanged:
			name = fmt.Sprintf("%s %d", name, e.Kind)
		case chat.UserChannelChanged:
			name = fmt.Sprintf("%s %d", name, e.Kind)
		}
		names = append(names, name)
	}
	return names
}

func TestWhatTheApplicationDoesIsSeenAndRecordedLikeAUsersDoing(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx, app := t.Context(), chat.Actor{Application: w.app.ID}
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(app, chat.NewChannel{Type: chat.Private, Creator: &chat.UserRef{ID: alice.User}})
		said, err := w.SendMessage(ctx, alice, text(channel, "hello"))
		if err != nil {
			t.Fatal(err)
		}
		w.take()
		body, name := "hi", "Room"
		for _, c := range []struct {
			what string
			do   func() error
			want []string
		}{
			{"adds a member", func() error {
				_, err := w.InviteUser(ctx, app, channel, chat.UserRef{Name: "bob"})
				return err
			}, []string{"MemberChanged 2", "UserJoinedChannel"}},
			{"makes a moderator", func() error {
				_, err := w.AddModerator(ctx, app, channel, chat.UserRef{ID: bob.User})
				return err
			}, []string{"MemberChanged 11", "UserChannelChanged 21"}},
			{"changes the channel", func() error {
				return w.UpdateChannel(ctx, app, channel, chat.ChannelUpdate{DisplayName: &name, Merge: []byte(`{"a":1}`)})
			}, []string{"ChannelUpdated", "UserChannelChanged 23", "UserChannelChanged 23"}},
			{"changes a message", func() error {
				_, err := w.PatchMessage(ctx, app, said.ID, &body, []byte(`{"a":1}`))
				return err
			}, []string{"MessageChanged"}},
			{"deletes a message", func() error { return w.DeleteMessage(ctx, app, said.ID) }, []string{"MessageWithdrawn"}},
			{"removes even the creator", func() error {
				_, _, err := w.LeaveChannel(ctx, app, channel, &chat.UserRef{ID: alice.User})
				return err
			}, []string{"MemberChanged 10", "UserChannelChanged 15"}},
			{"speaks", func() error {
				_, err := w.SendSystemMessage(ctx, app, text(channel, "bye"))
				return err
			}, []string{"MessagePosted"}},
			{"sends an event", func() error { return w.TriggerEvent(ctx, app, channel, chat.CustomEvent{Type: "x"}) }, []string{"CustomEventTriggered"}},
			{"deletes the channel", func() error { return w.DeleteChannel(ctx, app, channel) }, []string{"ChannelRemoved", "UserChannelChanged 22"}},
		} {
			if err := c.do(); err != nil {
				t.Fatalf("the application %s: %v", c.what, err)
			}
			if diff := cmp.Diff(c.want, kinds(w.take())); diff != "" {
				t.Errorf("the application %s:\n%s", c.what, diff)
			}
		}
	})
}

func TestTheApplicationKeepsToTheKindOfAChannel(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx, app := t.Context(), chat.Actor{Application: w.app.ID}
		w.user("alice")
		w.user("bob")
		w.user("cid")
		direct := w.channel(app, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "alice"}, {Name: "bob"}}})
		again := w.channel(app, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "bob"}, {Name: "alice"}}})
		if again != direct {
			t.Errorf("the same members have channels %d and %d", direct, again)
		}
		if _, err := w.InviteUser(ctx, app, direct, chat.UserRef{Name: "cid"}); !chat.IsKind(err, chat.Denied) {
			t.Errorf("a third in a direct channel: %v", err)
		}
		group := w.channel(app, chat.NewChannel{Type: chat.Public, Name: "general"})
		if again := w.channel(app, chat.NewChannel{Type: chat.Public, Name: "general"}); again != group {
			t.Errorf("the same name has channels %d and %d", group, again)
		}
		if _, _, err := w.CreateChannel(ctx, app, chat.NewChannel{Type: chat.Private, Name: "general"}); !chat.IsKind(err, chat.Conflict) {
			t.Errorf("the name for another type: %v", err)
		}
		if _, err := w.InviteUser(ctx, app, group, chat.UserRef{Name: "ghost"}); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("a user who does not exist: %v", err)
		}
	})
}

func TestErasingAUserTakesWhatTheyWroteAlong(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx, app := t.Context(), chat.Actor{Application: w.app.ID}
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public, Members: []chat.UserRef{{ID: bob.User}}})
		for _, actor := range []chat.Actor{alice, bob, alice} {
			if _, err := w.SendMessage(ctx, actor, text(channel, "hello")); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SetUserSecret(ctx, app, alice.User, "pin", []byte(`"1"`)); err != nil {
			t.Fatal(err)
		}
		if err := w.EraseUser(ctx, app, alice.User); err != nil {
			t.Fatal(err)
		}
		left, err := w.MessageSlice(ctx, app, chat.MessageSelection{}, "", chat.SliceRequest{})
		if err != nil || left.Total != 1 || left.Items[0].Author.ID != bob.User {
			t.Errorf("left are %+v, %v", left, err)
		}
		if _, err := w.UserSecret(ctx, app, alice.User, "pin"); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("the secret of an erased user: %v", err)
		}
	})
}

func TestSealedValuesOpenOnlyWhereTheyWereSealed(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx, app := t.Context(), chat.Actor{Application: w.app.ID}
		alice := w.user("alice")
		for _, value := range []string{`"first"`, `{"second":[1]}`} {
			if err := w.SetUserSecret(ctx, app, alice.User, "pin", []byte(value)); err != nil {
				t.Fatal(err)
			}
			if got, err := w.UserSecret(ctx, app, alice.User, "pin"); err != nil || string(got) != value {
				t.Errorf("the secret %s became %s, %v", value, got, err)
			}
		}
		if err := w.SetUserSecret(ctx, app, alice.User, "", []byte("1")); !chat.IsKind(err, chat.Invalid) {
			t.Errorf("a secret without a name: %v", err)
		}
		if err := w.SetUserSecret(ctx, app, alice.User, "big", make([]byte, chat.UserSecretSizeMax+1)); !chat.IsKind(err, chat.Invalid) {
			t.Errorf("a secret that is too large: %v", err)
		}
	})
}
