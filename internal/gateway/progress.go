package gateway

import (
	"strconv"
	"strings"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
	"openkitty/stomp"
)

// How far a subscription got. An event of a stream has a number there, and ACK
// frames name it. Acknowledgements come in the order in which a client handles
// events, so the highest says it all: one whose handler failed is passed over
// once a later one is acknowledged.
//
// Most events of a stream concern other subscriptions. So when everything that a
// subscription was sent is acknowledged, it has got as far as its follower: to
// the latest event that came by, for whichever subscription.

// start places a subscription where it was when the connection before was lost:
// it is behind if something has come by since. One that is new in its session
// starts at what its follower has seen. The caller holds session.mu.
func (f *follower) start(sub *subscription) {
	sub.due, sub.needs = f.seen, f.session.saves+1
	if was, known := f.session.past.recall(f.topic, sub.aspect, sub.id); known {
		sub.due = was.got
		if was.kept {
			sub.needs = 0
		}
	}
	sub.sent, sub.acked = sub.due, sub.due
	sub.behind = sub.due < f.seen
}

// lag is how many changes a subscription lacks that comes back, and which is the
// latest of them.
type lag struct{ changes, latest int64 }

// takes reports whether a live event is for the subscription. The log has what
// is not.
func (sub *subscription) takes(sequence int64) bool {
	return sequence == 0 || !sub.behind && sequence > sub.due
}

// got is up to which change the client is known to have all that concerns the
// subscription. A client that does not acknowledge is taken to have what was
// written.
func (f *follower) got(sub *subscription) int64 {
	switch {
	case sub.ack && sub.acked < sub.sent:
		return sub.acked
	case sub.behind:
		return sub.due
	default:
		return max(f.seen, sub.due)
	}
}

// acknowledge takes note of an ACK frame. Those that name no event of the
// subscription's own stream, as answers and momentary events, say nothing.
func (s *session) acknowledge(header stomp.Header) {
	topic, sequence, durable := parseEventID(header.Get("id"))
	if !durable {
		return
	}
	id := newSubscriptionID(header.Get("subscription"))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.follows {
		if f.topic != topic {
			continue
		}
		for i := range f.subscriptions {
			if sub := &f.subscriptions[i]; sub.id.equal(id) {
				sub.acked = max(sub.acked, min(sequence, sub.sent))
				s.moved = true
			}
		}
	}
	s.settle()
}

// parseEventID reads the message-id of a durable event, as c7-42.
func parseEventID(id string) (topic broker.Topic, sequence int64, ok bool) {
	if len(id) < len("c1-1") || id[0] != 'c' && id[0] != 'u' {
		return topic, 0, false
	}
	name, number, _ := strings.Cut(id[1:], "-")
	topic.Kind = broker.Kind(id[0])
	topic.ID, ok = parseID(name)
	if !ok {
		return topic, 0, false
	}
	sequence, err := strconv.ParseInt(number, 10, 64)
	return topic, sequence, err == nil && sequence > 0
}

// streamOf is the stream whose events a topic carries.
func streamOf(topic broker.Topic) chat.Stream {
	if topic.Kind == broker.User {
		return chat.Stream{User: chat.UserID(topic.ID)}
	}
	return chat.Stream{Channel: chat.ChannelID(topic.ID)}
}
