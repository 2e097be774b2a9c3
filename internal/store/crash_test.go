package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

// The victim is this test binary with these variables: it sends until it is
// killed, and prints the id of every message that was acknowledged.
const (
	victimVariable   = "OPENKITTY_TEST_VICTIM" // the data directory
	victimDatabase   = "OPENKITTY_TEST_VICTIM_DATABASE"
	victimSenders    = 16
	victimChannels   = 4
	acknowledgements = 2000 // before the kill
)

func runVictim() int {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Directory: os.Getenv(victimVariable), Database: os.Getenv(victimDatabase)})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	app, err := s.ApplicationByName(ctx, "victim")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	user, err := s.UserByName(ctx, app.ID, "author")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	channels, err := s.PresenceChannels(ctx, app.ID, user.ID, victimChannels)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var senders sync.WaitGroup
	var output sync.Mutex
	for i := range victimSenders {
		senders.Go(func() {
			channel := chat.Channel{ID: channels[i%len(channels)], Application: app.ID}
			for {
				m, err := send(ctx, s, channel, user, "still here", nil)
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				output.Lock()
				fmt.Println(m.ID)
				output.Unlock()
			}
		})
	}
	senders.Wait()
	return 1
}

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()

	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		directory := t.TempDir()
		crash(t, store.Options{Directory: directory})

		db, err := sql.Open("sqlite", filepath.Join(directory, "openkitty.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var verdict string
		if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("integrity check: %q, %v", verdict, err)
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		crash(t, store.Options{Directory: t.TempDir(), Database: storetest.EmptyPostgres(t)})
	})
}

// crash kills a process that is sending and looks for what it acknowledged.
func crash(t *testing.T, o store.Options) {
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	app := newApplication(t, s, "victim")
	author := newUser(t, s, app.ID, "author")
	var channels []chat.Channel
	for i := range victimChannels {
		channels = append(channels, newChannel(t, s, chat.Public, fmt.Sprint("room", i), author))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	acknowledged := killWhileSending(t, o)

	s = open(t, o)
	for _, id := range acknowledged {
		if _, err := s.Message(t.Context(), app.ID, id); err != nil {
			t.Errorf("acknowledged message: %v", err)
		}
	}
	for _, c := range channels {
		checkStream(t, s, c)
	}
}

// killWhileSending runs a victim until it has acknowledged enough, kills it,
// and returns all that it acknowledged.
func killWhileSending(t *testing.T, o store.Options) []chat.MessageID {
	t.Helper()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), victimVariable+"="+o.Directory, victimDatabase+"="+o.Database)
	victim.Stderr = os.Stderr
	output, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	defer victim.Wait() // fails, since it was killed
	var acknowledged []chat.MessageID
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		var id chat.MessageID
		if n, _ := fmt.Sscanln(lines.Text(), &id); n == 1 {
			acknowledged = append(acknowledged, id)
		}
		if len(acknowledged) == acknowledgements {
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(acknowledged) < acknowledgements {
		t.Fatalf("the victim ended after %d messages", len(acknowledged))
	}
	return acknowledged
}

// checkStream fails unless a channel's changes are numbered without gaps, name
// its messages, and agree with its counters.
func checkStream(t *testing.T, s *store.Store, channel chat.Channel) {
	t.Helper()
	ctx := t.Context()
	now, err := s.Channel(ctx, channel.Application, channel.ID)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := s.Changes(ctx, channel.Application, chat.Stream{Channel: channel.ID}, 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if now.Sequence != int64(len(changes)) || now.MessageCount != int64(len(changes)) {
		t.Errorf("channel %d is at sequence %d with %d messages, but has %d changes", channel.ID, now.Sequence, now.MessageCount, len(changes))
	}
	for i, c := range changes {
		if c.Sequence != int64(i+1) {
			t.Fatalf("channel %d: change %d has sequence %d", channel.ID, i+1, c.Sequence)
		}
	}
	if len(changes) == 0 {
		return
	}
	last, err := s.Message(ctx, channel.Application, chat.MessageID(changes[len(changes)-1].Subject))
	if err != nil {
		t.Fatal(err)
	}
	if last.ID != now.LastMessage || last.Sequence != now.Sequence || !last.CreatedAt.Equal(now.ActiveAt) {
		t.Errorf("channel %d ends with %+v, but its latest change is %+v", channel.ID, now, last)
	}
}

// A killed process loses nothing that its system still holds, so this is asked
// of the engines.
func TestACommitWaitsForTheDisk(t *testing.T) {
	t.Parallel()

	expect := func(t *testing.T, s *store.Store, answers map[string]string) {
		update(t, s, func(tx *store.Tx) error {
			for question, want := range answers {
				if got, err := store.Ask(tx, question); err != nil || got != want {
					t.Errorf("%s is %q, not %q (%v)", question, got, want, err)
				}
			}
			return nil
		})
	}
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		expect(t, open(t, store.Options{Directory: t.TempDir()}), map[string]string{
			"PRAGMA synchronous": "2", "PRAGMA journal_mode": "wal", "PRAGMA busy_timeout": "10000",
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		expect(t, open(t, store.Options{Database: storetest.EmptyPostgres(t)}), map[string]string{"SHOW synchronous_commit": "on"})
	})
}
