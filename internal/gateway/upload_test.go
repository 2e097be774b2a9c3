package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/config"
	"openkitty/internal/files"
	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// part is one part of an upload.
type part struct{ name, filename, contentType, content string }

// form writes parts as browsers do.
func form(t *testing.T, parts ...part) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		disposition := fmt.Sprintf(`form-data; name="%s"`, p.name)
		if p.filename != "" {
			disposition += fmt.Sprintf(`; filename="%s"`, p.filename)
		}
		header := textproto.MIMEHeader{"Content-Disposition": {disposition}}
		if p.contentType != "" {
			header.Set("Content-Type", p.contentType)
		}
		into, err := w.CreatePart(header)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(into, p.content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// grant asks for a grant to read or to write files.
func (p *peer) grant(access string) string {
	p.t.Helper()
	return p.ask("/application/user." + access + "_file_access_grant.relay")["grant"].(string)
}

// postForm uploads a body and returns the status and the JSON that answers it.
func postForm(t *testing.T, address, grant, contentType, body string) (int, resource) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Grant", grant)
	status, header, text := fetch(t, request)
	if header.Get("Content-Type") != "application/json" || header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%s answers with %v", address, header)
	}
	return status, decode[resource](t, []byte(text))
}

func fetch(t *testing.T, request *http.Request) (int, http.Header, string) {
	t.Helper()
	client := http.Client{Timeout: patience}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

// get reads an address.
func get(t *testing.T, address string, headers ...string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return fetch(t, request)
}

// upload sends parts to a stream of a resource and returns what it makes.
func (p *peer) upload(s *servertest.Server, stream string, parts ...part) resource {
	p.t.Helper()
	contentType, body := form(p.t, parts...)
	status, got := postForm(p.t, s.URL+stream, p.grant("write"), contentType, body)
	if status != http.StatusOK {
		p.t.Fatalf("the upload to %s: %d %v", stream, status, got)
	}
	return got
}

// pngOf is an image of a size.
func pngOf(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnUploadIsAMessageThatEveryMemberReceivesAndDownloads(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		alice.enter(channel)
		bob.enter(channel)
		picture := pngOf(t, 640, 320)
		sent := alice.upload(s, channel.link("_streams", "messages"),
			part{name: "properties", content: `{"k":[1]}`},
			part{"file", `grüße 1.png`, "image/png", picture},
			part{name: "groupTag", content: `"a\"b"`},
		)
		file := resource(sent["file"].(map[string]any))
		if sent["type"] != "FILE" || sent["groupTag"] != `a"b` || fmt.Sprint(sent["properties"]) != "map[k:[1]]" ||
			file["type"] != "HOSTED" || file["contentType"] != "image/png" || file["size"] != float64(len(picture)) ||
			file["width"] != 640.0 || file["height"] != 320.0 {
			t.Errorf("alice got %v", sent)
		}
		for _, name := range []string{"body", "links", "mentions"} {
			if _, there := sent[name]; there {
				t.Errorf("a file message has the member %s", name)
			}
		}
		topic := channel.link("_topics", "messages")
		for _, p := range []*peer{alice, bob} {
			frame := p.await("the message", with(stomp.Message, "subscription", topic))
			got := decode[struct {
				Type     string
				Resource resource
			}](t, frame.Body)
			if got.Type != "channel.message.created" || frame.Header.Get("receipt-id") != "" || fmt.Sprint(got.Resource) != fmt.Sprint(sent) {
				t.Errorf("heard %v with the receipt %q", got, frame.Header.Get("receipt-id"))
			}
		}
		address := file["url"].(string)
		if strings.Contains(address, "?") {
			t.Errorf("the address %s has a query already", address)
		}
		status, header, content := get(t, address+"?grant="+bob.grant("read"))
		if status != http.StatusOK || content != picture || header.Get("Content-Type") != "image/png" ||
			header.Get("Content-Disposition") != `inline; filename*=utf-8''gr%C3%BC%C3%9Fe%201.png` {
			t.Errorf("bob downloads %d bytes: %d %v", len(content), status, header)
		}
		status, _, small := get(t, address+"?thumbnail=1&grant="+bob.grant("read"))
		config, _, err := image.DecodeConfig(strings.NewReader(small))
		if status != http.StatusOK || err != nil || config.Width != files.ThumbnailEdge || config.Height != files.ThumbnailEdge/2 {
			t.Errorf("the thumbnail: %d %+v %v", status, config, err)
		}
	})
}

