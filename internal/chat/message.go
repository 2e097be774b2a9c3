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

	Parent    MessageID // the message that it replies to; zero for none
	InThread  ThreadID  // the standalone thread that it was written in; zero for none
	Replies   int64     // how many messages reply to it
	Reports   int64     // how many users reported it
	EditedAt  time.Time // when its body was last changed; zero for never
	DeletedAt time.Time // when it was deleted for everybody; zero for never
	Mentions  []Mention
	Reactions []ReactionSummary // by the time of each emoji's first use
}

// NewMessage asks for a message.
type NewMessage struct {
	Channel    ChannelID // of a message that is no reply
	Parent     MessageID // the message to reply to; zero for none
	InThread   ThreadID  // the standalone thread to write in, for what is no reply; zero for none
	Type       MessageType
	Body       string
	GroupTag   string
	Properties Properties
}

// MessageFilter selects messages. The zero value selects all.
type MessageFilter struct {
	MainThread bool // leaves out replies, and messages of standalone threads
}

// Check reports what is wrong with the request. Bodies have at most bodyMax
// bytes.
func (m NewMessage) Check(bodyMax int) error {
	switch {
	case m.Type != Text:
		return Errorf(Unsupported, "messages of type %.40q can't be sent here; send TEXT", m.Type)
	case len(m.GroupTag) > GroupTagMax:
		return Errorf(Invalid, "the group tag has %d bytes; at most %d are allowed", len(m.GroupTag), GroupTagMax)
	}
	return CheckBody(m.Body, bodyMax)
}

// CheckBody reports what keeps a text from being the body of a text message of
// at most bodyMax bytes.
func CheckBody(body string, bodyMax int) error {
	switch {
	case body == "":
		return Errorf(Invalid, "a text message needs a body")
	case len(body) > bodyMax:
		return Errorf(Invalid, "the body has %d bytes; at most %d are allowed", len(body), bodyMax).Named("MessageTooLargeError")
	case !utf8.ValidString(body):
		return Errorf(Invalid, "the body is not valid UTF-8")
	}
	return nil
}

// Deleted reports whether the message was deleted for everybody. What is left
// of it is read only by its id.
func (m Message) Deleted() bool { return !m.DeletedAt.IsZero() }

// CheckPresent refuses what can't be done with a deleted message, in the words
// of one that does not exist.
func (m Message) CheckPresent() error {
	if m.Deleted() {
		return NoMessage(m.ID)
	}
	return nil
}

// CheckChange refuses every user but the author to change the body or the
// properties of a message. Zero is the application itself, which may.
func (m Message) CheckChange(by UserID) error {
	switch {
	case m.Deleted():
		return NoMessage(m.ID)
	case by == 0:
		return nil
	case m.Author == nil || m.Author.ID != by:
		return Errorf(Denied, "only its author may change message %d", m.ID)
	}
	return nil
}

// CheckEdit refuses to change a body that is not the user's, or not text.
func (m Message) CheckEdit(by UserID) error {
	if err := m.CheckChange(by); err != nil {
		return err
	}
	if m.Type != Text && m.Type != SystemText {
		return Errorf(Invalid, "message %d has no text to edit", m.ID)
	}
	return nil
}

// CheckDelete refuses everybody but the author, and moderators of the channel,
// to delete a message for everybody.
func (m Message) CheckDelete(by Membership) error {
	switch {
	case m.Deleted():
		return NoMessage(m.ID)
	case by.Moderator, m.Author != nil && m.Author.ID == by.User:
		return nil
	}
	return Errorf(Denied, "only its author or a moderator may delete message %d; anybody may delete it for themselves", m.ID)
}

// Thread is the message that replies to m reply to: m, or what m itself replies
// to. So there are two levels of messages, and no more.
func (m Message) Thread() MessageID {
	if m.Parent != 0 {
		return m.Parent
	}
	return m.ID
}
