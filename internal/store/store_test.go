package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

// forEachEngine runs a test on a new SQLite file and on a new PostgreSQL
// database, side by side.
func forEachEngine(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		s := open(t, store.Options{Directory: storetest.SQLite(t)})
		t.Cleanup(func() { mustFindByIndex(t, s) })
		test(t, s)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, store.Options{Database: storetest.Postgres(t)}))
	})
}

// mustFindByIndex fails a test whose transactions walked a table, or all that an
// application has in it but for what it has few of. Tests count in tables, and
// of an insert the plan shows what would become of rows that refer to it.
func mustFindByIndex(t *testing.T, s *store.Store) {
	t.Helper()
	plans, err := store.Written(s)
	if err != nil {
		t.Logf("what was written is not explained: %v", err)
	}
	for text, plan := range plans {
		if strings.HasPrefix(text, "INSERT") && strings.Contains(text, ") VALUES (") || strings.HasPrefix(text, "SELECT CAST(COUNT(*) AS TEXT)") {
			continue
		}
		for _, line := range plan {
			few := strings.Contains(line, "job_by_application") || strings.Contains(line, "function_by_application")
			if strings.HasPrefix(line, "SCAN") || strings.Contains(line, "(application_id=?)") && !few {
				t.Errorf("%s\nin: %s", line, text)
			}
		}
	}
}

// open opens a store and closes it when the test ends.
func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}

// update runs fn in a transaction that must succeed.
func update(t testing.TB, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), 0, fn); err != nil {
		t.Fatalf("update: %v", err)
	}
}

var now = time.Date(2025, 3, 1, 12, 0, 0, 123456000, time.UTC)

func newApplication(t testing.TB, s *store.Store, name string) chat.Application {
	t.Helper()
	var app chat.Application
	update(t, s, func(tx *store.Tx) (err error) {
		app, err = tx.CreateApplication(t.Context(), chat.Application{
			Name: name, APIKey: rand.Text(), ClientID: rand.Text(), Settings: chat.DefaultSettings(), CreatedAt: now,
		}, []byte("hash of "+name))
		return err
	})
	return app
}

func newUser(t testing.TB, s *store.Store, app chat.ApplicationID, name string) chat.User {
	t.Helper()
	var user chat.User
	update(t, s, func(tx *store.Tx) (err error) {
		user, _, err = tx.CreateUser(t.Context(), chat.User{
			Application: app, Name: name, DisplayName: strings.ToUpper(name[:1]) + name[1:], CreatedAt: now,
		})
		return err
	})
	return user
}

// newChannel makes a channel, with its members, made by the first of them.
func newChannel(t testing.TB, s *store.Store, kind chat.ChannelType, name string, members ...chat.User) chat.Channel {
	t.Helper()
	app := members[0].Application
	channel := chat.Channel{
		Application: app, Type: kind, Name: name, DisplayName: name, Creator: members[0].ID, ActiveAt: now, CreatedAt: now,
	}
	var joining []chat.Membership
	var ids []chat.UserID
	for i, m := range members {
		joining = append(joining, chat.Membership{User: m.ID, Moderator: i == 0, JoinedAt: now})
		ids = append(ids, m.ID)
	}
	if kind == chat.Direct {
		var err error
		if channel.DirectKey, err = chat.DirectKey(ids); err != nil {
			t.Fatal(err)
		}
	}
	update(t, s, func(tx *store.Tx) (err error) {
		if channel, err = tx.CreateChannel(t.Context(), channel); err != nil {
			return err
		}
		return tx.AddMembers(t.Context(), app, channel.ID, joining)
	})
	channel.MemberCount = int64(len(members))
	return channel
}

// send stores a message as an application would: it asks who sends, then
// writes.
func send(ctx context.Context, s *store.Store, channel chat.Channel, author chat.User, body string, after func(chat.Message)) (chat.Message, error) {
	var m chat.Message
	err := s.Update(ctx, int64(channel.ID), func(tx *store.Tx) error {
		_, member, user, err := tx.Sender(ctx, channel.Application, channel.ID, author.ID)
		if err != nil {
			return err
		}
		if member == nil {
			return chat.Errorf(chat.Denied, "not a member")
		}
		m, err = tx.CreateMessage(ctx, chat.Message{
			Application: channel.Application, Channel: channel.ID, Type: chat.Text, Author: &user, Body: body, CreatedAt: tx.Now(),
		})
		if after != nil {
			sent := m
			tx.AfterCommit(func() { after(sent) })
		}
		return err
	})
	return m, err
}

// mustSend sends a message that must be stored.
func mustSend(t testing.TB, s *store.Store, channel chat.Channel, author chat.User, body string) chat.Message {
	t.Helper()
	m, err := send(t.Context(), s, channel, author, body, nil)
	if err != nil {
		t.Fatalf("send %q: %v", body, err)
	}
	return m
}

// people makes n users.
func people(t testing.TB, s *store.Store, app chat.ApplicationID, n int) []chat.User {
	t.Helper()
	users := make([]chat.User, n)
	for i := range users {
		users[i] = newUser(t, s, app, fmt.Sprintf("user%03d", i))
	}
	return users
}

// eventually waits, for at most 30 s, until something holds.
func eventually(t testing.TB, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to hold within 30 s")
		}
		runtime.Gosched()
	}
}

func TestTheDatabaseLooksAtHowMuchItHolds(t *testing.T) {
	t.Parallel()

	address := storetest.Postgres(t)
	s := open(t, store.Options{Database: address})
	app := newApplication(t, s, "app")
	for i := range 200 {
		newUser(t, s, app.ID, fmt.Sprint("user ", i))
	}
	if err := s.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var rows float64
	if err := db.QueryRow(`SELECT reltuples FROM pg_class WHERE relname = 'chat_user'`).Scan(&rows); err != nil || rows < 200 {
		t.Errorf("it plans for %v users, %v", rows, err)
	}
}