func TestAFileElsewhereIsPassedOnAsItIs(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		bob.enter(channel)
		file := `{"url":"https://files.example/a.pdf?x=1","name":"a.pdf","contentType":"application/pdf","size":12}`
		sent := alice.must(channel.link("_actions", "message"), `{"type":"FILE","groupTag":"g","properties":{"a":1},"file":`+file+`}`)
		want := `map[contentType:application/pdf name:a.pdf size:12 type:EXTERNAL url:https://files.example/a.pdf?x=1]`
		if got := fmt.Sprint(sent["file"]); got != want || sent["groupTag"] != "g" {
			t.Errorf("alice got %v", sent)
		}
		if heard := bob.event(channel.link("_topics", "messages"), "channel.message.created"); fmt.Sprint(heard) != fmt.Sprint(sent) {
			t.Errorf("bob heard %v", heard)
		}
		reply := bob.must(sent.link("_actions", "reply"), `{"type":"FILE","file":`+file+`}`)
		if fmt.Sprint(reply["file"]) != want || reply["nestedLevel"] != 1.0 {
			t.Errorf("the reply is %v", reply)
		}
		text := alice.say(channel, "text")
		page := bob.ask(channel.link("_relays", "messages"), "type", "FILE")
		if ids := listed(page); fmt.Sprint(ids) != fmt.Sprint([]int64{reply.id(), sent.id()}) || page.at("page", "totalElements") != 2.0 {
			t.Errorf("the files are %v of %v, not %d", ids, page["page"], text.id())
		}
		if ids := listed(bob.ask(channel.link("_relays", "messages"), "type", "FILE", "mainThread", "true")); fmt.Sprint(ids) != fmt.Sprint([]int64{sent.id()}) {
			t.Errorf("the files of the main thread are %v", ids)
		}
	})
}

func TestFileMessagesThatSayTooLittleOrTooMuchAreRefused(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	channel := alice.direct("bob")
	text := alice.say(channel, "text")
	for name, body := range map[string]string{
		"no file":        `{"type":"FILE"}`,
		"null":           `{"type":"FILE","file":null}`,
		"text":           `{"type":"FILE","file":"a.png"}`,
		"empty":          `{"type":"FILE","file":{}}`,
		"a script":       `{"type":"FILE","file":{"url":"javascript:alert(1)","name":"a","contentType":"a/b","size":1}}`,
		"a relative url": `{"type":"FILE","file":{"url":"/files/1/2","name":"a","contentType":"a/b","size":1}}`,
		"no name":        `{"type":"FILE","file":{"url":"https://x.example/","contentType":"a/b","size":1}}`,
		"no type":        `{"type":"FILE","file":{"url":"https://x.example/","name":"a","size":1}}`,
		"a bad size":     `{"type":"FILE","file":{"url":"https://x.example/","name":"a","contentType":"a/b","size":-1}}`,
		"a long url":     `{"type":"FILE","file":{"url":"https://x.example/` + strings.Repeat("a", chat.FileURLMax) + `","name":"a","contentType":"a/b","size":1}}`,
		"a body":         `{"type":"FILE","body":"x","file":{"url":"https://x.example/","name":"a","contentType":"a/b","size":1}}`,
	} {
		for _, action := range []string{channel.link("_actions", "message"), text.link("_actions", "reply")} {
			if _, refused := alice.act(action, body); refused.Error != "InvalidRequestError" {
				t.Errorf("%s to %s: %+v", name, action, refused)
			}
		}
	}
	if total := alice.ask(channel.link("_relays", "messages")).at("page", "totalElements"); total != 1.0 {
		t.Errorf("there are %v messages", total)
	}
}

