package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

func TestMessagesPastTheirRetentionAreDeletedForEverybody(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		if _, err := w.UpdateSettings(t.Context(), w.app.ID, func(s *chat.Settings) error {
			s.MessageRetention, s.ChangeRetention = 24*time.Hour, 72*time.Hour
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		send := func(body string) chat.MessageID {
			message, err := w.SendMessage(t.Context(), alice, text(channel, body))
			if err != nil {
				t.Fatal(err)
			}
			return message.ID
		}
		var old chat.MessageID
		for range 50 {
			old = send("old")
		}
		if _, err := w.ReplyToMessage(t.Context(), alice, old, chat.NewMessage{Type: chat.Text, Body: "reply"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(23 * time.Hour)
		young := send("young")
		w.take()
		w.StartSweeping()
		time.Sleep(2 * time.Hour)
		synctest.Wait()

		withdrawn := 0
		for _, event := range w.take() {
			if e, is := event.(chat.MessageWithdrawn); is && e.Sequence > 0 && e.Message.Body == "" {
				withdrawn++
			}
		}
		if withdrawn != 51 {
			t.Errorf("members were told of %d messages, want 51", withdrawn)
		}
		page, err := w.Messages(t.Context(), alice, channel, chat.MessageFilter{}, chat.PageRequest{})
		if err != nil || page.Total != 1 || len(page.Items) != 1 || page.Items[0].ID != young {
			t.Errorf("the channel has %d messages: %+v (%v)", page.Total, page.Items, err)
		}
		if place, err := w.Message(t.Context(), alice, old); err != nil || place.Body != "" || !place.Deleted() {
			t.Errorf("of an old message there is %+v (%v)", place, err)
		}

		time.Sleep(80 * time.Hour)
		synctest.Wait()
		if _, err := w.Message(t.Context(), alice, old); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("its place is still there when the change log has forgotten it: %v", err)
		}
		changes, err := w.db.Changes(t.Context(), w.app.ID, chat.Stream{Channel: channel}, 0, 1000)
		for _, change := range changes {
			if time.Since(change.At) > 73*time.Hour {
				t.Errorf("a change is still there after %v", time.Since(change.At))
			}
		}
		if err != nil || len(changes) == 0 {
			t.Errorf("of the changes that are young enough are left %d (%v)", len(changes), err)
		}
	})
}

func TestWithoutRetentionNothingIsRemoved(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		if _, err := w.UpdateSettings(t.Context(), w.app.ID, func(s *chat.Settings) error {
			return s.Set("change_retention", "FOREVER")
		}); err != nil {
			t.Fatal(err)
		}
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		if _, err := w.SendMessage(t.Context(), alice, text(channel, "for ever")); err != nil {
			t.Fatal(err)
		}
		w.StartSweeping()
		time.Sleep(1000 * time.Hour)
		synctest.Wait()
		if n, err := w.CountMessages(t.Context(), alice, channel); err != nil || n != 1 {
			t.Errorf("%d messages are left (%v)", n, err)
		}
		changes, err := w.db.Changes(t.Context(), w.app.ID, chat.Stream{Channel: channel}, 0, 9)
		if err != nil || len(changes) != 2 {
			t.Errorf("%d changes are left (%v)", len(changes), err)
		}
	})
}

func TestWhatADeletedChannelLeftIsSwept(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		message, err := w.SendMessage(t.Context(), alice, text(channel, "gone"))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.DeleteChannel(t.Context(), alice, channel); err != nil {
			t.Fatal(err)
		}
		w.StartSweeping()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			if _, err := w.db.Message(t.Context(), w.app.ID, message.ID); chat.IsKind(err, chat.NotFound) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the message is still there")
			}
		}
	})
}

// Bob unreads a message while a transaction before the sweep's keeps the channel's
// lane, at which the sweep has come to wait.
func TestWhoUnreadsAMessageWhileOldPlacesAreSweptFindsItUnread(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Private, Members: []chat.UserRef{{ID: bob.User}}})
		gone := w.send(alice, text(channel, "gone"))
		kept := w.send(alice, text(channel, "kept"))
		if err := errors.Join(w.ReadChannel(t.Context(), bob, channel), w.DeleteMessage(t.Context(), alice, gone.ID)); err != nil {
			t.Fatal(err)
		}
		release, unread, swept := make(chan struct{}), make(chan error), make(chan error)
		go func() {
			unread <- w.db.Update(t.Context(), int64(channel), func(tx *store.Tx) error {
				<-release
				was, err := tx.Position(t.Context(), w.app.ID, channel, bob.User)
				if err != nil {
					return err
				}
				now, _ := was.UnreadFrom(kept, gone.ID, kept.Number, tx.Now())
				return tx.SetPosition(t.Context(), w.app.ID, channel, bob.User, now)
			})
		}()
		synctest.Wait()
		go func() { swept <- w.Sweep(t.Context(), time.Now().Add(1000*time.Hour)) }()
		synctest.Wait()
		close(release)
		if err := errors.Join(<-unread, <-swept); err != nil {
			t.Fatal(err)
		}
		if n, err := w.CountUnread(t.Context(), bob, channel); n != 1 || err != nil {
			t.Errorf("%d messages are unread (%v)", n, err)
		}
		if _, err := w.Message(t.Context(), alice, gone.ID); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("the place before it was not swept: %v", err)
		}
	})
}

func TestAnswersToRequestsAreForgottenAfterADay(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	ctx, app := t.Context(), chat.Actor{Application: w.app.ID}
	if _, err := w.BeginRequest(ctx, app, "key"); err != nil {
		t.Fatal(err)
	}
	if err := w.FinishRequest(ctx, app, "key", chat.Answer{Hash: []byte{1}, Status: 200, Body: []byte("a secret")}); err != nil {
		t.Fatal(err)
	}
	if err := w.Sweep(ctx, time.Now().Add(23*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Answer(ctx, w.app.ID, "key"); err != nil {
		t.Errorf("within the day: %v", err)
	}
	if err := w.Sweep(ctx, time.Now().Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Answer(ctx, w.app.ID, "key"); !chat.IsKind(err, chat.NotFound) {
		t.Errorf("after it: %v", err)
	}
}
