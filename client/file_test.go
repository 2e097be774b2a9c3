package client_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"openkitty/client"
)

// download reads a file.
func download(t *testing.T, c *client.Client, file client.File) string {
	t.Helper()
	content := must[io.ReadCloser](t)(c.Download(t.Context(), file))
	defer content.Close()
	return string(must[[]byte](t)(io.ReadAll(content)))
}

func TestAnUploadedFileIsReceivedAndDownloaded(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onMessage, heard := hear[client.Message]()
	alice, bob := join(t, s, "alice", client.UserHandlers{}), join(t, s, "bob", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	chat := must[*client.Channel](t)(bob.Channel(t.Context(), channel.ID))
	must[*client.Chat](t)(bob.StartChat(t.Context(), chat, client.ChatHandlers{OnMessage: onMessage}))

	content := strings.Repeat("0123456789", 50_000)
	var mu sync.Mutex
	var progress []int64
	sent := must[client.Message](t)(alice.SendFile(t.Context(), channel, client.NewFile{
		Name: `a "b" ü.bin`, ContentType: "application/x-thing", Content: strings.NewReader(content),
		GroupTag: "g", Properties: []byte(`{"a":1}`),
		OnProgress: func(n int64) {
			mu.Lock()
			defer mu.Unlock()
			progress = append(progress, n)
		},
	}))
	if sent.Type != client.FileMessage || sent.GroupTag != "g" || string(sent.Properties) != `{"a":1}` || sent.Body != "" || sent.File == nil {
		t.Fatalf("sent %+v", sent)
	}
	if f := sent.File; !f.Hosted || f.Name != `a "b" ü.bin` || f.ContentType != "application/x-thing" || f.Size != int64(len(content)) {
		t.Errorf("the file is %+v", f)
	}
	if !slices.IsSorted(progress) || len(progress) < 2 || progress[len(progress)-1] != int64(len(content)) {
		t.Errorf("progress: %v", progress)
	}
	if got := await(t, heard); got.ID != sent.ID || got.File == nil || download(t, bob, *got.File) != content {
		t.Errorf("bob heard %+v", got)
	}
	reply := must[client.Message](t)(bob.ReplyWithFile(t.Context(), sent, client.NewFile{Name: "r.txt", Content: strings.NewReader("reply")}))
	if !reply.IsReply() || !strings.HasPrefix(reply.File.ContentType, "text/plain") {
		t.Errorf("the reply is %+v", reply)
	}
	must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "text"}))
	if page := must[*client.Page[client.Message]](t)(alice.Files(t.Context(), channel)); page.Total != 2 || page.Items[0].ID != reply.ID {
		t.Errorf("the files are %+v", page.Items)
	}
}

func TestFilesOfBothKindsGoToThreadsAndAreReplies(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice := join(t, s, "alice", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	thread := must[*client.Thread](t)(alice.CreateThread(t.Context(), channel, client.NewThread{Name: "files"}))
	elsewhere := client.ExternalFile{URL: "https://files.example/a.txt", Name: "a.txt", ContentType: "text/plain"}
	uploaded := must[client.Message](t)(alice.SendFileToThread(t.Context(), thread, client.NewFile{Name: "b.txt", Content: strings.NewReader("b")}))
	linked := must[client.Message](t)(alice.SendExternalFileToThread(t.Context(), thread, elsewhere))
	page := must[*client.Page[client.Message]](t)(alice.ThreadMessages(t.Context(), thread))
	if len(page.Items) != 2 || page.Items[0].ID != linked.ID || page.Items[1].ID != uploaded.ID || page.Items[1].File.Name != "b.txt" {
		t.Errorf("in the thread are %+v", page.Items)
	}

	text := must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "text"}))
	reply := must[client.Message](t)(alice.ReplyWithExternalFile(t.Context(), text, elsewhere))
	if !reply.IsReply() || reply.File == nil || reply.File.URL != elsewhere.URL {
		t.Errorf("the reply is %+v", reply)
	}
	if n := must[int64](t)(alice.CountReplies(t.Context(), text)); n != 1 {
		t.Errorf("the text has %d replies", n)
	}
}

func TestAFileElsewhereIsFetchedWithoutAGrant(t *testing.T) {
	t.Parallel()

	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" {
			t.Errorf("the other server was told %s", r.URL.RawQuery)
		}
		io.WriteString(w, "content")
	}))
	t.Cleanup(elsewhere.Close)
	s := startServer(t)
	alice := join(t, s, "alice", client.UserHandlers{})
	sent := must[client.Message](t)(alice.SendExternalFile(t.Context(), direct(t, alice, "bob"), client.ExternalFile{
		URL: elsewhere.URL + "/a.txt", Name: "a.txt", ContentType: "text/plain", Size: 7, GroupTag: "g",
	}))
	if f := sent.File; f == nil || f.Hosted || f.URL != elsewhere.URL+"/a.txt" || f.Size != 7 || sent.GroupTag != "g" {
		t.Fatalf("sent %+v", sent)
	}
	if got := download(t, alice, *sent.File); got != "content" {
		t.Errorf("downloaded %q", got)
	}
}

func TestAnUploadedPictureShowsTheUser(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice := join(t, s, "alice", client.UserHandlers{})
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
		t.Fatal(err)
	}
	user := must[client.CurrentUser](t)(alice.UpdateDisplayPicture(t.Context(), client.NewFile{Name: "me.png", Content: &picture}))
	if !strings.HasPrefix(user.DisplayPictureURL, s.URL+"/files/") || alice.CurrentUser().DisplayPictureURL != user.DisplayPictureURL {
		t.Errorf("alice is %+v", user)
	}
}

func TestARefusedUploadOrDownloadSaysWhy(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice, eve := join(t, s, "alice", client.UserHandlers{}), join(t, s, "eve", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	_, err := eve.SendFile(t.Context(), channel, client.NewFile{Name: "a", Content: strings.NewReader("a")})
	var refusal *client.Error
	if !errors.As(err, &refusal) || refusal.Name != "ChannelNotFoundError" {
		t.Errorf("no member: %v", err)
	}
	_, err = alice.UpdateDisplayPicture(t.Context(), client.NewFile{Name: "a", Content: strings.NewReader("no image")})
	if !errors.As(err, &refusal) || refusal.Name != "FileTypeNotAllowedError" {
		t.Errorf("no image: %v", err)
	}
	broken := errors.New("the disk broke")
	_, err = alice.SendFile(t.Context(), channel, client.NewFile{Name: "a", Content: io.MultiReader(strings.NewReader("a"), failing{broken})})
	if !errors.Is(err, broken) {
		t.Errorf("an unreadable file: %v", err)
	}
	sent := must[client.Message](t)(alice.SendFile(t.Context(), channel, client.NewFile{Name: "a", Content: strings.NewReader("a")}))
	if _, err := eve.Download(t.Context(), *sent.File); !errors.As(err, &refusal) || refusal.Name != "FileNotFoundError" {
		t.Errorf("another's file: %v", err)
	}
}

// failing is a reader that fails.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }
