package chat

import (
	"time"
	"unicode/utf8"
)

// MessageType says who speaks, and in what form.
type MessageType string

const (
	Text        MessageType = "TEXT"
	FileMessage MessageType = "FILE"
	SystemText  MessageType = "SYSTEM_TEXT"
	SystemFile  MessageType = "SYSTEM_FILE"
)

// OfSystem is the type of what the application says in a form.
func (t MessageType) OfSystem() MessageType {
	if t == FileMessage {
		return SystemFile
	}
	return SystemText
}

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
	Number      int64 // 1, 2, 3, … within its channel, without gaps; deleted messages keep theirs
	CreatedAt   time.Time

	Parent    MessageID // the message that it replies to; zero for none
	InThread  ThreadID  // the standalone thread that it was written in; zero for none
	Replies   int64     // how many messages reply to it
	Reports   int64     // how many users reported it
	EditedAt  time.Time // when its body was last changed; zero for never
	DeletedAt time.Time // when it was deleted for everybody; zero for never
	Mentions  []Mention
	Reactions []ReactionSummary // by the time of each emoji's first use
	File      *File             // of a message that is one; nil once it is deleted
	Previews  []LinkPreview     // of links in the body, or that were in it
}

// NewMessage asks for a message.
type NewMessage struct {
	Channel    ChannelID // of a message that is no reply
	Parent     MessageID // the message to reply to; zero for none
	InThread   ThreadID  // the standalone thread to write in, for what is no reply; zero for none
	Type       MessageType
	Body       string
	File       *File // of a message that is one
	GroupTag   string
	Properties Properties
	Key        string // under which a repeated request is known as the same; empty for none
}

// MessageFilter selects messages. The zero value selects all.
type MessageFilter struct {
	MainThread bool // leaves out replies, and messages of standalone threads
	Files      bool // leaves out messages that are no files
}

// Check reports what is wrong with the request. Bodies have at most bodyMax
// bytes.
func (m NewMessage) Check(bodyMax int) error {
	if len(m.Key) > KeyMax {
		return Errorf(Invalid, "the idempotency key has %d bytes; at most %d are allowed", len(m.Key), KeyMax)
	}
	if len(m.GroupTag) > GroupTagMax {
		return Errorf(Invalid, "the group tag has %d bytes; at most %d are allowed", len(m.GroupTag), GroupTagMax)
	}
	switch m.Type {
	case Text:
		return CheckBody(m.Body, bodyMax)
	case FileMessage:
		return m.checkFile()
	}
	return Errorf(Unsupported, "messages of type %.40q can't be sent here; send TEXT or FILE", m.Type)
}

// checkFile reports what keeps the request from being a message that is a file.
func (m NewMessage) checkFile() error {
	switch {
	case m.File == nil:
		return Errorf(Invalid, "a file message needs a file: upload it, or give its url, name, contentType and size")
	case m.Body != "":
		return Errorf(Invalid, "a file message has no body; send the text as a message of its own")
	case m.File.Hosted():
		return nil
	}
	return m.File.Check()
}

// IsFile reports whether the message is a file.
func (m Message) IsFile() bool { return m.Type == FileMessage || m.Type == SystemFile }

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
