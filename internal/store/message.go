package store

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
)

const messageColumns = `t.id, t.application_id, t.channel_id, t.type, t.body, t.group_tag, t.properties, t.sequence, t.created_at,
	t.parent_id, t.reply_count, t.emoji_count, t.mentions, t.edited_at, t.deleted_at, t.thread_id, t.report_count, ` + maybeUserColumns

// messageRow is a message without what other tables hold of it.
type messageRow struct {
	chat.Message
	emojis   int64  // with which it was reacted to
	mentions string // see encodeMentions
}

func scanMessage(r row) (messageRow, error) {
	var m messageRow
	var created, edited, deleted int64
	var author userRow
	err := r.Scan(append([]any{&m.ID, &m.Application, &m.Channel, &m.Type, &m.Body, &m.GroupTag, &m.Properties, &m.Sequence, &created,
		&m.Parent, &m.Replies, &m.emojis, &m.mentions, &edited, &deleted, &m.InThread, &m.Reports}, author.into()...)...)
	m.CreatedAt, m.EditedAt, m.DeletedAt = moment(created), maybeMoment(edited), maybeMoment(deleted)
	if author.user.ID != 0 {
		user := author.value()
		m.Author = &user
	}
	return m, err
}

// Sender returns what the rules of sending need: the channel, the user's
// membership of it (nil if there is none), and the user.
func (r Reader) Sender(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (chat.Channel, *chat.Membership, chat.User, error) {
	s, err := one(ctx, r.db, scanSender, `
		SELECT `+viewColumns+`, `+maybeUserColumns+`
		FROM channel c
		LEFT JOIN membership m ON m.application_id = c.application_id AND m.channel_id = c.id AND m.user_id = $2
		LEFT JOIN chat_user u ON u.application_id = c.application_id AND u.id = $2
		WHERE c.application_id = $1 AND c.id = $3`,
		app, user, channel)
	if err == nil && s.user.ID == 0 {
		err = chat.NoUser(user)
	}
	if err != nil {
		return s.channel, nil, s.user, fmt.Errorf("read the sender %d to channel %d: %w", user, channel, absent(err, chat.NoChannel(channel)))
	}
	if s.membership != nil {
		s.membership.User = user
	}
	return s.channel, s.membership, s.user, nil
}

// sender is a user about to write to a channel.
type sender struct {
	channel    chat.Channel
	membership *chat.Membership
	user       chat.User
}

func scanSender(r row) (sender, error) {
	var c channelRow
	var v viewerRow
	var u userRow
	err := r.Scan(append(append(c.into(), v.into()...), u.into()...)...)
	channel := c.value()
	return sender{channel, v.value(channel.ID), u.value()}, err
}

// CreateMessage stores a message as the latest of its channel, records the
// change, and returns the message with its id and sequence.
func (tx *Tx) CreateMessage(ctx context.Context, m chat.Message) (chat.Message, error) {
	id, err := tx.messageID(ctx)
	if err != nil {
		return m, err
	}
	at := m.CreatedAt.UnixMicro()
	sequence, err := one(ctx, tx.db, scanValue[int64], `
		UPDATE channel
		SET sequence = sequence + 1, message_count = message_count + 1, last_message_id = $3, active_at = $4
		WHERE application_id = $1 AND id = $2
		RETURNING sequence`,
		m.Application, m.Channel, id, at)
	if err != nil {
		return m, fmt.Errorf("count a message of channel %d: %w", m.Channel, absent(err, chat.NoChannel(m.Channel)))
	}
	m.ID, m.Sequence = chat.MessageID(id), sequence
	if err := tx.insertMessage(ctx, m); err != nil {
		return m, fmt.Errorf("create a message in channel %d: %w", m.Channel, err)
	}
	return m, tx.insertChange(ctx, m.Application, chat.Change{
		Stream: chat.Stream{Channel: m.Channel}, Sequence: sequence, Kind: chat.MessageCreated, Subject: id, At: m.CreatedAt,
	})
}

// NumberMessage gives an id to a message that is not stored.
func (tx *Tx) NumberMessage(ctx context.Context, m chat.Message) (chat.Message, error) {
	id, err := tx.messageID(ctx)
	m.ID = chat.MessageID(id)
	return m, err
}

// idBlock is a range of message ids that nobody else uses.
type idBlock struct{ next, last int64 }

// messageID takes the next id for a message.
func (tx *Tx) messageID(ctx context.Context) (int64, error) {
	ids := &tx.lane.ids
	if ids.next == ids.last {
		last, err := one(ctx, tx.db, scanValue[int64], tx.lane.engine.reserve)
		if err != nil {
			return 0, fmt.Errorf("reserve message ids: %w", err)
		}
		*ids = idBlock{last - messageIDBlock, last}
	}
	ids.next++
	return ids.next, nil
}

func (tx *Tx) insertMessage(ctx context.Context, m chat.Message) error {
	var author chat.UserID
	if m.Author != nil {
		author = m.Author.ID
	}
	return tx.exec(ctx, `
		INSERT INTO message (id, application_id, channel_id, type, author_id, body, group_tag, properties, sequence, created_at,
			parent_id, mentions, thread_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		m.ID, m.Application, m.Channel, string(m.Type), author, m.Body, m.GroupTag, string(m.Properties), m.Sequence,
		m.CreatedAt.UnixMicro(), m.Parent, encodeMentions(m.Mentions), m.InThread)
}

// Message returns the message with an id, even if it was deleted.
func (r Reader) Message(ctx context.Context, app chat.ApplicationID, id chat.MessageID) (chat.Message, error) {
	m, err := one(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM message t
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND t.id = $2`,
		app, id)
	if err != nil {
		return m.Message, fmt.Errorf("read message %d: %w", id, absent(err, chat.NoMessage(id)))
	}
	messages, err := r.completeMessages(ctx, app, []messageRow{m})
	if err != nil {
		return m.Message, err
	}
	return messages[0], nil
}

// visible leaves out the messages that were deleted, and those that the viewer,
// $2 of the query, deleted for themselves.
const visible = `t.deleted_at = 0 AND NOT EXISTS (
			SELECT 1
			FROM hidden_message h
			WHERE h.application_id = t.application_id AND h.user_id = $2 AND h.channel_id = t.channel_id AND h.message_id = t.id)`

// Messages returns a page of the messages of a channel that a member sees,
// newest first. The order is that of creation time and id: ids alone do not
// order messages that several nodes wrote.
func (r Reader) Messages(
	ctx context.Context, app chat.ApplicationID, member chat.Membership, f chat.MessageFilter, p chat.PageRequest,
) (chat.Page[chat.Message], error) {
	var none chat.Page[chat.Message]
	k, err := byTime(p)
	if err != nil {
		return none, err
	}
	total, err := r.CountMessages(ctx, app, member, f)
	if err != nil {
		return none, err
	}
	rows, err := many(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM message t
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND t.channel_id = $3 AND (t.created_at, t.id) `+k.beyond+` ($4, $5)
			AND t.created_at > $6 AND `+mainThread(f, "t.")+` AND `+visible+`
		ORDER BY t.created_at `+k.order+`, t.id `+k.order+`
		LIMIT $7`,
		app, member.User, member.Channel, k.time, k.id, clearedAt(member), k.fetch)
	if err != nil {
		return none, fmt.Errorf("list the messages of channel %d: %w", member.Channel, err)
	}
	return r.messagePage(ctx, app, p, rows, total)
}

// mainThread is the condition that a filter makes of its MainThread.
func mainThread(f chat.MessageFilter, table string) string {
	if f.MainThread {
		return table + "parent_id = 0 AND " + table + "thread_id = 0"
	}
	return "1 = 1"
}

// CountMessages counts the messages that Messages lists. It costs the same in
// channels of any size, and more only with what the member has hidden, or, of the
// main thread, has been written since they cleared the history.
func (r Reader) CountMessages(ctx context.Context, app chat.ApplicationID, member chat.Membership, f chat.MessageFilter) (int64, error) {
	count := "c.message_count - $4"
	if f.MainThread {
		if !member.ClearedAt.IsZero() {
			return r.countSinceCleared(ctx, app, member, f)
		}
		count = "c.message_count - $4 - c.reply_count"
	}
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT `+count+` - (
			SELECT COUNT(*)
			FROM hidden_message h
			WHERE h.application_id = c.application_id AND h.user_id = $2 AND h.channel_id = c.id AND `+mainThread(f, "h.")+`)
		FROM channel c
		WHERE c.application_id = $1 AND c.id = $3`,
		app, member.User, member.Channel, member.ClearedCount)
	if err != nil {
		return 0, fmt.Errorf("count the messages of channel %d: %w", member.Channel, absent(err, chat.NoChannel(member.Channel)))
	}
	return max(n, 0), nil
}

// countSinceCleared counts what a member who cleared the history sees, by
// walking it: how many of the earlier messages were replies is not kept.
func (r Reader) countSinceCleared(ctx context.Context, app chat.ApplicationID, member chat.Membership, f chat.MessageFilter) (int64, error) {
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT COUNT(*)
		FROM message t
		WHERE t.application_id = $1 AND t.channel_id = $3 AND t.created_at > $4 AND `+mainThread(f, "t.")+` AND `+visible,
		app, member.User, member.Channel, clearedAt(member))
	if err != nil {
		return 0, fmt.Errorf("count the messages of channel %d: %w", member.Channel, err)
	}
	return n, nil
}

// messagePage completes the rows that a keyset fetched and makes a page of them.
func (r Reader) messagePage(ctx context.Context, app chat.ApplicationID, p chat.PageRequest, rows []messageRow, total int64) (chat.Page[chat.Message], error) {
	messages, err := r.completeMessages(ctx, app, rows)
	if err != nil {
		return chat.Page[chat.Message]{}, err
	}
	return page(p, messages, total, messageCursor), nil
}

func messageCursor(m chat.Message) chat.Cursor {
	return timeCursor(m.CreatedAt.UnixMicro(), int64(m.ID))
}
