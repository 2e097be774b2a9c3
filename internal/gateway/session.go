package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
	"openkitty/internal/engine"
	"openkitty/stomp"
)

// session is one connection of a user. One goroutine reads and performs what it
// reads, frame by frame: so a session's actions keep their order, and one that
// waits holds up nobody else. A second one runs only while something is
// left to write that the connection did not take at once.
type session struct {
	g          *Gateway
	wire       wire
	generation generation
	id         string          // secret: whoever shows it may resume the session
	actor      chat.Actor      // set once, with mu held
	listed     *engine.Session // as the application is shown it; nil until connected
	ctx        context.Context

	// Of the reading goroutine.
	errors  string // subscription that errors go to; empty while there is none
	replies uint64 // relays answered; numbers their messages
	slot    uint8  // of the heart-beats; the hub's

	searched bool  // it was looked for by a subscription's id
	lacks    bool  // a subscription is behind, and startCatchUp is due
	fresh    bool  // a subscription is new, and the session is to be saved at once
	owes     bool  // receipts may wait for that; see awaitKept
	past     *past // what a lost connection left to this one; nil if it is a new session

	dismissed atomic.Bool // the user is deleted
	revoked   atomic.Bool // the application ended it
	yielded   atomic.Bool // another connection goes on with the session

	requests *requests // the latest; never nil once connected

	heard atomic.Int64 // when something last arrived, in seconds of the process clock

	mu       sync.Mutex
	beats    bool          // the client wants heart-beats
	patience time.Duration // silence after which the client is taken for gone; zero for none
	follows  []*follower   // topics it listens to
	shown    shownVersions // of what its application shows all users
	moved    bool          // it got further than is kept in the database
	saves    uint32        // how often it was to be saved
	kept     uint32        // the latest of them that is on disk
	owed     []byte        // receipts of subscriptions that the database does not know yet
	detached bool          // it takes part in nothing any more
	catching bool          // a goroutine reads for it what it missed
	severed  bool          // nothing more is written
	parting  bool          // nothing more is queued; it ends when the queue is written
	corked   bool          // the reader is at work on what has arrived, and holds answers back
	writing  bool          // a goroutine is writing the queue
	queue    []byte        // what waits to be written
	settled  *sync.Cond    // the queue shrank, or something was acknowledged; nil until somebody waits
}

// started is when the process clock was zero.
var started = time.Now()

func clock() int64 { return int64(time.Since(started) / time.Second) }

func (s *session) alive() { s.heard.Store(clock()) }

// silence is how long nothing has arrived.
func (s *session) silence() time.Duration {
	return time.Duration(clock()-s.heard.Load()) * time.Second
}

// newSessionID returns an unguessable name for a session.
func newSessionID() string { return rand.Text() }

// serve runs a session to its end.
func (g *Gateway) serve(w wire, endpoint string, r *http.Request) {
	s := &session{g: g, wire: w, id: newSessionID(), ctx: context.Background(), requests: &requests{}}
	w.bind(s)
	s.alive()
	if !g.admit(s) {
		w.cut()
		return
	}
	defer g.sessions.Done()
	err := s.connect(endpoint, r)
	if err == nil {
		err = s.converse()
	}
	switch {
	case !errors.Is(err, errInterrupted):
	case s.dismissed.Load():
		err = chat.AccessDenied("the user is deleted")
	case s.revoked.Load():
		err = chat.AccessDenied("the session was ended by the application")
	case s.yielded.Load():
		err = errYielded
	}
	if errors.Is(err, errInterrupted) {
		// What was begun is answered before the session lets go of its topics.
		g.reading.Done()
		<-g.flushed
		s.detach(false)
	} else {
		s.detach(errors.Is(err, errEnded) || s.dismissed.Load() || s.revoked.Load())
		g.reading.Done()
	}
	s.end(err)
	g.hub.remove(s)
	g.log.Debug("session closed", "session", s.publicID(), "user", s.actor.User, "reason", err)
}

// dismiss ends the session if it is one of a user who is deleted. Its client
// must not come back by itself: it would make a new user of the old name.
func (s *session) dismiss(user chat.UserID) {
	s.mu.Lock()
	theirs := s.actor.User == user
	s.mu.Unlock()
	if theirs {
		s.dismissed.Store(true)
		s.wire.interrupt()
	}
}

