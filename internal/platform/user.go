package platform

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerUsers() {
	huma.Register(a.huma, operation("list-users", http.MethodGet, "/users", "List users", "read:user"), a.listUsers)
	huma.Register(a.huma, operation("check-user-exists", http.MethodHead, "/users", "Say whether a username is taken, by the status alone", "read:user"), a.checkUser)
	huma.Register(a.huma, operation("create-user", http.MethodPost, "/users", "Create a user", "create:user"), a.createUser)
	huma.Register(a.huma, operation("retrieve-user", http.MethodGet, "/users/{id}", "Return a user", "read:user"), a.retrieveUser)
	huma.Register(a.huma, marked(operation("update-user", http.MethodPatch, "/users/{id}",
		"Change a user, by a merge patch", "read:user", "update:user"), optionalBody), a.updateUser)
	huma.Register(a.huma, operation("delete-user", http.MethodDelete, "/users/{id}",
		"Delete a user; what they said stays, by a deleted user", "read:user", "delete:user"), a.deleteUser)
	huma.Register(a.huma, marked(operation("update-user-display-picture", http.MethodPost, "/users/{id}/display-picture",
		"Give a user a picture that is elsewhere, or that is uploaded", "read:user", "update:user"), filePicture), a.updatePicture)
	a.describeForm("/users/{id}/display-picture")
	huma.Register(a.huma, operation("list-user-channels", http.MethodGet, "/users/{id}/channels",
		"List the channels of a user", "read:user", "read:channels"), a.listUserChannels)
	huma.Register(a.huma, operation("retrieve-user-secret", http.MethodGet, "/users/{id}/secrets/{name}",
		"Return a secret of a user", "read:user_secret"), a.retrieveSecret)
	huma.Register(a.huma, operation("set-user-secret", http.MethodPut, "/users/{id}/secrets/{name}",
		"Set a secret of a user, which is encrypted", "read:user", "update:user_secret"), a.setSecret)
	huma.Register(a.huma, operation("remove-user-secret", http.MethodDelete, "/users/{id}/secrets/{name}",
		"Remove a secret of a user", "read:user", "delete:user_secret"), a.removeSecret)
	huma.Register(a.huma, ours(operation("erase-user", http.MethodDelete, "/users/{id}/data",
		"Delete a user with every message that they wrote", "read:user", "delete:user", "delete:message")), a.eraseUser)
}

// ByID is the input of operations on what a path names by its id. It is exported,
// as are other parts of inputs, since huma sees no others.
type ByID struct {
	ID int64 `path:"id" minimum:"1"`
}

func (i ByID) user() chat.UserID       { return chat.UserID(i.ID) }
func (i ByID) channel() chat.ChannelID { return chat.ChannelID(i.ID) }
func (i ByID) message() chat.MessageID { return chat.MessageID(i.ID) }

type pagedModelChatUserResourceEmbedded struct {
	Users []chatUserResource `json:"users"`
}

type pagedModelChatUserResource struct {
	Embedded pagedModelChatUserResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                       `json:"page"`
	Links    links                              `json:"_links,omitempty"`
}

// usersPage is a page of users as a resource.
func (a *API) usersPage(ctx context.Context, path string, p Paged, page chat.Page[chat.User], err error) (*reply[pagedModelChatUserResource], error) {
	m := pagedModelChatUserResource{Embedded: pagedModelChatUserResourceEmbedded{each(ctx, page.Items, a.user)}}
	m.Page, m.Links = numbered(a, ctx, path, p.request(), page)
	return answer(m, err)
}

// each makes resources of items; none make an empty array.
func each[T, R any](ctx context.Context, items []T, resource func(context.Context, T) R) []R {
	made := make([]R, 0, len(items))
	for _, item := range items {
		made = append(made, resource(ctx, item))
	}
	return made
}

type listUsersInput struct {
	Paged
	Name       string `query:"name" doc:"The whole username"`
	Unread     bool   `query:"unread" doc:"Those alone who have unread messages"`
	Properties string `query:"properties" doc:"A JSON object, all of whose values the user's properties have; also as properties.name=value"`
}

func (a *API) listUsers(ctx context.Context, in *listUsersInput) (*reply[pagedModelChatUserResource], error) {
	properties, err := propertiesFilter(in.Properties, infoOf(ctx).query)
	if err != nil {
		return nil, err
	}
	page, err := a.engine.UserPage(ctx, actorOf(ctx), chat.UserSelection{Name: in.Name, Properties: properties, Unread: in.Unread}, in.request())
	return a.usersPage(ctx, "/users", in.Paged, page, err)
}

// headed is the answer to HEAD, without a body.
type headed struct{}

func (a *API) checkUser(ctx context.Context, in *struct {
	Name string `query:"name" required:"true" doc:"The whole username"`
},
) (*headed, error) {
	_, err := a.engine.FindUser(ctx, actorOf(ctx), chat.UserRef{Name: in.Name})
	return &headed{}, err
}

