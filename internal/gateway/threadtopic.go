package gateway

import (
	"strconv"
	"strings"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

// threadTopic is a topic of one thread. All that happens in a thread is an event
// of its channel, and whoever listens to a thread follows the channel, in its
// order and for as long as they are a member: the topic only leaves out the rest.
type threadTopic struct {
	id      chat.ThreadID
	channel chat.ChannelID
	aspect  aspect
	key     int64 // of its events; see threadKey
}

// threadKey is the number that the events of a thread carry.
func threadKey(place chat.ThreadPlace) int64 {
	switch {
	case place.Message != 0:
		return int64(place.Message) << 1
	case place.Standalone != 0:
		return int64(place.Standalone)<<1 | 1
	default:
		return -1
	}
}

// threadTopic reads the destination of a thread's topic, as
// /topic/threads/9.messages; nil for other destinations.
func (s *session) threadTopic(destination string) (*threadTopic, error) {
	rest, ok := strings.CutPrefix(destination, threadTopics)
	if !ok {
		return nil, nil
	}
	// What follows the id is as of a channel.
	topic, a, ok := parseTopic(channelTopic + rest)
	if !ok {
		return nil, nil
	}
	thread, err := s.g.engine.Thread(s.ctx, s.actor, chat.ThreadID(topic.ID))
	if err != nil {
		return nil, err
	}
	return &threadTopic{id: thread.ID, channel: thread.Channel, aspect: a, key: threadKey(thread.Place())}, nil
}

// appendTo writes the topic's destination for an aspect.
func (t *threadTopic) appendTo(dst []byte, a aspect) []byte {
	dst = strconv.AppendInt(append(dst, threadTopics...), int64(t.id), 10)
	if a != aspectSelf {
		dst = append(append(dst, '.'), aspectNames[a]...)
	}
	return dst
}

// threadType is the event's name on the topic of its thread, where messages kept
// their older names.
func (e *event) threadType() string {
	if e.Types[0] != "" {
		return e.Types[0]
	}
	return e.Types[1]
}

// publishInThread is publishFrom for what a user does in a thread of a channel.
func (g *Gateway) publishInThread(user chat.User, channel chat.ChannelID, thread chat.ThreadPlace, t eventType, resource func() []byte) {
	g.publish(toChannel(channel), t, position{}, chat.Cause{}, func(p *broker.Publication) {
		p.Except, p.Thread, p.Resource = int64(user.ID), threadKey(thread), resource()
	})
}
