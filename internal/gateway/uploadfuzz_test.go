package gateway

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"openkitty/internal/chat"
)

// FuzzPartsOfAnUpload feeds what is read of an upload without its file to the
// reader of its parts.
func FuzzPartsOfAnUpload(f *testing.F) {
	field := func(name, value string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	for _, seed := range []string{
		"", "--x--\r\n", field("groupTag", `"a"`) + field("properties", `{"a":1}`) + "--x--\r\n", field("properties", "[") + "--x--",
		field("groupTag", strings.Repeat("a", fieldMax+1)), "--x\r\n\r\n\r\n--x--", "--x\r\nContent-Disposition: form-data; name=\"\x00",
		strings.Repeat(field("other", "b"), partsMax+1),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		u := &upload{Request: r, g: &Gateway{}}
		parts, err := u.MultipartReader()
		if err != nil {
			t.Fatal(err)
		}
		if err := u.readParts(fileless{parts}); err == nil {
			t.Fatal("an upload without a file was accepted")
		} else if chat.AsError(err).Kind != chat.Invalid {
			t.Errorf("%q failed as %v", body, err)
		}
		if _, err := chat.ParseProperties([]byte(u.properties)); err != nil || len(u.groupTag) > fieldMax {
			t.Errorf("the upload has the properties %q and the tag %q", u.properties, u.groupTag)
		}
	})
}

// fileless passes over parts that are files, which the engine would take.
type fileless struct{ *multipart.Reader }

func (r fileless) NextPart() (*multipart.Part, error) {
	for {
		part, err := r.Reader.NextPart()
		if err != nil || part.FormName() != "file" {
			return part, err
		}
	}
}

func FuzzAGroupTagIsReadAsItWasMeant(f *testing.F) {
	for _, seed := range []string{"", "a", `a"b`, "ü", "null", "undefined", "1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		quoted, err := json.Marshal(strings.ToValidUTF8(tag, ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := parseGroupTag(quoted); got != strings.ToValidUTF8(tag, "") {
			t.Errorf("%s was read as %q", quoted, got)
		}
	})
}

func TestAGroupTagWithoutQuotesIsOneToo(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{`"a"`: "a", "a": "a", "null": "", "": "", "undefined": "", `"`: `"`} {
		if got := parseGroupTag([]byte(text)); got != want {
			t.Errorf("%q was read as %q, want %q", text, got, want)
		}
	}
}

func TestAMessageThatIsAFileHasNoBodyAndATextNoFile(t *testing.T) {
	t.Parallel()

	r := testRenderer()
	r.public = "https://chat.example"
	file := hello
	file.Type, file.Body, file.File = chat.FileMessage, "", &chat.File{
		Key: "k3y", Name: `a"b`, ContentType: "image/png", Size: 5, Digest: "ab", Image: chat.Image{Width: 3, Height: 4},
	}
	got := object(t, r.message(nil, &file))
	described, _ := json.Marshal(got["file"])
	const want = `{"contentType":"image/png","height":4,"name":"a\"b","size":5,"type":"HOSTED","url":"https://chat.example/files/1/k3y","width":3}`
	if string(described) != want {
		t.Errorf("the file is %s, want %s", described, want)
	}
	if _, there := got["body"]; there {
		t.Error("a file message has a body")
	}
	if _, there := object(t, r.message(nil, &hello))["file"]; there {
		t.Error("a text message has a file")
	}
}

func TestALinkIsShownWithItsPreview(t *testing.T) {
	t.Parallel()

	m := hello
	m.Body = "https://a.example https://b.example"
	m.Previews = []chat.LinkPreview{{Source: "https://b.example", URL: "https://b.example/", Title: "B", Image: "https://b.example/i.png", Site: "s"}}
	links, _ := json.Marshal(object(t, testRenderer().message(nil, &m))["links"])
	const want = `[{"endPosition":17,"source":"https://a.example","startPosition":0},` +
		`{"endPosition":35,"preview":{"image":{"source":"https://b.example/i.png"},"siteName":"s","title":"B","url":"https://b.example/"},` +
		`"source":"https://b.example","startPosition":18}]`
	if string(links) != want {
		t.Errorf("the links are %s, want %s", links, want)
	}
}
