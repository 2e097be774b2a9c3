package store_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

// rows counts the rows of a table that meet a condition.
func rows(t *testing.T, s *store.Store, table, condition string) (n int) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		text, err := store.Ask(tx, `SELECT CAST(COUNT(*) AS TEXT) FROM `+table+` WHERE `+condition)
		if err != nil {
			return err
		}
		n, err = strconv.Atoi(text)
		return err
	})
	return n
}

func TestADeletedChannelIsRemovedInSmallStepsAndNothingElseIs(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newBusyHome(t, s)
		for i := range 10 {
			mustSend(t, s, h.direct, h.ann, fmt.Sprint("more ", i))
		}
		kept := mustSend(t, s, h.public, h.bob, "kept")
		of := fmt.Sprintf("channel_id = %d", h.direct.ID)
		changes := fmt.Sprintf("stream = %d", 2*h.direct.ID)
		all := rows(t, s, "change", changes)
		update(t, s, func(tx *store.Tx) error { return tx.DeleteChannel(ctx, h.app.ID, h.direct.ID) })
		remove := func(before time.Time) (steps int) {
			for done := false; !done; steps++ {
				update(t, s, func(tx *store.Tx) (err error) {
					n := 0
					n, done, err = tx.RemoveDeletedChannel(ctx, h.app.ID, h.direct.ID, before, 3)
					if n > 4*3 {
						t.Errorf("one step removed %d rows", n)
					}
					return err
				})
			}
			return steps
		}

		if steps := remove(time.Time{}); steps < 4 {
			t.Errorf("it took %d steps", steps)
		}
		for _, table := range []string{"message", "membership", "hidden_message"} {
			if n := rows(t, s, table, of); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
		for _, table := range []string{"reaction", "reaction_summary"} {
			if n := rows(t, s, table, "message_id NOT IN (SELECT id FROM message)"); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
		if n := rows(t, s, "change", changes); n != all {
			t.Errorf("of %d changes that members may have to be told of, %d are left", all, n)
		}
		left, err := s.DeletedChannels(ctx, 0, 9)
		if err != nil || len(left) != 1 || left[0].ID != h.direct.ID || left[0].Application != h.app.ID || !left[0].Emptied {
			t.Errorf("what is left is listed as %+v (%v)", left, err)
		}
		remove(time.Now().Add(time.Hour))
		if n := rows(t, s, "change", changes); n != 0 {
			t.Errorf("%d changes are left", n)
		}
		if left, err := s.DeletedChannels(ctx, 0, 9); err != nil || len(left) != 0 {
			t.Errorf("at the end there is still %+v (%v)", left, err)
		}
		if _, err := s.Message(ctx, h.app.ID, kept.ID); err != nil {
			t.Errorf("a message of another channel: %v", err)
		}
		update(t, s, func(tx *store.Tx) error {
			n, done, err := tx.RemoveDeletedChannel(ctx, h.app.ID, h.public.ID, time.Now(), 3)
			if n != 0 || !done {
				t.Errorf("of a channel that is not deleted %d rows were removed", n)
			}
			return err
		})
	})
}

func TestChangesAreRemovedFromTheOldestOn(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		stream := chat.Stream{User: h.bob.ID}
		update(t, s, func(tx *store.Tx) error {
			for i := range 10 {
				if _, err := tx.Record(ctx, h.app.ID, stream, chat.UserChanged, 1, now.Add(time.Duration(i)*time.Hour)); err != nil {
					return err
				}
			}
			return nil
		})
		for _, want := range []int{3, 3, 1, 0} {
			update(t, s, func(tx *store.Tx) error {
				n, err := tx.RemoveChanges(ctx, h.app.ID, stream, now.Add(7*time.Hour), 3)
				if n != want {
					t.Errorf("%d were removed, want %d", n, want)
				}
				return err
			})
		}
		left, err := s.Changes(ctx, h.app.ID, stream, 0, 99)
		if err != nil || len(left) != 3 || !left[0].At.Equal(now.Add(7*time.Hour)) {
			t.Errorf("left are %+v (%v)", left, err)
		}
		if sequence := rows(t, s, "chat_user", fmt.Sprintf("id = %d AND sequence = 10", h.bob.ID)); sequence != 1 {
			t.Error("the stream forgot how far it was")
		}
	})
}

