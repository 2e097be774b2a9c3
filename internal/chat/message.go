package chat

import (
	"time"
	"unicode/utf8"
)

// MessageType says who speaks, and in what form.
type MessageType string

const (
	Text       MessageType = "TEXT"
	SystemText MessageType = "SYSTEM_TEXT"
)

// GroupTagMax bounds the tag that joins messages to one gallery, in bytes.
const GroupTagMax = 255

// Message is what a user, or the system, said in a channel.
type Message struct {
	ID          MessageID
	Application ApplicationID
	Channel     ChannelID
	Type        MessageType
	Author      *User // nil for a system message
	Body        string
	GroupTag    string
	Properties  Properties
	Sequence    int64 // its place among the durable changes of its channel
	CreatedAt   time.Time
}

// NewMessage asks for a message.
type NewMessage struct {
	Channel    ChannelID
	Type       MessageType
	Body       string
	GroupTag   string
	Properties Properties
}

// Check reports what is wrong with the request. Bodies have at most bodyMax
// bytes.
func (m NewMessage) Check(bodyMax int) error {
	switch {
	case m.Type != Text:
		return Errorf(Unsupported, "messages of type %.40q can't be sent here; send TEXT", m.Type)
	case m.Body == "":
		return Errorf(Invalid, "a text message needs a body")
	case len(m.Body) > bodyMax:
		return Errorf(Invalid, "the body has %d bytes; at most %d are allowed", len(m.Body), bodyMax).Named("MessageTooLargeError")
	case !utf8.ValidString(m.Body):
		return Errorf(Invalid, "the body is not valid UTF-8")
	case len(m.GroupTag) > GroupTagMax:
		return Errorf(Invalid, "the group tag has %d bytes; at most %d are allowed", len(m.GroupTag), GroupTagMax)
	}
	return nil
}
