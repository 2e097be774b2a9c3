package store_test

import (
	"database/sql"
	"fmt"
	"sync"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestTwoProcessesMayWriteToOneDatabase(t *testing.T) {
	t.Parallel()

	together := func(t *testing.T, o store.Options) {
		nodes := []*store.Store{open(t, o), open(t, o)}
		app := newApplication(t, nodes[0], "app")
		author := newUser(t, nodes[0], app.ID, "author")
		channel := newChannel(t, nodes[0], chat.Public, "room", author)
		var senders sync.WaitGroup
		for i := range 8 {
			senders.Go(func() {
				for range 25 {
					if _, err := send(t.Context(), nodes[i%2], channel, author, "hello", nil); err != nil {
						t.Errorf("node %d: %v", i%2, err)
						return
					}
				}
			})
		}
		senders.Wait()
		checkStream(t, nodes[0], channel)
		if n := len(allMessages(t, nodes[1], channel)); n != 200 {
			t.Errorf("%d messages were kept, not 200", n)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		together(t, store.Options{Directory: storetest.SQLite(t)})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		together(t, store.Options{Database: storetest.Postgres(t)})
	})
}

func TestUpdatesThatDeadlockAreRunAgain(t *testing.T) {
	t.Parallel()

	address := storetest.Postgres(t)
	s := open(t, store.Options{Database: address})
	app := newApplication(t, s, "app")
	streams := [2]chat.Stream{{User: newUser(t, s, app.ID, "ann").ID}, {User: newUser(t, s, app.ID, "bob").ID}}
	var callers, met sync.WaitGroup
	met.Add(2)
	for lane := range 2 {
		first := true
		callers.Go(func() {
			err := s.Update(t.Context(), int64(lane), func(tx *store.Tx) error {
				if _, err := tx.Record(t.Context(), app.ID, streams[lane], chat.ChannelJoined, 1, now); err != nil {
					return err
				}
				if first { // each holds what the other needs
					first = false
					met.Done()
					met.Wait()
				}
				_, err := tx.Record(t.Context(), app.ID, streams[1-lane], chat.ChannelJoined, 1, now)
				return err
			})
			if err != nil {
				t.Errorf("lane %d: %v", lane, err)
			}
		})
	}
	callers.Wait()
	for _, stream := range streams {
		if changes, err := s.Changes(t.Context(), app.ID, stream, 0, 10); err != nil || len(changes) != 2 {
			t.Errorf("%+v has %d changes (%v)", stream, len(changes), err)
		}
	}
}

func TestUpdatesThatAreRunAgainAreAnnouncedInTheOrderOfSequences(t *testing.T) {
	t.Parallel()

	s := open(t, store.Options{Database: storetest.Postgres(t)})
	app := newApplication(t, s, "app")
	author := newUser(t, s, app.ID, "author")
	channel := newChannel(t, s, chat.Public, "room", author)
	release := stall(t, s, channel)
	var callers sync.WaitGroup
	var announced []int64
	for i := range 3 {
		runs := 0
		callers.Go(func() {
			err := s.Update(t.Context(), int64(channel.ID), func(tx *store.Tx) error {
				m, err := tx.CreateMessage(t.Context(), chat.Message{
					Application: app.ID, Channel: channel.ID, Type: chat.Text, Author: &author, Body: "x", CreatedAt: tx.Now(),
				})
				tx.AfterCommit(func() { announced = append(announced, m.Sequence) })
				// The first call loses in the batch, and again in a
				// savepoint: as if the server had answered so.
				if runs++; i == 0 && runs < 3 {
					return &pgconn.PgError{Code: "40001"}
				}
				return err
			})
			if err != nil {
				t.Errorf("update: %v", err)
			}
		})
		eventually(t, func() bool { return store.Waiting(s) == i+1 })
	}
	release(3)
	callers.Wait()
	if diff := cmp.Diff([]int64{1, 2, 3}, announced); diff != "" {
		t.Errorf("announced:\n%s", diff)
	}
	checkStream(t, s, channel)
}

func TestUpdatesOutliveTheirConnections(t *testing.T) {
	t.Parallel()

	address := storetest.Postgres(t)
	s := open(t, store.Options{Database: address})
	app := newApplication(t, s, "app")
	author := newUser(t, s, app.ID, "author")
	channel := newChannel(t, s, chat.Public, "room", author)
	cut := disconnector(t, address)

	cut() // while the lane is idle
	mustSend(t, s, channel, author, "one")

	release := stall(t, s, channel)
	var callers sync.WaitGroup
	for i := range 10 {
		first := true
		callers.Go(func() {
			err := s.Update(t.Context(), int64(channel.ID), func(tx *store.Tx) error {
				m := chat.Message{
					Application: app.ID, Channel: channel.ID, Type: chat.Text, Author: &author, Body: fmt.Sprint(i), CreatedAt: tx.Now(),
				}
				_, err := tx.CreateMessage(t.Context(), m)
				if i == 5 && first {
					first = false
					cut() // in the middle of a batch
				}
				return err
			})
			if err != nil {
				t.Errorf("update %d: %v", i, err)
			}
		})
	}
	release(10)
	callers.Wait()
	checkStream(t, s, channel)
	if n := len(allMessages(t, s, channel)); n != 11 {
		t.Errorf("%d messages were kept, not 11", n)
	}
}

// disconnector returns a function that ends the connections of every store on a
// database.
func disconnector(t *testing.T, address string) func() {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return func() {
		_, err := db.Exec(`
			SELECT pg_terminate_backend(pid, 10000)
			FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'openkitty'`)
		if err != nil {
			t.Errorf("disconnect: %v", err)
		}
	}
}
