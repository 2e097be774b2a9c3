package client

import (
	"context"
	"strconv"
	"time"

	"openkitty/stomp"
)

// ReadReceipt says that a user has read a message, and with it all before it.
type ReadReceipt struct {
	User        User
	CreatedTime time.Time // when the user last read on in the channel
	MessageID   MessageID // of the message that it is of
	message     string    // relay
}

// NotificationType says why a user is notified.
type NotificationType string

const (
	MessageSent       NotificationType = "USER:SENT:MESSAGE"
	SystemMessageSent NotificationType = "SYSTEM:SENT:MESSAGE"
	MessageReplied    NotificationType = "USER:REPLIED_TO:MESSAGE" // to one of the user's
	UserMentioned     NotificationType = "USER:MENTIONED:USER"     // the user
	ChannelMentioned  NotificationType = "USER:MENTIONED:CHANNEL"  // one that the user is a member of
)

// ReadMessage says that the current user has read a message, and all before it
// in its channel.
func (c *Client) ReadMessage(ctx context.Context, message Message) error {
	return c.act(ctx, "read a message", message.links.action("read"), struct{}{}, nil)
}

// UnreadMessage makes a message, and all after it in its channel, unread again.
func (c *Client) UnreadMessage(ctx context.Context, message Message) error {
	return c.act(ctx, "unread a message", message.links.action("unread"), struct{}{}, nil)
}

// ReadChannel says that the current user has read all messages of a channel.
func (c *Client) ReadChannel(ctx context.Context, channel *Channel) error {
	return c.act(ctx, "read a channel", channel.ID.destination(".read"), struct{}{}, nil)
}

// CheckChannelUnread reports whether a channel has messages that the current
// user has not read. Own messages never count, nor what came before one.
func (c *Client) CheckChannelUnread(ctx context.Context, channel *Channel) (bool, error) {
	var answer exists
	err := c.relay(ctx, "look for unread messages", channel.ID.destination(".unread.relay"), nil, &answer)
	return bool(answer), err
}

// CountUnreadMessages counts the messages that the current user has not read: of
// a channel, or if that is nil of all channels that the user is a member of.
func (c *Client) CountUnreadMessages(ctx context.Context, channel *Channel) (int64, error) {
	relay := c.CurrentUser().ID.destination(".unread_messages_count.relay")
	if channel != nil {
		relay = channel.ID.destination(".messages_count.relay")
	}
	var n count
	err := c.relay(ctx, "count unread messages", relay, stomp.Header{field("unread", "true")}, &n)
	return int64(n), err
}

// CountUnreadChannels counts the channels in which the current user has not read
// everything; of one type, or if that is empty of all.
func (c *Client) CountUnreadChannels(ctx context.Context, only ChannelType) (int64, error) {
	header := stomp.Header{field("unread", "true")}
	if only != "" {
		header = append(header, field("type", string(only)))
	}
	var n count
	err := c.relay(ctx, "count unread channels", c.CurrentUser().ID.destination(".channels_count.relay"), header, &n)
	return int64(n), err
}

// LastReadMessage retrieves the newest message of a channel that a member has
// read. If there is none, it fails with an [Error] named MessageNotFoundError.
func (c *Client) LastReadMessage(ctx context.Context, channel *Channel, username string) (Message, error) {
	var message Message
	header := stomp.Header{field("username", username)}
	err := c.relay(ctx, "retrieve the last read message", channel.ID.destination(".last_read_message.relay"), header, &message)
	return message, err
}

// ReadReceipts lists who has read a message, its author left out.
func (c *Client) ReadReceipts(ctx context.Context, message Message) (*Page[ReadReceipt], error) {
	return fetch[ReadReceipt](ctx, c, listing{what: "list read receipts", content: "receipts", relay: message.links.relay("readReceipts")})
}

// ReadReceiptMessage retrieves the message that a receipt is of.
func (c *Client) ReadReceiptMessage(ctx context.Context, receipt ReadReceipt) (Message, error) {
	return c.retrieveMessage(ctx, "retrieve a receipt's message", receipt.message)
}

// destination is where a channel is served.
func (id ChannelID) destination(suffix string) string {
	return "/application/channels/" + strconv.FormatInt(int64(id), 10) + suffix
}

func (r *ReadReceipt) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "user":
			r.User.read(c)
		case "createdTime":
			r.CreatedTime = c.time()
		case "_relays":
			c.links(func(key []byte) *string {
				if string(key) == "message" {
					return &r.message
				}
				return nil
			})
			r.MessageID = messageOf(r.message)
		default:
			c.skip()
		}
	})
}

// readData reads of a notification's data what all types have.
func (n *Notification) readData(c *cursor) {
	n.Data = c.raw()
	data := cursor{text: n.Data}
	data.object(func(key []byte) {
		switch string(key) {
		case "type":
			n.Type = NotificationType(data.string())
		case "message":
			n.Message = readOptional[Message](&data)
		default:
			data.skip()
		}
	})
	if data.err != nil && c.err == nil {
		c.err = data.err
	}
}
