package store

import (
	"context"
	"math"
	"time"

	"openkitty/internal/chat"
)

func scanNotification(r row) (n NotificationRow, err error) {
	var created, read int64
	err = r.Scan(&n.ID, &n.User, &n.Sequence, &n.Muted, &n.Kind, &n.Message, &n.Mentioned, &created, &read)
	n.CreatedAt, n.ReadAt = moment(created), maybeMoment(read)
	return n, err
}

const notificationColumns = `n.id, n.user_id, n.sequence, n.muted, n.kind, n.message_id, n.mentioned_id, n.created_at, n.read_at`

// ofNotifications are the notifications of a user, but those of messages that
// were deleted since.
const ofNotifications = `notification n
	JOIN message t ON t.application_id = n.application_id AND t.id = n.message_id
	JOIN channel c ON +c.application_id = t.application_id AND c.id = t.channel_id
	WHERE n.application_id = $1 AND n.user_id = $2 AND t.deleted_at = 0`

// NotificationSlice returns a part of a user's notifications, newest first. Their
// places are those in the stream of the user.
func (r Reader) NotificationSlice(ctx context.Context, app chat.ApplicationID, user chat.User, p chat.SliceRequest) (chat.Slice[chat.Notification], error) {
	var none chat.Slice[chat.Notification]
	s := selection{from: ofNotifications, args: []any{app, user.ID}}
	total, _, err := r.count(ctx, s, listKeyOf(s, nil))
	if err != nil {
		return none, wrap(err, "count the notifications of user %d", user.ID)
	}
	at, beyond, order := p.At, "<=", "DESC"
	if p.Backwards {
		beyond, order = ">", "ASC"
	} else if at == 0 {
		at = math.MaxInt64
	}
	rows, err := many(ctx, r.db, scanNotification, `SELECT `+notificationColumns+` FROM `+ofNotifications+` AND n.sequence `+beyond+` $3
		ORDER BY n.sequence `+order+`
		LIMIT $4`,
		app, user.ID, at, p.Limit()+1)
	if err != nil {
		return none, wrap(err, "list the notifications of user %d", user.ID)
	}
	part := chat.SliceOf(p, rows, total, func(n NotificationRow) int64 { return n.Sequence })
	items, err := r.completeNotifications(ctx, app, user, part.Items)
	return chat.Slice[chat.Notification]{Items: items, Start: part.Start, Total: part.Total, Next: part.Next, Earlier: part.Earlier}, err
}

// Notification returns a notification of a user, by its id.
func (r Reader) Notification(ctx context.Context, app chat.ApplicationID, user chat.User, id int64) (chat.Notification, error) {
	row, err := one(ctx, r.db, scanNotification, `SELECT `+notificationColumns+` FROM `+ofNotifications+` AND n.id = $3`, app, user.ID, id)
	if err != nil {
		return chat.Notification{}, wrap(absent(err, chat.NoNotification(id)), "read notification %d", id)
	}
	items, err := r.completeNotifications(ctx, app, user, []NotificationRow{row})
	if err != nil {
		return chat.Notification{}, err
	}
	return items[0], nil
}

// completeNotifications reads what notifications of a user are about.
func (r Reader) completeNotifications(ctx context.Context, app chat.ApplicationID, user chat.User, rows []NotificationRow) ([]chat.Notification, error) {
	messages := map[chat.MessageID]chat.Message{}
	for _, row := range rows {
		messages[row.Message] = chat.Message{}
	}
	if err := r.fillMessages(ctx, app, messages); err != nil {
		return nil, err
	}
	parents := map[chat.MessageID]chat.Message{}
	channels := map[chat.ChannelID]chat.ChannelView{}
	for _, row := range rows {
		m := messages[row.Message]
		channels[m.Channel] = chat.ChannelView{}
		if row.Kind == chat.RepliedTo {
			parents[m.Parent] = chat.Message{}
		}
	}
	if err := r.fillMessages(ctx, app, parents); err != nil {
		return nil, err
	}
	views, err := r.channelViews(ctx, app, keys(channels))
	if err != nil {
		return nil, err
	}
	for _, view := range views {
		channels[view.ID] = view
	}
	items := make([]chat.Notification, len(rows))
	for i, row := range rows {
		m := messages[row.Message]
		items[i] = chat.Notification{
			ID: row.ID, Kind: row.Kind, Recipient: user, Channel: channels[m.Channel], Message: m,
			Mentioned: m.MentionedChannel(row.Mentioned), Muted: row.Muted, CreatedAt: row.CreatedAt, ReadAt: row.ReadAt,
		}
		if parent, there := parents[m.Parent]; there && row.Kind == chat.RepliedTo {
			items[i].Parent = &parent
		}
	}
	return items, nil
}

// fillMessages reads the messages that are the keys of a map.
func (r Reader) fillMessages(ctx context.Context, app chat.ApplicationID, wanted map[chat.MessageID]chat.Message) error {
	found, err := r.messagesByID(ctx, app, keys(wanted))
	for _, m := range found {
		wanted[m.ID] = m
	}
	return err
}

// MarkNotificationRead notes that a user has read a notification, unless that was
// noted before.
func (tx *Tx) MarkNotificationRead(ctx context.Context, app chat.ApplicationID, user chat.UserID, id int64, at time.Time) error {
	_, err := one(ctx, tx.db, scanValue[int64], `
		UPDATE notification
		SET read_at = CASE WHEN read_at = 0 THEN $4 ELSE read_at END
		WHERE application_id = $1 AND user_id = $2 AND id = $3
		RETURNING id`,
		app, user, id, at.UnixMicro())
	return wrap(absent(err, chat.NoNotification(id)), "mark notification %d", id)
}

// MarkNotificationsRead notes that a user has read up to limit notifications, the
// oldest of those after a place in the user's stream that the user has not read.
// It returns how many, and the place of the last.
func (tx *Tx) MarkNotificationsRead(ctx context.Context, app chat.ApplicationID, user chat.UserID, after int64, at time.Time, limit int) (marked int, last int64, err error) {
	places, err := many(ctx, tx.db, scanValue[int64], `
		UPDATE notification
		SET read_at = $4
		WHERE application_id = $1 AND user_id = $2 AND sequence IN (
			SELECT n.sequence
			FROM notification n
			WHERE n.application_id = $1 AND n.user_id = $2 AND n.sequence > $3 AND n.read_at = 0
			ORDER BY n.sequence
			LIMIT $5)
		RETURNING sequence`,
		app, user, after, at.UnixMicro(), limit)
	for _, place := range places {
		last = max(last, place)
	}
	return len(places), last, wrap(err, "mark the notifications of user %d", user)
}
