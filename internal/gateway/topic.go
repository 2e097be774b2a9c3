package gateway

import (
	"strconv"
	"strings"

	"openkitty/internal/broker"
)

// aspect is a part of what happens to a user or in a channel: each has a topic
// of its own.
type aspect uint8

const (
	aspectSelf aspect = iota
	aspectChannels
	aspectNotifications
	aspectContacts
	aspectParticipants
	aspectMessages
	aspectUsers
	aspectReactions
	aspectThreads
	aspectCalls
	aspectReadReceipts
	aspectElements
	aspectFeatures
	aspectStyles
	aspectKeystrokes
	aspectTyping
	aspectEvents
	aspectMembers
	aspectBlockRecords
	aspectModerators
)

// aspectNames are the ends of topics, after a dot; aspectSelf has none.
var aspectNames = [...]string{
	"", "channels", "notifications", "contacts", "participants", "messages", "users", "reactions",
	"threads", "calls", "readReceipts", "elements", "features", "styles",
	"keystrokes", "typing", "events", "members", "blockRecords", "moderators",
}

// appendTopic writes the destination of a topic, as /topic/channels/7.messages.
func appendTopic(dst []byte, topic broker.Topic, a aspect) []byte {
	if topic.Kind == broker.User {
		dst = append(dst, userTopic...)
	} else {
		dst = append(dst, channelTopic...)
	}
	dst = strconv.AppendInt(dst, topic.ID, 10)
	if a != aspectSelf {
		dst = append(append(dst, '.'), aspectNames[a]...)
	}
	return dst
}

// parseTopic undoes appendTopic.
func parseTopic(destination string) (topic broker.Topic, a aspect, ok bool) {
	rest, isUser := strings.CutPrefix(destination, userTopic)
	topic.Kind = broker.User
	if !isUser {
		if rest, ok = strings.CutPrefix(destination, channelTopic); !ok {
			return topic, 0, false
		}
		topic.Kind = broker.Channel
	}
	id, name, dotted := strings.Cut(rest, ".")
	if topic.ID, ok = parseID(id); !ok {
		return topic, 0, false
	}
	if !dotted {
		return topic, aspectSelf, true
	}
	for i, known := range aspectNames {
		if i > 0 && known == name {
			return topic, aspect(i), true
		}
	}
	return topic, 0, false
}

// parseID reads an id as the server writes it.
func parseID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0 && text[0] != '+' && text[0] != '0'
}
