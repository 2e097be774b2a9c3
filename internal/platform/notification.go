package platform

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerNotifications() {
	huma.Register(a.huma, operation("list-user-notifications", http.MethodGet, "/users/{id}/notifications",
		"List the notifications of a user, newest first", "read:user", "read:notifications"), a.listNotifications)
	huma.Register(a.huma, ours(operation("read-user-notifications", http.MethodPost, "/users/{id}/notifications/read",
		"Note that a user has read all notifications, and count those that were unread", "read:user", "update:notifications")), a.readNotifications)
	huma.Register(a.huma, ours(operation("read-user-notification", http.MethodPost, "/users/{id}/notifications/{notification_id}/read",
		"Note that a user has read a notification", "read:user", "update:notifications")), a.readNotification)
}

// notificationData says what a notification is about. Which fields there are
// depends on the type.
type notificationData struct {
	Type             string            `json:"type"`
	ChannelID        int64             `json:"channel_id" doc:"Deprecated: the notification has the channel"`
	Message          messageResource   `json:"message"`
	Parent           *messageResource  `json:"parent,omitempty" doc:"What the message replies to"`
	MentionedChannel *channelResource  `json:"mentioned_channel,omitempty"`
	MentionedUser    *chatUserResource `json:"mentioned_user,omitempty"`
}

type notificationResource struct {
	ID          int64             `json:"id"`
	Body        string            `json:"body"`
	Channel     ChannelProperties `json:"channel"`
	CreatedTime string            `json:"created_time" format:"date-time"`
	Data        notificationData  `json:"data"`
	Muted       bool              `json:"muted" doc:"The user must not be alerted"`
	ReadTime    string            `json:"read_time,omitempty" format:"date-time"`
	Title       string            `json:"title"`
	Links       links             `json:"_links,omitempty"`
}

func (a *API) notification(ctx context.Context, n chat.Notification) notificationResource {
	r := notificationResource{
		ID: n.ID, Channel: a.channelProperties(n.Channel), CreatedTime: timestamp(n.CreatedAt), Muted: n.Muted,
		Data: notificationData{Type: n.Type(), ChannelID: int64(n.Message.Channel), Message: a.message(ctx, n.Message)},
		Links: links{
			"recipient":   a.href(ctx, "/users/%d", n.Recipient.ID),
			"application": a.href(ctx, "/application"),
		},
	}
	r.Title, r.Body = n.Words()
	if !n.ReadAt.IsZero() {
		r.ReadTime = timestamp(n.ReadAt)
	}
	if n.Parent != nil {
		parent := a.message(ctx, *n.Parent)
		r.Data.Parent = &parent
	}
	if n.Mentioned != nil {
		channel := a.channel(ctx, chat.ChannelView{Channel: *n.Mentioned})
		r.Data.MentionedChannel = &channel
	}
	if n.Kind == chat.MentionedUser {
		user := a.user(ctx, n.Recipient)
		r.Data.MentionedUser = &user
	}
	return r
}

type cursorPagedModelNotificationResourceEmbedded struct {
	Notifications []notificationResource `json:"notifications"`
}

type cursorPagedModelNotificationResource struct {
	Embedded cursorPagedModelNotificationResourceEmbedded `json:"_embedded"`
	Page     cursorPageMetadata                           `json:"page"`
	Links    links                                        `json:"_links,omitempty"`
}

func (a *API) listNotifications(ctx context.Context, in *struct {
	ByID
	Sliced
},
) (*reply[cursorPagedModelNotificationResource], error) {
	slice, err := a.engine.NotificationSlice(ctx, actorOf(ctx), in.user(), in.request())
	m := cursorPagedModelNotificationResource{Embedded: cursorPagedModelNotificationResourceEmbedded{each(ctx, slice.Items, a.notification)}}
	m.Page, m.Links = sliced(a, ctx, fmt.Sprintf("/users/%d/notifications", in.ID), in.request(), slice)
	return answer(m, err)
}

func (a *API) readNotifications(ctx context.Context, in *ByID) (*reply[countResource], error) {
	count, err := a.engine.ReadNotifications(ctx, actorOf(ctx), in.user())
	return answer(countResource{count}, err)
}

func (a *API) readNotification(ctx context.Context, in *struct {
	ByID
	Notification int64 `path:"notification_id" minimum:"1"`
},
) (*reply[notificationResource], error) {
	n, err := a.engine.ReadNotification(ctx, actorOf(ctx), in.user(), in.Notification)
	return answer(a.notification(ctx, n), err)
}