func TestARepliedFileBelongsToItsParent(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	channel := alice.direct("bob")
	text := alice.say(channel, "text")
	reply := alice.upload(s, text.link("_streams", "replies"), part{"file", "a.txt", "text/plain", "hello"})
	if reply["nestedLevel"] != 1.0 || reply.link("_relays", "parent") == "" {
		t.Errorf("the reply is %v", reply)
	}
	if ids := listed(alice.ask(text.link("_relays", "replies"))); fmt.Sprint(ids) != fmt.Sprint([]int64{reply.id()}) {
		t.Errorf("the replies are %v", ids)
	}
}

func TestAnUploadedPictureIsShownToEverybodyUntilAnotherReplacesIt(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		alice.direct("bob")
		me := alice.me()
		alice.listen(me.link("_topics", "self"))
		user := alice.upload(s, me.link("_streams", "displayPicture"), part{"file", "me.png", "image/png", pngOf(t, 40, 40)})
		address, _ := user["displayPictureUrl"].(string)
		if user.link("_actions", "createChannel") == "" || !strings.HasPrefix(address, s.URL+"/files/") {
			t.Fatalf("alice got %v", user)
		}
		if heard := alice.event(me.link("_topics", "self"), "user.self.updated"); heard["displayPictureUrl"] != address {
			t.Errorf("alice heard %v", heard)
		}
		if status, header, _ := get(t, address); status != http.StatusOK || header.Get("Content-Type") != "image/png" {
			t.Errorf("anybody gets %d %v", status, header)
		}
		if seen := bob.ask(fmt.Sprintf("/application/users/%d.relay", me.id())); seen["displayPictureUrl"] != address {
			t.Errorf("bob sees %v", seen)
		}
		// SDKs send the whole user to change one thing of it.
		same := alice.must(me.link("_actions", "update"), fmt.Sprintf(`{"displayName":"A","displayPictureUrl":%q}`, address))
		if same["displayPictureUrl"] != address || same["displayName"] != "A" {
			t.Errorf("after another change: %v", same)
		}
		alice.must(me.link("_actions", "updateDisplayPicture"), `{"url":"https://x.example/a.png"}`)
		if status, _, _ := get(t, address); status != http.StatusNotFound {
			t.Errorf("the replaced picture: %d", status)
		}
	})
}

