package gateway

import (
	"errors"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

// errYielded ends a connection whose client has come back on another.
var errYielded = errors.New("the session goes on with another connection")

// detach ends what the connection takes part in. Unless the client said goodbye,
// it is expected back.
func (s *session) detach(goodbye bool) {
	left, follows, first := s.letGo()
	if !first || s.actor.User == 0 {
		return
	}
	for _, f := range follows {
		s.g.hub.unfollow(f)
		s.g.metrics.subscriptions.Sub(float64(len(f.subscriptions)))
		if f.topic.Kind == broker.Channel {
			left.stay.chats = append(left.stay.chats, chat.ChannelID(f.topic.ID))
		}
	}
	if goodbye {
		left.stay.end(s.g.engine)
		s.past.endStay(s.g.engine)
		s.g.absences.end(s.actor, left.row)
	} else {
		s.g.absences.leave(left)
	}
	s.listed.End()
	s.g.engine.Disconnected(s.actor, goodbye)
}

// letGo takes from a session what it follows, once.
func (s *session) letGo() (left *absence, follows []*follower, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.detached {
		return nil, nil, false
	}
	left = &absence{id: s.id, actor: s.actor, past: past{
		row: s.row(), places: s.places(), requests: s.requests, stay: &stay{actor: s.actor},
	}}
	s.detached = true
	follows, s.follows = s.follows, nil
	s.settle()
	return left, follows, true
}

// eachPlace tells how far the session's subscriptions got, with those that its
// client has not made again since it returned. The caller holds s.mu.
func (s *session) eachPlace(do func(place)) {
	for _, f := range s.follows {
		for i := range f.subscriptions {
			sub := &f.subscriptions[i]
			do(place{topic: f.topic, aspect: sub.aspect, id: sub.id, got: f.got(sub), kept: s.knows(sub)})
		}
	}
	if s.past != nil {
		for _, p := range s.past.places {
			do(p)
		}
	}
}

func (s *session) places() (places []place) {
	s.eachPlace(func(p place) { places = append(places, p) })
	return places
}

// encodedPlaces makes nothing else than what it returns: it is made of every
// session, again and again.
func (s *session) encodedPlaces() []byte {
	dst := newPlaces(userTopics)
	s.eachPlace(func(p place) { dst = p.append(dst) })
	return dst
}

// row is under which id the database has the session. That of an older client has
// another id with each connection, and keeps its first row. The caller holds s.mu.
func (s *session) row() chat.SessionID {
	if s.past != nil {
		return s.past.row
	}
	return chat.SessionIDOf(s.id)
}

// yield leaves the session to another connection.
func (s *session) yield() {
	s.yielded.Store(true)
	s.detach(false)
	s.wire.interrupt()
}

// resume goes on with the session that the client shows the secret of. One that
// is not the user's, or is no more, is passed over: the client starts afresh.
func (s *session) resume(secret string) error {
	if secret == "" || secret == "undefined" {
		return nil
	}
	left, err := s.g.claim(s, secret)
	if left == nil || err != nil {
		return err
	}
	s.inherit(left)
	if before := s.g.hub.adopt(s, secret); before != nil {
		before.yield()
	}
	return nil
}

// inherit makes what a session left this connection's.
func (s *session) inherit(left *past) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past = left
	if left.requests != nil {
		s.requests = left.requests
	}
	s.moved = true
}

// claim returns what a session of the user had, and leaves it to the caller.
func (g *Gateway) claim(s *session, secret string) (*past, error) {
	if live := g.hub.session(secret); live != nil && live != s {
		if !live.isOf(s.actor) {
			return nil, nil
		}
		live.yield()
	}
	left, known := g.absences.claim(s.actor, secret)
	if known {
		return left, nil
	}
	record, err := g.engine.SavedSession(s.ctx, s.actor, chat.SessionIDOf(secret))
	if chat.IsKind(err, chat.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return g.restored(record), nil
}

// restored is a session as the database has it. What this version can't read is
// given up.
func (g *Gateway) restored(record chat.SessionRecord) *past {
	places, err := decodePlaces(record.Positions)
	if err != nil {
		g.log.Warn("a session is not resumed", "user", record.User, "error", err)
		return nil
	}
	for i := range places {
		places[i].kept = true
	}
	return &past{row: record.ID, places: places}
}

// isOf reports whether the session is a user's.
func (s *session) isOf(actor chat.Actor) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.actor.User == actor.User && s.actor.Application == actor.Application
}

// claim takes a session out of those that are away. It is known if it ended, or
// is another's: then there is nothing to take.
func (a *absences) claim(actor chat.Actor, secret string) (left *past, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.unsaved[chat.SessionIDOf(secret)].Ended {
		return nil, true
	}
	away := a.away[secret]
	switch {
	case away == nil:
		return nil, false
	case away.actor.User != actor.User || away.actor.Application != actor.Application:
		return nil, true
	}
	delete(a.away, secret)
	delete(a.unsaved, away.row)
	return &away.past, true
}

// recognise finds the session of a client of the older generations, which show
// no secret when they return: the SDKs make the ids of subscriptions at random,
// and keep them.
func (s *session) recognise(topic broker.Topic, a aspect, id subscriptionID) error {
	if s.generation >= gen1x58 || s.searched || s.past != nil || id.text != nil {
		return nil
	}
	s.searched = true
	left, err := s.g.search(s, topic, a, id)
	if left != nil {
		s.inherit(left)
	}
	return err
}

// search returns what a session of the user had that listened to a topic under
// an id, and leaves it to the caller.
func (g *Gateway) search(s *session, topic broker.Topic, a aspect, id subscriptionID) (*past, error) {
	for _, other := range g.hub.listeners(topic) {
		if other != s && other.isOf(s.actor) && other.listens(topic, a, id) {
			other.yield()
		}
	}
	if left := g.absences.search(s.actor, topic, a, id); left != nil {
		return left, nil
	}
	records, err := g.engine.SavedSessions(s.ctx, s.actor)
	if err != nil {
		return nil, err
	}
	for _, record := range records {
		if left := g.restored(record); left != nil && left.holds(topic, a, id) && !g.absences.ended(record.ID) {
			return left, nil
		}
	}
	return nil, nil
}

func (s *session) listens(topic broker.Topic, a aspect, id subscriptionID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return (&past{places: s.places()}).holds(topic, a, id)
}

// search is claim by a subscription.
func (a *absences) search(actor chat.Actor, topic broker.Topic, as aspect, id subscriptionID) *past {
	a.mu.Lock()
	defer a.mu.Unlock()
	for secret, away := range a.away {
		if away.actor.User == actor.User && away.holds(topic, as, id) {
			delete(a.away, secret)
			delete(a.unsaved, away.row)
			return &away.past
		}
	}
	return nil
}

// ended reports whether the database is still to forget a session.
func (a *absences) ended(row chat.SessionID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.unsaved[row].Ended
}
