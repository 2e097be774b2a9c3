package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
)

// hosted is a file with a digest, under a key of the same letters.
func hosted(digest chat.Digest) chat.File {
	return chat.File{
		Key: chat.FileKey("key-" + digest), Name: "cat.png", ContentType: "image/png", Size: 12, Digest: digest,
		Image: chat.Image{Width: 640, Height: 480},
	}
}

// mustSendFile stores a message that is a file, and the file's bytes.
func mustSendFile(t testing.TB, s *store.Store, c chat.Channel, author chat.User, file chat.File) chat.Message {
	t.Helper()
	m := chat.Message{Application: c.Application, Channel: c.ID, Type: chat.FileMessage, Author: &author, File: &file}
	update(t, s, func(tx *store.Tx) (err error) {
		if file.Hosted() {
			blob := store.Blob{Application: c.Application, Digest: file.Digest, Place: "place of " + string(file.Digest), Size: file.Size}
			if _, err := tx.AddBlob(t.Context(), blob); err != nil {
				return err
			}
		}
		m.CreatedAt = tx.Now()
		if m, err = tx.CreateMessage(t.Context(), m); err != nil {
			return err
		}
		return tx.AttachFile(t.Context(), m)
	})
	return m
}

func TestAMessageIsReadWithItsFileOrThePreviewsOfItsLinks(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		near := mustSendFile(t, s, h.direct, h.ann, hosted("aa"))
		far := mustSendFile(t, s, h.direct, h.bob, chat.File{URL: "https://x.example/a.pdf?b=1", Name: "a.pdf", ContentType: "application/pdf", Size: 1 << 40})
		linking := mustSend(t, s, h.direct, h.ann, "see https://a.example and https://b.example")
		preview := chat.LinkPreview{
			Source: "https://b.example", URL: "https://b.example/", Title: "B", Image: "https://b.example/b.png", Description: "d", Site: "s",
		}
		update(t, s, func(tx *store.Tx) error { return tx.AddPreview(t.Context(), linking, preview) })
		page, err := s.Messages(t.Context(), h.app.ID, chat.Membership{Channel: h.direct.ID, User: h.ann.ID}, chat.MessageFilter{}, chat.PageRequest{})
		if err != nil || len(page.Items) != 4 {
			t.Fatalf("%d messages, %v", len(page.Items), err)
		}
		if diff := cmp.Diff([]chat.LinkPreview{preview}, page.Items[0].Previews); diff != "" {
			t.Errorf("the previews:\n%s", diff)
		}
		if diff := cmp.Diff(far.File, page.Items[1].File); diff != "" {
			t.Errorf("the file elsewhere:\n%s", diff)
		}
		if diff := cmp.Diff(near.File, page.Items[2].File); diff != "" {
			t.Errorf("the hosted file:\n%s", diff)
		}
		if page.Items[3].File != nil || page.Items[3].Previews != nil {
			t.Errorf("a text has %+v and %+v", page.Items[3].File, page.Items[3].Previews)
		}
	})
}

func TestFilesAreListedAndCountedApart(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		ctx := t.Context()
		parent := mustSend(t, s, h.public, h.bob, "text")
		files := make([]chat.Message, 5)
		for i := range files {
			files[i] = mustSendFile(t, s, h.public, h.bob, hosted(chat.Digest(fmt.Sprint("d", i))))
			mustSend(t, s, h.public, h.bob, "between")
		}
		member := chat.Membership{Channel: h.public.ID, User: h.bob.ID}
		check := func(what string, member chat.Membership, f chat.MessageFilter, want ...chat.Message) {
			t.Helper()
			page, err := s.Messages(ctx, h.app.ID, member, f, chat.PageRequest{Size: 10})
			var got, ids []chat.MessageID
			for _, m := range page.Items {
				got = append(got, m.ID)
			}
			for _, m := range want {
				ids = append(ids, m.ID)
			}
			if err != nil || !slices.Equal(got, ids) || page.Total != int64(len(ids)) {
				t.Errorf("%s: got %v of %d (%v), want %v", what, got, page.Total, err, ids)
			}
		}
		all := chat.MessageFilter{Files: true}
		check("all", member, all, files[4], files[3], files[2], files[1], files[0])
		update(t, s, func(tx *store.Tx) error {
			files[3].DeletedAt = tx.Now()
			if _, err := tx.DeleteMessage(ctx, files[3]); err != nil {
				return err
			}
			if _, err := tx.HideMessage(ctx, files[1], h.bob.ID); err != nil {
				return err
			}
			_, err := tx.HideMessage(ctx, parent, h.bob.ID)
			return err
		})
		check("without what is gone or hidden", member, all, files[4], files[2], files[0])
		cleared := member
		cleared.ClearedAt = files[0].CreatedAt
		check("since the history was cleared", cleared, all, files[4], files[2])

		reply := chat.Message{Application: h.app.ID, Channel: h.public.ID, Type: chat.FileMessage, Author: &h.bob, Parent: parent.ID}
		update(t, s, func(tx *store.Tx) (err error) {
			file := hosted("d1")
			file.Key = "another"
			reply.CreatedAt, reply.File = tx.Now(), &file
			if reply, err = tx.CreateMessage(ctx, reply); err != nil {
				return err
			}
			return tx.AttachFile(ctx, reply)
		})
		check("with a reply", member, all, reply, files[4], files[2], files[0])
		check("of the main thread", member, chat.MessageFilter{Files: true, MainThread: true}, files[4], files[2], files[0])
	})
}

