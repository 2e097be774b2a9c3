package platform_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"openkitty/internal/servertest"

	"github.com/google/go-cmp/cmp"
)

// items are those of a list.
func items(answer map[string]any, name string) []map[string]any {
	var all []map[string]any
	for _, item := range answer["_embedded"].(map[string]any)[name].([]any) {
		all = append(all, item.(map[string]any))
	}
	return all
}

// party is a channel in which jane has written, and bob and carl have not read.
type party struct {
	*backEnd
	channel         any
	jane, bob, carl any
}

func newParty(t *testing.T, s *servertest.Server) party {
	p := party{backEnd: newBackEnd(t, s)}
	user := func(name string) any {
		return p.must("POST", "/users", fmt.Sprintf(`{"name":%q,"display_name":%q}`, name, name))["id"]
	}
	p.jane, p.bob, p.carl = user("jane"), user("bob"), user("carl")
	p.channel = p.must("POST", "/channels", fmt.Sprintf(`{"type":"PRIVATE","members":[{"id":%v},{"id":%v},{"id":%v}]}`, p.jane, p.bob, p.carl))["id"]
	return p
}

// say has somebody write, and returns the id of the message.
func (p party) say(name, body string) any {
	p.t.Helper()
	return p.must("POST", fmt.Sprintf("/channels/%v/messages", p.channel), fmt.Sprintf(`{"type":"TEXT","body":%q,"user":{"username":%q}}`, body, name))["id"]
}

func bodies(answer map[string]any) (all []string) {
	for _, message := range items(answer, "messages") {
		all = append(all, message["body"].(string))
	}
	return all
}

func TestWhatAUserHasNotReadIsListedCountedAndSummedUp(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		for n := range 7 {
			p.say("jane", fmt.Sprint("n", n))
		}
		deleted := p.say("jane", "deleted")
		p.say("carl", "from carl")
		p.must("DELETE", fmt.Sprintf("/messages/%v", deleted), "")

		count := p.must("GET", fmt.Sprintf("/users/%v/messages/unread/count", p.bob), "")["count"]
		first := p.must("GET", fmt.Sprintf("/users/%v/messages?unread=true&size=5", p.bob), "")
		if diff := cmp.Diff([]string{"from carl", "n6", "n5", "n4", "n3"}, bodies(first)); count != 8.0 || diff != "" {
			t.Errorf("%v are unread:\n%s", count, diff)
		}
		page := first["page"].(map[string]any)
		rest := p.must("GET", fmt.Sprintf("/users/%v/messages?unread=true&size=5&relation=NEXT&next=%v", p.bob, page["next"]), "")
		if diff := cmp.Diff([]string{"n2", "n1", "n0"}, bodies(rest)); page["total"] != count || diff != "" {
			t.Errorf("the total is %v, and then follow:\n%s", page["total"], diff)
		}
		back := p.must("GET", fmt.Sprintf("/users/%v/messages?unread=true&size=5&relation=PREVIOUS&start=%v", p.bob, rest["page"].(map[string]any)["start"]), "")
		if diff := cmp.Diff(bodies(first), bodies(back)); diff != "" {
			t.Errorf("back again:\n%s", diff)
		}

		// Whoever writes has seen what came before.
		sums := p.must("GET", "/application/message-read-receipt-summaries?sort=count,desc", "")
		var got []string
		for _, sum := range items(sums, "summaries") {
			got = append(got, fmt.Sprint(sum["user"].(map[string]any)["name"], " ", sum["count"], " ", sum["channel"].(map[string]any)["id"] == p.channel))
		}
		if diff := cmp.Diff([]string{"bob 8 true", "jane 1 true"}, got); diff != "" {
			t.Errorf("the summaries:\n%s", diff)
		}
		users := p.must("GET", "/users?unread=true&sort=name", "")
		if found := items(users, "users"); len(found) != 2 || found[0]["name"] != "bob" || found[1]["name"] != "jane" {
			t.Errorf("with unread messages there are %v", found)
		}
		written := p.must("GET", fmt.Sprintf("/users/%v/messages?unread=false", p.carl), "")
		if diff := cmp.Diff([]string{"from carl"}, bodies(written)); diff != "" {
			t.Errorf("what carl wrote:\n%s", diff)
		}
		p.wants(http.StatusNotFound, "UserNotFoundError", "GET", "/users/999999/messages?unread=true", "")
	})
}

func TestNotificationsAreListedNewestFirstAndMarkedAsRead(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		p.say("jane", "one")
		p.say("jane", "two <@bob>")
		gone := p.say("jane", "three")
		path := fmt.Sprintf("/users/%v/notifications", p.bob)
		p.until("GET", path, func(list map[string]any) bool { return list["page"].(map[string]any)["total"] == 3.0 })
		p.must("DELETE", fmt.Sprintf("/messages/%v", gone), "")

		list := p.must("GET", path+"?size=1", "")
		newest := items(list, "notifications")[0]
		data := newest["data"].(map[string]any)
		got := []any{newest["title"], newest["body"], newest["read_time"], data["type"], data["mentioned_user"].(map[string]any)["name"], list["page"].(map[string]any)["total"]}
		if diff := cmp.Diff([]any{"jane", "two <@bob>", nil, "USER:MENTIONED:USER", "bob", 2.0}, got); diff != "" {
			t.Errorf("the newest:\n%s", diff)
		}
		next := p.must("GET", fmt.Sprintf("%s?size=1&relation=NEXT&next=%v", path, list["page"].(map[string]any)["next"]), "")
		if items(next, "notifications")[0]["body"] != "one" || next["_links"].(map[string]any)["next"] != nil {
			t.Errorf("then follows %v", next)
		}

		read := fmt.Sprintf("%s/%v/read", path, newest["id"])
		when := p.must("POST", read, "")["read_time"]
		if again := p.must("POST", read, "")["read_time"]; when == nil || again != when {
			t.Errorf("it was read at %v, and then at %v", when, again)
		}
		if count := p.must("POST", path+"/read", "")["count"]; count != 2.0 {
			t.Errorf("%v were unread", count) // that of the deleted message is still there
		}
		p.wants(http.StatusNotFound, "NotificationNotFoundError", "POST", fmt.Sprintf("/users/%v/notifications/%v/read", p.carl, newest["id"]), "")
	})
}

