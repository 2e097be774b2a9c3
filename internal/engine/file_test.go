package engine_test

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"openkitty/internal/chat"
)

// receive uploads a text.
func (w *world) receive(actor chat.Actor, content string) chat.File {
	w.t.Helper()
	file, err := w.ReceiveFile(context.Background(), actor, "a.txt", "text/plain", strings.NewReader(content))
	if err != nil {
		w.t.Fatal(err)
	}
	return file
}

// sendFile uploads a text as a message.
func (w *world) sendFile(actor chat.Actor, channel chat.ChannelID, content string) chat.Message {
	w.t.Helper()
	file := w.receive(actor, content)
	message, err := w.SendMessage(context.Background(), actor, chat.NewMessage{Channel: channel, Type: chat.FileMessage, File: &file})
	if err != nil {
		w.t.Fatal(err)
	}
	return message
}

// onDisk is how many files the world keeps in a folder of its data.
func (w *world) onDisk(folder string) (n int) {
	w.t.Helper()
	err := filepath.WalkDir(filepath.Join(w.data, folder), func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// download reads a hosted file under a grant of the actor's.
func (w *world) download(actor chat.Actor, file chat.File) (string, error) {
	d, err := w.OpenFile(context.Background(), actor.Application, file.Key, w.IssueGrant(actor, chat.ReadFiles), false)
	if err != nil {
		return "", err
	}
	defer d.Close()
	text, err := io.ReadAll(d)
	return string(text), err
}

func TestEqualFilesAreKeptOnceAndUntilTheLastIsGone(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Private})
		first, second := w.sendFile(alice, channel, "same"), w.sendFile(alice, channel, "same")
		if n := w.onDisk("files"); n != 1 {
			t.Errorf("%d files are kept", n)
		}
		later := time.Now().Add(48 * time.Hour)
		if err := w.DeleteMessage(ctx, alice, first.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.SweepFiles(ctx, later); err != nil {
			t.Fatal(err)
		}
		if text, err := w.download(alice, *second.File); text != "same" || err != nil {
			t.Errorf("the second file is %q, %v", text, err)
		}
		if err := w.DeleteMessage(ctx, alice, second.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.SweepFiles(ctx, time.Now()); err != nil || w.onDisk("files") != 1 {
			t.Errorf("what was just deleted went at once, or %v", err)
		}
		if err := w.SweepFiles(ctx, later); err != nil || w.onDisk("files") != 0 {
			t.Errorf("%d files are left, %v", w.onDisk("files"), err)
		}
		third := w.sendFile(alice, channel, "same") // at another place
		if text, err := w.download(alice, *third.File); text != "same" || err != nil {
			t.Errorf("the third file is %q, %v", text, err)
		}
	})
}

func TestTheSameFileUploadedAtOnceIsKeptOnce(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := w.ReceiveFile(t.Context(), alice, "a", "a/b", strings.NewReader("same")); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := w.onDisk("files"); n != 1 {
			t.Errorf("%d files are kept", n)
		}
		if n := w.onDisk("uploads"); n != 0 {
			t.Errorf("%d uploads are left", n)
		}
	})
}

func TestAnUploadWithoutAMessageIsRemovedWithWhatCrashesLeft(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Private})
		kept := w.sendFile(alice, channel, "kept")
		w.receive(alice, "never sent")
		for _, stray := range []string{"files/7/stray", "uploads/upload-1"} {
			path := filepath.Join(w.data, stray)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.SweepFiles(t.Context(), time.Now().Add(48*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if w.onDisk("files") != 1 || w.onDisk("uploads") != 0 {
			t.Errorf("%d files and %d uploads are left", w.onDisk("files"), w.onDisk("uploads"))
		}
		if text, err := w.download(alice, *kept.File); text != "kept" || err != nil {
			t.Errorf("the file of the message is %q, %v", text, err)
		}
	})
}

func TestADeletedUserShowsNoPicture(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice := w.user("alice")
		// The smallest GIF there is.
		gif := "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
		file, err := w.ReceiveFile(ctx, alice, "a.gif", "image/gif", strings.NewReader(gif))
		if err != nil {
			t.Fatal(err)
		}
		if user, err := w.UpdatePicture(ctx, alice, file); err != nil || user.Picture != file.Address(alice.Application) {
			t.Fatalf("alice shows %q, %v", user.Picture, err)
		}
		d, err := w.OpenFile(ctx, alice.Application, file.Key, "", true)
		if err != nil {
			t.Fatal(err)
		}
		d.Close()
		if err := w.DeleteUser(ctx, alice, alice.User); err != nil {
			t.Fatal(err)
		}
		if _, err := w.OpenFile(ctx, alice.Application, file.Key, "", false); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("the picture of a deleted user: %v", err)
		}
	})
}

// awaitChange waits until a message is announced as changed in some way.
func (w *world) awaitChange(match func(chat.Message) bool) chat.MessageChanged {
	w.t.Helper()
	look := func() *chat.MessageChanged {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, event := range w.events {
			if changed, ok := event.(chat.MessageChanged); ok && match(changed.Message) {
				return &changed
			}
		}
		return nil
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if changed := look(); changed != nil {
			return *changed
		}
	}
	w.t.Fatal("no message changed so")
	return chat.MessageChanged{}
}

func TestAMessageIsAnnouncedAgainOnceItsLinksAreKnown(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		known := chat.LinkPreview{URL: "https://a.example/", Title: "A", Image: "https://a.example/a.png"}
		w.mu.Lock()
		w.pages["https://a.example"], w.pages["https://b.example"] = known, known
		w.mu.Unlock()
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Private})
		w.take()
		message, err := w.SendMessage(ctx, alice, text(channel, "https://a.example https://nowhere.example"))
		if err != nil || message.Previews != nil {
			t.Fatalf("sent %+v, %v", message, err)
		}
		changed := w.awaitChange(func(m chat.Message) bool { return m.ID == message.ID })
		if changed.Message.ID != message.ID || changed.Sequence != message.Sequence+1 || changed.Cause != (chat.Cause{}) ||
			len(changed.Message.Previews) != 1 || changed.Message.Preview("https://a.example").Title != "A" {
			t.Errorf("announced %+v", changed)
		}
		if read, err := w.Message(ctx, alice, message.ID); err != nil || len(read.Previews) != 1 {
			t.Errorf("stored %+v, %v", read.Previews, err)
		}
		if err := w.EditMessage(ctx, alice, message.ID, "now https://b.example"); err != nil {
			t.Fatal(err)
		}
		w.awaitChange(func(m chat.Message) bool { return m.Preview("https://b.example") != nil })
	})
}
