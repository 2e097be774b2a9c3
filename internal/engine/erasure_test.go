package engine_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"openkitty/internal/chat"
)

// leave has a user say, react to and report something, among what others say, and
// returns the channel and the message of somebody else.
func (w *world) leave(user, other chat.Actor) (chat.ChannelID, chat.Message) {
	w.t.Helper()
	ctx := w.t.Context()
	channel := w.channel(other, chat.NewChannel{Type: chat.Public, Members: []chat.UserRef{{ID: user.User}}})
	message := w.send(other, chat.NewMessage{Channel: channel, Body: "hello"})
	for range 45 {
		w.send(user, chat.NewMessage{Channel: channel, Body: "I am here"})
	}
	for _, emoji := range []string{"👍", "🔥"} {
		if _, _, err := w.React(ctx, user, message.ID, emoji); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, _, err := w.React(ctx, other, message.ID, "👍"); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.ReportMessage(ctx, user, chat.Report{Message: message.ID, Reason: "I know him"}); err != nil {
		w.t.Fatal(err)
	}
	return channel, message
}

// onlyLeft checks that of a channel only one message is left, with one reaction.
func (w *world) onlyLeft(reader chat.Actor, channel chat.ChannelID, message chat.Message) {
	w.t.Helper()
	page, err := w.Messages(w.t.Context(), reader, channel, chat.MessageFilter{}, chat.PageRequest{})
	if err != nil || page.Total != 1 || len(page.Items) != 1 || page.Items[0].ID != message.ID {
		w.t.Fatalf("left are %+v, %v", page, err)
	}
	left := page.Items[0]
	if len(left.Reactions) != 1 || left.Reactions[0].Count != 1 || left.Reactions[0].Users[0].ID != reader.User || left.Reports != 0 {
		w.t.Errorf("left is %+v", left)
	}
	view, err := w.Channel(w.t.Context(), reader, channel)
	if err != nil || view.LastMessage == nil || view.LastMessage.ID != message.ID {
		w.t.Errorf("the channel's last message is %+v, %v", view.LastMessage, err)
	}
}

func TestAUserIsErasedWithReactionsAndReports(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		channel, message := w.leave(alice, bob)
		w.take()
		if err := w.EraseUser(t.Context(), chat.Actor{Application: w.app.ID}, alice.User); err != nil {
			t.Fatal(err)
		}
		w.onlyLeft(bob, channel, message)
		var gone []chat.MessageID
		reactions := 0
		for _, event := range w.take() {
			switch e := event.(type) {
			case chat.MessageWithdrawn:
				gone = append(gone, e.Message.ID)
			case chat.ReactionChanged:
				if e.Removed && e.Reaction.User.DisplayName == chat.DeletedDisplayName {
					reactions++
				}
			}
		}
		if len(gone) != 45 || !slices.IsSorted(gone) || reactions != 2 {
			t.Errorf("told were %d reactions, and in this order the messages %d", reactions, gone)
		}
	})
}

func TestAUserWhoIsDeletedIsErasedAsWell(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx, app := t.Context(), chat.Actor{Application: w.app.ID}
		alice, bob := w.user("alice"), w.user("bob")
		channel, message := w.leave(alice, bob)
		if err := w.DeleteUser(ctx, alice, alice.User); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time there is nothing to do
			if err := w.EraseUser(ctx, app, alice.User); err != nil {
				t.Fatal(err)
			}
		}
		w.onlyLeft(bob, channel, message)
		if err := w.EraseUser(ctx, app, 1); chat.AsError(err).Name != chat.NoUser(1).Name {
			t.Errorf("a user who never was: %v", err)
		}
	})
}

func TestAnErasureIsDoneThoughWhoAskedIsGoneAndTheServerEnded(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		channel, message := w.leave(alice, bob)
		w.take()
		ctx, cancel := context.WithCancel(t.Context())
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			_ = w.EraseUser(ctx, chat.Actor{Application: w.app.ID}, alice.User)
		}()
		w.until("it began", func() bool {
			return w.count(func(e chat.Event) bool { _, is := e.(chat.UserDeleted); return is }) > 0
		})
		cancel()
		<-answered
		w.restart()
		if err := w.Sweep(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		w.until("the user is erased", func() bool {
			next, err := w.db.NextErasure(t.Context(), w.app.ID, 0)
			return err == nil && next == nil
		})
		w.onlyLeft(bob, channel, message)
	})
}

func TestErasedMessagesAreForgottenByTheirImportKeysToo(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.RunJobs()
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		item := `{"channel_id":%d,"type":"TEXT","user":"alice","body":"x","idempotency_key":"alice's %d"}`
		w.imports(chat.MessageImport, 0, "["+fmt.Sprintf(item, channel, 1)+","+fmt.Sprintf(item, channel, 2)+"]")
		page, err := w.Messages(ctx, alice, channel, chat.MessageFilter{}, chat.PageRequest{})
		if err != nil || len(page.Items) != 2 {
			t.Fatalf("%+v, %v", page, err)
		}
		if err := w.DeleteMessage(ctx, alice, page.Items[0].ID); err != nil {
			t.Fatal(err)
		}
		keys := []string{"alice's 1", "alice's 2"}
		if found, err := w.db.MessagesByKey(ctx, w.app.ID, keys); err != nil || len(found) != 2 {
			t.Errorf("a message that its author deleted would be imported again: %+v, %v", found, err)
		}
		if err := w.EraseUser(ctx, chat.Actor{Application: w.app.ID}, alice.User); err != nil {
			t.Fatal(err)
		}
		if found, err := w.db.MessagesByKey(ctx, w.app.ID, keys); err != nil || len(found) != 0 {
			t.Errorf("left are %+v, %v", found, err)
		}
	})
}

func TestAllMessagesThatThereAreAreDeletedTheOldestFirst(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx, app := t.Context(), chat.Actor{Application: w.app.ID}
		alice, bob := w.user("alice"), w.user("bob")
		channel, _ := w.leave(alice, bob)
		w.send(bob, chat.NewMessage{Channel: w.channel(bob, chat.NewChannel{Type: chat.Private}), Body: "alone"})
		w.take()
		if err := w.DeleteMessages(ctx, app); err != nil {
			t.Fatal(err)
		}
		var gone []chat.MessageID
		for _, event := range w.take() {
			if e, is := event.(chat.MessageWithdrawn); is && e.Message.Channel == channel {
				gone = append(gone, e.Message.ID)
			}
		}
		if len(gone) != 46 || !slices.IsSorted(gone) {
			t.Errorf("the messages went in this order: %d", gone)
		}
		if left, err := w.MessageSlice(ctx, app, chat.MessageSelection{}, "", chat.SliceRequest{}); err != nil || left.Total != 0 {
			t.Errorf("left are %+v, %v", left, err)
		}
	})
}

func TestManyErasuresAtOnceAreAllAnswered(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	app, bob := chat.Actor{Application: w.app.ID}, w.user("bob")
	channel := w.channel(bob, chat.NewChannel{Type: chat.Public})
	answers := make(chan error)
	for i := range 20 {
		user := w.user(fmt.Sprint("user", i/2))
		go func() { answers <- w.EraseUser(t.Context(), app, user.User) }()
		w.send(bob, chat.NewMessage{Channel: channel, Body: "x"})
		if i%5 == 0 {
			go func() { answers <- w.DeleteMessages(t.Context(), app) }()
		}
	}
	for range 24 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
}
