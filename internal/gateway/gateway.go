// Package gateway is the real-time side of OpenKitty: STOMP sessions over
// WebSocket and SockJS, with the conventions of the ChatKitty SDKs.
//
// Its four nouns are the four verbs of the protocol. A client reads with a
// relay, writes with an action, listens to a topic, and uploads to a stream.
// Sessions read and answer; the hub fans events out to the sessions that follow
// a topic.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

// Limits bounds what one connection may use.
type Limits struct {
	FrameSize     int           // bytes of one frame, header and body
	HeaderSize    int           // bytes of a frame's header
	Headers       int           // lines of a frame's header
	QueueSize     int           // bytes that wait for a slow client before it is closed
	Subscriptions int           // standing subscriptions of a session
	ConnectTime   time.Duration // from the opened connection to the CONNECT frame
	FrameTime     time.Duration // from a frame's first byte to its last
	WriteTime     time.Duration // for a client to take what is written to it
	HeartBeat     time.Duration // between heart-beats, either way
	Grace         time.Duration // for which a session without a connection still chats
	UploadTime    time.Duration // for an upload to arrive
}

// Options is what a gateway is made of. All fields are required, except
// AllowedOrigins.
type Options struct {
	Engine         *engine.Engine
	Broker         broker.Broker
	Limits         Limits
	Log            *slog.Logger
	Metrics        prometheus.Registerer
	PublicURL      string   // address that clients reach the server at; its path is a prefix of every path
	AllowedOrigins []string // of browser pages, as "https://app.example"; empty for any
}

// Gateway accepts sessions and delivers events to them.
type Gateway struct {
	*announcer
	engine   *engine.Engine
	hub      *hub
	limits   Limits
	log      *slog.Logger
	metrics  *metrics
	origins  []string
	prefix   string
	flushed  chan struct{}  // closed when nothing is left to deliver to sessions that end
	sessions sync.WaitGroup // the goroutines of sessions
	reading  sync.WaitGroup // those among them that may still start an action
	beats    *heart
	uploads  chan struct{} // holds one for each upload that arrives

	opened atomic.Uint64 // sessions so far

	absences *absences
	replays  chan struct{} // one token for each replay that reads at the moment

	mu       sync.Mutex
	stopping bool
}

// New returns a gateway that hears the engine's events. Close ends it.
func New(o Options) (*Gateway, error) {
	public, err := url.Parse(o.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("public URL: %w", err)
	}
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		engine:  o.Engine,
		hub:     newHub(o.Broker, m),
		limits:  o.Limits,
		log:     o.Log,
		metrics: m,
		announcer: &announcer{
			render: &renderer{
				online:   o.Engine.Online,
				pictures: strings.TrimSuffix(o.PublicURL, "/") + "/pictures/",
				public:   strings.TrimSuffix(o.PublicURL, "/"),
			},
			out:       o.Broker,
			momentary: new(atomic.Uint64),
		},
		origins: o.AllowedOrigins,
		prefix:  strings.TrimSuffix(public.Path, "/"),
		flushed: make(chan struct{}),
		replays: make(chan struct{}, replaysMax),
		uploads: make(chan struct{}, uploadsMax),
	}
	o.Engine.AnnounceTo(g.announce)
	g.beats = startHeart(g)
	g.absences = startAbsences(g)
	return g, nil
}

// Register adds the gateway's paths to mux. Behind a public URL with a path they
// are there with and without it, since some proxies strip it.
func (g *Gateway) Register(mux *http.ServeMux) {
	for _, prefix := range slices.Compact([]string{"", g.prefix}) {
		for _, endpoint := range []string{"rtm", "stompx"} {
			mux.Handle(prefix+"/"+endpoint+"/websocket", g.websocketHandler(endpoint))
			mux.Handle(prefix+"/"+endpoint+"/", g.sockjsHandler(prefix, endpoint))
		}
		mux.HandleFunc(prefix+streamsBase, g.serveStream)
		mux.HandleFunc("GET "+prefix+"/pictures/{picture}", servePicture)
		mux.HandleFunc(prefix+chat.FilesPath+"{application}/{key}", g.serveFile)
	}
}

// Close ends every session, such that clients come back to another node or a
// later process: actions that were begun finish and are answered first. When
// the context ends before that, connections are cut.
func (g *Gateway) Close(ctx context.Context) error {
	g.mu.Lock()
	again := g.stopping
	g.stopping = true
	g.mu.Unlock()
	if again {
		return errors.New("the gateway was closed before")
	}
	g.beats.stop()
	g.hub.eachSession(func(s *session) { s.wire.interrupt() })

	finished := make(chan struct{})
	go func() {
		g.reading.Wait()
		g.hub.close()
		close(g.flushed)
		g.sessions.Wait()
		g.absences.close()
		close(finished)
	}()
	select {
	case <-finished:
		return nil
	case <-ctx.Done():
		g.absences.abandon()
		g.hub.eachSession(func(s *session) { s.abandon() })
		return fmt.Errorf("sessions were cut: %w", ctx.Err())
	}
}

func (g *Gateway) isStopping() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stopping
}

// allowsOrigin reports whether pages of the request's origin may connect.
// Clients other than browsers send no origin.
func (g *Gateway) allowsOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin == "" || len(g.origins) == 0 || slices.Contains(g.origins, origin)
}
