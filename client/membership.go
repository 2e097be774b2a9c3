package client

import (
	"context"
	"encoding/json"
)

// ChannelUpdate says what is to become of a channel. What is left at nil stays
// as it is.
type ChannelUpdate struct {
	Name        *string         `json:"name,omitempty"`        // groups only
	DisplayName *string         `json:"displayName,omitempty"` // groups only
	Properties  json.RawMessage `json:"properties,omitempty"`
}

// CanJoin reports whether the current user may join the channel.
func (ch *Channel) CanJoin() bool { return ch.links.join != "" }

// CanLeave reports whether the current user is a member who may leave.
func (ch *Channel) CanLeave() bool { return ch.links.leave != "" }

// CanInvite reports whether the current user may invite others.
func (ch *Channel) CanInvite() bool { return ch.links.invite != "" }

// CanModerate reports whether the current user may name moderators, remove
// members, and update or delete the group.
func (ch *Channel) CanModerate() bool { return ch.links.addModerator != "" }

// JoinChannel makes the current user a member of a public channel. It returns
// the channel as a member sees it.
func (c *Client) JoinChannel(ctx context.Context, channel *Channel) (*Channel, error) {
	return c.changeChannel(ctx, "join a channel", channel.links.join, struct{}{})
}

// LeaveChannel ends the current user's membership of a group, and with it the
// chats that any of the user's sessions have there.
func (c *Client) LeaveChannel(ctx context.Context, channel *Channel) (*Channel, error) {
	return c.changeChannel(ctx, "leave a channel", channel.links.leave, struct{}{})
}

// RemoveMember ends another user's membership of a group. Moderators may remove
// everybody but the creator.
func (c *Client) RemoveMember(ctx context.Context, channel *Channel, member UserRef) error {
	request := struct {
		User UserRef `json:"user"`
	}{member}
	_, err := c.changeChannel(ctx, "remove a member", channel.links.leave, request)
	return err
}

// InviteUser makes another user a member of a group, and returns that user.
func (c *Client) InviteUser(ctx context.Context, channel *Channel, user UserRef) (User, error) {
	request := struct {
		User UserRef `json:"user"`
	}{user}
	var invited User
	if err := c.act(ctx, "invite a user", channel.links.invite, request, &invited); err != nil {
		return User{}, err
	}
	return invited, nil
}

// AddChannelModerator makes a member of a group a moderator.
func (c *Client) AddChannelModerator(ctx context.Context, channel *Channel, member UserRef) error {
	_, err := c.changeChannel(ctx, "add a moderator", channel.links.addModerator, member)
	return err
}

// DeleteChannelModerator makes a moderator of a group a plain member.
func (c *Client) DeleteChannelModerator(ctx context.Context, channel *Channel, moderator UserRef) error {
	_, err := c.changeChannel(ctx, "delete a moderator", channel.links.deleteModerator, moderator)
	return err
}

// Moderators lists the moderators of a channel by their display names.
func (c *Client) Moderators(ctx context.Context, channel *Channel) (*Page[User], error) {
	return fetch[User](ctx, c, listing{what: "list moderators", content: "users", relay: channel.links.moderators})
}

// MuteChannel says that the current user wants no alerts from a channel.
func (c *Client) MuteChannel(ctx context.Context, channel *Channel) error {
	return c.setMuted(ctx, channel, "ON")
}

// UnmuteChannel undoes [Client.MuteChannel].
func (c *Client) UnmuteChannel(ctx context.Context, channel *Channel) error {
	return c.setMuted(ctx, channel, "OFF")
}

func (c *Client) setMuted(ctx context.Context, channel *Channel, state string) error {
	request := struct {
		State string `json:"state"`
	}{state}
	_, err := c.changeChannel(ctx, "mute a channel", channel.links.mute, request)
	return err
}

// ClearChannelHistory hides the messages that a channel has so far from the
// current user, for good. Others keep them.
func (c *Client) ClearChannelHistory(ctx context.Context, channel *Channel) error {
	_, err := c.changeChannel(ctx, "clear a history", channel.links.clearHistory, struct{}{})
	return err
}

// HideChannel takes a direct channel out of the current user's list, until
// somebody writes in it or the user creates it again.
func (c *Client) HideChannel(ctx context.Context, channel *Channel) error {
	_, err := c.changeChannel(ctx, "hide a channel", channel.links.hide, struct{}{})
	return err
}

// UpdateChannel changes the names and the properties of a channel, and returns
// it as it is then. The creator and the moderators of a group may do this; in a
// direct channel all members may, and only the properties change.
func (c *Client) UpdateChannel(ctx context.Context, channel *Channel, update ChannelUpdate) (*Channel, error) {
	return c.changeChannel(ctx, "update a channel", channel.links.update, update)
}

// DeleteChannel deletes a channel, for everybody and with all messages. The
// creator and the moderators of a group may do this, and the members of a direct
// channel.
func (c *Client) DeleteChannel(ctx context.Context, channel *Channel) error {
	_, err := c.changeChannel(ctx, "delete a channel", channel.links.remove, struct{}{})
	return err
}

// changeChannel performs an action that is answered with a channel.
func (c *Client) changeChannel(ctx context.Context, what, link string, request any) (*Channel, error) {
	channel := new(Channel)
	if err := c.act(ctx, what, link, request, channel); err != nil {
		return nil, err
	}
	return channel, nil
}

// membershipLinks are the strings by which memberships are served.
type membershipLinks struct {
	moderators                                         string // relay
	join, leave, invite, addModerator, deleteModerator string // actions the user may perform, or empty
	mute, clearHistory, hide, update, remove           string // actions
}

// action says where a link of the channel's actions goes, nil if nowhere.
func (l *membershipLinks) action(key []byte) *string {
	switch string(key) {
	case "join":
		return &l.join
	case "leave":
		return &l.leave
	case "invite":
		return &l.invite
	case "addModerator":
		return &l.addModerator
	case "deleteModerator":
		return &l.deleteModerator
	case "mute":
		return &l.mute
	case "clearHistory":
		return &l.clearHistory
	case "hide":
		return &l.hide
	case "update":
		return &l.update
	case "delete":
		return &l.remove
	}
	return nil
}
