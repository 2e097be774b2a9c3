package gateway

import (
	"slices"
	"strings"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
	"openkitty/stomp"
)

// Bounds on what a client names, in bytes. They are kept as long as the session.
const idMax = 128

// subscribe serves a SUBSCRIBE frame: a relay, the queue of errors, or a topic.
func (s *session) subscribe(frame stomp.Frame) error {
	id := frame.Header.Get("id")
	if id == "" || len(id) > idMax {
		return refusal("SUBSCRIBE needs an id of at most 128 bytes")
	}
	destination := frame.Header.Get("destination")
	switch {
	case destination == "/user/queue/errors", destination == "/user/queue/v1/errors":
		s.errors = strings.Clone(id)
		s.receipt(frame)
	case isApplication(destination):
		s.relay(id, destination, frame.Header)
		s.receipt(frame)
	default:
		s.listen(id, destination, frame)
	}
	return nil
}

// listen subscribes to a topic. A topic that is unknown or another's is left
// alone without an error: some SDKs subscribe to the text "undefined", and to
// the topics of the user they were before.
func (s *session) listen(id, destination string, frame stomp.Frame) {
	topic, a, known := parseTopic(destination)
	thread, err := s.threadTopic(destination)
	if err != nil {
		s.refuseTopic(id, frame, err)
		return
	}
	if thread != nil {
		topic, a, known = toChannel(thread.channel), thread.aspect, true
	}
	if !known || topic.Kind == broker.User && topic.ID != int64(s.actor.User) {
		s.receipt(frame)
		return
	}
	f := s.following(topic)
	if f == nil {
		if f, err = s.follow(topic); err != nil {
			s.refuseTopic(id, frame, err)
			return
		}
	}
	if s.subscriptions() >= s.g.limits.Subscriptions {
		s.refuseTopic(id, frame, chat.Errorf(chat.Limited, "a session has at most %d subscriptions",
			s.g.limits.Subscriptions).Named("TooManySubscriptionsError"))
		return
	}
	sub := subscription{
		aspect: a,
		ack:    strings.HasPrefix(frame.Header.Get("ack"), "client"),
		id:     newSubscriptionID(id),
		thread: thread,
	}
	if err := s.recognise(topic, a, sub.id); err != nil {
		s.refuseTopic(id, frame, err)
		return
	}
	made := s.g.hub.subscribe(f, sub)
	if made.added {
		s.g.metrics.subscriptions.Inc()
	}
	s.confirm(frame, made)
	if made.added && topic.Kind == broker.User && chatUIParts[a] != "" {
		if err := s.showChatUI(&sub); err != nil {
			s.fail("subscription-id", id, err)
		}
	}
	// Others that are behind may have arrived with this one: they read together.
	s.lacks = s.lacks || made.changes > 0
}

// refuseTopic answers a subscription that can't be had. There is no receipt: SDKs
// subscribe to the rest of a channel's topics only after one.
func (s *session) refuseTopic(id string, frame stomp.Frame, err error) {
	// Other users' and applications' channels are left alone like unknown topics.
	if chat.IsKind(err, chat.NotFound) {
		s.receipt(frame)
		return
	}
	s.fail("subscription-id", id, err)
}

// follow begins to listen to a user or a channel. Listening to a channel is a
// chat session.
//
// The follower is there before the engine is asked whether it may be: whoever
// loses the membership after the answer loses the follower too.
func (s *session) follow(topic broker.Topic) (*follower, error) {
	f := s.g.hub.follow(s, topic)
	if topic.Kind == broker.Channel {
		if err := s.startChat(chat.ChannelID(topic.ID)); err != nil {
			s.g.hub.unfollow(f)
			return nil, err
		}
	}
	latest, err := s.g.engine.Sequence(s.ctx, s.actor, streamOf(topic))
	if err != nil {
		s.unfollow(f)
		return nil, err
	}
	s.mu.Lock()
	ended := f.ended || s.detached
	if !ended {
		f.seen = max(f.seen, latest)
		s.follows = append(s.follows, f)
	}
	s.mu.Unlock()
	if ended {
		s.unfollow(f)
		return nil, chat.NoChannel(chat.ChannelID(topic.ID))
	}
	return f, nil
}

func (s *session) startChat(channel chat.ChannelID) error {
	settings, err := s.g.engine.Settings(s.ctx, s.actor.Application)
	if err != nil {
		return err
	}
	if s.chats() >= settings.MaxChatSessions {
		return chat.Errorf(chat.Limited, "a device has at most %d chat sessions; end one first",
			settings.MaxChatSessions).Named("TooManyChatSessionsError")
	}
	if err := s.g.engine.StartChat(s.ctx, s.actor, channel); err != nil {
		return err
	}
	s.listed.BeginChat(channel)
	s.past.takeOver(s.g.engine, channel)
	return nil
}

// chats counts the channels that the session listens to.
func (s *session) chats() (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.follows {
		if f.topic.Kind == broker.Channel {
			count++
		}
	}
	return count
}

func (s *session) following(topic broker.Topic) *follower {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.follows {
		if f.topic == topic {
			return f
		}
	}
	return nil
}

// subscriptions counts the standing ones.
func (s *session) subscriptions() (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.follows {
		count += len(f.subscriptions)
	}
	return count
}

// unsubscribe ends a subscription, and with the last of a channel the chat
// session. Ids that are unknown, or those of relays, are left alone.
func (s *session) unsubscribe(id string) {
	if id == s.errors {
		s.errors = ""
		return
	}
	known := newSubscriptionID(id)
	f, last := s.removeSubscription(known)
	if f == nil {
		return
	}
	s.g.metrics.subscriptions.Dec()
	if last {
		s.unfollow(f)
	}
}

// removeSubscription removes the subscription of an id, and with the last of a
// follower the follower. It returns whose it was, or nil.
func (s *session) removeSubscription(id subscriptionID) (f *follower, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.follows {
		if !f.remove(id) {
			continue
		}
		if len(f.subscriptions) > 0 {
			return f, false
		}
		s.follows = slices.Delete(s.follows, i, i+1)
		return f, true
	}
	return nil, false
}
