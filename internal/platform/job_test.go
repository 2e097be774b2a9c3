package platform_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/platform"
	"openkitty/internal/servertest"

	"github.com/google/go-cmp/cmp"
)

// caller calls the API of a server as its application.
type caller struct {
	t     *testing.T
	url   string
	token string
}

func newCaller(t *testing.T, s *servertest.Server) *caller {
	t.Helper()
	c := &caller{t: t, url: s.URL}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {s.Application.ClientID}, "client_secret": {s.Secret}}
	var granted struct {
		Token string `json:"access_token"`
	}
	c.read(c.do("POST", "/oauth/token", "application/x-www-form-urlencoded", strings.NewReader(form.Encode())), 200, &granted)
	c.token = granted.Token
	return c
}

func (c *caller) do(method, path, contentType string, body io.Reader, headers ...string) *http.Response {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	return response
}

// read reads an answer that must have a status.
func (c *caller) read(response *http.Response, status int, into any) {
	c.t.Helper()
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if response.StatusCode != status {
		c.t.Fatalf("%s: %s\n%s", response.Request.URL.Path, response.Status, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
}

// call sends and receives JSON.
func (c *caller) call(method, path string, body any, status int) map[string]any {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	if body == nil {
		text = nil
	}
	var answer map[string]any
	c.read(c.do(method, path, "application/json", bytes.NewReader(text)), status, &answer)
	return answer
}

// upload sends a file as an import takes it.
func (c *caller) upload(path, part, file string, status int) map[string]any {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	writer, err := form.CreateFormField(part)
	if err != nil {
		c.t.Fatal(err)
	}
	fmt.Fprint(writer, file)
	form.Close()
	var answer map[string]any
	c.read(c.do("POST", path, form.FormDataContentType(), &body), status, &answer)
	return answer
}

// ended waits for the end of a job.
func (c *caller) ended(job map[string]any) map[string]any {
	c.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		job = c.call("GET", fmt.Sprintf("/jobs/%.0f", job["id"]), nil, 200)
		if job["ended_time"] != nil {
			return job
		}
	}
	c.t.Fatalf("the job does not end: %v", job)
	return nil
}

func TestAnImportIsAJobThatTellsWhatItDid(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		c := newCaller(t, s)
		job := c.upload("/imports/users", "file", `[{"name":"ann","isGuest":true},{"name":""},{"name":"bob"}]`, 202)
		if job["type"] != "USER_IMPORT" || job["state"] != "PENDING" {
			t.Errorf("%v", job)
		}
		job = c.ended(job)
		want := map[string]any{"total": 3.0, "done": 2.0, "unchanged": 0.0, "failed": 1.0}
		if diff := cmp.Diff(want, job["progress"]); diff != "" || job["state"] != "FINISHED" {
			t.Errorf("%v\n%s", job, diff)
		}
		if diff := cmp.Diff([]any{map[string]any{"line": 1.0, "reason": "the username is empty"}}, job["problems"]); diff != "" {
			t.Error(diff)
		}
		c.ended(c.upload("/v1/imports/channels", "file", `{"type":"PUBLIC","name":"open","creator":"ann","members":["bob"]}`, 202))
		c.ended(c.upload("/imports/messages", "file", `{"type":"TEXT","channel":"open","user":"bob","body":"<hi>"}`, 202))
		export := c.ended(c.call("POST", "/analytics/messages", nil, 202))
		var messages []map[string]any
		c.read(c.do("GET", strings.TrimPrefix(export["file"].(string), s.URL), "", nil), 200, &messages)
		if len(messages) != 1 || messages[0]["body"] != "<hi>" || messages[0]["user"] != "bob" {
			t.Errorf("%v", messages)
		}
		if problem := c.call("POST", fmt.Sprintf("/jobs/%.0f/cancel", export["id"]), nil, 400); problem["error"] != "JobEndedError" {
			t.Errorf("%v", problem)
		}
		page := c.call("GET", "/jobs?size=2&running=false", nil, 200)
		if jobs := page["_embedded"].(map[string]any)["jobs"].([]any); len(jobs) != 2 {
			t.Errorf("%v", page)
		}
	})
}

func TestUploadsThatAreNoImportAreRefused(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	c := newCaller(t, s)
	for _, row := range []struct {
		path, part, file string
		status           int
		name             string
	}{
		{"/imports/users", "file", "./users.json", 400, "ImportFileError"},
		{"/imports/users", "file", "", 400, "ImportFileError"},
		{"/imports/users", "other", "[]", 400, "InvalidRequestError"},
		{"/imports/channels/1/members", "file", "[]", 404, "ChannelNotFoundError"},
	} {
		if problem := c.upload(row.path, row.part, row.file, row.status); problem["error"] != row.name {
			t.Errorf("%s %q: %v", row.path, row.file, problem)
		}
	}
	if problem := c.call("POST", "/imports/users", map[string]any{}, 400); problem["error"] != "InvalidRequestError" {
		t.Errorf("%v", problem)
	}
	var problem map[string]any
	body := "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n[{}"
	c.read(c.do("POST", "/imports/users", "multipart/form-data; boundary=b", strings.NewReader(body)), 400, &problem)
	if problem["message"] != "the upload broke off" {
		t.Errorf("%v", problem)
	}
}