func TestWhereMembersWereInAThreadIsForgottenWithIt(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		reply := mustReply(t, s, h.message, h.bob, "hi")
		update(t, s, func(tx *store.Tx) error { return tx.BeginThread(ctx, reply) })
		aside := newThread(t, s, h.direct)
		sendAside(t, s, aside, h.bob)
		threads, err := s.Threads(ctx, h.app.ID, h.direct.ID, chat.ThreadFilter{}, chat.PageRequest{})
		if err != nil || len(threads.Items) != 3 {
			t.Fatalf("the channel has %d threads (%v)", len(threads.Items), err)
		}
		kept := newThread(t, s, h.public)
		sendAside(t, s, kept, h.bob)
		update(t, s, func(tx *store.Tx) error {
			for _, thread := range append(threads.Items, kept) {
				for _, user := range []chat.User{h.ann, h.bob} {
					if err := tx.ReadThread(ctx, thread, chat.Membership{Channel: thread.Channel, User: user.ID}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if n := rows(t, s, "thread_position", "TRUE"); n != 8 {
			t.Fatalf("there are %d positions", n)
		}
		withdraw := func(m chat.Message) {
			m.DeletedAt = now
			update(t, s, func(tx *store.Tx) error {
				_, err := tx.DeleteMessage(ctx, m)
				return err
			})
		}
		withdraw(reply)
		update(t, s, func(tx *store.Tx) error { return tx.CountReply(ctx, h.message, -1) })
		withdraw(h.message)
		update(t, s, func(tx *store.Tx) error {
			for _, user := range []chat.User{h.ann, h.bob} {
				read, _ := chat.Position{}.ReadTo(9, h.message.ID, now)
				if err := tx.SetPosition(ctx, h.app.ID, h.direct.ID, user.ID, read); err != nil {
					return err
				}
			}
			return nil
		})
		for n := 1; n > 0; {
			update(t, s, func(tx *store.Tx) (err error) {
				n, err = tx.RemovePlaces(ctx, h.app.ID, h.direct.ID, now.Add(time.Hour), 1)
				return err
			})
		}
		if n := rows(t, s, "thread_position", "TRUE"); n != 6 {
			t.Errorf("without the message that was replied to there are %d positions", n)
		}
		update(t, s, func(tx *store.Tx) error { return tx.DeleteChannel(ctx, h.app.ID, h.direct.ID) })
		for done := false; !done; {
			update(t, s, func(tx *store.Tx) (err error) {
				_, done, err = tx.RemoveDeletedChannel(ctx, h.app.ID, h.direct.ID, time.Now().Add(time.Hour), 1)
				return err
			})
		}
		if n := rows(t, s, "thread_position", "TRUE"); n != 2 {
			t.Errorf("without the channel there are %d positions", n)
		}
	})
}

// Whoever adds a table that belongs to messages, channels or threads adds it to the
// leftovers of sweep.go as well.
func TestEveryTableOfMessagesAndChannelsIsSwept(t *testing.T) {
	t.Parallel()

	address := storetest.Postgres(t)
	open(t, store.Options{Database: address})
	swept := store.Leftovers()
	own := []string{"message channel_id", "deleted_channel channel_id", "notification message_id", "job channel_id", "message thread_id"} // notifications go with their changes, jobs by their age
	seen := 0
	for _, c := range columns(t, "pgx", address, `
		SELECT table_name, column_name, data_type, is_nullable
		FROM information_schema.columns
		WHERE table_schema = 'public' AND column_name IN ('message_id', 'channel_id', 'thread_id')`) {
		name := c.Table + " " + c.Name
		byMessage := slices.Contains(swept, c.Table+" message_id")
		if !slices.Contains(swept, name) && !slices.Contains(own, name) && !byMessage {
			t.Errorf("rows of the table %s stay for ever when what their %s names is removed", c.Table, c.Name)
		}
		seen++
	}
	if seen < len(swept) {
		t.Errorf("only %d columns were looked at", seen)
	}
}

func TestSweepsWalkByAnIndex(t *testing.T) {
	t.Parallel()

	s := open(t, store.Options{Directory: storetest.SQLite(t)})
	newBusyHome(t, s)
	reader := store.Explaining(s, func(text string, plan []string) {
		for _, line := range plan {
			if strings.HasPrefix(line, "SCAN") || strings.Contains(line, "TEMP B-TREE") {
				t.Errorf("%s\nin: %s", line, text)
			}
		}
	})
	channels, err := reader.ChannelAges(t.Context(), 0, 9)
	if err != nil || len(channels) < 4 || channels[0].Message.IsZero() || channels[0].Application == 0 {
		t.Errorf("channels %+v (%v)", channels, err)
	}
	if users, err := reader.UserAges(t.Context(), 0, 9); err != nil || len(users) < 4 {
		t.Errorf("users %+v (%v)", users, err)
	}
	if _, err := reader.DeletedChannels(t.Context(), 0, 9); err != nil {
		t.Error(err)
	}
}
