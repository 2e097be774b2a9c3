package gateway

import (
	"slices"
	"strings"
	"sync"

	"openkitty/internal/broker"
)

const (
	// requestsMax is how many actions a session remembers; clients repeat what
	// was in flight when their connection was lost.
	requestsMax = 32
	// replyMax bounds an answer that is kept, in bytes. Answers that have a place
	// in a stream are not kept: they are made again.
	replyMax = 8 << 10
)

// requests remembers the latest actions of a session by their receipts. A client
// that does not know whether it was heard asks again under the same receipt: the
// action is performed once and answered twice.
type requests struct {
	mu   sync.Mutex
	ring []performed
	next int
}

// performed is an action and what answered it.
type performed struct {
	receipt  string
	done     bool
	topic    broker.Topic        // in whose stream the answer is
	sequence int64               // its number there; zero if it has none
	answer   *broker.Publication // an answer without a number; nil if there is none, or it is too large
}

// begin takes note of an action, or returns what is known of it already.
func (r *requests) begin(receipt string) (known performed, again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.find(receipt); p != nil {
		return *p, true
	}
	p := performed{receipt: strings.Clone(receipt)}
	if len(r.ring) < requestsMax {
		r.ring = append(r.ring, p)
		return p, false
	}
	r.ring[r.next] = p
	r.next = (r.next + 1) % requestsMax
	return p, false
}

func (r *requests) find(receipt string) *performed {
	i := slices.IndexFunc(r.ring, func(p performed) bool { return p.receipt == receipt })
	if i < 0 {
		return nil
	}
	return &r.ring[i]
}

// forget lets an action that failed be tried again.
func (r *requests) forget(receipt string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.find(receipt); p != nil {
		*p = performed{}
	}
}

// confirmed takes note of an action whose answer is the receipt.
func (r *requests) confirmed(receipt string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.find(escaped(receipt)); p != nil && receipt != "" {
		p.done = true
	}
}

// answered takes note of what answers an action.
func (r *requests) answered(e *event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.find(e.Receipt)
	if p == nil || p.done {
		return
	}
	p.done, p.topic, p.sequence = true, e.Topic, e.Sequence
	if e.Sequence == 0 && len(e.Resource) <= replyMax {
		p.answer = e.Publication
	}
}

// receiptOf returns the receipt of the action that a durable event answers, or
// nothing.
func (r *requests) receiptOf(topic broker.Topic, sequence int64) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.ring {
		if p.sequence == sequence && p.topic == topic {
			return p.receipt
		}
	}
	return ""
}

// asked reports whether an action is a repeated one, and answers it if it is.
// One that is still under way will be answered on this connection.
func (s *session) asked(receipt string) bool {
	known, again := s.requests.begin(receipt)
	if again && known.done {
		s.answerAgain(known)
	}
	return again
}

func (s *session) answerAgain(p performed) {
	e := &event{Publication: p.answer, asker: s}
	if p.sequence > 0 {
		replay, err := s.g.engine.Replay(s.ctx, s.actor, streamOf(p.topic), p.sequence-1)
		if err != nil {
			s.fail("receipt-id", p.receipt, err)
			return
		}
		e.Publication = s.g.retell(p.topic, replay.Events).numbered(p.sequence)
	}
	if e.Publication == nil {
		s.send(appendReceipt(nil, p.receipt))
		return
	}
	again := *e.Publication
	again.Receipt = p.receipt
	e.Publication = &again
	e.answer()
}

// successor is the session that has the client's connection now.
func (s *session) successor() *session {
	if s.yielded.Load() {
		if next := s.g.hub.session(s.id); next != nil {
			return next
		}
	}
	return s
}
