package platform

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerReading() {
	huma.Register(a.huma, operation("retrieve-application-message-read-receipt-summaries", http.MethodGet,
		"/application/message-read-receipt-summaries", "List how many messages each user has not read of each channel, where any",
		"read:message", "read:read_receipt"), a.listSummaries)
	huma.Register(a.huma, operation("list-user-messages", http.MethodGet, "/users/{id}/messages",
		"List the messages that a user wrote, or those that the user has not read, newest first", "read:user", "read:channels"), a.listUserMessages)
	huma.Register(a.huma, operation("count-user-unread-messages", http.MethodGet, "/users/{id}/messages/unread/count",
		"Count the messages that a user has not read, in all channels", "read:user", "read:message"), a.countUnread)
	huma.Register(a.huma, operation("list-message-read-receipts", http.MethodGet, "/messages/{id}/read-receipts",
		"List who has read a message, the latest first", "read:message", "read:read_receipt"), a.listReceipts)
}

type messageReadReceiptSummaryResource struct {
	Channel ChannelProperties  `json:"channel"`
	Count   int64              `json:"count" doc:"Messages of the channel that the user has not read; at least one"`
	User    ChatUserProperties `json:"user"`
	Links   links              `json:"_links,omitempty"`
}

func (a *API) summary(ctx context.Context, s chat.ReadSummary) messageReadReceiptSummaryResource {
	return messageReadReceiptSummaryResource{a.channelProperties(s.Channel), s.Count, a.userProperties(s.User), links{
		"user":        a.href(ctx, "/users/%d", s.User.ID),
		"channel":     a.href(ctx, "/channels/%d", s.Channel.ID),
		"application": a.href(ctx, "/application"),
	}}
}

type pagedModelMessageReadReceiptSummaryResourceEmbedded struct {
	Summaries []messageReadReceiptSummaryResource `json:"summaries"`
}

type pagedModelMessageReadReceiptSummaryResource struct {
	Embedded pagedModelMessageReadReceiptSummaryResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                                        `json:"page"`
	Links    links                                               `json:"_links,omitempty"`
}

func (a *API) listSummaries(ctx context.Context, in *Paged) (*reply[pagedModelMessageReadReceiptSummaryResource], error) {
	page, err := a.engine.ReadSummaries(ctx, actorOf(ctx), in.request())
	m := pagedModelMessageReadReceiptSummaryResource{
		Embedded: pagedModelMessageReadReceiptSummaryResourceEmbedded{each(ctx, page.Items, a.summary)},
	}
	m.Page, m.Links = numbered(a, ctx, "/application/message-read-receipt-summaries", in.request(), page)
	return answer(m, err)
}

func (a *API) listUserMessages(ctx context.Context, in *struct {
	ByID
	Sliced
	Unread bool `query:"unread" doc:"Those that the user has not read, instead of those that the user wrote"`
},
) (*reply[cursorPagedModelMessageResource], error) {
	list := a.engine.WrittenSlice
	if in.Unread {
		list = a.engine.UnreadSlice
	}
	slice, err := list(ctx, actorOf(ctx), in.user(), in.request())
	return a.messagesSlice(ctx, fmt.Sprintf("/users/%d/messages", in.ID), in.request(), slice, err)
}

type countResource struct {
	Count int64 `json:"count"`
}

func (a *API) countUnread(ctx context.Context, in *ByID) (*reply[countResource], error) {
	count, err := a.engine.CountUnreadOf(ctx, actorOf(ctx), in.user())
	return answer(countResource{count}, err)
}

type messageReadReceiptResource struct {
	CreatedTime string             `json:"created_time" format:"date-time" doc:"When the user last read on in the channel"`
	User        ChatUserProperties `json:"user"`
	Links       links              `json:"_links,omitempty"`
}

func (a *API) receipt(ctx context.Context, r chat.ReadReceipt) messageReadReceiptResource {
	return messageReadReceiptResource{timestamp(r.CreatedAt), a.userProperties(r.User), links{
		"user":        a.href(ctx, "/users/%d", r.User.ID),
		"message":     a.href(ctx, "/messages/%d", r.Message),
		"application": a.href(ctx, "/application"),
	}}
}

type pagedModelMessageReadReceiptResourceEmbedded struct {
	Receipts []messageReadReceiptResource `json:"receipts"`
}

type pagedModelMessageReadReceiptResource struct {
	Embedded pagedModelMessageReadReceiptResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                                 `json:"page"`
	Links    links                                        `json:"_links,omitempty"`
}

func (a *API) listReceipts(ctx context.Context, in *ListOf) (*reply[pagedModelMessageReadReceiptResource], error) {
	page, err := a.engine.ReceiptPage(ctx, actorOf(ctx), in.message(), in.request())
	m := pagedModelMessageReadReceiptResource{Embedded: pagedModelMessageReadReceiptResourceEmbedded{each(ctx, page.Items, a.receipt)}}
	m.Page, m.Links = numbered(a, ctx, fmt.Sprintf("/messages/%d/read-receipts", in.ID), in.request(), page)
	return answer(m, err)
}
