package client

import (
	"context"
	"encoding/json"
)

// Mention is a part of a body that names a user, as "<@jane>", or a channel, as
// "<#general>". Positions count UTF-16 code units, as JavaScript does; the end is
// exclusive.
type Mention struct {
	Tag                        string // as it stands in the body
	StartPosition, EndPosition int
	User                       *User    // nil if a channel is mentioned
	Channel                    *Channel // nil if a user is mentioned
}

// Link is a web address in a body. Positions are those of [Mention].
type Link struct {
	Source                     string
	StartPosition, EndPosition int
	Preview                    *LinkPreview // nil if there is none, or none yet
}

// messageLinks are the strings by which a message is served. Few messages are
// asked for them, so they are kept as they came.
type messageLinks struct{ relays, actions, streams json.RawMessage }

func (l messageLinks) relay(name string) string  { return linkIn(l.relays, name) }
func (l messageLinks) action(name string) string { return linkIn(l.actions, name) }

// linkIn finds a link by name; empty if it is not there.
func linkIn(links []byte, name string) (found string) {
	c := cursor{text: links}
	if len(links) == 0 {
		return ""
	}
	c.links(func(key []byte) *string {
		if string(key) == name {
			return &found
		}
		return nil
	})
	return found
}

// IsReply reports whether the message replies to another.
func (m Message) IsReply() bool { return m.NestedLevel > 0 }

// Reply replies to a message. A reply to a reply goes to the message that both
// belong to.
func (c *Client) Reply(ctx context.Context, to Message, message NewMessage) (Message, error) {
	request := struct {
		Type MessageType `json:"type"`
		NewMessage
	}{Text, message}
	return c.changeMessage(ctx, "reply to a message", to.links.action("reply"), request)
}

// Replies lists the replies to a message, the newest first.
func (c *Client) Replies(ctx context.Context, message Message) (*Page[Message], error) {
	return fetch[Message](ctx, c, listing{what: "list replies", content: "messages", relay: message.links.relay("replies")})
}

// CountReplies counts the replies to a message, as of now: the message itself
// says how many there were when it was read.
func (c *Client) CountReplies(ctx context.Context, message Message) (int64, error) {
	var n count
	err := c.relay(ctx, "count replies", message.links.relay("repliesCount"), nil, &n)
	return int64(n), err
}

// MainThread lists the messages of a channel that are no replies, the newest
// first.
func (c *Client) MainThread(ctx context.Context, channel *Channel) (*Page[Message], error) {
	list := listing{what: "list the main thread", content: "messages", relay: channel.links.messages}
	list.header = append(list.header, field("mainThread", "true"))
	return fetch[Message](ctx, c, list)
}

// Parent retrieves the message that a reply replies to, without a body if that
// was deleted. For other messages it fails with [ErrNotOffered].
func (c *Client) Parent(ctx context.Context, reply Message) (Message, error) {
	return c.retrieveMessage(ctx, "retrieve a parent", reply.links.relay("parent"))
}

// MessageChannel retrieves the channel that a message is in.
func (c *Client) MessageChannel(ctx context.Context, message Message) (*Channel, error) {
	channel := new(Channel)
	relay := message.links.relay("channel")
	if err := c.relay(ctx, "retrieve a message's channel", relay, nil, channel); err != nil {
		return nil, err
	}
	return channel, nil
}

// EditMessage gives a message of the current user's another body.
func (c *Client) EditMessage(ctx context.Context, message Message, body string) (Message, error) {
	request := struct {
		Body string `json:"body"`
	}{body}
	return c.changeMessage(ctx, "edit a message", message.links.action("edit"), request)
}

// UpdateMessageProperties replaces the properties of a message of the current
// user's by another JSON object.
func (c *Client) UpdateMessageProperties(ctx context.Context, message Message, properties json.RawMessage) (Message, error) {
	request := struct {
		Properties json.RawMessage `json:"properties"`
	}{properties}
	return c.changeMessage(ctx, "update a message's properties", message.links.action("updateProperties"), request)
}

// DeleteMessage deletes a message for everybody. Its author may, and the
// moderators of the channel.
func (c *Client) DeleteMessage(ctx context.Context, message Message) error {
	_, err := c.changeMessage(ctx, "delete a message", message.links.action("delete"), struct{}{})
	return err
}

// DeleteMessageForMe takes a message from the lists of the current user.
func (c *Client) DeleteMessageForMe(ctx context.Context, message Message) error {
	_, err := c.changeMessage(ctx, "delete a message for me", message.links.action("deleteForMe"), struct{}{})
	return err
}

func (c *Client) changeMessage(ctx context.Context, what, action string, request any) (Message, error) {
	var changed Message
	if err := c.act(ctx, what, action, request, &changed); err != nil {
		return Message{}, err
	}
	return changed, nil
}

func (c *Client) retrieveMessage(ctx context.Context, what, relay string) (Message, error) {
	var message Message
	if err := c.relay(ctx, what, relay, nil, &message); err != nil {
		return Message{}, err
	}
	return message, nil
}

// readMore reads what most users of a message do without.
func (m *Message) readMore(c *cursor, key []byte) {
	switch string(key) {
	case "lastEditedTime":
		m.LastEditedTime = c.time()
	case "nestedLevel":
		m.NestedLevel = int(c.int())
	case "repliesCount":
		m.RepliesCount = c.int()
	case "reportCount":
		m.ReportCount = c.int()
	case "mentions":
		m.Mentions = readList[Mention](c)
	case "links":
		m.Links = readList[Link](c)
	case "reactions":
		m.Reactions = readList[ReactionSummary](c)
	case "_relays":
		m.links.relays = c.raw()
	case "_actions":
		m.links.actions = c.raw()
	case "_streams":
		m.links.streams = c.raw()
	case "file":
		m.File = readOptional[File](c)
	default:
		c.skip()
	}
}

func (m *Mention) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "tag":
			m.Tag = c.string()
		case "startPosition":
			m.StartPosition = int(c.int())
		case "endPosition":
			m.EndPosition = int(c.int())
		case "user":
			m.User = readOptional[User](c)
		case "channel":
			m.Channel = readOptional[Channel](c)
		default:
			c.skip()
		}
	})
}

func (l *Link) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "source":
			l.Source = c.string()
		case "startPosition":
			l.StartPosition = int(c.int())
		case "endPosition":
			l.EndPosition = int(c.int())
		case "preview":
			l.Preview = readOptional[LinkPreview](c)
		default:
			c.skip()
		}
	})
}
