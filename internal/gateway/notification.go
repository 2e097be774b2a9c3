package gateway

import (
	"strconv"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

var notificationCreated = eventType{aspectNotifications, "user.notification.created", "me.notification.created", gen1x58}

func (g *announcer) announceNotification(e chat.NotificationCreated) {
	user := e.Notification.Recipient.ID
	g.publish(toUser(user), notificationCreated, position{"u", int64(user), e.Sequence}, chat.Cause{}, func(p *broker.Publication) {
		p.Resource = g.render.notification(nil, &e.Notification)
	})
}

// notificationType is the type of a notification's data.
func notificationType(n *chat.Notification) string {
	switch {
	case n.Kind == chat.MentionedUser:
		return "USER:MENTIONED:USER"
	case n.Kind == chat.MentionedChannel:
		return "USER:MENTIONED:CHANNEL"
	case n.Kind == chat.RepliedTo:
		return "USER:REPLIED_TO:MESSAGE"
	case n.Message.Author == nil:
		return "SYSTEM:SENT:MESSAGE"
	default:
		return "USER:SENT:MESSAGE"
	}
}

// notification writes a Notification.
func (r *renderer) notification(dst []byte, n *chat.Notification) []byte {
	title, body := "System message sent", n.Message.Body
	if n.Message.Author != nil {
		title = n.Message.Author.DisplayName
	}
	if body == "" {
		body = "File attachment"
	}
	dst = strconv.AppendInt(append(dst, `{"id":`...), n.ID, 10)
	dst = appendString(append(dst, `,"title":`...), title)
	dst = appendString(append(dst, `,"body":`...), body)
	dst = r.channel(append(dst, `,"channel":`...), &n.Channel)
	dst = r.notificationData(append(dst, `,"data":`...), n)
	dst = strconv.AppendBool(append(dst, `,"muted":`...), n.Muted)
	dst = appendTime(append(dst, `,"createdTime":`...), n.CreatedAt)
	if n.ReadAt.IsZero() {
		return append(dst, `,"readTime":null}`...)
	}
	return append(appendTime(append(dst, `,"readTime":`...), n.ReadAt), '}')
}

func (r *renderer) notificationData(dst []byte, n *chat.Notification) []byte {
	dst = append(append(append(dst, `{"type":"`...), notificationType(n)...), `","channelId":`...)
	dst = strconv.AppendInt(dst, int64(n.Message.Channel), 10)
	dst = r.message(append(dst, `,"message":`...), &n.Message)
	dst = r.user(append(dst, `,"recipient":`...), &n.Recipient)
	if n.Kind == chat.MentionedUser {
		dst = r.user(append(dst, `,"mentionedUser":`...), &n.Recipient)
	}
	if n.Mentioned != nil {
		dst = r.channel(append(dst, `,"mentionedChannel":`...), &chat.ChannelView{Channel: *n.Mentioned})
	}
	if n.Parent != nil {
		dst = r.message(append(dst, `,"parent":`...), n.Parent)
	}
	return append(dst, '}')
}