// beginUpload begins an upload, and returns when the server asks for the file.
// What it returns ends the upload.
func (c *caller) beginUpload() (end func() *http.Response) {
	c.t.Helper()
	body, sender := io.Pipe()
	asked, answer := make(chan struct{}), make(chan *http.Response)
	trace := &httptrace.ClientTrace{Got100Continue: func() { close(asked) }}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(c.t.Context(), trace), "POST", c.url+"/imports/users", body)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	request.Header.Set("Expect", "100-continue")
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			c.t.Error(err)
		}
		answer <- response
	}()
	<-asked
	return func() *http.Response {
		_, _ = io.WriteString(sender, "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n[]\r\n--b--\r\n")
		sender.Close()
		return <-answer
	}
}

func TestAnUploadThatIsOneTooManyIsToldWhenToTryAgainBeforeItEnds(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	c := newCaller(t, s)
	var ends []func() *http.Response
	for range chat.JobUploadsMax {
		ends = append(ends, c.beginUpload())
	}
	rest, sender := io.Pipe()
	defer sender.Close()
	// package net/http reads 256 KB more of any request before it answers.
	file := io.MultiReader(strings.NewReader(strings.Repeat(" ", 320<<10)), rest)
	refused := c.do("POST", "/imports/users", "multipart/form-data; boundary=b", file, "Idempotency-Key", "k")
	var answer map[string]any
	c.read(refused, http.StatusTooManyRequests, &answer)
	if answer["error"] != "RateLimitedError" || refused.Header.Get("Retry-After") == "" {
		t.Errorf("%v, %v", answer, refused.Header)
	}
	for _, end := range ends {
		c.read(end(), http.StatusAccepted, &answer)
	}
}

func TestJobsAndFilesOfAnotherApplicationAreNotThere(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	c := newCaller(t, s)
	export := c.ended(c.call("POST", "/analytics/users", nil, 202))
	id := fmt.Sprintf("/jobs/%.0f", export["id"])
	if problem := c.call("GET", id+"9", nil, 404); problem["error"] != "JobNotFoundError" {
		t.Errorf("%v", problem)
	}
	running := c.ended(c.upload("/imports/users", "file", "[]", 202))
	if problem := c.call("GET", fmt.Sprintf("/jobs/%.0f/file", running["id"]), nil, 404); problem["error"] != "JobFileNotFoundError" {
		t.Errorf("%v", problem)
	}
	c.token = ""
	c.call("GET", id+"/file", nil, 401)
}

func TestAnExportIsReadByWhoMayReadWhatIsInIt(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	c := newCaller(t, s)
	file := fmt.Sprintf("/jobs/%.0f/file", c.ended(c.call("POST", "/analytics/users", nil, 202))["id"])
	watcher := newBackEndWith(t, s, s.Application.ClientID, s.Secret, "read:job read:message")
	header := watcher.wants(http.StatusForbidden, "insufficient_scope", "GET", file, "")
	if got := header.Get("WWW-Authenticate"); !strings.Contains(got, "insufficient_scope") {
		t.Errorf("the challenge is %q", got)
	}
	c.read(c.do("GET", file, "", nil), 200, &[]any{})
}

func TestARangeThatAFileDoesNotHaveIsRefusedInJSON(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	c := newCaller(t, s)
	file := fmt.Sprintf("/jobs/%.0f/file", c.ended(c.call("POST", "/analytics/users", nil, 202))["id"])
	b := newBackEnd(t, s)
	header := b.wants(http.StatusRequestedRangeNotSatisfiable, "RangeNotSatisfiableError", "GET", file, "", "Range", "bytes=100-")
	if got := header.Get("Content-Type") + " " + header.Get("Content-Range"); got != "application/json bytes */4" {
		t.Errorf("its headers are %s", got)
	}
}

// An application that has room for two jobs more is not left with two of three.
func TestAnExportOfTheWholeApplicationIsBegunAsAWhole(t *testing.T) {
	t.Parallel()

	_, b := newAPI(t, platform.DefaultLimits)
	for range chat.JobsWaitingMax - 2 {
		if status, answer, _ := b.send("POST", "/analytics/users", ""); status != http.StatusAccepted {
			t.Fatalf("%d %v", status, answer)
		}
	}
	b.wants(http.StatusTooManyRequests, "RateLimitedError", "POST", "/analytics/application", "")
	page := b.must("GET", "/jobs?size=1", "")["page"].(map[string]any)
	if page["total_elements"] != float64(chat.JobsWaitingMax-2) {
		t.Errorf("there are %v jobs after a refusal", page["total_elements"])
	}
}
