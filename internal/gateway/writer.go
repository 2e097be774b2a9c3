package gateway

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"

	"github.com/gobwas/ws"

	"openkitty/internal/chat"
	"openkitty/stomp"
)

// send writes a run of WebSocket messages, or queues what the connection does
// not take at once. A session whose queue is full is too slow, and cut.
func (s *session) send(run []byte) {
	s.mu.Lock()
	s.write(run)
	s.mu.Unlock()
}

// write is send for callers that hold s.mu. It keeps nothing of run.
func (s *session) write(run []byte) {
	if s.severed || s.parting {
		return
	}
	s.g.metrics.bytesOut.Add(float64(len(run)))
	if s.corked || s.writing {
		s.enqueue(run, 0)
		return
	}
	written, err := s.wire.tryWrite(run)
	if err != nil {
		s.sever("the connection broke")
		return
	}
	if written < len(run) {
		s.enqueue(run, written)
		if !s.writing {
			s.startWriting()
		}
	}
}

// enqueue queues what is left of a run of which some bytes are written. If that
// is too much, the client gets the end of the frame that was begun, and then why
// there is no more.
func (s *session) enqueue(run []byte, written int) {
	full := len(s.queue)+len(run)-written > s.g.limits.QueueSize
	if full {
		run = run[:frameEnd(run, written)]
	}
	s.g.metrics.queued.Add(float64(len(run) - written))
	s.queue = append(s.queue, run[written:]...)
	if full {
		s.part()
	}
}

// sever gives the connection up. The reading goroutine notices and cleans up.
func (s *session) sever(reason string) {
	if s.severed {
		return
	}
	s.severed = true
	s.log().Debug("connection given up", "reason", reason)
	s.g.metrics.queued.Sub(float64(len(s.queue)))
	s.queue = nil
	s.settle()
	s.wire.cut()
}

// abandon gives the connection up when the server has no time left, and ends what
// waits for it.
func (s *session) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.severed = true
	s.settle()
	s.wire.cut()
}

// settle wakes who waits for the queue, for acknowledgements, or for receipts.
func (s *session) settle() {
	if s.settled != nil {
		s.settled.Broadcast()
	}
}

// part ends a session whose queue is full: what is in it is still written, and
// then why the connection ends. When the client returns it gets the rest.
func (s *session) part() {
	s.g.metrics.slowCloses.Inc()
	s.log().Info("session closed", "reason", tooSlow, "queued", len(s.queue))
	s.parting = true
	body := ws.NewCloseFrameBody(ws.StatusPolicyViolation, tooSlow)
	farewell := append([]byte{0x80 | byte(ws.OpClose), byte(len(body))}, body...)
	s.g.metrics.queued.Add(float64(len(farewell)))
	s.queue = append(s.queue, farewell...)
	if !s.writing {
		s.startWriting()
	}
}

const tooSlow = "too slow: what waits for it is too much; the rest follows when it returns"

// cork holds back what is sent until flush, so that the answers to frames that
// arrived together leave together.
func (s *session) cork() {
	s.mu.Lock()
	s.corked = true
	s.mu.Unlock()
}

// flush ends cork, once all that arrived is performed.
func (s *session) flush() {
	s.hurryIfDue()
	s.catchUpIfDue()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corked = false
	defer s.settle()
	if len(s.queue) == 0 || s.writing || s.severed {
		return
	}
	written, err := s.wire.tryWrite(s.queue)
	if err != nil {
		s.sever("the connection broke")
		return
	}
	s.g.metrics.queued.Sub(float64(written))
	if written < len(s.queue) {
		s.queue = s.queue[written:]
		s.startWriting()
		return
	}
	s.queue = nil
}

// startWriting has a goroutine write the queue. It ends when the queue is empty,
// or with the connection.
func (s *session) startWriting() {
	s.writing = true
	go s.drain()
}

func (s *session) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) > 0 && !s.severed {
		batch := s.queue
		s.queue = nil
		s.mu.Unlock()
		err := s.wire.write(batch)
		s.mu.Lock()
		s.g.metrics.queued.Sub(float64(len(batch)))
		if err != nil {
			s.sever("the connection broke")
		}
	}
	s.writing = false
	if s.parting {
		s.sever(tooSlow)
	}
	s.settle()
}

// end closes the connection in the way that its cause asks for.
func (s *session) end(cause error) {
	var (
		syntax    *stomp.SyntaxError
		breach    *violation
		denied    *chat.Error
		code      = ws.StatusNormalClosure
		reason    string
		brokenOff net.Error
	)
	switch {
	case errors.Is(cause, errEnded):
	case errors.Is(cause, errYielded):
		code, reason = ws.StatusPolicyViolation, errYielded.Error()
	case errors.Is(cause, errInterrupted):
		code, reason = ws.StatusGoingAway, "the server is stopping"
	case errors.As(cause, &denied):
		s.sendError(denied)
		code, reason = ws.StatusPolicyViolation, denied.Name
	case errors.As(cause, &syntax):
		s.sendError(chat.Errorf(chat.Invalid, "%v", syntax))
		code, reason = ws.StatusProtocolError, "malformed frame"
	case errors.As(cause, &breach):
		s.sendError(chat.Errorf(chat.Invalid, "%s", breach.reason))
		code, reason = breach.code, breach.reason
	case errors.Is(cause, io.EOF):
	case errors.As(cause, &brokenOff) && brokenOff.Timeout():
		code, reason = ws.StatusPolicyViolation, "too slow: a frame did not arrive in time"
	default:
		s.mu.Lock()
		s.sever("the connection broke")
		s.mu.Unlock()
	}
	s.flush()
	if s.drainedQueue() {
		s.wire.finish(code, reason)
	} else {
		s.wire.cut()
	}
	s.g.metrics.sessions.Dec()
}

// wait waits for the queue, for acknowledgements, or for receipts. The caller holds s.mu.
func (s *session) wait() {
	if s.settled == nil {
		s.settled = sync.NewCond(&s.mu)
	}
	s.settled.Wait()
}

// drainedQueue waits until the queue is written, which the write timeout bounds,
// and reports whether the connection still stands.
func (s *session) drainedQueue() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.writing {
		s.wait()
	}
	stands := !s.severed
	s.severed = true
	return stands
}

// sendError sends the frame that ends a connection, with the body that the SDKs
// expect.
func (s *session) sendError(e *chat.Error) {
	s.sendFrame(stomp.Frame{
		Command: stomp.Error,
		Header: stomp.Header{
			{Name: "message", Value: strings.ToValidUTF8(e.Message, "\ufffd")},
			{Name: "content-type", Value: "application/json"},
		},
		Body: appendError(nil, e),
	})
}
