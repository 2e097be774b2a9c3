package gateway

import (
	"strconv"
	"time"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

// What a client missed is read from the change log, a page at a time, and sent
// before what happens now. A subscription that is behind gets no durable event
// live: the log has it. Once it has read as far as the latest event that came by
// live, it is behind no longer, and nothing is missed or told twice in between.

const (
	// replaysMax is how many sessions read what they missed at the same time;
	// others wait. After a restart everybody does.
	replaysMax = 16
	// replayRun is how many bytes a replay lets wait, or half of what may wait at
	// all, before it waits itself until the connection has taken them.
	replayRun = 64 << 10
	// replayPatience is how long a replay waits for the acknowledgements of a
	// page. Handlers that fail never acknowledge.
	replayPatience = 5 * time.Second
)

// Events of the delivery itself. The published SDKs know neither.
const (
	// eventsLost says that changes are past their retention: "from" and "to" are
	// the first and the last of them in the stream.
	eventsLost = "delivery.lost"
	// caughtUp says that a subscription that was behind has everything.
	caughtUp = "delivery.caught_up"
)

// catchUpIfDue starts to catch up once the client's frames that have arrived are
// performed.
func (s *session) catchUpIfDue() {
	if s.lacks {
		s.lacks = false
		s.startCatchUp()
	}
}

// startCatchUp has a goroutine bring the session up to date, if a subscription
// is behind and none does already. It ends when all are, or with the session.
func (s *session) startCatchUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, _ := s.behind(); f == nil || s.catching {
		return
	}
	s.catching = true
	s.g.sessions.Add(1)
	go func() {
		defer s.g.sessions.Done()
		s.catchUp()
	}()
}

func (s *session) catchUp() {
	for {
		s.mu.Lock()
		f, after := s.behind()
		s.catching = f != nil
		s.mu.Unlock()
		if f == nil {
			return
		}
		if err := s.replay(f, after); err != nil {
			s.log().Error("replay what a client missed", "error", err)
			s.mu.Lock()
			s.catching = false
			s.sever("what it missed could not be read")
			s.mu.Unlock()
			return
		}
	}
}

// behind returns a follower that has a subscription which is behind, and after
// which change to go on. The caller holds s.mu.
func (s *session) behind() (behind *follower, after int64) {
	if s.severed || s.parting || s.detached {
		return nil, 0
	}
	for _, f := range s.follows {
		if f.ended {
			continue
		}
		for i := range f.subscriptions {
			sub := &f.subscriptions[i]
			if sub.behind && s.knows(sub) && (behind == nil || f == behind && sub.due < after) {
				behind, after = f, sub.due
			}
		}
		if behind != nil {
			return behind, after
		}
	}
	return nil, 0
}

// replay sends a follower a page of what happened after a change.
func (s *session) replay(f *follower, after int64) error {
	s.g.replays <- struct{}{}
	page, err := s.g.engine.Replay(s.ctx, s.actor, streamOf(f.topic), after)
	<-s.g.replays
	if chat.IsKind(err, chat.NotFound) {
		s.giveUp(f) // no longer a member: the last event of the membership is on its way
		return nil
	}
	if err != nil {
		return err
	}
	s.open(f, after)
	s.tellLost(f, after, page)
	for _, p := range s.g.retell(f.topic, page.Events) {
		s.sendMissed(f, &event{Publication: p})
	}
	s.advance(f, page)
	return nil
}

// open settles for whom a page is that begins after a change: for subscriptions
// that have what is before it. One that comes while the page is being sent would
// miss its beginning, and waits for the next.
func (s *session) open(f *follower, after int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range f.subscriptions {
		sub := &f.subscriptions[i]
		sub.reads = sub.behind && s.knows(sub) && sub.due >= after
	}
}

// retold is a publisher that keeps what a topic is told again.
type retold struct {
	topic broker.Topic
	told  publications
}

type publications []*broker.Publication

// numbered returns the one with a number, or nil.
func (all publications) numbered(sequence int64) *broker.Publication {
	for _, p := range all {
		if p.Sequence == sequence {
			return p
		}
	}
	return nil
}

func (r *retold) Wanted(topic broker.Topic) bool { return topic == r.topic }