type createPersonChatUserResource struct {
	DisplayName string `json:"display_name"`
	IsGuest     bool   `json:"is_guest,omitempty"`
	Name        string `json:"name" doc:"The username, unique in the application"`
	Properties  object `json:"properties,omitempty"`
}

func (a *API) createUser(ctx context.Context, in *struct{ Body createPersonChatUserResource }) (*reply[chatUserResource], error) {
	properties, err := chat.ParseProperties(in.Body.Properties)
	if err != nil {
		return nil, err
	}
	user, err := a.engine.CreateUser(ctx, actorOf(ctx), chat.User{
		Name: in.Body.Name, DisplayName: in.Body.DisplayName, Guest: in.Body.IsGuest, Properties: properties,
	})
	return answer(a.user(ctx, user), err)
}

func (a *API) retrieveUser(ctx context.Context, in *ByID) (*reply[chatUserResource], error) {
	user, err := a.engine.User(ctx, actorOf(ctx), in.user())
	return answer(a.user(ctx, user), err)
}

type chatUserPropertiesPatch struct {
	DisplayName *string `json:"display_name,omitempty"`
	IsGuest     *bool   `json:"is_guest,omitempty"`
	Presence    *struct {
		Status *string `json:"status,omitempty"`
	} `json:"presence,omitempty"`
	Properties object `json:"properties,omitempty" doc:"Merged: null removes a value"`
}

func (a *API) updateUser(ctx context.Context, in *struct {
	ByID
	Body chatUserPropertiesPatch
},
) (*reply[chatUserResource], error) {
	if in.Body.DisplayName == nil && in.Body.IsGuest == nil && in.Body.Presence == nil && in.Body.Properties == nil {
		return a.retrieveUser(ctx, &in.ByID)
	}
	change := chat.UserChange{DisplayName: in.Body.DisplayName, Guest: in.Body.IsGuest, Merge: in.Body.Properties}
	if in.Body.Presence != nil {
		change.Status = (*chat.Status)(in.Body.Presence.Status)
	}
	user, err := a.engine.ChangeUser(ctx, actorOf(ctx), in.user(), change)
	return answer(a.user(ctx, user), err)
}

func (a *API) deleteUser(ctx context.Context, in *ByID) (*reply[applicationResource], error) {
	actor := actorOf(ctx)
	actor.User = in.user()
	if err := a.engine.DeleteUser(ctx, actor, in.user()); err != nil {
		return nil, err
	}
	return a.retrieveApplication(ctx, nil)
}

func (a *API) eraseUser(ctx context.Context, in *ByID) (*reply[applicationResource], error) {
	if err := a.engine.EraseUser(ctx, actorOf(ctx), in.user()); err != nil {
		return nil, err
	}
	return a.retrieveApplication(ctx, nil)
}

func (a *API) updatePicture(ctx context.Context, in *struct {
	ByID
	Body createExternalFileProperties
},
) (*reply[chatUserResource], error) {
	if uploaded := infoOf(ctx).file; uploaded != nil {
		user, err := a.engine.UpdatePicture(ctx, chat.Actor{Application: actorOf(ctx).Application, User: in.user()}, *uploaded)
		return answer(a.user(ctx, user), err)
	}
	user, err := a.engine.ChangeUser(ctx, actorOf(ctx), in.user(), chat.UserChange{Picture: &in.Body.URL})
	return answer(a.user(ctx, user), err)
}

func (a *API) listUserChannels(ctx context.Context, in *struct {
	ByID
	Paged
},
) (*reply[pagedModelChannelResource], error) {
	page, err := a.engine.UserChannelPage(ctx, actorOf(ctx), in.user(), in.request())
	return a.channelsPage(ctx, fmt.Sprintf("/users/%d/channels", in.ID), in.Paged, page, err)
}

type secretResource struct {
	Secret anything `json:"secret,omitempty" doc:"Any JSON"`
}

// ByName is the input of operations on what a user has under a name.
type ByName struct {
	ByID
	Name string `path:"name"`
}

func (a *API) retrieveSecret(ctx context.Context, in *ByName) (*reply[secretResource], error) {
	value, err := a.engine.UserSecret(ctx, actorOf(ctx), in.user(), in.Name)
	return answer(secretResource{value}, err)
}

func (a *API) setSecret(ctx context.Context, in *struct {
	ByName
	Body secretResource
},
) (*reply[chatUserResource], error) {
	value := in.Body.Secret
	if len(value) == 0 {
		value = anything("null")
	}
	if err := a.engine.SetUserSecret(ctx, actorOf(ctx), in.user(), in.Name, value); err != nil {
		return nil, err
	}
	return a.retrieveUser(ctx, &in.ByID)
}

func (a *API) removeSecret(ctx context.Context, in *ByName) (*reply[chatUserResource], error) {
	if err := a.engine.RemoveUserSecret(ctx, actorOf(ctx), in.user(), in.Name); err != nil {
		return nil, err
	}
	return a.retrieveUser(ctx, &in.ByID)
}
