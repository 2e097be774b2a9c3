package platform

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
	"openkitty/internal/logging"
)

// info is what is known of a request beside its operation's input.
type info struct {
	id          string
	v1          bool
	application int64 // of a path /v1/applications/{id}; zero for none
	address     string
	query       url.Values
	access      engine.Access // zero until the token is checked
	file        *chat.File    // that was uploaded; nil for none
	operation   string        // its id; empty for none
	unsettled   bool          // nobody knows whether it was done
	refusal     string        // what the caller was told is wrong; empty for nothing
	failure     error         // what the caller was not told; nil for nothing
	log         *slog.Logger
}

type infoKey struct{}

// infoOf returns what is known of the request that a context belongs to.
func infoOf(ctx context.Context) *info {
	i, _ := ctx.Value(infoKey{}).(*info)
	return i
}

// ServeHTTP answers whatever the server serves nothing else for.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	i := &info{id: requestID(r), address: r.RemoteAddr, query: r.URL.Query(), log: a.log}
	out := &statusWriter{ResponseWriter: w, info: i}
	ctx := logging.With(context.WithValue(r.Context(), infoKey{}, i), slog.String("request", i.id))
	a.head(out.Header(), i)
	defer func() {
		if p := recover(); p != nil {
			i.failure = fmt.Errorf("it panicked: %v\n%s", p, debug.Stack())
			if out.status == 0 {
				writeProblem(out, problem(http.StatusInternalServerError, "InternalServerError", "the server failed to do this"))
			}
		}
		a.logRequest(ctx, r, out.status, time.Since(began))
	}()
	a.build()
	a.route(out, r.WithContext(ctx), i)
}

// head writes the headers of every answer.
func (a *API) head(h http.Header, i *info) {
	h.Set("X-Request-Id", i.id)
	h.Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Xss-Protection", "1; mode=block")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "0")
	h.Set("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	h.Set("X-Api-Version", apiVersion)
	h.Set("X-Response-Token", responseToken())
}

// apiVersion is that of the published API which is served.
const apiVersion = "v2.106"

// responseToken tells one answer from another: 32 hexadecimal digits.
func responseToken() string {
	var token [16]byte
	_, _ = rand.Read(token[:]) // never fails
	return fmt.Sprintf("%X", token)
}

// requestID is the caller's own, if it can stand in a log, or a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	sane := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
	}
	if id != "" && len(id) <= 128 && !strings.ContainsFunc(id, func(c rune) bool { return !sane(c) }) {
		return id
	}
	return rand.Text()
}

// route finds the operation of a request, under every address that it goes by.
func (a *API) route(w http.ResponseWriter, r *http.Request, i *info) {
	path := a.locate(r.URL.EscapedPath(), i)
	r.URL.Path, _ = url.PathUnescape(path) // net/http has parsed it
	r.URL.RawPath = path
	if methods := a.methods(r); !slices.Contains(methods, r.Method) {
		a.lost(w, r, methods)
		return
	}
	if !i.negotiate(r) {
		writeProblem(w, problem(http.StatusNotAcceptable, "NotAcceptableError", "only JSON is served here; accept application/json"))
		return
	}
	a.mux.ServeHTTP(w, r)
}

// locate brings a path, still escaped, to the form that operations are registered
// under: single slashes, none at the end, and no prefix.
func (a *API) locate(path string, i *info) string {
	parts := slices.DeleteFunc(strings.Split(path, "/"), func(part string) bool { return part == "" })
	prefix := strings.FieldsFunc(a.prefix, func(c rune) bool { return c == '/' })
	if len(prefix) > 0 && len(parts) >= len(prefix) && slices.Equal(parts[:len(prefix)], prefix) {
		parts = parts[len(prefix):]
	}
	if len(parts) > 0 && parts[0] == "v1" {
		i.v1, parts = true, parts[1:]
		if len(parts) > 1 && parts[0] == "applications" {
			parts = i.ofApplication(parts)
		}
	}
	for n, part := range parts {
		if part == "." || part == ".." {
			parts[n] = strings.ReplaceAll(part, ".", "%2E")
		}
	}
	return "/" + strings.Join(parts, "/")
}

// ofApplication turns /applications/{id}/users into /users, and notes the id.
func (i *info) ofApplication(parts []string) []string {
	id, err := strconv.ParseInt(parts[1], 10, 64)
	switch {
	case parts[1] == "me":
	case err != nil || id <= 0:
		return parts
	default:
		i.application = id
	}
	if len(parts) == 2 || parts[2] == "settings" || parts[2] == "message-read-receipt-summaries" {
		return append([]string{"application"}, parts[2:]...)
	}
	return parts[2:]
}

// methods are those that a path is served for.
func (a *API) methods(r *http.Request) (found []string) {
	for _, method := range []string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"} {
		asked := *r
		asked.Method = method
		if _, pattern := a.mux.Handler(&asked); pattern != "" {
			found = append(found, method)
		}
	}
	return found
}

// lost answers for a path that nothing is served at, or not by this method.
func (a *API) lost(w http.ResponseWriter, r *http.Request, methods []string) {
	if len(methods) == 0 {
		writeProblem(w, problem(http.StatusNotFound, "NotFoundError", "there is nothing at this path"))
		return
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	writeProblem(w, problem(http.StatusMethodNotAllowed, "MethodNotAllowedError", "%.20q is not served here; only %s",
		r.Method, strings.Join(methods, ", ")))
}

// pages are what is served to people, in whatever form.
var pages = []string{"/docs", "/openapi.json"}

// negotiate chooses the format of the answer, and reports whether it is one that
// the client accepts. The request says from then on which was chosen.
func (i *info) negotiate(r *http.Request) bool {
	accepted := r.Header.Get("Accept")
	chosen := plain
	if i.v1 || strings.Contains(accepted, v1Type) {
		i.v1, chosen = true, v1Type
	}
	r.Header.Set("Accept", chosen)
	if accepted == "" || slices.Contains(pages, r.URL.Path) {
		return true
	}
	for accept := range strings.SplitSeq(accepted, ",") {
		kind, _, err := mime.ParseMediaType(accept)
		if err == nil && (kind == "*/*" || kind == "application/*" || kind == plain || strings.HasSuffix(kind, "+json")) {
			return true
		}
	}
	return false
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	info   *info
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController through.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