// revoke ends the session for good: its client must not come back by itself.
func (s *session) revoke() {
	s.revoked.Store(true)
	s.wire.interrupt()
}

// publicID is what logs may show of the session's secret.
func (s *session) publicID() string { return s.id[:6] }

// admit counts a session in, unless the gateway is closing.
func (g *Gateway) admit(s *session) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopping {
		return false
	}
	g.sessions.Add(1)
	g.reading.Add(1)
	g.hub.add(s)
	g.metrics.sessions.Inc()
	g.opened.Add(1)
	return true
}

// errEnded ends a session as its client asked.
var errEnded = errors.New("ended by the client")

// converse performs frames until the session ends, and says why it does.
func (s *session) converse() (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.g.log.Error("a session panicked", "user", s.actor.User, "panic", p, "stack", string(debug.Stack()))
			err = &violation{ws.StatusInternalServerError, "the server failed"}
		}
	}()
	for {
		message, err := s.wire.receive()
		if err != nil {
			return err
		}
		s.g.metrics.bytesIn.Add(float64(len(message)))
		s.cork()
		if err := s.perform(message); err != nil {
			return err
		}
	}
}

// perform does what the frames of a message say. A message holds one, but
// clients may join them.
func (s *session) perform(message []byte) error {
	for len(message) > 0 {
		frame, rest, err := s.g.frameLimits().Decode(message)
		if err != nil {
			return err
		}
		if frame.Command == "" {
			return nil // a heart-beat
		}
		s.g.metrics.framesIn.Inc()
		if err := s.do(frame); err != nil {
			return err
		}
		message = rest
	}
	return nil
}

func (g *Gateway) frameLimits() stomp.Limits {
	return stomp.Limits{Header: g.limits.HeaderSize, Fields: g.limits.Headers, Body: g.limits.FrameSize}
}

// do performs one frame of a connected client. An error ends the session.
func (s *session) do(frame stomp.Frame) error {
	if follows(frame) {
		s.awaitKept()
	}
	switch frame.Command {
	case stomp.Subscribe:
		return s.subscribe(frame)
	case stomp.Send:
		s.act(frame)
		return nil
	case stomp.Unsubscribe:
		s.unsubscribe(frame.Header.Get("id"))
		s.receipt(frame)
		return nil
	case stomp.Ack:
		s.acknowledge(frame.Header)
		return nil
	case stomp.Nack:
		return nil
	case stomp.Disconnect:
		s.receipt(frame)
		return errEnded
	case stomp.Connect, stomp.Stomp:
		return refusal("this connection is connected already")
	case stomp.Begin, stomp.Commit, stomp.Abort:
		return refusal("transactions are not supported")
	default:
		return refusal("there is no command " + quoted(frame.Command))
	}
}

func refusal(reason string) error { return &stomp.SyntaxError{Reason: reason} }

func (s *session) unfollow(f *follower) {
	s.g.hub.unfollow(f)
	s.g.metrics.subscriptions.Sub(float64(len(f.subscriptions)))
	if f.topic.Kind == broker.Channel {
		s.listed.EndChat(chat.ChannelID(f.topic.ID))
		s.g.engine.EndChat(s.actor, chat.ChannelID(f.topic.ID))
	}
}

// receipt confirms a frame that asks for it.
func (s *session) receipt(frame stomp.Frame) { s.receiptBehind(frame, lag{}) }

// receiptBehind confirms a subscription, and says how far it is behind.
func (s *session) receiptBehind(frame stomp.Frame, by lag) {
	id, asked := frame.Header.Lookup("receipt")
	if !asked {
		return
	}
	s.sendFrame(receiptFrame(id, by))
}

// sendFrame sends a frame that only this session gets.
func (s *session) sendFrame(frame stomp.Frame) {
	payload := frame.Append(nil)
	s.send(append(appendTextHeader(make([]byte, 0, len(payload)+10), len(payload)), payload...))
	s.g.metrics.framesOut.Inc()
}

func (s *session) log() *slog.Logger {
	return s.g.log.With("session", s.publicID(), "user", s.actor.User)
}
