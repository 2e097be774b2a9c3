package client

import (
	"context"
	"encoding/json"
	"time"
)

// ChannelBlock keeps a user out of a group.
type ChannelBlock struct {
	User        User
	CreatedTime time.Time
	links       struct{ remove string }
}

// BlockChannelUser ends a user's membership of a group and keeps them from coming
// back: they can't join, nobody can invite them, and they don't find the group
// among those to join. Moderators may do this. Blocking again changes nothing.
func (c *Client) BlockChannelUser(ctx context.Context, channel *Channel, user UserRef) (ChannelBlock, error) {
	var block ChannelBlock
	err := c.act(ctx, "block a user in a channel", channel.links.block, user, &block)
	return block, err
}

// UnblockChannelUser ends a block. The user is no member again by that.
func (c *Client) UnblockChannelUser(ctx context.Context, block ChannelBlock) error {
	return c.act(ctx, "unblock a user in a channel", block.links.remove, struct{}{}, new(ChannelBlock))
}

// ChannelBlocks lists who is blocked in a group of the user's, the latest first,
// whose display name contains the filter.
func (c *Client) ChannelBlocks(ctx context.Context, channel *Channel, displayName string) (*Page[ChannelBlock], error) {
	list := listing{what: "list blocks in a channel", content: "records", relay: channel.links.blockRecords}
	if displayName != "" {
		list.header = append(list.header, field("displayName", displayName))
	}
	return fetch[ChannelBlock](ctx, c, list)
}

func (b *ChannelBlock) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "user":
			b.User.read(c)
		case "createdTime":
			b.CreatedTime = c.time()
		case "_actions":
			c.links(func(key []byte) *string {
				if string(key) == "delete" {
					return &b.links.remove
				}
				return nil
			})
		default:
			c.skip()
		}
	})
}

// NewReport says what is wrong with a message.
type NewReport struct {
	Reason     string          `json:"reason"`
	Properties json.RawMessage `json:"properties,omitempty"` // a JSON object of the application's own
}

// Report is what a user found wrong with a message.
type Report struct {
	User        User
	Reason      string
	Properties  json.RawMessage
	CreatedTime time.Time
}

// ReportMessage reports a message of somebody else's to the moderators of its
// channel. Reporting it again replaces the reason.
func (c *Client) ReportMessage(ctx context.Context, message Message, report NewReport) (Report, error) {
	var stored Report
	err := c.act(ctx, "report a message", message.links.action("report"), report, &stored)
	return stored, err
}

// RemoveReport takes the user's report of a message back.
func (c *Client) RemoveReport(ctx context.Context, message Message) error {
	return c.act(ctx, "take back a report", message.links.action("removeReport"), struct{}{}, new(Message))
}

// Reports lists the reports of a message, the oldest first. Moderators of its
// channel may read them.
func (c *Client) Reports(ctx context.Context, message Message) (*Page[Report], error) {
	return fetch[Report](ctx, c, listing{what: "list reports", content: "reports", relay: message.links.relay("reports")})
}

func (r *Report) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "user":
			r.User.read(c)
		case "reason":
			r.Reason = c.string()
		case "properties":
			r.Properties = c.raw()
		case "createdTime":
			r.CreatedTime = c.time()
		default:
			c.skip()
		}
	})
}
