package platform

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerMembers() {
	huma.Register(a.huma, operation("list-channel-members", http.MethodGet, "/channels/{id}/members",
		"List the members of a channel", "read:channel", "read:channel_membership"), a.listMembers)
	huma.Register(a.huma, operation("add-channel-member", http.MethodPost, "/channels/{id}/members",
		"Make a user a member", "read:channel", "read:user", "create:channel_membership"), a.addMember)
	huma.Register(a.huma, operation("remove-channel-member", http.MethodDelete, "/channels/{id}/members/{user_id}",
		"End a membership", "read:channel", "read:user", "delete:channel_membership"), a.removeMember)
	huma.Register(a.huma, operation("list-channel-memberships", http.MethodGet, "/channels/{id}/memberships",
		"List the memberships of a channel", "read:channel", "read:channel_membership"), a.listMemberships)
	huma.Register(a.huma, operation("list-channel-moderators", http.MethodGet, "/channels/{id}/moderators",
		"List the moderators of a channel", "read:channel", "read:channel_moderator"), a.listModerators)
	huma.Register(a.huma, operation("add-channel-moderator", http.MethodPost, "/channels/{id}/moderators",
		"Make a member a moderator", "read:channel", "read:user", "read:channel_membership", "create:channel_moderator"), a.addModerator)
	huma.Register(a.huma, operation("remove-channel-moderator", http.MethodDelete, "/channels/{id}/moderators/{user_id}",
		"Make a moderator a member like others", "read:channel", "read:user", "delete:channel_moderator"), a.removeModerator)
	huma.Register(a.huma, operation("list-channel-participants", http.MethodGet, "/channels/{id}/participants",
		"List who is chatting in a channel", "read:channel", "read:chat_session"), a.listParticipants)
	huma.Register(a.huma, operation("list-channel-invites", http.MethodGet, "/channels/{id}/invites",
		"List the invites to a channel", "read:channel_invite"), a.listInvites)
	huma.Register(a.huma, operation("send-channel-invite", http.MethodPost, "/channels/{id}/invites",
		"Invite a user to a channel, who becomes a member", "read:channel", "read:user", "create:channel_invite"), a.sendInvite)
}

// ListOf is the input of lists of what belongs to something.
type ListOf struct {
	ByID
	Paged
}

func (a *API) listMembers(ctx context.Context, in *ListOf) (*reply[pagedModelChatUserResource], error) {
	page, err := a.engine.MemberPage(ctx, actorOf(ctx), in.channel(), false, in.request())
	return a.usersPage(ctx, hrefPath("/channels/%d/members", in.ID), in.Paged, page, err)
}

func (a *API) listModerators(ctx context.Context, in *ListOf) (*reply[pagedModelChatUserResource], error) {
	page, err := a.engine.MemberPage(ctx, actorOf(ctx), in.channel(), true, in.request())
	return a.usersPage(ctx, hrefPath("/channels/%d/moderators", in.ID), in.Paged, page, err)
}

func (a *API) listParticipants(ctx context.Context, in *ListOf) (*reply[pagedModelChatUserResource], error) {
	page, err := a.engine.ParticipantPage(ctx, actorOf(ctx), in.channel(), in.request())
	return a.usersPage(ctx, hrefPath("/channels/%d/participants", in.ID), in.Paged, page, err)
}

// AboutUser is the input of operations whose body names a user.
type AboutUser struct {
	ByID
	Body userReference
}

func (a *API) addMember(ctx context.Context, in *AboutUser) (*reply[channelResource], error) {
	ref, err := in.Body.ref()
	if err != nil {
		return nil, err
	}
	if _, err := a.engine.InviteUser(ctx, actorOf(ctx), in.channel(), ref); err != nil {
		return nil, err
	}
	return a.retrieveChannel(ctx, &in.ByID)
}

// MemberOf is the input of operations on a member of a channel.
type MemberOf struct {
	ByID
	UserID int64 `path:"user_id" minimum:"1"`
}

func (a *API) removeMember(ctx context.Context, in *MemberOf) (*reply[channelResource], error) {
	_, _, err := a.engine.LeaveChannel(ctx, actorOf(ctx), in.channel(), &chat.UserRef{ID: chat.UserID(in.UserID)})
	if err != nil {
		return nil, err
	}
	return a.retrieveChannel(ctx, &in.ByID)
}

type pagedModelChannelMembershipResourceEmbedded struct {
	Memberships []channelMembershipResource `json:"memberships"`
}

type pagedModelChannelMembershipResource struct {
	Embedded pagedModelChannelMembershipResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                                `json:"page"`
	Links    links                                       `json:"_links,omitempty"`
}

func (a *API) listMemberships(ctx context.Context, in *ListOf) (*reply[pagedModelChannelMembershipResource], error) {
	page, err := a.engine.MembershipPage(ctx, actorOf(ctx), in.channel(), in.request())
	m := pagedModelChannelMembershipResource{
		Embedded: pagedModelChannelMembershipResourceEmbedded{each(ctx, page.Items, a.membership)},
	}
	m.Page, m.Links = numbered(a, ctx, hrefPath("/channels/%d/memberships", in.ID), in.request(), page)
	return answer(m, err)
}

func (a *API) addModerator(ctx context.Context, in *AboutUser) (*reply[chatUserResource], error) {
	ref, err := in.Body.ref()
	if err != nil {
		return nil, err
	}
	if _, err := a.engine.AddModerator(ctx, actorOf(ctx), in.channel(), ref); err != nil {
		return nil, err
	}
	user, err := a.engine.FindUser(ctx, actorOf(ctx), ref)
	return answer(a.user(ctx, user), err)
}

func (a *API) removeModerator(ctx context.Context, in *MemberOf) (*reply[channelResource], error) {
	view, err := a.engine.RemoveModerator(ctx, actorOf(ctx), in.channel(), chat.UserRef{ID: chat.UserID(in.UserID)})
	return answer(a.channel(ctx, view), err)
}

type pagedModelChannelInviteResourceEmbedded struct {
	Invites []channelInviteResource `json:"invites"`
}

type pagedModelChannelInviteResource struct {
	Embedded pagedModelChannelInviteResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                            `json:"page"`
	Links    links                                   `json:"_links,omitempty"`
}

func (a *API) listInvites(ctx context.Context, in *ListOf) (*reply[pagedModelChannelInviteResource], error) {
	page, err := a.engine.InvitePage(ctx, actorOf(ctx), in.channel(), in.request())
	m := pagedModelChannelInviteResource{Embedded: pagedModelChannelInviteResourceEmbedded{each(ctx, page.Items, a.invite)}}
	m.Page, m.Links = numbered(a, ctx, hrefPath("/channels/%d/invites", in.ID), in.request(), page)
	return answer(m, err)
}

type createChannelInviteResource struct {
	User userReference `json:"user"`
}

func (a *API) sendInvite(ctx context.Context, in *struct {
	ByID
	Body createChannelInviteResource
},
) (*reply[channelInviteResource], error) {
	ref, err := in.Body.User.ref()
	if err != nil {
		return nil, err
	}
	invite, err := a.engine.InviteAs(ctx, actorOf(ctx), in.channel(), ref)
	return answer(a.invite(ctx, invite), err)
}
