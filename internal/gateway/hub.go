package gateway

import (
	"slices"
	"sync"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

// hub knows which sessions of this node listen to what, and delivers to them.
//
// Events of one topic wait in its room. A worker takes all that wait at once
// and walks the followers, each of whom gets one write with all of them: a
// write costs far more than the bytes in it, so joining is what makes a busy
// channel cheap, and it joins no less with many followers than with few.
type hub struct {
	broker  broker.Broker
	metrics *metrics
	ready   chan *room // rooms with events to deliver, each at most once
	done    chan struct{}
	workers sync.WaitGroup

	expulsions expulsions
	showings   showings

	shards [hubShards]hubShard

	mu       sync.RWMutex
	sessions map[string]*session
	slots    [heartSlots]map[*session]struct{}
	nextSlot int
}

const (
	// userTopics is how many topics of their user the newest SDKs listen to.
	userTopics = 14

	hubShards  = 64
	hubWorkers = 8
	// readyMax is how many rooms may wait for a worker. Whoever publishes to one
	// more waits until a worker has taken one.
	readyMax = 1024
	// pendingMax is how many events may wait in a room. Whoever publishes one
	// more waits until they are delivered; followers never make it wait, since
	// what they don't take at once is queued or gives them up.
	pendingMax = 1024
)

type hubShard struct {
	mu    sync.RWMutex
	rooms map[broker.Topic]*room
}

// room is a topic that sessions of this node follow.
type room struct {
	mu        sync.Mutex
	taken     sync.Cond // pending was taken
	followers []*follower
	pending   []*event
	busy      bool // it is in ready, or with a worker
}

// follower is a session that listens to a topic.
type follower struct {
	session *session
	topic   broker.Topic
	room    *room
	index   int // in room.followers, guarded by room.mu

	// All guarded by session.mu.
	ended         bool  // it hears nothing more, and awaits its removal
	seen          int64 // the latest change of the topic's stream that came by
	subscriptions []subscription
}

func newHub(b broker.Broker, m *metrics) *hub {
	h := &hub{
		broker:   b,
		metrics:  m,
		ready:    make(chan *room, readyMax),
		done:     make(chan struct{}),
		sessions: map[string]*session{},
		showings: newShowings(),
	}
	for i := range h.shards {
		h.shards[i].rooms = map[broker.Topic]*room{}
	}
	for i := range h.slots {
		h.slots[i] = map[*session]struct{}{}
	}
	for range hubWorkers {
		h.workers.Go(h.work)
	}
	h.expulsions.wake = make(chan struct{}, 1)
	h.workers.Go(func() { h.expulsions.run(h.done) })
	h.workers.Go(h.showAll)
	b.Join(h)
	return h
}

// close delivers what was published and ends the workers. What is published
// later reaches nobody.
func (h *hub) close() {
	h.broker.Close()
	close(h.done)
	h.workers.Wait()
}

func (h *hub) shard(topic broker.Topic) *hubShard {
	return &h.shards[uint64(topic.ID)%hubShards]
}

// follow adds a follower without subscriptions.
func (h *hub) follow(s *session, topic broker.Topic) *follower {
	shard := h.shard(topic)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	r := shard.rooms[topic]
	if r == nil {
		r = &room{}
		r.taken.L = &r.mu
		shard.rooms[topic] = r
		h.broker.Follow(topic)
	}
	f := &follower{session: s, topic: topic, room: r}
	if topic.Kind == broker.User {
		f.subscriptions = make([]subscription, 0, userTopics)
	}
	r.mu.Lock()
	f.index = len(r.followers)
	r.followers = append(r.followers, f)
	r.mu.Unlock()
	return f
}

func (h *hub) unfollow(f *follower) {
	shard := h.shard(f.topic)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	r := f.room
	r.mu.Lock()
	last := len(r.followers) - 1
	r.followers[f.index] = r.followers[last]
	r.followers[f.index].index = f.index
	r.followers[last] = nil
	r.followers = r.followers[:last]
	r.mu.Unlock()
	if last == 0 {
		delete(shard.rooms, f.topic)
		h.broker.Unfollow(f.topic)
	}
}

// standing is how a subscription stands that was asked for.
type standing struct {
	added bool // it was not there before
	kept  bool // the database knows of it, or need not
	lag
}

// subscribe adds a subscription, unless it is there already.
func (h *hub) subscribe(f *follower, sub subscription) standing {
	s := f.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.ended {
		return standing{kept: true}
	}
	for i := range f.subscriptions {
		if known := &f.subscriptions[i]; known.aspect == sub.aspect && known.id.equal(sub.id) {
			return standing{kept: s.knows(known)}
		}
	}
	f.start(&sub)
	f.subscriptions = append(f.subscriptions, sub)
	s.moved = true
	return standing{added: true, kept: s.knows(&sub), lag: lag{max(f.seen-sub.due, 0), f.seen}}
}

// remove removes the subscription of an id and reports whether it was here. The
// caller holds session.mu.
func (f *follower) remove(id subscriptionID) bool {
	i := slices.IndexFunc(f.subscriptions, func(sub subscription) bool { return sub.id.equal(id) })
	if i < 0 {
		return false
	}
	f.subscriptions = slices.Delete(f.subscriptions, i, i+1)
	return true
}

// Listening reports whether a session follows the topic.
func (h *hub) Listening(topic broker.Topic) bool {
	return topic.Kind == broker.Application || h.room(topic) != nil
}

func (h *hub) room(topic broker.Topic) *room {
	shard := h.shard(topic)
	shard.mu.RLock()
	defer shard.mu.RUnlock()
	return shard.rooms[topic]
}

// listeners are the sessions that follow a topic.
func (h *hub) listeners(topic broker.Topic) (sessions []*session) {
	r := h.room(topic)
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.followers {
		sessions = append(sessions, f.session)
	}
	return sessions
}

// Deliver queues a publication for the topic's followers. The answer that it
// carries reaches its session even if that does not follow the topic.
func (h *hub) Deliver(p *broker.Publication) {
	if p.Topic.Kind == broker.Application {
		h.showings.add(p)
		return
	}
	e := &event{Publication: p}
	if p.Session != "" {
		e.asker = h.session(p.Session)
	}
	r := h.room(p.Topic)
	if r == nil || p.Private {
		e.answer()
		h.finish(e)
		return
	}
	r.mu.Lock()
	for len(r.pending) >= pendingMax {
		r.taken.Wait()
	}
	r.pending = append(r.pending, e)
	wake := !r.busy
	r.busy = true
	r.mu.Unlock()
	if wake {
		select {
		case h.ready <- r:
		case <-h.done:
		}
	}
}

// work delivers until the hub is closed and nothing is left.
func (h *hub) work() {
	var w walk
	for {
		select {
		case r := <-h.ready:
			h.empty(r, &w)
			continue
		default:
		}
		select {
		case r := <-h.ready:
			h.empty(r, &w)
		case <-h.done:
			return
		}
	}
}

// empty delivers what waits in a room.
func (h *hub) empty(r *room, w *walk) {
	for r.take(w) {
		for _, f := range w.followers {
			f.session.deliver(f, w)
		}
		for _, e := range w.events {
			e.answer()
			h.finish(e)
		}
		h.metrics.deliveries.Add(float64(w.deliveries))
		h.metrics.framesOut.Add(float64(w.deliveries))
		w.reset()
	}
}

// walk is one way through a room: what a worker needs, kept from walk to walk.
type walk struct {
	events     []*event
	followers  []*follower
	run        []byte // what the current follower is written
	deliveries int
}

// walkKeep bounds the bytes that a worker keeps for its next walk.
const walkKeep = 256 << 10

func (w *walk) reset() {
	clear(w.events)
	clear(w.followers)
	w.events, w.followers, w.deliveries = w.events[:0], w.followers[:0], 0
	if cap(w.run) > walkKeep {
		w.run = nil
	}
}

// take moves the room's events to a walk, with who follows it now. It reports
// false, and leaves the room to the next publisher, if there are none.
func (r *room) take(w *walk) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) == 0 {
		r.busy = false
		r.pending = nil
		return false
	}
	w.events = append(w.events, r.pending...)
	clear(r.pending)
	r.pending = r.pending[:0]
	w.followers = append(w.followers, r.followers...)
	r.taken.Broadcast()
	return true
}

