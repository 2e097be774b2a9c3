package platform

import (
	"context"
	"strconv"

	"openkitty/internal/chat"
)

// Resources are what clients of the API see of the nouns of package chat. Their
// types are named as the published models. What is absent is left out. Those that
// are embedded in others are exported: of others, huma describes no field.

type applicationResource struct {
	ID          int64  `json:"id"`
	CreatedTime string `json:"created_time" format:"date-time"`
	Key         string `json:"key" doc:"The API key that client SDKs connect with"`
	Properties  object `json:"properties"`
	Links       links  `json:"_links,omitempty"`
}

func (a *API) application(ctx context.Context, app chat.Application) applicationResource {
	return applicationResource{
		ID:          int64(app.ID),
		CreatedTime: timestamp(app.CreatedAt),
		Key:         app.APIKey,
		Links:       links{"self": a.href(ctx, "/application")},
	}
}

type ApplicationFeatureSettingsProperties struct {
	GuestUsers          string `json:"guest_users" enum:"DISABLED,ENABLED"`
	UserCreatedChannels string `json:"user_created_channels" enum:"DISABLED,ENABLED"`
}

// applicationSettingsResource shows the settings twice: as the published client
// declares them, and as the published samples have them.
type applicationSettingsResource struct {
	ApplicationFeatureSettingsProperties
	Features ApplicationFeatureSettingsProperties `json:"features"`
	Links    links                                `json:"_links,omitempty"`
}

func (a *API) settings(ctx context.Context, s chat.Settings) applicationSettingsResource {
	features := ApplicationFeatureSettingsProperties{toggle(s.GuestUsers), toggle(s.UserCreatedChannels)}
	return applicationSettingsResource{features, features, links{"self": a.href(ctx, "/application/settings")}}
}

const (
	enabled  = "ENABLED"
	disabled = "DISABLED"
)

func toggle(on bool) string {
	if on {
		return enabled
	}
	return disabled
}

type chatUserPresenceProperties struct {
	Online bool   `json:"online" doc:"Whether the user has a session"`
	Status string `json:"status"`
}

// ChatUserProperties is a user within another resource.
type ChatUserProperties struct {
	Type              string                     `json:"type" enum:"PERSON,BOT"`
	ID                int64                      `json:"id"`
	CallStatus        string                     `json:"call_status,omitempty" enum:"AVAILABLE,IN_CALL"`
	DisplayName       string                     `json:"display_name"`
	DisplayPictureURL string                     `json:"display_picture_url"`
	IsGuest           bool                       `json:"isGuest" doc:"In camelCase in every format, as in the published API"`
	Name              string                     `json:"name" doc:"The username"`
	Presence          chatUserPresenceProperties `json:"presence"`
	Properties        object                     `json:"properties"`
}

type chatUserResource struct {
	ChatUserProperties
	Links links `json:"_links,omitempty"`
}

func (a *API) userProperties(u chat.User) ChatUserProperties {
	presence := u.Presence(a.engine.Online(u.ID))
	picture := a.address(u.Picture)
	if picture == "" {
		picture = a.public + "/pictures/" + strconv.FormatInt(int64(u.ID), 10) + ".png"
	}
	return ChatUserProperties{
		Type:              "PERSON",
		ID:                int64(u.ID),
		CallStatus:        "AVAILABLE",
		DisplayName:       u.DisplayName,
		DisplayPictureURL: picture,
		IsGuest:           u.Guest,
		Name:              u.Name,
		Presence:          chatUserPresenceProperties{presence.Online, string(presence.Status)},
		Properties:        object(u.Properties.JSON()),
	}
}

func (a *API) user(ctx context.Context, u chat.User) chatUserResource {
	properties := a.userProperties(u)
	return chatUserResource{properties, links{
		"self":           a.href(ctx, "/users/%d", u.ID),
		"channels":       a.href(ctx, "/users/%d/channels", u.ID),
		"notifications":  a.href(ctx, "/users/%d/notifications", u.ID),
		"displayPicture": {properties.DisplayPictureURL},
		"application":    a.href(ctx, "/application"),
	}}
}

