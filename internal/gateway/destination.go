package gateway

import (
	"strings"

	"openkitty/internal/chat"
	"openkitty/stomp"
)

// Destinations below /application are relays and actions. They are written as a
// subject and a name, as /application/channels/7.messages.relay, with or without
// the /v1 of older SDKs, and mean the same either way.

// noun is what a destination is about.
type noun string

const (
	ofUser    noun = "users"
	ofChannel noun = "channels"
	ofMessage noun = "messages"
	ofThread  noun = "threads"
	ofBlock   noun = "block_records" // of channels
)

// route is a destination without the id of its subject.
type route struct {
	noun noun
	name string
}

// request is a relay or an action of a session.
type request struct {
	*session
	id     int64 // of the subject
	header stomp.Header

	// Of a relay.
	list    string // the destination without options, to write those of other pages
	options pageOptions

	// Of an action.
	asker chat.Actor // the actor, with what to answer
	body  []byte
}

func (r *request) userID() chat.UserID       { return chat.UserID(r.id) }
func (r *request) channelID() chat.ChannelID { return chat.ChannelID(r.id) }
func (r *request) messageID() chat.MessageID { return chat.MessageID(r.id) }
func (r *request) threadID() chat.ThreadID   { return chat.ThreadID(r.id) }

// parameter returns a header of a relay. SDKs write missing values as text.
func (r *request) parameter(name string) string {
	switch value := r.header.Get(name); value {
	case "undefined", "null":
		return ""
	default:
		return value
	}
}

const applicationBase = "/application/"

// isApplication reports whether a destination is a relay. So is the empty one,
// which chatkitty 1.1 asks for when it is given a user without an id.
func isApplication(destination string) bool {
	return destination == "" || strings.HasPrefix(destination, applicationBase)
}

// locate splits a destination into its route, the id of its subject and, of a
// relay, its options.
func (s *session) locate(destination string, isRelay bool) (at route, id int64, options string, err error) {
	unknown := chat.Errorf(chat.NotFound, "there is no destination %s", quoted(destination)).Named("UnknownDestinationError")
	path, ok := strings.CutPrefix(destination, applicationBase)
	if !ok {
		return at, 0, "", unknown
	}
	path = strings.TrimPrefix(path, "v1/")
	subject, name, _ := strings.Cut(path, ".")
	at.name = name
	if isRelay {
		if at.name, options, ok = cutRelay(name); !ok {
			return at, 0, "", unknown
		}
	}
	if subject == "user" || subject == "users/me" {
		at.noun = ofUser
		return at, int64(s.actor.User), options, nil
	}
	kind, text, _ := strings.Cut(subject, "/")
	at.noun = noun(kind)
	if id, ok = parseID(text); !ok {
		return at, 0, "", noSubject(at.noun, text, unknown)
	}
	return at, id, options, nil
}

// cutRelay splits "messages.relay.size..sort." into its name and options.
func cutRelay(text string) (name, options string, ok bool) {
	if options, ok = strings.CutPrefix(text, "relay"); ok {
		return "", options, true
	}
	return strings.Cut(text, ".relay")
}

// noSubject is the refusal of an id that can't be one, in the words for an id
// that is not there: applications pass on what they are given.
func noSubject(of noun, id string, unknown error) error {
	switch of {
	case ofUser:
		return chat.NoUser(quoted(id))
	case ofChannel:
		return chat.Errorf(chat.NotFound, "there is no channel %s", quoted(id)).Named("ChannelNotFoundError")
	case ofMessage:
		return chat.Errorf(chat.NotFound, "there is no message %s", quoted(id)).Named("MessageNotFoundError")
	case ofThread:
		return chat.Errorf(chat.NotFound, "there is no thread %s", quoted(id)).Named("ThreadNotFoundError")
	default:
		return unknown
	}
}