// add makes a session known by its id, and gives it heart-beats.
func (h *hub) add(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sessions[s.id] = s
	s.slot = uint8(h.nextSlot)
	h.nextSlot = (h.nextSlot + 1) % heartSlots
	h.slots[s.slot][s] = struct{}{}
}

func (h *hub) remove(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sessions[s.id] == s {
		delete(h.sessions, s.id)
	}
	delete(h.slots[s.slot], s)
}

// adopt makes a session known by another id, and returns the one that had it.
func (h *hub) adopt(s *session, id string) (before *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s.id)
	before = h.sessions[id]
	s.id, h.sessions[id] = id, s
	return before
}

func (h *hub) session(id string) *session {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.sessions[id]
}

// finish ends the sessions of a user that an event is the last of.
func (h *hub) finish(e *event) {
	if e.Final {
		h.eachSession(func(s *session) { s.dismiss(chat.UserID(e.Topic.ID)) })
	}
}

// eachSession calls do for every session, connected or about to be.
func (h *hub) eachSession(do func(*session)) {
	for slot := range heartSlots {
		h.eachSessionOf(slot, do)
	}
}

// eachSessionOf calls do for one share of the sessions.
func (h *hub) eachSessionOf(slot int, do func(*session)) {
	h.mu.RLock()
	sessions := make([]*session, 0, len(h.slots[slot]))
	for s := range h.slots[slot] {
		sessions = append(sessions, s)
	}
	h.mu.RUnlock()
	for _, s := range sessions {
		do(s)
	}
}
