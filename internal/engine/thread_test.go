package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"openkitty/internal/chat"

	"github.com/google/go-cmp/cmp"
)

func TestAThreadIsRecordedInTheStreamOfItsChannel(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		w.take()
		alice.Cause = chat.Cause{Session: "s", Receipt: "r"}
		thread, err := w.CreateThread(t.Context(), alice, channel, chat.NewThread{Name: "aside"})
		if err != nil {
			t.Fatal(err)
		}
		events := w.take()
		want := []chat.Event{chat.ThreadCreated{Thread: thread, Sequence: 2, Cause: alice.Cause}}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("announced:\n%s", diff)
		}
		system := chat.Actor{Application: w.app.ID}
		said, err := w.SendSystemMessageToThread(t.Context(), system, thread.ID, chat.NewMessage{Type: chat.Text, Body: "hear, hear"})
		if err != nil || said.InThread != thread.ID || said.Author != nil || said.Type != chat.SystemText || said.Sequence != 3 {
			t.Errorf("the application says %+v, %v", said, err)
		}
		if err := w.DeleteMessage(t.Context(), alice, said.ID); err != nil {
			t.Fatal(err)
		}
		page, err := w.ThreadMessages(t.Context(), alice, thread.ID, chat.PageRequest{})
		if err != nil || page.Total != 0 || len(page.Items) != 0 {
			t.Errorf("afterwards the thread has %+v, %v", page, err)
		}
		if count, err := w.CountMessages(t.Context(), alice, channel); err != nil || count != 0 {
			t.Errorf("the channel counts %d, %v", count, err)
		}
	})
}

func TestSystemMessagesAreRefusedWhereThereIsNoChannel(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		other, _, err := w.CreateApplication(t.Context(), "other")
		if err != nil {
			t.Fatal(err)
		}
		channel := w.channel(w.user("alice"), chat.NewChannel{Type: chat.Public})
		system := chat.Actor{Application: other.ID}
		if _, err := w.SendSystemMessage(t.Context(), system, text(channel, "x")); chat.AsError(err).Name != "ChannelNotFoundError" {
			t.Errorf("in another application's channel: %v", err)
		}
		system.Application = w.app.ID
		if _, err := w.SendSystemMessage(t.Context(), system, text(channel, "")); !chat.IsKind(err, chat.Invalid) {
			t.Errorf("without a body: %v", err)
		}
	})
}

func TestWhoGoesOnTypingInAnotherThreadStopsInTheFirst(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "")
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		thread, err := w.CreateThread(t.Context(), alice, channel, chat.NewThread{Name: "aside"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.StartChat(t.Context(), alice, channel); err != nil {
			t.Fatal(err)
		}
		w.take()
		if err := w.SendKeystrokes(t.Context(), alice, channel, "h"); err != nil {
			t.Fatal(err)
		}
		if err := w.SendThreadKeystrokes(t.Context(), alice, thread.ID, "h"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * testLimits.TypingTimeout)
		synctest.Wait()
		type step struct {
			thread chat.ThreadPlace
			typing bool
		}
		var got []step
		for _, event := range w.take() {
			if e, ok := event.(chat.TypingChanged); ok {
				got = append(got, step{e.Thread, e.Typing})
			}
		}
		aside := thread.Place()
		want := []step{{typing: true}, {typing: false}, {aside, true}, {aside, false}}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(step{})); diff != "" {
			t.Error(diff)
		}
	})
}

// A block that comes while the user joins must not leave a blocked member.
func TestABlockedUserIsNoMemberWhoeverWasFirst(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		for range 20 {
			channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
			joined := make(chan struct{})
			go func() {
				defer close(joined)
				_, _, _ = w.JoinChannel(t.Context(), bob, channel) // refused, if it comes second
			}()
			_, added, err := w.BlockInChannel(t.Context(), alice, channel, chat.UserRef{ID: bob.User})
			<-joined
			if err != nil || !added {
				t.Fatalf("blocked: %v, %v", added, err)
			}
			if member, err := w.IsMember(t.Context(), alice, channel, bob.User); err != nil || member {
				t.Errorf("bob is a member: %v, %v", member, err)
			}
		}
	})
}
