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

// notification writes a Notification.
func (r *renderer) notification(dst []byte, n *chat.Notification) []byte {
	title, body := n.Words()
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
	dst = append(append(append(dst, `{"type":"`...), n.Type()...), `","channelId":`...)
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
