package gateway

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"openkitty/internal/chat"
)

// content writes what a message says: a file, or a text with its links and
// mentions. One of them is left out altogether, since SDKs take any value, null
// too, as that it is there.
func (r *renderer) content(dst []byte, m *chat.Message) []byte {
	if m.File != nil {
		return r.file(append(dst, `"file":`...), m.Application, m.File)
	}
	dst = appendString(append(dst, `"body":`...), m.Body)
	dst = r.links(append(dst, `,"links":`...), m)
	return r.mentions(append(dst, `,"mentions":`...), m)
}

// file writes a ChatKittyFile. Images that the server could measure have two
// members more.
func (r *renderer) file(dst []byte, app chat.ApplicationID, f *chat.File) []byte {
	kind := "EXTERNAL"
	if f.Hosted() {
		kind = "HOSTED"
	}
	dst = append(append(append(dst, `{"type":"`...), kind...), `","url":`...)
	dst = appendString(dst, r.address(f.Address(app)))
	dst = appendString(append(dst, `,"name":`...), f.Name)
	dst = appendString(append(dst, `,"contentType":`...), f.ContentType)
	dst = strconv.AppendInt(append(dst, `,"size":`...), f.Size, 10)
	if f.Image.Width > 0 {
		dst = strconv.AppendInt(append(dst, `,"width":`...), int64(f.Image.Width), 10)
		dst = strconv.AppendInt(append(dst, `,"height":`...), int64(f.Image.Height), 10)
	}
	return append(dst, '}')
}

// address completes the address of a file of this server's own.
func (r *renderer) address(of string) string {
	if strings.HasPrefix(of, chat.FilesPath) {
		return r.public + of
	}
	return of
}

// appendPreview writes a MessageLinkPreview.
func appendPreview(dst []byte, p *chat.LinkPreview) []byte {
	dst = appendString(append(dst, `{"url":`...), p.URL)
	dst = appendString(append(dst, `,"title":`...), p.Title)
	dst = append(appendString(append(dst, `,"image":{"source":`...), p.Image), '}')
	if p.Description != "" {
		dst = appendString(append(dst, `,"description":`...), p.Description)
	}
	if p.Site != "" {
		dst = appendString(append(dst, `,"siteName":`...), p.Site)
	}
	return append(dst, '}')
}

// fileBody is a file elsewhere, as clients describe it.
type fileBody struct {
	URL         string
	Name        string
	ContentType string
	Size        int64
}

func (b *fileBody) file() *chat.File {
	if b == nil {
		return nil
	}
	return &chat.File{URL: b.URL, Name: b.Name, ContentType: b.ContentType, Size: b.Size}
}

// messageFilter reads the filter of a list of messages.
func (r *request) messageFilter() chat.MessageFilter {
	return chat.MessageFilter{
		MainThread: r.parameter("mainThread") == "true",
		Files:      r.parameter("type") == "FILE",
	}
}

// serveFile hands out a hosted file: its bytes, or with ?thumbnail a smaller
// image where there is one. The grant is in the query, where SDKs put it, or in
// the header Grant. What could run in a page is only ever saved, and nothing
// runs in what is shown.
func (g *Gateway) serveFile(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		allowCrossOrigin(header, "GET, HEAD", "Grant, Range")
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		header.Set("Allow", "GET, HEAD, OPTIONS")
		writeError(w, http.StatusMethodNotAllowed, chat.Errorf(chat.Invalid, "files are read by GET requests"))
		return
	}
	app, ok := parseID(r.PathValue("application"))
	if !ok {
		refuse(w, chat.NoFile())
		return
	}
	query := r.URL.Query()
	grant := query.Get("grant")
	if grant == "" {
		grant = r.Header.Get("Grant")
	}
	d, err := g.engine.OpenFile(r.Context(), chat.ApplicationID(app), chat.FileKey(r.PathValue("key")), grant, query.Has("thumbnail"))
	if err != nil {
		g.logFailure(r, err)
		refuse(w, err)
		return
	}
	defer d.Close()
	disposition := "attachment"
	if chat.InlineSafe(d.ContentType) {
		disposition = "inline"
	}
	if named := mime.FormatMediaType(disposition, map[string]string{"filename": d.Name}); named != "" {
		disposition = named
	}
	header.Set("Content-Disposition", disposition)
	header.Set("Content-Type", d.ContentType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Referrer-Policy", "no-referrer") // the address holds a grant
	header.Set("Cache-Control", "private, max-age=3600")
	header.Set("ETag", `"`+string(d.Digest)+`"`)
	header.Set("Access-Control-Expose-Headers", "Content-Disposition, Content-Length, Content-Range, ETag")
	http.ServeContent(w, r, "", d.CreatedAt, d)
}
