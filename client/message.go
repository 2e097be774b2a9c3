package client

import (
	"context"
	"encoding/json"
	"time"
)

// MessageID identifies a message.
type MessageID int64

// MessageType says who speaks, and in what form.
type MessageType string

const (
	Text       MessageType = "TEXT"
	SystemText MessageType = "SYSTEM_TEXT"
)

// Message is what a user, or the system, said in a channel.
type Message struct {
	ID          MessageID
	Type        MessageType
	ChannelID   ChannelID
	Body        string
	User        *User // the author; nil for a system message
	GroupTag    string
	Properties  json.RawMessage // the application's own JSON object
	CreatedTime time.Time

	LastEditedTime time.Time // zero if it was never edited
	NestedLevel    int       // 1 for a reply, and 0 for other messages
	RepliesCount   int64
	ReportCount    int64
	Mentions       []Mention
	Links          []Link
	Reactions      []ReactionSummary
	File           *File // of a message that is one
	links          messageLinks
}

// NewMessage asks for a text message.
type NewMessage struct {
	Body       string          `json:"body"`
	GroupTag   string          `json:"groupTag,omitempty"`   // joins messages to one gallery
	Properties json.RawMessage `json:"properties,omitempty"` // a JSON object of the application's own
}

// Keystrokes are what a participant is typing.
type Keystrokes struct {
	Username string
	Keys     string
}

// SendMessage says something in a channel, whether or not a chat is started
// there. When it returns without an error, the server has stored the message.
func (c *Client) SendMessage(ctx context.Context, channel *Channel, message NewMessage) (Message, error) {
	request := struct {
		Type MessageType `json:"type"`
		NewMessage
	}{Text, message}
	var sent Message
	if err := c.act(ctx, "send a message", channel.links.message, request, &sent); err != nil {
		return Message{}, err
	}
	return sent, nil
}

// Messages lists the messages of a channel, the newest first.
func (c *Client) Messages(ctx context.Context, channel *Channel) (*Page[Message], error) {
	return fetch[Message](ctx, c, listing{what: "list messages", content: "messages", relay: channel.links.messages})
}

// SendKeystrokes shows the others in a channel what the user is typing; the
// server makes typing events of it. Some six times a second are enough.
func (c *Client) SendKeystrokes(ctx context.Context, channel *Channel, keys string) error {
	request := struct {
		Keys string `json:"keys"`
	}{keys}
	return c.show(ctx, "send keystrokes", channel.links.keystrokes, request)
}

func (m *Message) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "id":
			m.ID = MessageID(c.int())
		case "type":
			m.Type = MessageType(c.string())
		case "channelId":
			m.ChannelID = ChannelID(c.int())
		case "body":
			m.Body = c.string()
		case "user":
			m.User = readOptional[User](c)
		case "groupTag":
			m.GroupTag = c.string()
		case "properties":
			m.Properties = c.raw()
		case "createdTime":
			m.CreatedTime = c.time()
		default:
			m.readMore(c, key)
		}
	})
}

func (k *Keystrokes) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "username":
			k.Username = c.string()
		case "keys":
			k.Keys = c.string()
		default:
			c.skip()
		}
	})
}
