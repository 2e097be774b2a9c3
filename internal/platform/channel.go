package platform

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerChannels() {
	huma.Register(a.huma, operation("list-channels", http.MethodGet, "/channels", "List channels", "read:channel"), a.listChannels)
	huma.Register(a.huma, operation("create-channel", http.MethodPost, "/channels",
		"Create a channel, or return the one there is with these members or this name", "create:channel"), a.createChannel)
	huma.Register(a.huma, operation("retrieve-channel", http.MethodGet, "/channels/{id}", "Return a channel", "read:channel"), a.retrieveChannel)
	huma.Register(a.huma, marked(operation("update-channel", http.MethodPatch, "/channels/{id}",
		"Change a channel, by a merge patch", "read:channel", "update:channel"), optionalBody), a.updateChannel)
	huma.Register(a.huma, operation("delete-channel", http.MethodDelete, "/channels/{id}",
		"Delete a channel with all that was said in it", "read:channel", "delete:channel"), a.deleteChannel)
	huma.Register(a.huma, operation("send-channel-event", http.MethodPost, "/channels/{id}/events",
		"Send an event of your own to all who chat in a channel", "read:channel", "create:channel_event"), a.sendEvent)
	huma.Register(a.huma, operation("send-channel-keystrokes", http.MethodPost, "/channels/{id}/keystrokes",
		"Show a channel what a user is typing", "read:channel", "read:user", "create:keystrokes"), a.sendKeystrokes)
}

type pagedModelChannelResourceEmbedded struct {
	Channels []channelResource `json:"channels"`
}

type pagedModelChannelResource struct {
	Embedded pagedModelChannelResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                      `json:"page"`
	Links    links                             `json:"_links,omitempty"`
}

func (a *API) channelsPage(ctx context.Context, path string, p Paged, page chat.Page[chat.ChannelView], err error) (*reply[pagedModelChannelResource], error) {
	m := pagedModelChannelResource{Embedded: pagedModelChannelResourceEmbedded{each(ctx, page.Items, a.channel)}}
	m.Page, m.Links = numbered(a, ctx, path, p.request(), page)
	return answer(m, err)
}

type listChannelsInput struct {
	Paged
	Type       string   `query:"type" enum:"DIRECT,PUBLIC,PRIVATE"`
	Members    []string `query:"members,explode" doc:"Usernames, all of whom are members"`
	StartTime  string   `query:"startTime" doc:"Created at this instant or later"`
	EndTime    string   `query:"endTime" doc:"Created before this instant"`
	Properties string   `query:"properties" doc:"A JSON object, all of whose values the channel's properties have; also as properties.name=value"`
}

func (a *API) listChannels(ctx context.Context, in *listChannelsInput) (*reply[pagedModelChannelResource], error) {
	f := chat.ChannelSelection{Type: chat.ChannelType(in.Type)}
	var err error
	if f.From, err = instant("startTime", in.StartTime); err != nil {
		return nil, err
	}
	if f.Until, err = instant("endTime", in.EndTime); err != nil {
		return nil, err
	}
	if f.Properties, err = propertiesFilter(in.Properties, infoOf(ctx).query); err != nil {
		return nil, err
	}
	page, err := a.engine.ChannelPage(ctx, actorOf(ctx), f, in.Members, in.request())
	return a.channelsPage(ctx, "/channels", in.Paged, page, err)
}

// userReference names a user by id or username.
type userReference struct {
	ID       int64  `json:"id,omitempty" doc:"The user's id, or"`
	Username string `json:"username,omitempty" doc:"the user's name"`
}

func (u userReference) ref() (chat.UserRef, error) {
	if u.ID <= 0 && u.Username == "" {
		return chat.UserRef{}, chat.Errorf(chat.Invalid, "a user must be named by id or username")
	}
	return chat.UserRef{ID: chat.UserID(u.ID), Name: u.Username}, nil
}

type createChannelResource struct {
	Type        string          `json:"type" enum:"DIRECT,PUBLIC,PRIVATE"`
	Creator     *userReference  `json:"creator,omitempty" doc:"Becomes a member"`
	Members     []userReference `json:"members,omitempty" nullable:"false"`
	Properties  object          `json:"properties,omitempty"`
	Name        string          `json:"name,omitempty" doc:"Of a public or private channel; a random one if absent"`
	DisplayName string          `json:"display_name,omitempty" doc:"Of a public or private channel; the name if absent"`
}

