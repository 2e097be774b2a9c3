package store_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// BenchmarkListing reads the first page of lists, and one with many items before
// it. Lists that are walked cost the same everywhere; of those with numbered
// pages, what is before a page is counted off in an index.
func BenchmarkListing(b *testing.B) {
	const messages, users, size = 100_000, 20_000, 25
	s := open(b, store.Options{Directory: b.TempDir()})
	app := newApplication(b, s, "app")
	ann := newUser(b, s, app.ID, "ann")
	channel := newChannel(b, s, chat.Private, "channel", ann)
	update(b, s, func(tx *store.Tx) error {
		for i := range users {
			if _, _, err := tx.CreateUser(b.Context(), chat.User{Application: app.ID, Name: "u" + strconv.Itoa(i), CreatedAt: now}); err != nil {
				return err
			}
		}
		return nil
	})
	var deep chat.Message
	update(b, s, func(tx *store.Tx) (err error) {
		for i := range messages {
			m, err := tx.CreateMessage(b.Context(), chat.Message{
				Application: app.ID, Channel: channel.ID, Type: chat.Text, Author: &ann, Body: "x", CreatedAt: now.Add(time.Duration(i) * time.Millisecond),
			})
			if err != nil {
				return err
			}
			if i == size {
				deep = m
			}
		}
		return nil
	})
	for name, at := range map[string]int64{"first": 0, fmt.Sprint("after ", messages-size-1): int64(deep.ID)} {
		b.Run("messages/"+name, func(b *testing.B) {
			for b.Loop() {
				f := chat.MessageSelection{Channel: channel.ID}
				if _, err := s.MessageSlice(b.Context(), app.ID, f, chat.SliceRequest{At: at, Uncounted: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, page := range []int{0, users/size - 1} {
		b.Run(fmt.Sprintf("users/page %d", page), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.UserPage(b.Context(), app.ID, chat.UserSelection{}, chat.NumberedPage{Number: page}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
