package client

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"openkitty/stomp"
)

// ThreadID identifies a thread.
type ThreadID int64

// ThreadType says what the messages of a thread have in common.
type ThreadType string

const (
	MainThread       ThreadType = "MAIN"       // what is in no other thread of the channel
	MessageThread    ThreadType = "MESSAGE"    // the replies to a message
	StandaloneThread ThreadType = "STANDALONE" // under a name of its own
)

// Thread is a part of what is said in a channel. Threads come from the server,
// which puts links into them that other calls need.
type Thread struct {
	ID          ThreadID
	Type        ThreadType
	Name        string // of a standalone thread
	Properties  json.RawMessage
	CreatedTime time.Time
	links       threadLinks
}

type threadLinks struct {
	channel, parent, messages, unread     string // relays
	message, keystrokes, read             string // actions
	topicMessages, topicKeys, topicTyping string
	uploads                               string // stream
}

// NewThread asks for a thread that stands alone.
type NewThread struct {
	Name       string          `json:"name"`
	Properties json.RawMessage `json:"properties,omitempty"` // a JSON object of the application's own
}

// ThreadFilter selects threads. The zero value selects all.
type ThreadFilter struct {
	WithoutMain bool
	Standalone  bool // only those that stand alone
}

// CreateThread makes a thread that stands alone in a channel of the user's.
func (c *Client) CreateThread(ctx context.Context, channel *Channel, request NewThread) (*Thread, error) {
	thread := new(Thread)
	if err := c.act(ctx, "create a thread", channel.links.createThread, request, thread); err != nil {
		return nil, err
	}
	return thread, nil
}

// Threads lists the threads of a channel, the oldest first.
func (c *Client) Threads(ctx context.Context, channel *Channel, filter ThreadFilter) (*Page[Thread], error) {
	list := listing{what: "list threads", content: "threads", relay: channel.links.threads}
	if filter.WithoutMain {
		list.header = append(list.header, field("includeMainThread", "false"))
	}
	if filter.Standalone {
		list.header = append(list.header, field("standalone", "true"))
	}
	return fetch[Thread](ctx, c, list)
}

// ThreadMessages lists the messages of a thread, the newest first.
func (c *Client) ThreadMessages(ctx context.Context, thread *Thread) (*Page[Message], error) {
	return fetch[Message](ctx, c, listing{what: "list a thread", content: "messages", relay: thread.links.messages})
}

// ThreadChannel retrieves the channel that a thread is in.
func (c *Client) ThreadChannel(ctx context.Context, thread *Thread) (*Channel, error) {
	channel := new(Channel)
	if err := c.relay(ctx, "retrieve a thread's channel", thread.links.channel, nil, channel); err != nil {
		return nil, err
	}
	return channel, nil
}

// ThreadMessage retrieves the message whose replies a thread holds. Other threads
// have none, and the server refuses with "MessageNotFoundError".
func (c *Client) ThreadMessage(ctx context.Context, thread *Thread) (Message, error) {
	return c.retrieveMessage(ctx, "retrieve a thread's message", thread.links.parent)
}

// SendToThread says something in a thread.
func (c *Client) SendToThread(ctx context.Context, thread *Thread, message NewMessage) (Message, error) {
	request := struct {
		Type MessageType `json:"type"`
		NewMessage
	}{Text, message}
	return c.changeMessage(ctx, "send to a thread", thread.links.message, request)
}

// SendThreadKeystrokes is [Client.SendKeystrokes] for a thread.
func (c *Client) SendThreadKeystrokes(ctx context.Context, thread *Thread, keys string) error {
	request := struct {
		Keys string `json:"keys"`
	}{keys}
	return c.show(ctx, "send keystrokes to a thread", thread.links.keystrokes, request)
}

// ReadThread says that the user has read a thread to its end.
func (c *Client) ReadThread(ctx context.Context, thread *Thread) error {
	return c.act(ctx, "read a thread", thread.links.read, struct{}{}, nil)
}

// CheckThreadUnread reports whether somebody else had the last word in a thread
// since the user read it.
func (c *Client) CheckThreadUnread(ctx context.Context, thread *Thread) (bool, error) {
	var unread exists
	err := c.relay(ctx, "check a thread", thread.links.unread, nil, &unread)
	return bool(unread), err
}

// ThreadHandlers hear what happens in one thread, as [ChatHandlers] do in the
// channel.
type ThreadHandlers struct {
	OnMessage        func(Message)
	OnMessageUpdated func(Message)
	OnMessageDeleted func(Message)
	OnKeystrokes     func(Keystrokes)
	OnTypingStarted  func(User)
	OnTypingStopped  func(User)
}

