package store

import (
	"context"
	"time"

	"openkitty/internal/chat"
)

// Walk is what is left to notify in a channel: of a message the members after
// User, of the channel or of a mentioned one, and then all later messages. It is
// kept in the channel's row, which every message writes anyway.
type Walk struct {
	Application chat.ApplicationID
	Channel     chat.ChannelID
	Message     chat.MessageID
	Mentioned   chat.ChannelID // zero for the members of the channel itself
	User        chat.UserID
}

func scanWalk(r row) (w Walk, err error) {
	err = r.Scan(&w.Application, &w.Channel, &w.Message, &w.Mentioned, &w.User)
	return w, err
}

// Walks returns up to limit walks of all applications, of channels after one.
func (r Reader) Walks(ctx context.Context, after chat.ChannelID, limit int) ([]Walk, error) {
	walks, err := many(ctx, r.db, scanWalk, `
		SELECT application_id, id, walk_message_id, walk_mentioned_id, walk_user_id
		FROM channel
		WHERE walk_message_id <> 0 AND id > $1
		ORDER BY id
		LIMIT $2`,
		after, limit)
	return walks, wrap(err, "read whom to notify")
}

// MoveWalk moves a walk on, or to the zero one ends it. It reports whether the
// walk was where from says: of two that move it from there, one does.
func (tx *Tx) MoveWalk(ctx context.Context, from, to Walk) (bool, error) {
	moved, err := many(ctx, tx.db, scanValue[chat.ChannelID], `
		UPDATE channel
		SET walk_message_id = $6, walk_mentioned_id = $7, walk_user_id = $8
		WHERE application_id = $1 AND id = $2
			AND walk_message_id = $3 AND walk_mentioned_id = $4 AND walk_user_id = $5
		RETURNING id`,
		from.Application, from.Channel, from.Message, from.Mentioned, from.User, to.Message, to.Mentioned, to.User)
	return len(moved) > 0, wrap(err, "move on in channel %d", from.Channel)
}

// HoldChannel returns a channel and keeps others from sending to it until the
// transaction ends.
func (tx *Tx) HoldChannel(ctx context.Context, app chat.ApplicationID, id chat.ChannelID) (chat.Channel, error) {
	err := tx.exec(ctx, `UPDATE channel SET sequence = sequence WHERE application_id = $1 AND id = $2`, app, id)
	if err != nil {
		return chat.Channel{}, wrap(err, "hold channel %d", id)
	}
	return tx.Channel(ctx, app, id)
}

// NextMessage returns the first message of a channel after one that anybody may
// be notified of: one that is not deleted and that has a number above latest,
// mentions, or a parent. It looks at limit messages, and if none is among them
// returns the last of them; zero if there are none.
func (r Reader) NextMessage(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, after chat.MessageID, latest int64, limit int) (next chat.MessageID, err error) {
	worth := false
	scan := func(r row) (chat.MessageID, error) {
		id, of := chat.MessageID(0), false
		err := r.Scan(&id, &of)
		if !worth {
			next, worth = id, of
		}
		return id, err
	}
	_, err = many(ctx, r.db, scan, `
		SELECT t.id, (t.number > $4 OR t.mentions <> '' OR t.parent_id <> 0)
		FROM message last
		JOIN message t ON t.application_id = last.application_id AND t.channel_id = $2
			AND t.deleted_at = 0 AND (t.created_at, t.id) > (last.created_at, last.id)
		WHERE last.application_id = $1 AND last.id = $3
		ORDER BY t.created_at, t.id
		LIMIT $5`,
		app, channel, after, latest, limit)
	return next, wrap(err, "read what follows message %d", after)
}

// MembersAfter returns up to limit members of a channel in the order of their
// ids, after one, but those who blocked the author.
func (r Reader) MembersAfter(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, after, author chat.UserID, limit int) (ids []chat.UserID, last chat.UserID, err error) {
	type member struct {
		id      chat.UserID
		blocked bool
	}
	scan := func(r row) (m member, err error) {
		err = r.Scan(&m.id, &m.blocked)
		return m, err
	}
	members, err := many(ctx, r.db, scan, `
		SELECT m.user_id, EXISTS (
			SELECT 1
			FROM user_block b
			WHERE b.application_id = m.application_id AND b.user_id = m.user_id AND b.blocked_id = $4)
		FROM membership m
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.user_id > $3
		ORDER BY m.user_id
		LIMIT $5`,
		app, channel, after, author, limit)
	for _, m := range members {
		if !m.blocked {
			ids = append(ids, m.id)
		}
	}
	if len(members) == limit {
		last = members[len(members)-1].id
	}
	return ids, last, wrap(err, "read the members of channel %d", channel)
}