func TestHostileUploadsAreRefusedAndLeaveNothing(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) {
		c.MaxFileSize = 2000
		c.FileTypes = []string{"image/*", "text/plain"}
	}})
	alice, eve := connect(t, s, "alice"), connect(t, s, "eve")
	channel := alice.direct("bob")
	text := alice.say(channel, "text")
	other := s.CreateApplication("other")
	stranger := connectTo(t, s, other.APIKey, "stranger")
	messages, replies := channel.link("_streams", "messages"), text.link("_streams", "replies")
	picture := alice.me().link("_streams", "displayPicture")
	write := alice.grant("write")
	good := part{"file", "a.txt", "text/plain", "hello"}
	png := part{"file", "a.png", "image/png", pngOf(t, 4, 4)}
	for name, test := range map[string]struct {
		to, grant string
		parts     []part
		status    int
		error     string
	}{
		"no file":               {messages, write, []part{{name: "properties", content: "{}"}}, 400, "InvalidRequestError"},
		"nothing":               {messages, write, nil, 400, "InvalidRequestError"},
		"two files":             {messages, write, []part{good, good}, 400, "InvalidRequestError"},
		"an empty file":         {messages, write, []part{{"file", "a.txt", "text/plain", ""}}, 400, "InvalidRequestError"},
		"too large":             {messages, write, []part{{"file", "a.txt", "text/plain", strings.Repeat("a", 2001)}}, 413, "FileTooLargeError"},
		"far too large":         {messages, write, []part{{"file", "a.txt", "text/plain", strings.Repeat("a", 1<<20)}}, 413, "FileTooLargeError"},
		"another type":          {messages, write, []part{{"file", "a.pdf", "application/pdf", "%PDF-1.4"}}, 415, "FileTypeNotAllowedError"},
		"a lie about a type":    {messages, write, []part{{"file", "a.png", "image/png", "<html><script>"}}, 415, "FileTypeNotAllowedError"},
		"bad properties":        {messages, write, []part{good, {name: "properties", content: "[1"}}, 400, "InvalidRequestError"},
		"a long field":          {messages, write, []part{good, {name: "groupTag", content: strings.Repeat("a", 20_000)}}, 400, "InvalidRequestError"},
		"a long tag":            {messages, write, []part{good, {name: "groupTag", content: strings.Repeat("a", 300)}}, 400, "InvalidRequestError"},
		"many parts":            {messages, write, slicesOf(part{name: "x", content: "y"}, 20), 400, "InvalidRequestError"},
		"no grant":              {messages, "", []part{good}, 401, "AccessDeniedError"},
		"a made up grant":       {messages, "abc", []part{good}, 401, "AccessDeniedError"},
		"a read grant":          {messages, alice.grant("read"), []part{good}, 401, "AccessDeniedError"},
		"no member":             {messages, eve.grant("write"), []part{good}, 404, "ChannelNotFoundError"},
		"no member to reply":    {replies, eve.grant("write"), []part{good}, 404, "MessageNotFoundError"},
		"another application":   {messages, stranger.grant("write"), []part{good}, 404, "ChannelNotFoundError"},
		"another's picture":     {picture, eve.grant("write"), []part{png}, 403, "NotPermittedError"},
		"a picture that is not": {picture, write, []part{good}, 415, "FileTypeNotAllowedError"},
		"an unknown channel":    {"/rtm-streams/channels/999999/messages", write, []part{good}, 404, "ChannelNotFoundError"},
		"an unknown message":    {"/rtm-streams/messages/999999/replies", write, []part{good}, 404, "MessageNotFoundError"},
		"an unknown stream":     {"/rtm-streams/channels/1/calls", write, []part{good}, 404, "UnknownDestinationError"},
		"no id":                 {"/rtm-streams/channels/x/messages", write, []part{good}, 404, "ChannelNotFoundError"},
	} {
		contentType, body := form(t, test.parts...)
		if status, got := postForm(t, s.URL+test.to, test.grant, contentType, body); status != test.status || got["error"] != test.error {
			t.Errorf("%s: got %d %v, want %d %s", name, status, got, test.status, test.error)
		}
	}
	for contentType, want := range map[string]int{
		"application/json": 415, "": 415, "multipart/form-data": 415, "multipart/form-data; boundary=x": 400,
	} {
		if status, got := postForm(t, s.URL+messages, write, contentType, "no parts at all"); status != want {
			t.Errorf("%q: %d %v", contentType, status, got)
		}
	}
	if total := alice.ask(channel.link("_relays", "messages")).at("page", "totalElements"); total != 1.0 {
		t.Errorf("there are %v messages", total)
	}
}

func slicesOf(p part, n int) (parts []part) {
	for range n {
		parts = append(parts, p)
	}
	return parts
}