// ChannelProperties is a channel within another resource.
type ChannelProperties struct {
	Type                string               `json:"type" enum:"DIRECT,PUBLIC,PRIVATE"`
	ID                  int64                `json:"id"`
	CreatedTime         string               `json:"created_time" format:"date-time"`
	Creator             *ChatUserProperties  `json:"creator,omitempty"`
	LastReceivedMessage *MessageProperties   `json:"last_received_message,omitempty"`
	Properties          object               `json:"properties"`
	Name                string               `json:"name,omitempty" doc:"Of a public or private channel"`
	DisplayName         string               `json:"display_name,omitempty" doc:"Of a public or private channel"`
	Members             []ChatUserProperties `json:"members,omitempty" doc:"Of a direct channel"`
}

type channelResource struct {
	ChannelProperties
	Links links `json:"_links,omitempty"`
}

func (a *API) channelProperties(v chat.ChannelView) ChannelProperties {
	p := ChannelProperties{
		Type:        string(v.Type),
		ID:          int64(v.ID),
		CreatedTime: timestamp(v.CreatedAt),
		Properties:  object(v.Properties.JSON()),
	}
	if v.CreatedBy != nil {
		creator := a.userProperties(*v.CreatedBy)
		p.Creator = &creator
	}
	if v.LastMessage != nil {
		message := a.messageProperties(*v.LastMessage)
		p.LastReceivedMessage = &message
	}
	if v.Group() {
		p.Name, p.DisplayName = v.Name, v.DisplayName
		return p
	}
	for _, member := range v.Members {
		p.Members = append(p.Members, a.userProperties(member))
	}
	return p
}

func (a *API) channel(ctx context.Context, v chat.ChannelView) channelResource {
	all := links{
		"self":         a.href(ctx, "/channels/%d", v.ID),
		"participants": a.href(ctx, "/channels/%d/participants", v.ID),
		"messages":     a.href(ctx, "/channels/%d/messages", v.ID),
		"events":       a.href(ctx, "/channels/%d/events", v.ID),
		"application":  a.href(ctx, "/application"),
	}
	if v.Group() {
		for _, list := range []string{"memberships", "members", "moderators"} {
			all[list] = a.href(ctx, "/channels/%d/%s", v.ID, list)
		}
	}
	return channelResource{a.channelProperties(v), all}
}

type channelMembershipResource struct {
	CreatedTime string `json:"created_time" format:"date-time"`
	Links       links  `json:"_links,omitempty"`
}

func (a *API) membership(ctx context.Context, m chat.Membership) channelMembershipResource {
	return channelMembershipResource{timestamp(m.JoinedAt), links{
		"user":        a.href(ctx, "/users/%d", m.User),
		"channel":     a.href(ctx, "/channels/%d", m.Channel),
		"member":      a.href(ctx, "/channels/%d/members/%d", m.Channel, m.User),
		"application": a.href(ctx, "/application"),
	}}
}

type channelInviteResource struct {
	CreatedTime string `json:"created_time" format:"date-time"`
	Links       links  `json:"_links,omitempty"`
}

func (a *API) invite(ctx context.Context, i chat.Invite) channelInviteResource {
	return channelInviteResource{timestamp(i.CreatedAt), links{
		"invitee":     a.href(ctx, "/users/%d", i.User),
		"channel":     a.href(ctx, "/channels/%d", i.Channel),
		"application": a.href(ctx, "/application"),
	}}
}

type channelGenericEventResource struct {
	Type       string              `json:"type"`
	Properties object              `json:"properties"`
	User       *ChatUserProperties `json:"user,omitempty"`
	Links      links               `json:"_links,omitempty"`
}

type replyThreadKeystrokesResource struct {
	Keys     string `json:"keys"`
	Username string `json:"username"`
	Links    links  `json:"_links,omitempty"`
}
