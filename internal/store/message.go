package store

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
)

const messageColumns = `t.id, t.application_id, t.channel_id, t.type, t.body, t.group_tag, t.properties, t.sequence, t.number, t.created_at,
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
	err := r.Scan(append([]any{&m.ID, &m.Application, &m.Channel, &m.Type, &m.Body, &m.GroupTag, &m.Properties, &m.Sequence, &m.Number, &created,
		&m.Parent, &m.Replies, &m.emojis, &m.mentions, &edited, &deleted, &m.InThread, &m.Reports}, author.into()...)...)
	m.CreatedAt, m.EditedAt, m.DeletedAt = moment(created), maybeMoment(edited), maybeMoment(deleted)
	if author.user.ID != 0 {
		user := author.value()
		m.Author = &user
	}
	return m, err
}

// CreateMessage stores a message as the latest of its channel, records the
// change, and returns the message with its id and sequence.
func (tx *Tx) CreateMessage(ctx context.Context, m chat.Message) (chat.Message, error) {
	return tx.createMessage(ctx, m, "")
}

// CreateToNotify is CreateMessage of a message that the channel's members are to
// be notified of: a walk starts there, unless one is under way that will come to
// it.
func (tx *Tx) CreateToNotify(ctx context.Context, m chat.Message) (chat.Message, error) {
	return tx.createMessage(ctx, m, `,
			walk_message_id = CASE WHEN walk_message_id = 0 THEN $3 ELSE walk_message_id END`)
}

// createMessage also sets other columns of the channel, with the id as $3.
func (tx *Tx) createMessage(ctx context.Context, m chat.Message, others string) (chat.Message, error) {
	id, err := tx.messageID(ctx)
	if err != nil {
		return m, err
	}
	at, err := one(ctx, tx.db, scanMessagePlace, `
		UPDATE channel
		SET sequence = sequence + 1, message_count = message_count + 1, posted_count = posted_count + 1,
			last_message_id = $3, active_at = $4`+others+`
		WHERE application_id = $1 AND id = $2
		RETURNING sequence, posted_count`,
		m.Application, m.Channel, id, m.CreatedAt.UnixMicro())
	if err != nil {
		return m, fmt.Errorf("count a message of channel %d: %w", m.Channel, absent(err, chat.NoChannel(m.Channel)))
	}
	m.ID, m.Sequence, m.Number = chat.MessageID(id), at.sequence, at.number
	if err := tx.insertMessage(ctx, m); err != nil {
		return m, fmt.Errorf("create a message in channel %d: %w", m.Channel, err)
	}
	if m.Author != nil {
		if err := tx.noteSent(ctx, m); err != nil {
			return m, err
		}
	}
	return m, tx.insertChange(ctx, m.Application, chat.Change{
		Stream: chat.Stream{Channel: m.Channel}, Sequence: m.Sequence, Kind: chat.MessageCreated, Subject: id, At: m.CreatedAt,
	})
}

// noteSent notes the latest message of a member, if its author is one.
func (tx *Tx) noteSent(ctx context.Context, m chat.Message) error {
	err := tx.exec(ctx, `
		UPDATE membership
		SET sent_number = $4
		WHERE application_id = $1 AND channel_id = $2 AND user_id = $3`,
		m.Application, m.Channel, m.Author.ID, m.Number)
	return wrap(err, "note what user %d wrote last in channel %d", m.Author.ID, m.Channel)
}

// NumberMessage gives an id to a message that is not stored.
func (tx *Tx) NumberMessage(ctx context.Context, m chat.Message) (chat.Message, error) {
	id, err := tx.messageID(ctx)
	m.ID = chat.MessageID(id)
	return m, err
}

// messagePlace is where a message stands in its channel.
type messagePlace struct{ sequence, number int64 }

func scanMessagePlace(r row) (p messagePlace, err error) {
	err = r.Scan(&p.sequence, &p.number)
	return p, err
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
		INSERT INTO message (id, application_id, channel_id, type, author_id, body, group_tag, properties, sequence, number,
			created_at, parent_id, mentions, thread_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		m.ID, m.Application, m.Channel, string(m.Type), author, m.Body, m.GroupTag, string(m.Properties), m.Sequence,
		m.Number, m.CreatedAt.UnixMicro(), m.Parent, encodeMentions(m.Mentions), m.InThread)
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

// ReplayedMessages returns of some messages those that a viewer has not deleted
// for themselves, also if they were deleted for everybody.
func (r Reader) ReplayedMessages(ctx context.Context, app chat.ApplicationID, viewer chat.UserID, ids []chat.MessageID) ([]chat.Message, error) {
	rows, err := manyOf(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM message t
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND t.id IN (list) AND `+shown,
		ids, app, viewer)
	if err != nil {
		return nil, fmt.Errorf("read %d messages: %w", len(ids), err)
	}
	return r.completeMessages(ctx, app, rows)
}

// visible leaves out the messages that were deleted, and those that the viewer,
// $2 of the query, deleted for themselves; shown only the latter.
const (
	visible = `t.deleted_at = 0 AND ` + shown
	shown   = `NOT EXISTS (
			SELECT 1
			FROM hidden_message h
			WHERE h.application_id = t.application_id AND h.user_id = $2 AND h.channel_id = t.channel_id AND h.message_id = t.id)`
)

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
			AND t.created_at > $6 AND `+mainThread(f, "t.")+` AND `+onlyFiles(f, "t.")+` AND `+visible+`
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
	if f.Files {
		return r.countFiles(ctx, app, member, f)
	}
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
		WHERE t.application_id = $1 AND t.channel_id = $3 AND t.created_at > $4 AND `+mainThread(f, "t.")+`
			AND `+onlyFiles(f, "t.")+` AND `+visible,
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
