package platform

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerMessages() {
	huma.Register(a.huma, operation("list-channel-messages", http.MethodGet, "/channels/{id}/messages",
		"List the messages of a channel, newest first", "read:channel", "read:message"), a.listChannelMessages)
	huma.Register(a.huma, marked(operation("send-channel-message", http.MethodPost, "/channels/{id}/messages",
		"Send a message: a user's, or without a user a system message", "read:channel", "read:user", "create:message"), fileMessage), a.sendMessage)
	a.describeForm("/channels/{id}/messages")
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
	request := chat.SliceRequest{Size: s.Size, At: s.Start}
	switch {
	case s.Relation == "NEXT" && s.Next != 0:
		request.At = s.Next
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
func (a *API) messagesSlice(ctx context.Context, path string, request chat.SliceRequest, slice chat.Slice[chat.Message], err error) (*reply[cursorPagedModelMessageResource], error) {
	m := cursorPagedModelMessageResource{Embedded: cursorPagedModelMessageResourceEmbedded{each(ctx, slice.Items, a.message)}}
	m.Page, m.Links = sliced(a, ctx, path, request, slice)
	return answer(m, err)
}

// sliced describes a slice and links it to its neighbours.
func sliced[T any](a *API, ctx context.Context, path string, request chat.SliceRequest, slice chat.Slice[T]) (cursorPageMetadata, links) {
	page := cursorPageMetadata{Size: int64(request.Limit()), Total: slice.Total}
	query := cloned(infoOf(ctx).query)
	query.Set("size", strconv.Itoa(request.Limit()))
	query.Del("start")
	query.Del("next")
	if slice.Start != 0 {
		page.Start = strconv.FormatInt(slice.Start, 10)
		query.Set("start", page.Start)
	}
	if slice.Next != 0 {
		page.Next = strconv.FormatInt(slice.Next, 10)
		query.Set("next", page.Next)
	}
	to := func(relation string) link {
		query.Set("relation", relation)
		return a.href(ctx, "%s?%s", path, query.Encode())
	}
	all := links{"self": to("SELF")}
	if slice.Next != 0 {
		all["next"] = to("NEXT")
	}
	if slice.Earlier {
		all["prev"] = to("PREVIOUS")
	}
	return page, all
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
	return a.messagesSlice(ctx, fmt.Sprintf("/channels/%d/messages", in.ID), in.request(), slice, err)
}

func (a *API) listMessages(ctx context.Context, in *Searched) (*reply[cursorPagedModelMessageResource], error) {
	slice, err := a.engine.MessageSlice(ctx, actorOf(ctx), chat.MessageSelection{Text: in.Query}, in.Username, in.request())
	return a.messagesSlice(ctx, "/messages", in.request(), slice, err)
}

type createMessageResource struct {
	Type       string                        `json:"type" enum:"TEXT,FILE"`
	Body       string                        `json:"body,omitempty" doc:"Of a text message"`
	File       *createExternalFileProperties `json:"file,omitempty" doc:"Of a file message"`
	GroupTag   string                        `json:"group_tag,omitempty"`
	Properties object                        `json:"properties,omitempty"`
	User       *userReference                `json:"user,omitempty" doc:"The author; absent for a system message"`
}

func (m createMessageResource) request(ctx context.Context) (chat.NewMessage, error) {
	properties, err := chat.ParseProperties(m.Properties)
	return chat.NewMessage{
		Type: chat.MessageType(m.Type), Body: m.Body, File: m.File.file(ctx), GroupTag: m.GroupTag, Properties: properties,
	}, err
}

func (a *API) sendMessage(ctx context.Context, in *struct {
	ByID
	Body createMessageResource
},
) (*reply[messageResource], error) {
	request, err := in.Body.request(ctx)
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
