package platform

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerThreads() {
	huma.Register(a.huma, operation("delete-message", http.MethodDelete, "/messages/{id}",
		"Delete a message for everybody, and return the thread that it was in", "read:message", "delete:message"), a.deleteMessage)
	huma.Register(a.huma, operation("retrieve-thread", http.MethodGet, "/threads/{id}", "Return a thread", "read:thread"), a.retrieveThread)
	huma.Register(a.huma, operation("list-thread-messages", http.MethodGet, "/threads/{id}/messages",
		"List the messages of a thread, newest first", "read:thread", "read:message"), a.listThreadMessages)
	huma.Register(a.huma, marked(operation("send-thread-message", http.MethodPost, "/threads/{id}/messages",
		"Send a message to a thread", "read:thread", "read:user", "create:message"), fileMessage), a.sendThreadMessage)
	a.describeForm("/threads/{id}/messages")
	huma.Register(a.huma, operation("send-thread-keystrokes", http.MethodPost, "/threads/{id}/keystrokes",
		"Show a thread what a user is typing", "read:thread", "read:user", "create:keystrokes"), a.sendThreadKeystrokes)
	huma.Register(a.huma, operation("list-channel-reported-messages", http.MethodGet, "/channels/{id}/reported-messages",
		"List the messages of a channel that users reported", "read:channel", "read:message"), a.listReportedMessages)
}

func (i ByID) thread() chat.ThreadID { return chat.ThreadID(i.ID) }

type replyThreadResource struct {
	Type        string `json:"type" enum:"MAIN,STANDALONE,MESSAGE"`
	ID          int64  `json:"id"`
	CreatedTime string `json:"created_time" format:"date-time"`
	Name        string `json:"name,omitempty"`
	Properties  object `json:"properties"`
	Links       links  `json:"_links,omitempty"`
}

func (a *API) thread(ctx context.Context, t chat.Thread) replyThreadResource {
	return replyThreadResource{
		Type: string(t.Type), ID: int64(t.ID), CreatedTime: timestamp(t.CreatedAt), Name: t.Name, Properties: object(t.Properties.JSON()),
		Links: links{
			"self":        a.href(ctx, "/threads/%d", t.ID),
			"channel":     a.href(ctx, "/channels/%d", t.Channel),
			"application": a.href(ctx, "/application"),
		},
	}
}

func (a *API) deleteMessage(ctx context.Context, in *ByID) (*reply[replyThreadResource], error) {
	message, err := a.engine.Message(ctx, actorOf(ctx), in.message())
	if err != nil {
		return nil, err
	}
	thread, err := a.engine.MessageThread(ctx, actorOf(ctx), message)
	if err != nil {
		return nil, err
	}
	return answer(a.thread(ctx, thread), a.engine.DeleteMessage(ctx, actorOf(ctx), in.message()))
}

func (a *API) retrieveThread(ctx context.Context, in *ByID) (*reply[replyThreadResource], error) {
	thread, err := a.engine.Thread(ctx, actorOf(ctx), in.thread())
	return answer(a.thread(ctx, thread), err)
}

func (a *API) listThreadMessages(ctx context.Context, in *struct {
	ByID
	Sliced
},
) (*reply[cursorPagedModelMessageResource], error) {
	slice, err := a.engine.ThreadSlice(ctx, actorOf(ctx), in.thread(), in.request())
	return a.messagesSlice(ctx, fmt.Sprintf("/threads/%d/messages", in.ID), in.request(), slice, err)
}

func (a *API) sendThreadMessage(ctx context.Context, in *struct {
	ByID
	Body createMessageResource
},
) (*reply[messageResource], error) {
	request, err := in.Body.request(ctx)
	if err != nil {
		return nil, err
	}
	var message chat.Message
	if in.Body.User == nil {
		message, err = a.engine.SendSystemMessageToThread(ctx, actorOf(ctx), in.thread(), request)
	} else {
		delegate, _, wrong := a.delegate(ctx, *in.Body.User)
		if wrong != nil {
			return nil, wrong
		}
		message, err = a.engine.SendToThread(ctx, delegate, in.thread(), request)
	}
	return answer(a.message(ctx, message), err)
}

func (a *API) sendThreadKeystrokes(ctx context.Context, in *struct {
	ByID
	Body createDelegatedReplyThreadKeystrokesResource
},
) (*reply[replyThreadKeystrokesResource], error) {
	delegate, user, err := a.delegate(ctx, in.Body.User)
	if err != nil {
		return nil, err
	}
	err = a.engine.ShowThreadKeystrokes(ctx, delegate, in.thread(), in.Body.Keys)
	return answer(replyThreadKeystrokesResource{
		Keys: in.Body.Keys, Username: user.Name, Links: links{"application": a.href(ctx, "/application")},
	}, err)
}

type pagedModelMessageResource struct {
	Embedded cursorPagedModelMessageResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                            `json:"page"`
	Links    links                                   `json:"_links,omitempty"`
}

func (a *API) listReportedMessages(ctx context.Context, in *ListOf) (*reply[pagedModelMessageResource], error) {
	page, err := a.engine.ReportedMessages(ctx, actorOf(ctx), in.channel(), in.request())
	m := pagedModelMessageResource{Embedded: cursorPagedModelMessageResourceEmbedded{each(ctx, page.Items, a.message)}}
	m.Page, m.Links = numbered(a, ctx, fmt.Sprintf("/channels/%d/reported-messages", in.ID), in.request(), page)
	return answer(m, err)
}
