package platform_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/config"
	"openkitty/internal/platform"
	"openkitty/internal/servertest"
)

func TestAPostWithAKeyIsDoneOnceAlsoAfterARestart(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		b := newBackEnd(t, s)
		const body = `{"name":"jane","display_name":"Jane"}`
		first := b.must("POST", "/users", body, "Idempotency-Key", "k1")
		s.Restart()
		b.url = s.URL
		again := b.must("POST", "/users", body, "Idempotency-Key", "k1")
		if first["id"] != again["id"] {
			t.Errorf("repeated, the request made user %v beside %v", again["id"], first["id"])
		}
		b.wants(http.StatusConflict, "IdempotencyKeyReusedError", "POST", "/users", `{"name":"bob","display_name":"Bob"}`, "Idempotency-Key", "k1")
		b.wants(http.StatusConflict, "IdempotencyKeyReusedError", "POST", "/channels", body, "Idempotency-Key", "k1")
		b.wants(http.StatusBadRequest, "UsernameTakenError", "POST", "/users", body, "Idempotency-Key", "k2")
		b.wants(http.StatusBadRequest, "UsernameTakenError", "POST", "/users", body, "Idempotency-Key", "k2")
	})
}

func TestKeysOfOneApplicationMeanNothingToAnother(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	app, secret := s.CreateCredentials("other")
	other := newBackEndWith(t, s, app.ClientID, secret, "")
	const body = `{"name":"jane","display_name":"Jane"}`
	if b.must("POST", "/users", body, "Idempotency-Key", "k")["id"] == other.must("POST", "/users", body, "Idempotency-Key", "k")["id"] {
		t.Error("an application was given the answer of another")
	}
}

func TestOfManyEqualPostsAtOnceOneIsDone(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	var together sync.WaitGroup
	for range 16 {
		together.Go(func() {
			status, answer, _ := b.send("POST", "/channels", `{"type":"PRIVATE"}`, "Idempotency-Key", "k")
			if status != http.StatusOK && answer["error"] != "IdempotencyKeyInUseError" {
				t.Errorf("an equal request is answered %d %v", status, answer)
			}
		})
	}
	together.Wait()
	if page := b.must("GET", "/channels", "")["page"].(map[string]any); page["total_elements"] != 1.0 {
		t.Errorf("there are %v channels", page["total_elements"])
	}
}

func TestAFormIsRepeatedUnderAnotherBoundary(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	form := func(boundary, name, file string) (status int, answer map[string]any, header http.Header) {
		body := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" + file + "\r\n--" + boundary + "--\r\n"
		return b.send("POST", "/imports/users", body, "Content-Type", "multipart/form-data; boundary="+boundary, "Idempotency-Key", "k")
	}
	const file = `[{"name":"ann"}]`
	_, first, _ := form("one", "a.json", file)
	status, again, header := form("another", "a.json", file)
	if status != http.StatusAccepted || first["id"] != again["id"] || header.Get("Idempotent-Replayed") == "" {
		t.Errorf("repeated, the import %v is answered %d %v", first, status, again)
	}
	for _, other := range [][2]string{{"b.json", file}, {"a.json", `[{"name":"bob"}]`}} {
		if status, answer, _ := form("another", other[0], other[1]); status != http.StatusConflict {
			t.Errorf("%q under the same key is answered %d %v", other, status, answer)
		}
	}
}

func TestARepeatedUploadMayTakeAsLongAsTheFirst(t *testing.T) {
	t.Parallel()

	const frameTimeout = 300 * time.Millisecond
	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.FrameTimeout = frameTimeout }})
	c := newCaller(t, s)
	upload := func() (job map[string]any) {
		body, end := io.Pipe()
		go func() {
			fmt.Fprint(end, "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n[")
			<-time.After(2 * frameTimeout)
			fmt.Fprint(end, "]\r\n--b--\r\n")
			end.Close()
		}()
		c.read(c.do("POST", "/imports/users", "multipart/form-data; boundary=b", body, "Idempotency-Key", "k"), http.StatusAccepted, &job)
		return job
	}
	if first, again := upload(), upload(); first["id"] != again["id"] {
		t.Errorf("repeated, the job %v is %v", first, again)
	}
}

func TestARefusedUploadIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(connection, "POST /imports/channels/1/members HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: k\r\n"+
		"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n", b.token, 1<<29)
	sent := make(chan int64)
	go func() {
		n, _ := io.CopyN(connection, zeros{}, 1<<29) // ends with the connection
		sent <- n
	}()
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.Body.Close(); response.StatusCode != http.StatusNotFound || !response.Close {
		t.Errorf("it is answered %s, and the connection closed: %v", response.Status, response.Close)
	}
	connection.Close()
	if n := <-sent; n == 1<<29 {
		t.Error("all of it was read")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestAnUploadThatBrokeOffMayBeRepeatedUnderItsKey(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	const half = "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n["
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection, "POST /imports/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: k\r\n"+
		"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n%s", b.token, half)
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.Body.Close(); response.StatusCode != http.StatusBadRequest {
		t.Errorf("half of it is answered %s", response.Status)
	}
	b.wants(http.StatusAccepted, "", "POST", "/imports/users", half+"]\r\n--b--\r\n", "Content-Type", "multipart/form-data; boundary=b", "Idempotency-Key", "k")
}

func TestWhatMayHaveBeenDoneIsNotDoneAgain(t *testing.T) {
	t.Parallel()

	api, b := newAPI(t, platform.DefaultLimits)
	calls := 0
	api.AddPost("/unsettled", func(context.Context) error {
		calls++
		return fmt.Errorf("commit: %w", chat.ErrUnsettled)
	})
	b.wants(http.StatusInternalServerError, "InternalServerError", "POST", "/unsettled", "", "Idempotency-Key", "k")
	b.wants(http.StatusConflict, "IdempotencyKeyInUseError", "POST", "/unsettled", "", "Idempotency-Key", "k")
	if calls != 1 {
		t.Errorf("it was done %d times", calls)
	}
}

// A client that gives up waiting sends its request again.
func TestARequestWithAKeyGoesOnWithoutItsClient(t *testing.T) {
	t.Parallel()

	api, b := newAPI(t, platform.DefaultLimits)
	ctx, giveUp := context.WithCancel(t.Context())
	calls := 0
	api.AddPost("/slow", func(ctx context.Context) error {
		calls++
		giveUp()
		return ctx.Err()
	})
	r := httptest.NewRequestWithContext(ctx, "POST", "/slow", nil)
	r.Header.Set("Authorization", "Bearer "+b.token)
	r.Header.Set("Idempotency-Key", "k")
	api.ServeHTTP(httptest.NewRecorder(), r)
	header := b.wants(http.StatusOK, "", "POST", "/slow", "", "Idempotency-Key", "k")
	if header.Get("Idempotent-Replayed") == "" || calls != 1 {
		t.Errorf("it was done %d times", calls)
	}
}