func TestTheNameOfAnUploadIsOnlyEverAName(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	stream := alice.direct("bob").link("_streams", "messages")
	for given, want := range map[string]string{
		"../../etc/passwd": "passwd", `C:\\temp\\a.txt`: "a.txt", "..": "file", "": "file", "a\u202etxt.exe": "atxt.exe",
		strings.Repeat("n", 400) + ".html": strings.Repeat("n", 250) + ".html",
	} {
		file := part{"file", given, "text/html", "<script>"}
		if given == "" {
			file.filename = " "
		}
		sent := alice.upload(s, stream, file)
		if got := sent.at("file", "name"); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestAnUploadThatBreaksOffMakesNoMessage(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	channel := alice.direct("bob")
	contentType, body := form(t, part{"file", "a.txt", "text/plain", strings.Repeat("a", 10_000)})
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+channel.link("_streams", "messages"), reader)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Grant", alice.grant("write"))
	failed := make(chan error, 1)
	go func() {
		_, err := http.DefaultClient.Do(request)
		failed <- err
	}()
	io.WriteString(writer, body[:5000])
	writer.CloseWithError(io.ErrUnexpectedEOF) // the client cuts the connection
	if err := <-failed; err == nil {
		t.Error("an upload that broke off was answered")
	}
	sent := alice.say(channel, "after")
	if ids := listed(alice.ask(channel.link("_relays", "messages"))); fmt.Sprint(ids) != fmt.Sprint([]int64{sent.id()}) {
		t.Errorf("there are the messages %v", ids)
	}
}

func TestOnlyThoseWhoSeeTheMessageDownloadItsFile(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob, eve := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "eve")
		stranger := connectTo(t, s, s.CreateApplication("other").APIKey, "stranger")
		channel := alice.create(`{"type":"PUBLIC","name":"plaza","members":[{"username":"bob"}]}`)
		sent := alice.upload(s, channel.link("_streams", "messages"), part{"file", "a.txt", "text/plain", "hello"})
		address := sent.at("file", "url").(string)
		status := func(grant string) int {
			t.Helper()
			status, header, body := get(t, address+"?grant="+grant)
			if status != http.StatusOK && (header.Get("Content-Type") != "application/json" || decode[refusal](t, []byte(body)).Error == "") {
				t.Errorf("%d comes with %s", status, body)
			}
			return status
		}
		for name, test := range map[string]struct {
			grant string
			want  int
		}{
			"a member":              {bob.grant("read"), 200},
			"no grant":              {"", 401},
			"a made up grant":       {"abc", 401},
			"a write grant":         {bob.grant("write"), 401},
			"no member":             {eve.grant("read"), 404},
			"another application's": {stranger.grant("read"), 404},
		} {
			if got := status(test.grant); got != test.want {
				t.Errorf("%s: %d, want %d", name, got, test.want)
			}
		}
		inOther := strings.Replace(address, fmt.Sprint("/files/", s.Application.ID), fmt.Sprint("/files/", s.Application.ID+1), 1)
		for _, wrong := range []string{inOther, address + "x", s.URL + "/files/x/y"} {
			if got, _, _ := get(t, wrong+"?grant="+stranger.grant("read")); got != http.StatusNotFound {
				t.Errorf("%s: %d", wrong, got)
			}
		}

		bob.listen(bob.me().link("_topics", "messages"))
		bob.listen(bob.me().link("_topics", "channels"))
		bob.must(sent.link("_actions", "deleteForMe"), `{}`)
		if got := status(bob.grant("read")); got != 404 {
			t.Errorf("after bob deleted it for himself: %d", got)
		}
		second := alice.upload(s, channel.link("_streams", "messages"), part{"file", "a.txt", "text/plain", "hello"})
		if address = second.at("file", "url").(string); status(bob.grant("read")) != 200 {
			t.Error("bob can't read the second file, of the same bytes")
		}
		bob.must(channel.link("_actions", "clearHistory"), `{}`)
		if got := status(bob.grant("read")); got != 404 {
			t.Errorf("after bob cleared the history: %d", got)
		}
		alice.must(second.link("_actions", "delete"), `{}`)
		if got := status(alice.grant("read")); got != 404 {
			t.Errorf("after alice deleted it for all: %d", got)
		}
		gone := alice.ask(second.link("_relays", "self"))
		if _, there := gone["file"]; there || gone["body"] != "" {
			t.Errorf("what is left of it is %v", gone)
		}
	})
}

