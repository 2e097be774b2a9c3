package gateway

import (
	"slices"
	"strconv"
	"strings"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
	"openkitty/stomp"
)

// event is a publication on its way to the sessions of this node.
type event struct {
	*broker.Publication
	asker    *session // whose request it answers, if that is on this node
	answered bool
	tails    [2][2][]byte // by which of the publication's types they carry, and whether for managers
	inThread []byte       // as those who listen to its thread alone get it
}

// tail is the end of the event's frames, from the headers that all subscribers
// share to the NUL. It is written once per name of the event and resource.
func (e *event) tail(g generation, user chat.UserID) []byte {
	which, resource, manager := e.which(g), e.Resource, 0
	if e.Managers != nil && slices.Contains(e.Managers, int64(user)) {
		resource, manager = e.ManagersResource, 1
	}
	tail := &e.tails[which][manager]
	if *tail == nil {
		*tail = e.appendTail(nil, nil, e.Types[which], resource)
	}
	return *tail
}

// which of its types the event has for a generation. The older may be empty: then
// there is nothing for that generation.
func (e *event) which(g generation) int {
	if uint8(g) < e.Renamed {
		return 0
	}
	return 1
}

const (
	bodyType     = `{"type":"`
	bodyResource = `","version":"1.0","resource":`
)

// tailFor is the end of the event's frames to a subscription of a session.
func (e *event) tailFor(sub *subscription, s *session) []byte {
	if sub.thread == nil {
		return e.tail(s.generation, s.actor.User)
	}
	if e.inThread == nil {
		destination := sub.thread.appendTo(make([]byte, 0, 64), sub.aspect)
		e.inThread = e.appendTail(nil, destination, e.threadType(), e.Resource)
	}
	return e.inThread
}

// appendTail writes the end of a frame. Without a destination it is that of the
// event's topic; that of an application's, which is another for each user, stands
// before the end.
func (e *event) appendTail(dst, destination []byte, name string, resource []byte) []byte {
	length := len(bodyType) + len(name) + len(bodyResource) + len(resource) + len("}")
	if dst == nil {
		dst = make([]byte, 0, length+192) // room for the headers
	}
	switch {
	case destination != nil:
		dst = append(append(append(dst, destinationHead...), destination...), '\n')
	case e.Topic.Kind != broker.Application:
		dst = append(appendTopic(append(dst, destinationHead...), e.Topic, aspect(e.Aspect)), '\n')
	}
	dst = append(append(dst, "message-id:"...), e.ID...)
	if e.Sequence > 0 {
		dst = strconv.AppendInt(append(dst, "\nsequence:"...), e.Sequence, 10)
	}
	dst = append(dst, "\ncontent-type:application/json\n"...)
	dst = append(stomp.AppendLength(dst, length), '\n')
	dst = append(append(append(dst, bodyType...), name...), bodyResource...)
	dst = append(dst, resource...)
	return append(dst, '}', 0)
}

const (
	messageHead     = "MESSAGE\nsubscription:"
	destinationHead = "destination:"
)

// append writes the event's WebSocket message to one subscription. A receipt is
// that of the request it answers.
func (e *event) append(dst []byte, sub *subscription, receipt string, s *session) []byte {
	tail := e.tailFor(sub, s)
	length := len(messageHead) + sub.id.length() + len("\n") + len(tail)
	if sub.ack {
		length += len("ack:") + len(e.ID) + len("\n")
	}
	if receipt != "" {
		length += len("receipt-id:") + len(receipt) + len("\n")
	}
	var own []byte
	if e.Topic.Kind == broker.Application {
		own = appendTopic(make([]byte, 0, 64), toUser(s.actor.User), sub.aspect)
		length += len(destinationHead) + len(own) + len("\n")
	}
	dst = appendTextHeader(dst, length)
	dst = append(sub.id.append(append(dst, messageHead...)), '\n')
	if sub.ack {
		dst = append(append(append(dst, "ack:"...), e.ID...), '\n')
	}
	if receipt != "" {
		dst = append(append(append(dst, "receipt-id:"...), receipt...), '\n')
	}
	if own != nil {
		dst = append(append(append(dst, destinationHead...), own...), '\n')
	}
	return append(dst, tail...)
}

// appendReceipt writes the WebSocket message of a RECEIPT frame.
func appendReceipt(dst []byte, receipt string) []byte {
	const head, end = "RECEIPT\nreceipt-id:", "\n\n\x00"
	dst = appendTextHeader(dst, len(head)+len(receipt)+len(end))
	return append(append(append(dst, head...), receipt...), end...)
}

// deliver writes a walk's events to a follower, in one write.
func (s *session) deliver(f *follower, w *walk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.severed || s.parting || f.ended {
		return
	}
	w.run = w.run[:0]
	seen := f.seen
	for _, e := range w.events {
		seen = max(seen, e.Sequence)
		if e.Except == int64(s.actor.User) || e.Types[e.which(s.generation)] == "" {
			continue
		}
		for i := range f.subscriptions {
			if sub := &f.subscriptions[i]; sub.hears(e) && sub.takes(e.Sequence) {
				w.run = s.appendEvent(w.run, e, sub)
				w.deliveries++
				sub.sent = max(sub.sent, e.Sequence)
			}
		}
		if e.ends(int64(s.actor.User)) {
			f.ended = true
			s.g.hub.expulsions.add(f)
			break
		}
	}
	if len(w.run) > 0 {
		s.write(w.run)
	}
	if seen > f.seen && !s.severed && !s.parting {
		f.seen, s.moved = seen, true
	}
}

// appendEvent writes an event, and before it, once, the receipt of the request
// of this session that it answers.
func (s *session) appendEvent(dst []byte, e *event, sub *subscription) []byte {
	if e.asker != s || e.answered {
		return e.append(dst, sub, "", s)
	}
	e.answered = true
	s.requests.answered(e)
	return e.append(appendReceipt(dst, e.Receipt), sub, e.Receipt, s)
}

// answer answers the event's request, if its session has not got the event where
// it would be expected: on a topic of the user's instead. Any will do, since
// SDKs find the answer by its receipt.
func (e *event) answer() {
	s := e.asker
	if s == nil || e.answered {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.userSubscription(aspect(e.Aspect), aspectSelf, aspectChannels)
	if sub == nil {
		e.answered = true
		s.requests.answered(e)
		s.write(appendReceipt(nil, e.Receipt))
		return
	}
	s.write(s.appendEvent(nil, e, sub))
}

// userSubscription returns the session's subscription to the first of some
// aspects of its user that it has one to. The caller holds s.mu.
func (s *session) userSubscription(aspects ...aspect) *subscription {
	for _, f := range s.follows {
		if f.topic.Kind != broker.User {
			continue
		}
		for _, wanted := range aspects {
			for i := range f.subscriptions {
				if f.subscriptions[i].aspect == wanted {
					return &f.subscriptions[i]
				}
			}
		}
	}
	return nil
}

// escaped is text as it stands in a header line.
func escaped(text string) string {
	if !strings.ContainsAny(text, "\\\r\n:") {
		return text
	}
	return string(stomp.AppendEscaped(nil, text))
}
