package platform

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"openkitty/internal/chat"
)

const formType = "multipart/form-data"

const (
	// formsMax is how many forms with files arrive at once, and formsShare how many
	// of them for one application; further ones are refused.
	formsMax   = 64
	formsShare = 16
	// formPartsMax bounds the parts of a form, and formFieldMax those that are no
	// files, in bytes each.
	formPartsMax = 16
	formFieldMax = chat.PropertiesMax + 1<<10
)

type createExternalFileProperties struct {
	ContentType string `json:"content_type"`
	Name        string `json:"name"`
	Size        int64  `json:"size"`
	URL         string `json:"url"`
}

// file is the file that a request uploaded, or else the one that it describes.
func (p *createExternalFileProperties) file(ctx context.Context) *chat.File {
	if uploaded := infoOf(ctx).file; uploaded != nil || p == nil {
		return uploaded
	}
	return &chat.File{URL: p.URL, Name: p.Name, ContentType: p.ContentType, Size: p.Size}
}

type fileProperties struct {
	Type        string `json:"type" enum:"HOSTED,EXTERNAL"`
	ContentType string `json:"content_type"`
	Name        string `json:"name"`
	Size        int64  `json:"size"`
	URL         string `json:"url"`
}

func (a *API) file(app chat.ApplicationID, f chat.File) *fileProperties {
	kind := "EXTERNAL"
	if f.Hosted() {
		kind = "HOSTED"
	}
	return &fileProperties{kind, f.ContentType, f.Name, f.Size, a.address(f.Address(app))}
}

// address completes the address of a file of this server's own.
func (a *API) address(of string) string {
	if strings.HasPrefix(of, chat.FilesPath) {
		return a.public + of
	}
	return of
}

// isForm reports whether a request brings a form in place of JSON, where it may.
func isForm(op *huma.Operation, r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == formType && (has(op, fileMessage) || has(op, filePicture))
}

// readForm keeps the file of a form, and goes on as if the rest had been sent as
// JSON, with the file described as one elsewhere would be.
func (a *API) readForm(ctx huma.Context, next func(huma.Context)) {
	text, err := a.receiveForm(ctx)
	if err != nil {
		a.write(ctx, failed(ctx, err))
		return
	}
	next(withBody(ctx, text))
}

func (a *API) receiveForm(ctx huma.Context) ([]byte, error) {
	app := infoOf(ctx.Context()).access.Actor.Application
	if !a.forms.enter(app) {
		return nil, chat.Errorf(chat.Limited, "the server is busy with other uploads; try again")
	}
	defer a.forms.leave(app)
	r, _ := humago.Unwrap(ctx)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, chat.Errorf(chat.Invalid, "the body is not valid multipart/form-data")
	}
	f := form{api: a, info: infoOf(ctx.Context()), body: map[string]any{}}
	if err := f.read(ctx.Context(), parts); err != nil {
		return nil, err
	}
	uploaded := f.info.file
	description := createExternalFileProperties{
		uploaded.ContentType, uploaded.Name, uploaded.Size, a.address(uploaded.Address(f.info.access.Actor.Application)),
	}
	if has(ctx.Operation(), filePicture) {
		return chat.WriteJSON(description)
	}
	f.body["type"], f.body["file"] = chat.FileMessage, description
	return chat.WriteJSON(f.body)
}

// form is a form as it arrives, part by part.
type form struct {
	api  *API
	info *info
	body map[string]any // of the request that it stands for
}

func (f *form) read(ctx context.Context, parts *multipart.Reader) error {
	for range formPartsMax {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && f.info.file == nil:
			return chat.Errorf(chat.Invalid, "the part named file is missing")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return chat.Errorf(chat.Invalid, "the body is not valid multipart/form-data")
		}
		if err := f.readPart(ctx, part); err != nil {
			return err
		}
	}
	return chat.Errorf(chat.Invalid, "a form has at most %d parts", formPartsMax)
}

func (f *form) readPart(ctx context.Context, part *multipart.Part) error {
	switch name := part.FormName(); name {
	case "file":
		return f.readFile(ctx, part)
	case "groupTag", "group_tag":
		return readField(part, func(text []byte) { f.body["group_tag"] = string(text) })
	case "username":
		return readField(part, func(text []byte) { f.body["user"] = map[string]string{"username": string(text)} })
	case "properties":
		var properties []byte
		if err := readField(part, func(text []byte) { properties = text }); err != nil || len(properties) == 0 {
			return err
		}
		if !json.Valid(properties) {
			return chat.Errorf(chat.Invalid, "the part named properties must be a JSON object")
		}
		f.body[name] = json.RawMessage(properties)
	}
	return nil // what nobody asks for is passed over
}

func (f *form) readFile(ctx context.Context, part *multipart.Part) error {
	if f.info.file != nil {
		return chat.Errorf(chat.Invalid, "a form holds one file; join several messages by a group tag")
	}
	file, err := f.api.engine.ReceiveFile(ctx, f.info.access.Actor, part.FileName(), part.Header.Get("Content-Type"), brokenUpload{part})
	if err == nil {
		f.info.file = &file
	}
	return err
}

// readField passes the whole of a short field to take, unless it is empty.
func readField(part io.Reader, take func(text []byte)) error {
	text, err := io.ReadAll(io.LimitReader(brokenUpload{part}, formFieldMax+1))
	if err != nil {
		return err
	}
	if len(text) > formFieldMax {
		return chat.Errorf(chat.Invalid, "a field of a form has at most %d bytes", formFieldMax)
	}
	if len(text) > 0 {
		take(text)
	}
	return nil
}

// places are for forms that arrive. Those that leave make room for others.
type places struct {
	mu    sync.Mutex
	taken int
	of    map[chat.ApplicationID]int // none is zero
}

func (p *places) enter(app chat.ApplicationID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == formsMax || p.of[app] == formsShare {
		return false
	}
	p.taken++
	p.of[app]++
	return true
}

func (p *places) leave(app chat.ApplicationID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.of[app]--; p.of[app] == 0 {
		delete(p.of, app)
	}
}

// describeForm tells the specification that the operation at a path takes a form
// too. It is told when the operation is there, since huma would read the form.
func (a *API) describeForm(path string) {
	text := &huma.Schema{Type: huma.TypeString}
	schema := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"},
		Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
	}
	op := a.huma.OpenAPI().Paths[path].Post
	if has(op, fileMessage) {
		schema.Properties["groupTag"], schema.Properties["username"] = text, text
		schema.Properties["properties"] = &huma.Schema{Type: huma.TypeString, Description: "A JSON object"}
	}
	op.RequestBody.Content[formType] = &huma.MediaType{Schema: schema}
}