func TestAFileIsFoundByWhomItsMessageIsShownTo(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		ctx := t.Context()
		m := mustSendFile(t, s, h.direct, h.ann, hosted("aa"))
		file, place, err := s.HostedFile(ctx, h.app.ID, "key-aa", h.bob.ID)
		if err != nil || !cmp.Equal(*m.File, file) || place.Channel != h.direct.ID || !place.CreatedAt.Equal(m.CreatedAt) {
			t.Errorf("got %+v at %+v, %v", file, place, err)
		}
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.HideMessage(ctx, m, h.bob.ID)
			return err
		})
		if _, _, err := s.HostedFile(ctx, h.app.ID, "key-aa", h.bob.ID); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("after hiding the message: %v", err)
		}
		if _, _, err := s.HostedFile(ctx, h.app.ID, "key-aa", h.ann.ID); err != nil {
			t.Errorf("its author: %v", err)
		}
		update(t, s, func(tx *store.Tx) error {
			m.DeletedAt = tx.Now()
			_, err := tx.DeleteMessage(ctx, m)
			return err
		})
		if _, _, err := s.HostedFile(ctx, h.app.ID, "key-aa", h.ann.ID); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("after deleting the message: %v", err)
		}
		far := mustSendFile(t, s, h.direct, h.ann, chat.File{URL: "https://x.example/", Name: "x", ContentType: "a/b"})
		key := chat.FileKey(fmt.Sprint("message ", far.ID))
		if _, _, err := s.HostedFile(ctx, h.app.ID, key, h.ann.ID); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("a file elsewhere is served: %v", err)
		}
	})
}

func TestBytesAreRemovedOnceNoFileConsistsOfThem(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		ctx := t.Context()
		first := mustSendFile(t, s, h.direct, h.ann, hosted("aa"))
		later := time.Now().Add(time.Hour)
		sweep := func(since time.Time) (places []string) {
			t.Helper()
			update(t, s, func(tx *store.Tx) error {
				blobs, err := tx.RemoveUnused(ctx, since, 10)
				places = nil
				for _, b := range blobs {
					places = append(places, b.Place)
				}
				return err
			})
			return places
		}
		update(t, s, func(tx *store.Tx) error {
			picture := hosted("aa")
			picture.Key = "picture"
			return tx.SetPicture(ctx, h.app.ID, h.bob.ID, &picture)
		})
		update(t, s, func(tx *store.Tx) error {
			first.DeletedAt = tx.Now()
			_, err := tx.DeleteMessage(ctx, first)
			return err
		})
		if got := sweep(later); got != nil {
			t.Errorf("removed %v, of which a picture consists", got)
		}
		update(t, s, func(tx *store.Tx) error { return tx.SetPicture(ctx, h.app.ID, h.bob.ID, nil) })
		if got := sweep(time.Now().Add(-time.Minute)); got != nil {
			t.Errorf("removed %v, which were used just now", got)
		}
		if known, err := s.Places(ctx, []string{"place of aa", "place of bb"}); err != nil || !slices.Equal(known, []string{"place of aa"}) {
			t.Errorf("known places: %v, %v", known, err)
		}
		if got := sweep(later); !slices.Equal(got, []string{"place of aa"}) {
			t.Errorf("removed %v", got)
		}
		update(t, s, func(tx *store.Tx) error {
			touched, err := tx.TouchBlob(ctx, h.app.ID, "aa")
			if touched {
				t.Error("removed bytes can be used again")
			}
			return err
		})
	})
}

func TestOfTwoThatKeepTheSameBytesOneDoes(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		var kept []bool
		for _, place := range []string{"one", "two"} {
			update(t, s, func(tx *store.Tx) error {
				own, err := tx.AddBlob(t.Context(), store.Blob{Application: app.ID, Digest: "aa", Place: place, Size: 1})
				kept = append(kept, own)
				return err
			})
		}
		blob, err := s.Blob(t.Context(), app.ID, "aa")
		if err != nil || blob.Place != "one" || !slices.Equal(kept, []bool{true, false}) {
			t.Errorf("kept %v, and the bytes are at %+v, %v", kept, blob, err)
		}
	})
}