// SetThread has handlers hear what happens in a thread of the chat's channel,
// until another is set, or the chat ends. The chat's own handlers go on hearing
// of everything in the channel. A nil thread only ends the one before.
func (chat *Chat) SetThread(ctx context.Context, thread *Thread, on ThreadHandlers) error {
	chat.setThread(nil)
	if thread == nil {
		return nil
	}
	c, links := chat.client, &thread.links
	subs := listening(
		c.newSubscription(links.topicMessages,
			listen("thread.message.created", on.OnMessage),
			listen("thread.message.updated", on.OnMessageUpdated),
			listen("channel.message.deleted", on.OnMessageDeleted)),
		c.newSubscription(links.topicKeys, listen("thread.keystrokes.created", on.OnKeystrokes)),
		c.newSubscription(links.topicTyping,
			listen("thread.typing.started", on.OnTypingStarted),
			listen("thread.typing.stopped", on.OnTypingStopped)),
	)
	if err := c.subscribe(ctx, subs...); err != nil {
		return fmt.Errorf("set a thread: %w", err)
	}
	chat.setThread(subs)
	return nil
}

// setThread replaces the subscriptions to the chat's thread. A chat that has
// ended keeps none.
func (chat *Chat) setThread(subs []*subscription) {
	chat.mu.Lock()
	before := chat.thread
	chat.thread = subs
	if chat.ended {
		chat.thread = nil
		before = append(before, subs...)
	}
	chat.mu.Unlock()
	chat.client.unsubscribe(before...)
}

func (t *Thread) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "id":
			t.ID = ThreadID(c.int())
		case "type":
			t.Type = ThreadType(c.string())
		case "name":
			t.Name = c.string()
		case "properties":
			t.Properties = c.raw()
		case "createdTime":
			t.CreatedTime = c.time()
		case "_relays", "_actions", "_topics", "_streams":
			kind := string(key)
			c.links(func(name []byte) *string { return t.links.named(kind, string(name)) })
		default:
			c.skip()
		}
	})
}

// named says where a link of a kind goes, nil if nowhere.
func (l *threadLinks) named(kind, name string) *string {
	return map[string]*string{
		"_relays.channel":     &l.channel,
		"_relays.message":     &l.parent,
		"_relays.messages":    &l.messages,
		"_relays.unread":      &l.unread,
		"_actions.message":    &l.message,
		"_actions.keystrokes": &l.keystrokes,
		"_actions.read":       &l.read,
		"_topics.messages":    &l.topicMessages,
		"_topics.keystrokes":  &l.topicKeys,
		"_topics.typing":      &l.topicTyping,
		"_streams.messages":   &l.uploads,
	}[kind+"."+name]
}

// AllMessages lists the messages of all of the user's channels, the newest first.
func (c *Client) AllMessages(ctx context.Context) (*Page[Message], error) {
	return fetch[Message](ctx, c, listing{what: "list all messages", content: "messages", relay: c.CurrentUser().links.messages})
}

// ChannelContext is a stretch of a channel's messages: from the newer to the
// older, at most 100. Both are zero if there are none.
type ChannelContext struct{ Start, End MessageID }

// RetrieveChannelContext retrieves the stretch of a channel between two messages,
// in whichever order. With one of them zero it is a page from the other on, and
// with both the newest page.
func (c *Client) RetrieveChannelContext(ctx context.Context, channel *Channel, start, end MessageID) (ChannelContext, error) {
	var found ChannelContext
	var header stomp.Header
	for _, cursor := range []struct {
		name string
		id   MessageID
	}{{"startCursor", start}, {"endCursor", end}} {
		if cursor.id != 0 {
			header = append(header, field(cursor.name, fmt.Sprint(int64(cursor.id))))
		}
	}
	err := c.relay(ctx, "retrieve a channel's context", channel.links.context, header, &found)
	return found, err
}

func (cc *ChannelContext) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "startCursor":
			cc.Start = c.messageCursor()
		case "endCursor":
			cc.End = c.messageCursor()
		default:
			c.skip()
		}
	})
}

// messageCursor reads the id of a message as text, empty for none.
func (c *cursor) messageCursor() (id MessageID) {
	if text := c.string(); text != "" {
		if _, err := fmt.Sscan(text, &id); err != nil {
			c.fail("the id of a message")
		}
	}
	return id
}
