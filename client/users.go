package client

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"openkitty/stomp"
)

// What a user can choose to be seen as.
const (
	Available    = "AVAILABLE"
	DoNotDisturb = "DO_NOT_DISTURB"
	Invisible    = "INVISIBLE" // offline to everybody else
)

// UserChange says what to change of the current user. Fields that are empty
// leave things as they are.
type UserChange struct {
	DisplayName       string
	DisplayPictureURL string          // of a picture elsewhere, http or https
	Properties        json.RawMessage // a JSON object that replaces the old one
	Status            string          // one of Available, DoNotDisturb and Invisible
}

// body is the change in the form of a user resource.
func (u UserChange) body() any {
	type presence struct {
		Status string `json:"status"`
	}
	body := struct {
		DisplayName       string          `json:"displayName,omitempty"`
		DisplayPictureURL string          `json:"displayPictureUrl,omitempty"`
		Properties        json.RawMessage `json:"properties,omitempty"`
		Presence          *presence       `json:"presence,omitempty"`
	}{u.DisplayName, u.DisplayPictureURL, u.Properties, nil}
	if u.Status != "" {
		body.Presence = &presence{u.Status}
	}
	return body
}

// UpdateCurrentUser changes the user of the session, and returns what it is then.
func (c *Client) UpdateCurrentUser(ctx context.Context, change UserChange) (CurrentUser, error) {
	var user CurrentUser
	if err := c.act(ctx, "update the current user", c.CurrentUser().links.update, change.body(), &user); err != nil {
		return CurrentUser{}, err
	}
	c.setUser(user)
	return user, nil
}

// UserFilter selects users. The zero value selects all.
type UserFilter struct {
	Name        string // a part of the username, in any case
	DisplayName string // a part of the display name, in any case
	Online      *bool  // as others see it; nil for either
}

func (f UserFilter) header() (header stomp.Header) {
	if f.Name != "" {
		header = append(header, field("name", f.Name))
	}
	if f.DisplayName != "" {
		header = append(header, field("displayName", f.DisplayName))
	}
	if f.Online != nil {
		header = append(header, field("online", strconv.FormatBool(*f.Online)))
	}
	return header
}

// Users lists the other users, by display name. Those whom a block parts from
// the current user are not among them.
func (c *Client) Users(ctx context.Context, filter UserFilter) (*Page[User], error) {
	return fetch[User](ctx, c, listing{what: "list users", content: "users", relay: c.CurrentUser().links.contacts, header: filter.header()})
}

// UsersCount counts the users that Users lists.
func (c *Client) UsersCount(ctx context.Context, filter UserFilter) (int64, error) {
	var n count
	err := c.relay(ctx, "count users", c.CurrentUser().links.contactsCount, filter.header(), &n)
	return int64(n), err
}

// count is the resource of a number of things.
type count int64

func (n *count) read(c *cursor) {
	c.object(func(key []byte) {
		if string(key) == "count" {
			*n = count(c.int())
			return
		}
		c.skip()
	})
}

// destination is where a user is served. Users come with every message, so that
// their links are made rather than kept.
func (id UserID) destination(suffix string) string {
	return "/application/users/" + strconv.FormatInt(int64(id), 10) + suffix
}

// User retrieves a user.
func (c *Client) User(ctx context.Context, id UserID) (User, error) {
	var user User
	err := c.relay(ctx, "retrieve a user", id.destination(".relay"), nil, &user)
	return user, err
}

// IsMember reports whether a user is a member of a channel.
func (c *Client) IsMember(ctx context.Context, user UserID, channel *Channel) (bool, error) {
	var answer exists
	header := stomp.Header{field("channelId", strconv.FormatInt(int64(channel.ID), 10))}
	err := c.relay(ctx, "look up a member", user.destination(".channel_member.relay"), header, &answer)
	return bool(answer), err
}

// exists is the resource of a yes or no.
type exists bool

func (e *exists) read(c *cursor) {
	c.object(func(key []byte) {
		if string(key) == "exists" {
			*e = exists(c.bool())
			return
		}
		c.skip()
	})
}

// BlockUser blocks a user: neither of the two can write in a direct channel
// that they share, nor open one, and they no longer hear of each other outside
// of groups. Blocking again changes nothing.
func (c *Client) BlockUser(ctx context.Context, user UserID) error {
	return c.act(ctx, "block a user", user.destination(".block"), struct{}{}, new(User))
}

// UserBlock is an entry of the current user's block list.
type UserBlock struct {
	User        User // who is blocked
	CreatedTime time.Time
	links       struct{ remove string }
}

// UserBlocks lists the users whom the current user has blocked, the latest first.
func (c *Client) UserBlocks(ctx context.Context, filter UserFilter) (*Page[UserBlock], error) {
	list := listing{what: "list blocked users", content: "items", relay: c.CurrentUser().links.blocks, header: filter.header()}
	return fetch[UserBlock](ctx, c, list)
}

// UnblockUser ends a block. A block that has ended already is no error.
func (c *Client) UnblockUser(ctx context.Context, block UserBlock) error {
	return c.act(ctx, "unblock a user", block.links.remove, struct{}{}, new(User))
}

// DeleteCurrentUser deletes the user of the session for good. What it said
// stays, by a deleted user. Its sessions end, this one included.
func (c *Client) DeleteCurrentUser(ctx context.Context) error {
	return c.act(ctx, "delete the current user", c.CurrentUser().links.remove, struct{}{}, new(User))
}

func (b *UserBlock) read(c *cursor) {
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
