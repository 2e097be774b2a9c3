package platform

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerMessages() {
	huma.Register(a.huma, operation("list-channel-messages", http.MethodGet, "/channels/{id}/messages",
		"List the messages of a channel, newest first", "read:channel", "read:message"), a.listChannelMessages)
	huma.Register(a.huma, operation("send-channel-message", http.MethodPost, "/channels/{id}/messages",
		"Send a message: a user's, or without a user a system message", "read:channel", "read:user", "create:message"), a.sendMessage)
	huma.Register(a.huma, operation("list-messages", http.MethodGet, "/messages",
		"List or search all messages, newest first", "read:message"), a.listMessages)
	huma.Register(a.huma, operation("delete-messages", http.MethodDelete, "/messages",
		"Delete every message of the application", "read:message", "delete:message"), a.deleteMessages)
	huma.Register(a.huma, operation("retrieve-message", http.MethodGet, "/messages/{id}", "Return a message", "read:message"), a.retrieveMessage)
	huma.Register(a.huma, marked(operation("update-message", http.MethodPatch, "/messages/{id}",
		"Change a message, by a merge patch", "read:message", "update:message"), optionalBody), a.updateMessage)
}

// Sliced are the query parameters of lists that are walked.
type Sliced struct {
	Size     int    `query:"size" doc:"Elements of a slice; below 1 for 25, at most 100"`
	Start    int64  `query:"start" minimum:"0" doc:"Cursor of a slice, from a link"`
	Next     int64  `query:"next" minimum:"0" doc:"Cursor of the slice after it, from a link"`
	Relation string `query:"relation" enum:"SELF,PREVIOUS,NEXT" doc:"Which slice is meant: at start, before it, or at next"`
}

func (s Sliced) request() chat.SliceRequest {
	request := chat.SliceRequest{Size: s.Size, At: chat.MessageID(s.Start)}
	switch {
	case s.Relation == "NEXT" && s.Next != 0:
		request.At = chat.MessageID(s.Next)
	case s.Relation == "PREVIOUS":
		request.Backwards = s.Start != 0
	}
	return request
}

type cursorPagedModelMessageResourceEmbedded struct {
	Messages []messageResource `json:"messages"`
}

type cursorPagedModelMessageResource struct {
	Embedded cursorPagedModelMessageResourceEmbedded `json:"_embedded"`
	Page     cursorPageMetadata                      `json:"page"`
	Links    links                                   `json:"_links,omitempty"`
}

// messagesSlice is a slice of messages as a resource.
func (a *API) messagesSlice(ctx context.Context, path string, request chat.SliceRequest, slice chat.MessageSlice, err error) (*reply[cursorPagedModelMessageResource], error) {
	m := cursorPagedModelMessageResource{Embedded: cursorPagedModelMessageResourceEmbedded{each(ctx, slice.Messages, a.message)}}
	m.Page = cursorPageMetadata{Size: int64(request.Limit()), Total: slice.Total}
	query := cloned(infoOf(ctx).query)
	query.Set("size", strconv.Itoa(request.Limit()))
	query.Del("start")
	query.Del("next")
	if len(slice.Messages) > 0 {
		m.Page.Start = strconv.FormatInt(int64(slice.Messages[0].ID), 10)
		query.Set("start", m.Page.Start)
	}
	if slice.Next != 0 {
		m.Page.Next = strconv.FormatInt(int64(slice.Next), 10)
		query.Set("next", m.Page.Next)
	}
	to := func(relation string) link {
		query.Set("relation", relation)
		return a.href(ctx, "%s?%s", path, query.Encode())
	}
	m.Links = links{"self": to("SELF")}
	if slice.Next != 0 {
		m.Links["next"] = to("NEXT")
	}
	if slice.Earlier {
		m.Links["prev"] = to("PREVIOUS")
	}
	return answer(m, err)
}

// Searched are the query parameters that select messages.
type Searched struct {
	Sliced
	Username string `query:"username" doc:"Of the author"`
	Query    string `query:"query" maxLength:"255" doc:"A part of the text of a message, in any case"`
}

func (a *API) listChannelMessages(ctx context.Context, in *struct {
	ByID
	Searched
},
) (*reply[cursorPagedModelMessageResource], error) {
	f := chat.MessageSelection{Channel: in.channel(), Text: in.Query}
	slice, err := a.engine.MessageSlice(ctx, actorOf(ctx), f, in.Username, in.request())
	return a.messagesSlice(ctx, hrefPath("/channels/%d/messages", in.ID), in.request(), slice, err)
}

func (a *API) listMessages(ctx context.Context, in *Searched) (*reply[cursorPagedModelMessageResource], error) {
	slice, err := a.engine.MessageSlice(ctx, actorOf(ctx), chat.MessageSelection{Text: in.Query}, in.Username, in.request())
	return a.messagesSlice(ctx, "/messages", in.request(), slice, err)
}

type createMessageResource struct {
	Type       string         `json:"type" enum:"TEXT,FILE"`
	Body       string         `json:"body,omitempty" doc:"Of a text message"`
	GroupTag   string         `json:"group_tag,omitempty"`
	Properties object         `json:"properties,omitempty"`
	User       *userReference `json:"user,omitempty" doc:"The author; absent for a system message"`
}

func (m createMessageResource) request() (chat.NewMessage, error) {
	properties, err := chat.ParseProperties(m.Properties)
	return chat.NewMessage{Type: chat.MessageType(m.Type), Body: m.Body, GroupTag: m.GroupTag, Properties: properties}, err
}

func (a *API) sendMessage(ctx context.Context, in *struct {
	ByID
	Body createMessageResource
},
) (*reply[messageResource], error) {
	request, err := in.Body.request()
	if err != nil {
		return nil, err
	}
	request.Channel = in.channel()
	var message chat.Message
	if in.Body.User == nil {
		message, err = a.engine.SendSystemMessage(ctx, actorOf(ctx), request)
	} else {
		delegate, _, wrong := a.delegate(ctx, *in.Body.User)
		if wrong != nil {
			return nil, wrong
		}
		message, err = a.engine.SendMessage(ctx, delegate, request)
	}
	return answer(a.message(ctx, message), err)
}

func (a *API) deleteMessages(ctx context.Context, _ *struct{}) (*reply[applicationResource], error) {
	if err := a.engine.DeleteMessages(ctx, actorOf(ctx)); err != nil {
		return nil, err
	}
	return a.retrieveApplication(ctx, nil)
}

func (a *API) retrieveMessage(ctx context.Context, in *ByID) (*reply[messageResource], error) {
	message, err := a.engine.Message(ctx, actorOf(ctx), in.message())
	if err == nil {
		err = message.CheckPresent()
	}
	return answer(a.message(ctx, message), err)
}

type messagePropertiesPatch struct {
	Body       *string `json:"body,omitempty"`
	Properties object  `json:"properties,omitempty" doc:"Merged: null removes a value"`
}

func (a *API) updateMessage(ctx context.Context, in *struct {
	ByID
	Body messagePropertiesPatch
},
) (*reply[messageResource], error) {
	message, err := a.engine.PatchMessage(ctx, actorOf(ctx), in.message(), in.Body.Body, in.Body.Properties)
	return answer(a.message(ctx, message), err)
}