func (a *API) createChannel(ctx context.Context, in *struct{ Body createChannelResource }) (*reply[channelResource], error) {
	request, err := in.Body.request()
	if err != nil {
		return nil, err
	}
	view, _, err := a.engine.CreateChannel(ctx, actorOf(ctx), request)
	return answer(a.channel(ctx, view), err)
}

func (c createChannelResource) request() (request chat.NewChannel, err error) {
	request = chat.NewChannel{Type: chat.ChannelType(c.Type), Name: c.Name, DisplayName: c.DisplayName}
	if request.Properties, err = chat.ParseProperties(c.Properties); err != nil {
		return request, err
	}
	if c.Creator != nil {
		creator, err := c.Creator.ref()
		if err != nil {
			return request, err
		}
		request.Creator = &creator
	}
	for _, member := range c.Members {
		ref, err := member.ref()
		if err != nil {
			return request, err
		}
		request.Members = append(request.Members, ref)
	}
	return request, nil
}

func (a *API) retrieveChannel(ctx context.Context, in *ByID) (*reply[channelResource], error) {
	view, err := a.engine.Channel(ctx, actorOf(ctx), in.channel())
	return answer(a.channel(ctx, view), err)
}

type channelPropertiesPatch struct {
	DisplayName *string `json:"display_name,omitempty"`
	Properties  object  `json:"properties,omitempty" doc:"Merged: null removes a value"`
}

func (a *API) updateChannel(ctx context.Context, in *struct {
	ByID
	Body channelPropertiesPatch
},
) (*reply[channelResource], error) {
	if in.Body.DisplayName != nil || in.Body.Properties != nil {
		update := chat.ChannelUpdate{DisplayName: in.Body.DisplayName, Merge: in.Body.Properties}
		if err := a.engine.UpdateChannel(ctx, actorOf(ctx), in.channel(), update); err != nil {
			return nil, err
		}
	}
	return a.retrieveChannel(ctx, &in.ByID)
}

func (a *API) deleteChannel(ctx context.Context, in *ByID) (*reply[applicationResource], error) {
	if err := a.engine.DeleteChannel(ctx, actorOf(ctx), in.channel()); err != nil {
		return nil, err
	}
	return a.retrieveApplication(ctx, nil)
}

type createChannelGenericEventResource struct {
	Type       string `json:"type"`
	Properties object `json:"properties,omitempty"`
}

func (a *API) sendEvent(ctx context.Context, in *struct {
	ByID
	Body createChannelGenericEventResource
},
) (*reply[channelGenericEventResource], error) {
	event := chat.CustomEvent{Type: in.Body.Type, Properties: []byte(in.Body.Properties)}
	if len(event.Properties) == 0 {
		event.Properties = []byte("{}")
	}
	err := a.engine.TriggerEvent(ctx, actorOf(ctx), in.channel(), event)
	return answer(channelGenericEventResource{
		Type: event.Type, Properties: object(event.JSON()), Links: links{"application": a.href(ctx, "/application")},
	}, err)
}

type createDelegatedReplyThreadKeystrokesResource struct {
	Keys string        `json:"keys"`
	User userReference `json:"user"`
}

func (a *API) sendKeystrokes(ctx context.Context, in *struct {
	ByID
	Body createDelegatedReplyThreadKeystrokesResource
},
) (*reply[replyThreadKeystrokesResource], error) {
	delegate, user, err := a.delegate(ctx, in.Body.User)
	if err != nil {
		return nil, err
	}
	err = a.engine.ShowKeystrokes(ctx, delegate, in.channel(), in.Body.Keys)
	return answer(replyThreadKeystrokesResource{
		Keys: in.Body.Keys, Username: user.Name, Links: links{"application": a.href(ctx, "/application")},
	}, err)
}

// delegate is the user in whose name a request is made.
func (a *API) delegate(ctx context.Context, u userReference) (chat.Actor, chat.User, error) {
	ref, err := u.ref()
	if err != nil {
		return chat.Actor{}, chat.User{}, err
	}
	return a.engine.Delegate(ctx, actorOf(ctx), ref)
}
