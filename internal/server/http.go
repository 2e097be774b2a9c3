package server

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"openkitty/internal/gateway"
)

// pingTimeout bounds how long a readiness check waits for the database.
const pingTimeout = 2 * time.Second

// routes is everything that the server answers. What is neither the gateway's nor
// the operator's is for the Platform API, which bounds its own requests and sees
// paths as they came.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	s.gateway.Register(mux)
	mux.HandleFunc("GET /healthz", s.alive)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}))
	bounded, platform := s.bounded(mux), s.timed(s.platform)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if found := find(mux, r); found != nil {
			bounded.ServeHTTP(w, found)
			return
		}
		platform.ServeHTTP(w, r)
	})
}

// find is a request under the path at which a mux serves it, with single slashes,
// and one at the end where that is a tree's: as the mux would redirect it. It is
// nil if the mux does not serve it.
//
// What is no request at all, as a path with %zz in it, never comes here: net/http
// answers that itself, with 400 or 431 and a line of text, and lets nobody change
// its words.
func find(mux *http.ServeMux, r *http.Request) *http.Request {
	clean := path.Clean("/" + r.URL.EscapedPath())
	tree := strings.TrimRight(clean, "/") + "/"
	wanted := []string{clean, tree}
	if strings.HasSuffix(r.URL.EscapedPath(), "/") {
		wanted = []string{tree, clean}
	}
	for _, way := range wanted {
		found, address := *r, *r.URL
		address.Path, _ = url.PathUnescape(way) // net/http has parsed it
		address.RawPath, found.URL = way, &address
		_, pattern := mux.Handler(&found)
		if redirected := strings.HasSuffix(pattern, way+"/"); pattern != "" && !redirected {
			return &found
		}
	}
	return nil
}

// bounded limits the size of request bodies and the time to send them. A body
// carries a few frames at most, in a JSON string that may double their size.
func (s *Server) bounded(next http.Handler) http.Handler {
	most := 2 * int64(s.settings.MaxFrameSize)
	return s.timed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody && !gateway.IsStream(r.URL.Path) {
			r.Body = http.MaxBytesReader(w, r.Body, most)
		}
		next.ServeHTTP(w, r)
	}))
}

// timed limits the time to send request bodies, whether a handler reads them or
// leaves that to http.Server. A handler that expects more may set a later deadline.
//
// The read timeout of http.Server would also end the streams of SockJS, which
// say no more after an empty body. Uploads have bounds of their own.
func (s *Server) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody && !gateway.IsStream(r.URL.Path) {
			connection := http.NewResponseController(w)
			if err := connection.SetReadDeadline(time.Now().Add(s.settings.FrameTimeout)); err != nil {
				return // the client is gone
			}
			r.Body = &timedBody{r.Body, connection}
		}
		next.ServeHTTP(w, r)
	})
}

// timedBody is a body with a deadline, which ends with it.
type timedBody struct {
	io.ReadCloser
	connection *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		if err := b.connection.SetReadDeadline(time.Time{}); err != nil {
			return n, err
		}
	}
	return n, err
}

// alive says that the process runs. It stays true while the server stops.
func (s *Server) alive(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, "ok")
}

// ready says whether to send clients here.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() {
		answer(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	if err := s.store.Ping(ctx); err != nil {
		s.log.Warn("not ready", "error", err)
		answer(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	answer(w, http.StatusOK, "ok")
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // who asked may be gone
}