func (r *retold) Publish(p *broker.Publication) {
	if p.Topic == r.topic && p.Sequence > 0 {
		r.told = append(r.told, p)
	}
}

// retell makes the publications of events again, as far as they are durable ones
// of a topic.
func (g *Gateway) retell(topic broker.Topic, events []chat.Event) publications {
	r := retold{topic: topic}
	again := announcer{render: g.render, out: &r, momentary: g.momentary}
	again.announce(events...)
	return r.told
}

// missed reports whether a subscription is sent a change of the page that is open.
func (sub *subscription) missed(sequence int64) bool { return sub.reads && sub.due < sequence }

// sendMissed sends an event to the follower's subscriptions that missed it. If
// it answers a request of the session, whose answer may have been lost, it says
// so again.
func (s *session) sendMissed(f *follower, e *event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) > min(replayRun, s.g.limits.QueueSize/2) && !s.gone() {
		s.wait()
	}
	if e.Types[e.which(s.generation)] == "" || s.gone() {
		return
	}
	receipt := s.requests.receiptOf(e.Topic, e.Sequence)
	var run []byte
	for i := range f.subscriptions {
		sub := &f.subscriptions[i]
		if sub.hears(e) && sub.missed(e.Sequence) {
			run = e.append(run, sub, receipt, s)
			sub.sent = max(sub.sent, e.Sequence)
			s.g.metrics.replayed.Inc()
		}
	}
	if len(run) > 0 {
		s.write(run)
	}
}

// gone reports whether nothing more can be sent. The caller holds s.mu.
func (s *session) gone() bool { return s.severed || s.parting || s.detached }

// advance takes a page for sent, and takes live whoever has read all that came
// by. Whoever has not waits for its client before the next page. If the connection
// ended meanwhile, nobody knows how much of the page was sent: it counts for
// nothing.
func (s *session) advance(f *follower, page engine.Replay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone() {
		return
	}
	for i := range f.subscriptions {
		sub := &f.subscriptions[i]
		if !sub.reads {
			continue
		}
		sub.reads = false
		sub.due = max(sub.due, page.Last)
		if !page.More && sub.due >= f.seen {
			sub.behind = false
			s.notice(f, sub, caughtUp, `{}`)
		}
	}
	s.moved = true
	if page.More {
		s.awaitClient(f)
	}
}

// awaitClient waits until a client has acknowledged what it was sent. The caller
// holds s.mu.
func (s *session) awaitClient(f *follower) {
	late := false
	timer := time.AfterFunc(replayPatience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		late = true
		s.settle()
	})
	defer timer.Stop()
	for !late && !s.gone() && (len(s.queue) > 0 || f.owesAcks()) {
		s.wait()
	}
}

// owesAcks reports whether a subscription that is behind has not acknowledged
// what it was sent.
func (f *follower) owesAcks() bool {
	for i := range f.subscriptions {
		if sub := &f.subscriptions[i]; sub.behind && sub.ack && sub.acked < sub.sent {
			return true
		}
	}
	return false
}

// giveUp ends the wait of subscriptions for what they may not read any more.
func (s *session) giveUp(f *follower) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range f.subscriptions {
		sub := &f.subscriptions[i]
		sub.behind, sub.due = false, max(sub.due, f.seen)
	}
}

// tellLost tells subscriptions of changes that can't be told any more.
func (s *session) tellLost(f *follower, after int64, page engine.Replay) {
	if page.Lost == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range f.subscriptions {
		if sub := &f.subscriptions[i]; sub.missed(after + page.Lost) {
			from := strconv.FormatInt(sub.due+1, 10)
			s.notice(f, sub, eventsLost, `{"from":`+from+`,"to":`+strconv.FormatInt(after+page.Lost, 10)+`}`)
		}
	}
}

// notice sends a subscription an event of the delivery itself. The caller holds
// s.mu.
func (s *session) notice(f *follower, sub *subscription, name, resource string) {
	e := &event{Publication: &broker.Publication{
		Topic:    f.topic,
		Aspect:   uint8(sub.aspect),
		Types:    [2]string{name, name},
		ID:       s.g.momentaryID(),
		Resource: []byte(resource),
	}}
	s.write(e.append(nil, sub, "", s))
}
