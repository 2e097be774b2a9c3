package store_test

import (
	"fmt"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

// BenchmarkListing reads the first and the hundred-thousandth page of 2.5 million
// users and of as many messages of a channel, 25 each. Filling the tables takes a
// minute.
func BenchmarkListing(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchmarkListing(b, open(b, store.Options{Directory: b.TempDir()}), "") })
	b.Run("PostgreSQL", func(b *testing.B) {
		benchmarkListing(b, open(b, store.Options{Database: storetest.Postgres(b)}), "ANALYZE") // as the server does in a minute
	})
}

// benchmarkListing runs a statement, if one is given, once the tables are filled.
func benchmarkListing(b *testing.B, s *store.Store, afterwards string) {
	const pages, size = 100_000, 25
	app := newApplication(b, s, "app")
	ann := newUser(b, s, app.ID, "ann")
	channel := newChannel(b, s, chat.Private, "channel", ann)
	users := func(r store.Reader, page int) {
		got, err := r.UserPage(b.Context(), app.ID, chat.UserSelection{}, chat.NumberedPage{Number: page})
		if err != nil || len(got.Items) != size {
			b.Fatalf("page %d has %d users (%v)", page, len(got.Items), err)
		}
	}
	messages := func(at int64) {
		got, err := s.MessageSlice(b.Context(), app.ID, chat.MessageSelection{Channel: channel.ID}, chat.SliceRequest{At: at})
		if err != nil || len(got.Items) != size {
			b.Fatalf("at message %d there are %d (%v)", at, len(got.Items), err)
		}
	}
	fill(b, s, pages*size, fmt.Sprintf(`
		INSERT INTO chat_user (application_id, name, display_name, search, picture, guest, properties, created_at)
		SELECT %d, 'u' || i, 'User ' || i, 'u' || i || ' user ' || i, '', FALSE, '', %d + i FROM n`,
		app.ID, now.UnixMicro()))
	fill(b, s, pages*size, fmt.Sprintf(`
		INSERT INTO message (id, application_id, channel_id, type, author_id, body, group_tag, properties, sequence, number, created_at)
		SELECT 1000000 + i, %d, %d, 'TEXT', %d, 'x', '', '', i, i, %d + i * 1000 FROM n`,
		app.ID, channel.ID, ann.ID, now.UnixMicro()))
	update(b, s, func(tx *store.Tx) error {
		err := store.Exec(tx, fmt.Sprintf(`UPDATE channel SET message_count = %d WHERE id = %d`, pages*size, channel.ID))
		if err != nil || afterwards == "" {
			return err
		}
		return store.Exec(tx, afterwards)
	})

	b.Run("messages/first page", func(b *testing.B) {
		for b.Loop() {
			messages(0)
		}
	})
	b.Run("messages/hundred-thousandth page", func(b *testing.B) {
		for b.Loop() {
			messages(1_000_000 + size)
		}
	})
	b.Run("users/first page", func(b *testing.B) {
		users(s.Reader, 0)
		for b.Loop() {
			users(s.Reader, 0)
		}
	})
	// The last of the pages that somebody goes through.
	b.Run("users/hundred-thousandth page", func(b *testing.B) {
		users(s.Reader, pages-11)
		for n := 0; b.Loop(); n++ {
			users(s.Reader, pages-10+n%10)
		}
	})
	for name, page := range map[string]int{"first": 0, "fifty-thousandth": pages / 2, "hundred-thousandth": pages - 1} {
		b.Run("users/"+name+" page, with nothing known", func(b *testing.B) {
			for b.Loop() {
				users(store.Remembering(s.Reader, 10_000), page)
			}
		})
	}
}

// fill runs a statement on the numbers from 1 to count, as the column i of n.
func fill(b *testing.B, s *store.Store, count int, statement string) {
	const portion = 50_000
	for from := 0; from < count; from += portion {
		update(b, s, func(tx *store.Tx) error {
			return store.Exec(tx, fmt.Sprintf(`
				WITH RECURSIVE n (i) AS (SELECT CAST(%d AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)`, from+1, from+portion)+statement)
		})
	}
}
