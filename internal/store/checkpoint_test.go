package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// logMax is how long the log of a SQLite database may get, in bytes, where nobody
// reads for long: on a slow disk too, and with what one commit of these tests adds.
const logMax = 80 << 20

// writeMuch writes so many MB to a channel, 4 in each commit, and returns how long the
// log has been at most.
func writeMuch(t *testing.T, s *store.Store, directory string, channel chat.Channel, author chat.User, megabytes int) (longest int64) {
	t.Helper()
	body := strings.Repeat("x", 1<<20)
	for range megabytes / 4 {
		update(t, s, func(tx *store.Tx) error {
			for range 4 {
				_, err := tx.CreateMessage(t.Context(), chat.Message{
					Application: channel.Application, Channel: channel.ID, Type: chat.Text, Author: &author, Body: body, CreatedAt: tx.Now(),
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		info, err := os.Stat(filepath.Join(directory, "openkitty.db-wal"))
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, info.Size())
	}
	return longest
}

func openDirectory(t *testing.T) (*store.Store, string) {
	t.Helper()
	directory := t.TempDir()
	s, err := store.Open(t.Context(), store.Options{Directory: directory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, directory
}

func TestTheLogOfADatabaseStaysShortWhileItIsWritten(t *testing.T) {
	t.Parallel()

	s, directory := openDirectory(t)
	author := newUser(t, s, newApplication(t, s, "app").ID, "author")
	channel := newChannel(t, s, chat.Public, "room", author)
	if longest := writeMuch(t, s, directory, channel, author, 240); longest > logMax {
		t.Errorf("the log had %d MB", longest>>20)
	}
}

func TestALogThatWasLongBecauseSomebodyReadItIsUsedAnew(t *testing.T) {
	t.Parallel()

	s, directory := openDirectory(t)
	author := newUser(t, s, newApplication(t, s, "app").ID, "author")
	channel := newChannel(t, s, chat.Public, "room", author)
	db, err := sql.Open("sqlite", filepath.Join(directory, "openkitty.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	reading, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var users int
	if err := reading.QueryRow(`SELECT COUNT(*) FROM chat_user`).Scan(&users); err != nil {
		t.Fatal(err)
	}
	long := writeMuch(t, s, directory, channel, author, 120)
	if long < 100<<20 {
		t.Fatalf("the log had %d MB only: nobody read it", long>>20)
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	if longest := writeMuch(t, s, directory, channel, author, 240); longest > long+logMax {
		t.Errorf("the log grew from %d to %d MB", long>>20, longest>>20)
	}
}