// WithoutBlockers leaves out of some users those who blocked an author.
func (r Reader) WithoutBlockers(ctx context.Context, app chat.ApplicationID, author chat.UserID, users []chat.UserID) ([]chat.UserID, error) {
	kept, err := manyOf(ctx, r.db, scanValue[chat.UserID], `
		SELECT u.id
		FROM chat_user u
		WHERE +u.application_id = $1 AND u.deleted_at = 0 AND NOT EXISTS (
			SELECT 1
			FROM user_block b
			WHERE b.application_id = u.application_id AND b.user_id = u.id AND b.blocked_id = $2)
			AND u.id IN (list)`,
		users, app, author)
	return kept, wrap(err, "read who blocked user %d", author)
}

// MembersAmong returns which of some users are members of a channel.
func (r Reader) MembersAmong(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, users []chat.UserID) ([]chat.Membership, error) {
	members, err := manyOf(ctx, r.db, scanMembership, `
		SELECT m.channel_id, m.user_id, `+membershipColumns+`
		FROM membership m
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.user_id IN (list)`,
		users, app, channel)
	return members, wrap(err, "read which of %d users are members of channel %d", len(users), channel)
}

// Notified is a notification as it was stored.
type Notified struct {
	ID       int64
	User     chat.UserID
	Sequence int64
	Muted    bool
}

func scanNotified(r row) (n Notified, err error) {
	err = r.Scan(&n.ID, &n.User, &n.Sequence, &n.Muted)
	return n, err
}

// Notify notifies users of a message, for one reason, and records that in their
// streams. Deleted users are passed over. Muted are notifications of members who
// muted the channel, and of users who do not want to be disturbed.
//
// It returns nothing, since returning each of a hundred thousand rows would cost
// as much as writing it; Notified reads back those that somebody wants to see.
func (tx *Tx) Notify(ctx context.Context, m chat.Message, kind chat.NotificationKind, mentioned chat.ChannelID, users []chat.UserID) error {
	at := tx.Now().UnixMicro()
	err := tx.execOf(ctx, `
		UPDATE chat_user
		SET sequence = sequence + 1
		WHERE +application_id = $1 AND deleted_at = 0 AND id IN (list)`,
		users, m.Application)
	if err != nil {
		return wrap(err, "advance %d users", len(users))
	}
	tx.lane.turns.take(tx.call, users...)
	err = tx.execOf(ctx, `
		INSERT INTO notification (application_id, user_id, sequence, kind, message_id, mentioned_id, muted, created_at)
		SELECT u.application_id, u.id, u.sequence, CAST($2 AS SMALLINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT),
			COALESCE(m.muted, FALSE) OR u.status = $5, CAST($6 AS BIGINT)
		FROM chat_user u
		LEFT JOIN membership m ON m.application_id = u.application_id AND m.channel_id = $7 AND m.user_id = u.id
		WHERE +u.application_id = $1 AND u.deleted_at = 0 AND u.id IN (list)`,
		users, m.Application, int64(kind), m.ID, mentioned, string(chat.DoNotDisturb), at, m.Channel)
	if err != nil {
		return wrap(err, "notify %d users of message %d", len(users), m.ID)
	}
	err = tx.execOf(ctx, `
		INSERT INTO change (application_id, stream, sequence, kind, subject, at)
		SELECT u.application_id, u.id * 2 + 1, u.sequence, CAST($2 AS SMALLINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT)
		FROM chat_user u
		WHERE +u.application_id = $1 AND u.deleted_at = 0 AND u.id IN (list)`,
		users, m.Application, int64(chat.Notified), m.ID, at)
	return wrap(err, "record notifications of message %d", m.ID)
}

// Notified returns the notifications that are the latest change of some users,
// of a message.
func (r Reader) Notified(ctx context.Context, app chat.ApplicationID, message chat.MessageID, users []chat.UserID) ([]Notified, error) {
	made, err := manyOf(ctx, r.db, scanNotified, `
		SELECT n.id, n.user_id, n.sequence, n.muted
		FROM chat_user u
		JOIN notification n ON n.application_id = u.application_id AND n.user_id = u.id AND n.sequence = u.sequence
		WHERE +u.application_id = $1 AND n.message_id = $2 AND u.id IN (list)`,
		users, app, message)
	return made, wrap(err, "read the notifications of message %d", message)
}

// NotificationRow is a notification as it is kept: what it is about is read again
// when it is shown.
type NotificationRow struct {
	Notified
	Kind      chat.NotificationKind
	Message   chat.MessageID
	Mentioned chat.ChannelID // zero for none
	CreatedAt time.Time
	ReadAt    time.Time // zero while the user has not read it
}

// Notifications returns up to limit notifications of a user that follow a place
// in the stream of the user, in order.
func (r Reader) Notifications(ctx context.Context, app chat.ApplicationID, user chat.UserID, after int64, limit int) ([]NotificationRow, error) {
	found, err := many(ctx, r.db, scanNotification, `
		SELECT `+notificationColumns+`
		FROM notification n
		WHERE n.application_id = $1 AND n.user_id = $2 AND n.sequence > $3
		ORDER BY n.sequence
		LIMIT $4`,
		app, user, after, limit)
	return found, wrap(err, "list the notifications of user %d", user)
}
