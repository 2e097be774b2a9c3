package client

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// ChannelID identifies a channel.
type ChannelID int64

// ChannelType says who may enter a channel, and how.
type ChannelType string

const (
	Direct  ChannelType = "DIRECT"  // a fixed set of 2 to 10 users, one channel for each set
	Public  ChannelType = "PUBLIC"  // may be seen and joined by everybody
	Private ChannelType = "PRIVATE" // entered by invitation
)

// Channel is a room, as the current user sees it. Channels come from the
// server: it puts links into them that other calls need, so a Channel made by
// hand serves for nothing.
type Channel struct {
	ID                  ChannelID
	Type                ChannelType
	Name                string // unique in the application
	DisplayName         string
	Creator             *User    // nil if made by an administrator
	Members             []User   // of direct channels only
	LastReceivedMessage *Message // nil if there is none
	Properties          json.RawMessage
	CreatedTime         time.Time
	links               channelLinks
}

// channelLinks are the strings by which a channel is served.
type channelLinks struct {
	messages, members   string // relays
	threads, context    string
	blockRecords        string
	message, keystrokes string // actions
	triggerEvent        string
	createThread, block string
	membershipLinks
	topics channelTopics
}

type channelTopics struct {
	self, messages, keystrokes, typing, participants, events, members, moderators, reactions, blockRecords string
}

// NewChannel asks for a channel.
type NewChannel struct {
	Type        ChannelType     `json:"type"`
	Name        string          `json:"name,omitempty"`        // groups only; a random one if empty
	DisplayName string          `json:"displayName,omitempty"` // the name if empty
	Members     []UserRef       `json:"members,omitempty"`     // besides the current user
	Properties  json.RawMessage `json:"properties,omitempty"`  // a JSON object of the application's own
}

// ChannelFilter selects from the channels of the application.
type ChannelFilter struct {
	// Joinable selects the channels that the current user may join, instead of
	// those it is a member of.
	Joinable bool
	// Name selects the channels whose name contains it. Empty selects all.
	Name string
}

// CreateChannel makes a channel whose first member is the current user. For a
// direct channel that exists already, it returns that one.
func (c *Client) CreateChannel(ctx context.Context, request NewChannel) (*Channel, error) {
	channel := new(Channel)
	if err := c.act(ctx, "create a channel", c.CurrentUser().links.createChannel, request, channel); err != nil {
		return nil, err
	}
	return channel, nil
}

// Channel retrieves a channel.
func (c *Client) Channel(ctx context.Context, id ChannelID) (*Channel, error) {
	channel := new(Channel)
	destination := "/application/channels/" + strconv.FormatInt(int64(id), 10) + ".relay"
	if err := c.relay(ctx, "retrieve a channel", destination, nil, channel); err != nil {
		return nil, err
	}
	return channel, nil
}

// Channels lists channels, those with the latest activity first.
func (c *Client) Channels(ctx context.Context, filter ChannelFilter) (*Page[Channel], error) {
	links := c.CurrentUser().links
	list := listing{what: "list channels", content: "channels", relay: links.channels}
	if filter.Joinable {
		list.relay = links.joinableChannels
	} else {
		list.header = append(list.header, field("subscribable", "true"))
	}
	if filter.Name != "" {
		list.header = append(list.header, field("name", filter.Name))
	}
	return fetch[Channel](ctx, c, list)
}

// Members lists the members of a channel by their display names.
func (c *Client) Members(ctx context.Context, channel *Channel) (*Page[User], error) {
	return fetch[User](ctx, c, listing{what: "list members", content: "users", relay: channel.links.members})
}

func (ch *Channel) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "id":
			ch.ID = ChannelID(c.int())
		case "type":
			ch.Type = ChannelType(c.string())
		case "name":
			ch.Name = c.string()
		case "displayName":
			ch.DisplayName = c.string()
		case "creator":
			ch.Creator = readOptional[User](c)
		case "members":
			c.array(func() {
				ch.Members = append(ch.Members, User{})
				ch.Members[len(ch.Members)-1].read(c)
			})
		case "lastReceivedMessage":
			ch.LastReceivedMessage = readOptional[Message](c)
		case "properties":
			ch.Properties = c.raw()
		case "createdTime":
			ch.CreatedTime = c.time()
		default:
			ch.links.readMember(c, key)
		}
	})
}

func (l *channelLinks) readMember(c *cursor, key []byte) {
	switch string(key) {
	case "_relays":
		c.links(func(key []byte) *string {
			switch string(key) {
			case "messages":
				return &l.messages
			case "members":
				return &l.members
			case "moderators":
				return &l.moderators
			case "threads":
				return &l.threads
			case "context":
				return &l.context
			case "blockRecords":
				return &l.blockRecords
			}
			return nil
		})
	case "_actions":
		c.links(func(key []byte) *string {
			switch string(key) {
			case "message":
				return &l.message
			case "keystrokes":
				return &l.keystrokes
			case "triggerEvent":
				return &l.triggerEvent
			case "createThread":
				return &l.createThread
			case "block":
				return &l.block
			}
			return l.action(key)
		})
	case "_topics":
		c.links(l.topics.named)
	default:
		c.skip()
	}
}

func (t *channelTopics) named(key []byte) *string {
	switch string(key) {
	case "self":
		return &t.self
	case "messages":
		return &t.messages
	case "keystrokes":
		return &t.keystrokes
	case "typing":
		return &t.typing
	case "participants":
		return &t.participants
	case "events":
		return &t.events
	case "members":
		return &t.members
	case "moderators":
		return &t.moderators
	case "reactions":
		return &t.reactions
	case "blockRecords":
		return &t.blockRecords
	}
	return nil
}