func TestReceiptsNameWhoHasReadAMessage(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		message := p.say("jane", "hello")
		path := fmt.Sprintf("/messages/%v/read-receipts", message)
		if found := items(p.must("GET", path, ""), "receipts"); len(found) != 0 {
			t.Errorf("before anybody read it: %v", found)
		}
		s.Read("bob", int64(message.(float64)))
		list := p.must("GET", path, "")
		found := items(list, "receipts")
		if len(found) != 1 || found[0]["user"].(map[string]any)["name"] != "bob" || list["page"].(map[string]any)["total_elements"] != 1.0 {
			t.Errorf("the receipts are %v", list)
		}
		p.wants(http.StatusNotFound, "MessageNotFoundError", "GET", "/messages/999999/read-receipts", "")
	})
}

// form is a form with a file and fields, and its media type.
func form(t *testing.T, file string, fields ...string) (body, kind string) {
	t.Helper()
	var text bytes.Buffer
	w := multipart.NewWriter(&text)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if file != "" {
		part, err := w.CreateFormFile("file", "note.txt")
		if err == nil {
			_, err = io.WriteString(part, file)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return text.String(), w.FormDataContentType()
}

func TestAFileIsSentAsItIsDescribedOrUploaded(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		path := fmt.Sprintf("/channels/%v/messages", p.channel)
		const described = `{"type":"FILE","file":{"url":"https://files.example/a.pdf","name":"a.pdf","content_type":"application/pdf","size":7}}`
		system := p.must("POST", path, described)
		want := map[string]any{"type": "EXTERNAL", "url": "https://files.example/a.pdf", "name": "a.pdf", "content_type": "application/pdf", "size": 7.0}
		if diff := cmp.Diff(want, system["file"]); system["type"] != "SYSTEM_FILE" || system["user"] != nil || system["body"] != nil || diff != "" {
			t.Errorf("a described file is %v:\n%s", system, diff)
		}
		body, kind := form(t, "hello", "username", "jane", "groupTag", "album", "properties", `{"a":{"b":1}}`)
		sent := p.must("POST", path, body, "Content-Type", kind)
		file := sent["file"].(map[string]any)
		got := []any{sent["type"], sent["user"].(map[string]any)["name"], sent["group_tag"], sent["properties"], file["type"], file["size"], file["name"]}
		if diff := cmp.Diff([]any{"FILE", "jane", "album", map[string]any{"a": map[string]any{"b": 1.0}}, "HOSTED", 5.0, "note.txt"}, got); diff != "" {
			t.Errorf("an uploaded file:\n%s", diff)
		}
		if !strings.HasPrefix(file["url"].(string), s.URL+"/files/") {
			t.Errorf("it is at %v", file["url"])
		}
		thread := p.must("DELETE", fmt.Sprintf("/messages/%v", p.say("jane", "x")), "")["id"]
		body, kind = form(t, "hello")
		if aside := p.must("POST", fmt.Sprintf("/threads/%v/messages", thread), body, "Content-Type", kind); aside["type"] != "SYSTEM_FILE" {
			t.Errorf("in a thread it is %v", aside)
		}
	})
}

func TestFormsThatAreWrongAreRefused(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s)
	path := fmt.Sprintf("/channels/%v/messages", p.channel)
	picture := fmt.Sprintf("/users/%v/display-picture", p.jane)
	send := func(status int, name, path, file string, fields ...string) {
		t.Helper()
		body, kind := form(t, file, fields...)
		p.wants(status, name, "POST", path, body, "Content-Type", kind)
	}
	send(http.StatusBadRequest, "InvalidRequestError", path, "")
	send(http.StatusBadRequest, "InvalidRequestError", path, "hello", "properties", "[")
	send(http.StatusBadRequest, "InvalidRequestError", path, "hello", "properties", strings.Repeat(" ", 1<<20))
	send(http.StatusNotFound, "UserNotFoundError", path, "hello", "username", "nobody")
	send(http.StatusBadRequest, "FileTypeNotAllowedError", picture, "no image")
	body, kind := form(t, "hello")
	p.wants(http.StatusBadRequest, "InvalidRequestError", "POST", path, body[:len(body)/2], "Content-Type", kind)
	p.wants(http.StatusBadRequest, "InvalidRequestError", "POST", path, body, "Content-Type", "multipart/form-data")
	p.wants(http.StatusBadRequest, "", "POST", path, `{"type":"FILE"}`)
	p.wants(http.StatusBadRequest, "", "POST", path, `{"type":"FILE","file":{"url":"file:///etc/passwd","name":"a","content_type":"text/plain","size":1}}`)
}
