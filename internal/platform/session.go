package platform

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerSessions() {
	huma.Register(a.huma, operation("list-user-sessions", http.MethodGet, "/user-sessions",
		"List the connections of users, also those that ended in the last 30 days", "read:user_session"), a.listUserSessions)
	huma.Register(a.huma, ours(operation("retrieve-user-session", http.MethodGet, "/user-sessions/{id}",
		"Return a connection of a user", "read:user_session")), a.retrieveUserSession)
	huma.Register(a.huma, ours(operation("end-user-session", http.MethodDelete, "/user-sessions/{id}",
		"Cut a connection; its client does not come back by itself", "read:user_session", "delete:user_session")), a.endUserSession)
	huma.Register(a.huma, operation("list-chat-sessions", http.MethodGet, "/chat-sessions",
		"List who chats where, also what ended in the last 30 days", "read:chat_session"), a.listChatSessions)
}

// InState are the query parameters of lists of sessions.
type InState struct {
	Paged
	State string `query:"state" enum:"ACTIVE,ENDED" doc:"Both if it is absent"`
}

type ChatUserSessionProperties struct {
	ID          int64              `json:"id"`
	CreatedTime string             `json:"created_time" format:"date-time"`
	EndTime     string             `json:"end_time,omitempty" format:"date-time"`
	State       string             `json:"state" enum:"ACTIVE,ENDED"`
	User        ChatUserProperties `json:"user"`
	UserAgent   string             `json:"user_agent,omitempty" doc:"What the client says it is"`
}

type chatUserSessionResource struct {
	ChatUserSessionProperties
	Links links `json:"_links,omitempty"`
}

func (a *API) userSessionProperties(s chat.UserSession) ChatUserSessionProperties {
	p := ChatUserSessionProperties{
		ID: int64(s.ID), CreatedTime: timestamp(s.CreatedAt), State: string(chat.StateOf(s.EndedAt)), User: a.userProperties(s.User), UserAgent: s.Agent,
	}
	if !s.EndedAt.IsZero() {
		p.EndTime = timestamp(s.EndedAt)
	}
	return p
}

func (a *API) userSession(ctx context.Context, s chat.UserSession) chatUserSessionResource {
	return chatUserSessionResource{a.userSessionProperties(s), links{
		"user":        a.href(ctx, "/users/%d", s.User.ID),
		"application": a.href(ctx, "/application"),
	}}
}

type pagedModelChatUserSessionResourceEmbedded struct {
	Sessions []chatUserSessionResource `json:"sessions"`
}

type pagedModelChatUserSessionResource struct {
	Embedded pagedModelChatUserSessionResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                              `json:"page"`
	Links    links                                     `json:"_links,omitempty"`
}

func (a *API) listUserSessions(ctx context.Context, in *InState) (*reply[pagedModelChatUserSessionResource], error) {
	page, err := a.engine.UserSessionPage(ctx, actorOf(ctx), chat.SessionState(in.State), in.request())
	m := pagedModelChatUserSessionResource{Embedded: pagedModelChatUserSessionResourceEmbedded{each(ctx, page.Items, a.userSession)}}
	m.Page, m.Links = numbered(a, ctx, "/user-sessions", in.request(), page)
	return answer(m, err)
}

func (a *API) retrieveUserSession(ctx context.Context, in *ByID) (*reply[chatUserSessionResource], error) {
	session, err := a.engine.UserSession(ctx, actorOf(ctx), chat.UserSessionID(in.ID))
	return answer(a.userSession(ctx, session), err)
}

func (a *API) endUserSession(ctx context.Context, in *ByID) (*reply[chatUserSessionResource], error) {
	session, err := a.engine.EndSession(ctx, actorOf(ctx), chat.UserSessionID(in.ID))
	return answer(a.userSession(ctx, session), err)
}

type chatSessionResource struct {
	ID          int64                     `json:"id"`
	CreatedTime string                    `json:"created_time" format:"date-time"`
	EndTime     string                    `json:"end_time,omitempty" format:"date-time"`
	Session     ChatUserSessionProperties `json:"session"`
	State       string                    `json:"state" enum:"ACTIVE,ENDED"`
	Links       links                     `json:"_links,omitempty"`
}

func (a *API) chatSession(ctx context.Context, c chat.ChatSession) chatSessionResource {
	r := chatSessionResource{
		ID: c.ID, CreatedTime: timestamp(c.CreatedAt), Session: a.userSessionProperties(c.Session), State: string(chat.StateOf(c.EndedAt)),
		Links: links{
			"session":     a.href(ctx, "/user-sessions/%d", c.Session.ID),
			"channel":     a.href(ctx, "/channels/%d", c.Channel),
			"application": a.href(ctx, "/application"),
		},
	}
	if !c.EndedAt.IsZero() {
		r.EndTime = timestamp(c.EndedAt)
	}
	return r
}

type pagedModelChatSessionResourceEmbedded struct {
	Sessions []chatSessionResource `json:"sessions"`
}

type pagedModelChatSessionResource struct {
	Embedded pagedModelChatSessionResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                          `json:"page"`
	Links    links                                 `json:"_links,omitempty"`
}

func (a *API) listChatSessions(ctx context.Context, in *InState) (*reply[pagedModelChatSessionResource], error) {
	page, err := a.engine.ChatSessionPage(ctx, actorOf(ctx), chat.SessionState(in.State), in.request())
	m := pagedModelChatSessionResource{Embedded: pagedModelChatSessionResourceEmbedded{each(ctx, page.Items, a.chatSession)}}
	m.Page, m.Links = numbered(a, ctx, "/chat-sessions", in.request(), page)
	return answer(m, err)
}
