package store_test

import (
	"fmt"
	"slices"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

// What still names a user who was erased is listed here with its reason.
func TestNothingNamesAnErasedUserButWhatIsListed(t *testing.T) {
	t.Parallel()

	kept := map[string]string{
		"client_session user_id": "it has a device be told of the deletion, and goes with the change log",
		"erasure user_id":        "it goes when it is done",
		"message author_id":      "the empty place of a message that others may have replied to",
	}
	address := storetest.Postgres(t)
	s := open(t, store.Options{Database: address})
	h := newBusyHome(t, s)
	places, err := s.MessagesToErase(t.Context(), store.Erasure{Application: h.app.ID, User: h.bob.ID, Last: 1 << 40}, 0, store.PlacedMessage{}, 99)
	if err != nil || len(places) == 0 {
		t.Fatalf("%+v, %v", places, err)
	}
	update(t, s, func(tx *store.Tx) error { return eraseAll(t, tx, h, h.bob.ID, places) })
	seen := 0
	for _, c := range columns(t, "pgx", address, `
		SELECT table_name, column_name, data_type, is_nullable
		FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name IN ('user_id', 'blocked_id', 'author_id')`) {
		seen++
		name := c.Table + " " + c.Name
		if n := rows(t, s, c.Table, fmt.Sprintf("%s = %d", c.Name, h.bob.ID)); n > 0 && kept[name] == "" {
			t.Errorf("%d rows of the table %s still have the user as %s", n, c.Table, c.Name)
		}
	}
	if seen < 15 {
		t.Errorf("only %d columns were looked at", seen)
	}
	if n := rows(t, s, "message", fmt.Sprintf("author_id = %d AND (body <> '' OR import_key <> '' OR properties <> '')", h.bob.ID)); n > 0 {
		t.Errorf("%d messages hold something", n)
	}
}

// eraseAll does what an erasure does, in one transaction.
func eraseAll(t *testing.T, tx *store.Tx, h home, user chat.UserID, places []store.PlacedMessage) error {
	ctx := t.Context()
	if _, err := tx.DeleteUser(ctx, h.app.ID, user, "deleted-1"); err != nil {
		return err
	}
	for _, p := range places {
		present, err := tx.PresentMessages(ctx, h.app.ID, p.Channel, []chat.MessageID{p.ID})
		if err != nil || len(present) != 1 {
			return fmt.Errorf("%d messages have the id %d: %w", len(present), p.ID, err)
		}
		present[0].DeletedAt = now
		if _, err := tx.DeleteMessage(ctx, present[0]); err != nil {
			return err
		}
	}
	reactions, err := tx.ReactionsOf(ctx, h.app.ID, user, chat.Reaction{}, 9)
	if err != nil {
		return err
	}
	for _, r := range reactions {
		if _, err := tx.RemoveReaction(ctx, h.app.ID, r.Reaction); err != nil {
			return err
		}
	}
	if _, err := tx.RemoveReports(ctx, h.app.ID, user, 9); err != nil {
		return err
	}
	_, err = tx.RemoveTraces(ctx, h.app.ID, user, 9)
	return err
}

func TestMessagesThatCameAfterAnErasureWasNotedStay(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		var e store.Erasure
		update(t, s, func(tx *store.Tx) (err error) {
			e, err = tx.NoteErasure(t.Context(), h.app.ID, 0)
			return err
		})
		first := mustSend(t, s, h.direct, h.bob, "later")
		ids := func(e store.Erasure) (ids []chat.MessageID) {
			places, err := s.MessagesToErase(t.Context(), e, h.direct.ID, store.PlacedMessage{}, 9)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range places {
				ids = append(ids, p.ID)
			}
			return ids
		}
		if got := ids(e); !slices.Equal(got, []chat.MessageID{h.message.ID}) {
			t.Errorf("to be erased are %d", got)
		}
		// Who asks once more means what is there then.
		again := e
		update(t, s, func(tx *store.Tx) (err error) {
			again, err = tx.NoteErasure(t.Context(), h.app.ID, 0)
			return err
		})
		if got := ids(again); !slices.Equal(got, []chat.MessageID{h.message.ID, first.ID}) {
			t.Errorf("then to be erased are %d", got)
		}
		for _, end := range []struct {
			e    store.Erasure
			left bool
		}{{e, true}, {again, false}} {
			update(t, s, func(tx *store.Tx) error { return tx.EndErasure(t.Context(), end.e) })
			next, err := s.NextErasure(t.Context(), h.app.ID, -1)
			if err != nil || (next != nil) != end.left {
				t.Errorf("after the end of %+v there is %+v, %v", end.e, next, err)
			}
		}
	})
}