func TestADownloadRunsNothingAndIsReadInParts(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	stream := alice.direct("bob").link("_streams", "messages")
	grant := "?grant=" + alice.grant("read")
	for kind, test := range map[string]struct{ content, disposition string }{
		"text/html":                {"<script>alert(1)</script>", "attachment"},
		"image/svg+xml":            {"<svg onload='alert(1)'/>", "attachment"},
		"application/pdf":          {"%PDF-1.4", "attachment"},
		"application/octet-stream": {"\x00\x01", "attachment"},
		"audio/mpeg":               {"ID3 sound", "inline"},
		"image/png":                {pngOf(t, 2, 2), "inline"},
	} {
		sent := alice.upload(s, stream, part{"file", "evil.html", kind, test.content})
		status, header, body := get(t, sent.at("file", "url").(string)+grant)
		if status != 200 || body != test.content || header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %v %q", kind, status, header, body)
		}
		if got, _, _ := strings.Cut(header.Get("Content-Disposition"), ";"); got != test.disposition {
			t.Errorf("%s is %s", kind, header.Get("Content-Disposition"))
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" ||
			!strings.HasPrefix(header.Get("Cache-Control"), "private") {
			t.Errorf("%s: %v", kind, header)
		}
	}

	sent := alice.upload(s, stream, part{"file", "a.txt", "text/plain", "0123456789"})
	address := sent.at("file", "url").(string) + grant
	status, header, body := get(t, address, "Range", "bytes=2-4")
	if status != http.StatusPartialContent || body != "234" || header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("a part: %d %q %v", status, body, header)
	}
	if status, _, _ := get(t, address, "If-None-Match", header.Get("ETag")); status != http.StatusNotModified {
		t.Errorf("what the client has: %d", status)
	}
	if status, _, _ := get(t, sent.at("file", "url").(string), "Grant", alice.grant("read")); status != http.StatusOK {
		t.Errorf("with the grant in the header: %d", status)
	}
	for method, want := range map[string]int{http.MethodHead: 200, http.MethodOptions: 204, http.MethodPost: 405} {
		request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		status, header, body := fetch(t, request)
		if status != want || header.Get("Access-Control-Allow-Origin") != "*" || method == http.MethodHead && (body != "" || header.Get("Content-Length") != "10") {
			t.Errorf("%s: %d %v %q", method, status, header, body)
		}
	}
}

func TestPagesOfAnyOriginMayUpload(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.URL+"/rtm-streams/channels/1/messages", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", "https://app.example")
	status, header, _ := fetch(t, request)
	if status != http.StatusNoContent || header.Get("Access-Control-Allow-Origin") != "*" ||
		header.Get("Access-Control-Allow-Methods") != "POST" || header.Get("Access-Control-Allow-Headers") != "Grant, Content-Type" {
		t.Errorf("got %d %v", status, header)
	}
	if status, _, _ := get(t, s.URL+"/rtm-streams/channels/1/messages"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", status)
	}
}

func TestAnUploadIsNotBoundByTheSizeAndTimeOfFrames(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) {
		c.MaxFrameSize, c.MaxMessageSize, c.MaxHeaderSize = 4<<10, 1<<10, 4<<10
	}})
	alice := connect(t, s, "alice")
	large := strings.Repeat("0123456789", 300_000)
	sent := alice.upload(s, alice.direct("bob").link("_streams", "messages"), part{"file", "a.bin", "application/x-thing", large})
	if _, _, body := get(t, sent.at("file", "url").(string)+"?grant="+alice.grant("read")); body != large {
		t.Errorf("%d bytes came back", len(body))
	}
}

func TestAnUploadHasItsOwnTimeToArrive(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.UploadTimeout = time.Second }})
	alice := connect(t, s, "alice")
	contentType, body := form(t, part{"file", "a.txt", "text/plain", strings.Repeat("a", 10_000)})
	reader, writer := io.Pipe()
	defer writer.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+alice.direct("bob").link("_streams", "messages"), reader)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Grant", alice.grant("write"))
	go io.WriteString(writer, body[:5000])
	answer, err := http.DefaultClient.Do(request)
	if err == nil {
		defer answer.Body.Close()
		var refused refusal
		if json.NewDecoder(answer.Body).Decode(&refused); answer.StatusCode == http.StatusOK {
			t.Errorf("half an upload got %d %+v", answer.StatusCode, refused)
		}
	}
}
