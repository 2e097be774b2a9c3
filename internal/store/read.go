package store

import (
	"context"

	"openkitty/internal/chat"
)

// reached is what chat.Position.Reached returns, of a membership m.
const reached = `CASE WHEN m.sent_number > m.sent_from THEN m.sent_number ELSE m.seen_number END`

// unread is how many messages of a channel c a member m has not read: all after
// reached, but those that were deleted, or that the member wrote or hid. It costs
// the same in channels of any size; what it walks is what was deleted or hidden
// since, and after an UnreadFrom, until the member reads or writes again, what the
// member had written in the meantime.
const unread = `(c.posted_count - (` + reached + `) - (
	SELECT COUNT(*)
	FROM message t
	WHERE t.application_id = m.application_id AND t.author_id = m.user_id AND t.deleted_at = 0
		AND t.created_at >= m.unread_since AND t.created_at < m.unread_until AND m.sent_number <= m.sent_from
		AND t.channel_id = m.channel_id AND t.number > ` + reached + `) - (
	SELECT COUNT(*)
	FROM message t
	WHERE t.application_id = m.application_id AND t.channel_id = m.channel_id AND t.deleted_at <> 0
		AND t.number > ` + reached + `) - (
	SELECT COUNT(*)
	FROM hidden_message h
	JOIN message t ON t.application_id = h.application_id AND t.id = h.message_id
	WHERE h.application_id = m.application_id AND h.user_id = m.user_id AND h.channel_id = m.channel_id
		AND t.author_id <> m.user_id AND t.number > ` + reached + `))`

// CountUnread counts the messages of a channel that a member has not read.
func (r Reader) CountUnread(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (int64, error) {
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT `+unread+`
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.user_id = $3`,
		app, channel, user)
	return n, wrap(absent(err, chat.NoMember(channel, user)), "count what user %d has not read in channel %d", user, channel)
}

// CountAllUnread counts the messages that a user has not read, in all channels
// that JoinedChannels lists.
func (r Reader) CountAllUnread(ctx context.Context, app chat.ApplicationID, user chat.UserID) (int64, error) {
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT CAST(COALESCE(SUM(`+unread+`), 0) AS BIGINT)
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.user_id = $2 AND NOT m.hidden AND c.posted_count > m.seen_number`,
		app, user)
	return n, wrap(err, "count what user %d has not read", user)
}

// behind is the condition that a member m has not read everything in a channel c
// of the member's list.
const behind = `NOT m.hidden AND c.posted_count > m.seen_number AND ` + unread + ` > 0`

// ofUnread are the channels of a user, $2, in which there is something unread.
const ofUnread = `
	FROM membership m
	JOIN channel c ON +c.application_id = m.application_id AND c.id = m.channel_id
	WHERE m.application_id = $1 AND m.user_id = $2 AND ` + behind

// UnreadChannels returns of the page that JoinedChannels would return the
// channels in which the user has not read everything.
func (r Reader) UnreadChannels(ctx context.Context, app chat.ApplicationID, user chat.UserID, filter string, p chat.PageRequest) (chat.Page[chat.ChannelView], error) {
	var none chat.Page[chat.ChannelView]
	k, err := byTime(p)
	if err != nil {
		return none, err
	}
	total, err := one(ctx, r.db, scanValue[int64], `SELECT COUNT(*)`+ofUnread+` AND ($3 = '' OR c.search LIKE $3 ESCAPE '\')`,
		app, user, pattern(filter))
	if err != nil {
		return none, wrap(err, "count the channels that user %d has not read", user)
	}
	views, err := many(ctx, r.db, scanView, `SELECT `+viewColumns+ofUnread+` AND ($3 = '' OR c.search LIKE $3 ESCAPE '\')
			AND (c.active_at, c.id) `+k.beyond+` ($4, $5)
		ORDER BY c.active_at `+k.order+`, c.id `+k.order+`
		LIMIT $6`,
		app, user, pattern(filter), k.time, k.id, k.fetch)
	if err != nil {
		return none, wrap(err, "list the channels that user %d has not read", user)
	}
	result := page(p, views, total, viewCursor)
	return result, r.complete(ctx, app, user, result.Items)
}

// CountUnreadChannels counts the channels of UnreadChannels, of one type, or of
// all if the type is empty.
func (r Reader) CountUnreadChannels(ctx context.Context, app chat.ApplicationID, user chat.UserID, t chat.ChannelType) (int64, error) {
	n, err := one(ctx, r.db, scanValue[int64], `SELECT COUNT(*)`+ofUnread+` AND ($3 = '' OR c.type = $3)`, app, user, string(t))
	return n, wrap(err, "count the channels that user %d has not read", user)
}

// Position returns how far a member has come in a channel.
func (r Reader) Position(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (chat.Position, error) {
	p, err := one(ctx, r.db, scanPosition, `
		SELECT m.read_number, m.read_message_id, m.read_at, m.seen_number, m.sent_from, m.sent_number, m.unread_since, m.unread_until
		FROM membership m
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.user_id = $3`,
		app, channel, user)
	return p, wrap(absent(err, chat.NoMember(channel, user)), "read the position of user %d in channel %d", user, channel)
}

func scanPosition(r row) (chat.Position, error) {
	var p chat.Position
	var at, since, until int64
	err := r.Scan(&p.Read, &p.Message, &at, &p.Seen, &p.SentFrom, &p.LastSent, &since, &until)
	p.ReadAt, p.UnreadSince, p.UnreadUntil = maybeMoment(at), maybeMoment(since), maybeMoment(until)
	return p, err
}

// SetPosition keeps how far a member has come in a channel, but for the latest
// message, which CreateMessage keeps.
func (tx *Tx) SetPosition(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID, p chat.Position) error {
	_, err := one(ctx, tx.db, scanValue[chat.UserID], `
		UPDATE membership
		SET read_number = $4, read_message_id = $5, read_at = $6, seen_number = $7, sent_from = $8, unread_since = $9, unread_until = $10
		WHERE application_id = $1 AND channel_id = $2 AND user_id = $3
		RETURNING user_id`,
		app, channel, user, p.Read, p.Message, maybeMicro(p.ReadAt), p.Seen, p.SentFrom, maybeMicro(p.UnreadSince), maybeMicro(p.UnreadUntil))
	return wrap(absent(err, chat.NoMember(channel, user)), "keep the position of user %d in channel %d", user, channel)
}

// MessageBefore returns the id of the message that precedes another in its
// channel, or zero.
func (r Reader) MessageBefore(ctx context.Context, app chat.ApplicationID, m chat.Message) (chat.MessageID, error) {
	ids, err := many(ctx, r.db, scanValue[chat.MessageID], `
		SELECT t.id
		FROM message t
		WHERE t.application_id = $1 AND t.channel_id = $2 AND t.deleted_at = 0 AND (t.created_at, t.id) < ($3, $4)
		ORDER BY t.created_at DESC, t.id DESC
		LIMIT 1`,
		app, m.Channel, m.CreatedAt.UnixMicro(), m.ID)
	if err != nil || len(ids) == 0 {
		return 0, wrap(err, "read what precedes message %d", m.ID)
	}
	return ids[0], nil
}

// LastVisible returns the id of a message, or of the last one before it that a
// member of its channel sees, or zero.
func (r Reader) LastVisible(ctx context.Context, app chat.ApplicationID, id chat.MessageID, viewer chat.Membership) (chat.MessageID, error) {
	ids, err := many(ctx, r.db, scanValue[chat.MessageID], `
		SELECT t.id
		FROM message last
		JOIN message t ON t.application_id = last.application_id AND t.channel_id = last.channel_id
			AND (t.created_at, t.id) <= (last.created_at, last.id)
		WHERE last.application_id = $1 AND last.id = $3 AND t.created_at > $4 AND `+visible+`
		ORDER BY t.created_at DESC, t.id DESC
		LIMIT 1`,
		app, viewer.User, id, clearedAt(viewer))
	if err != nil || len(ids) == 0 {
		return 0, wrap(err, "read the last message up to %d", id)
	}
	return ids[0], nil
}

// receiptRow is a receipt and where it stands in the list.
type receiptRow struct {
	chat.ReadReceipt
	number int64
}

func scanReceipt(r row) (receiptRow, error) {
	var receipt receiptRow
	var u userRow
	var at int64
	err := r.Scan(append([]any{&receipt.number, &at}, u.into()...)...)
	receipt.User, receipt.CreatedAt = u.value(), moment(at)
	return receipt, err
}

// ReadReceipts returns a page of the receipts of a message, of all members but
// its author, those first who read least beyond it. Counting ends at
// chat.ReceiptsCountedMax.
func (r Reader) ReadReceipts(ctx context.Context, app chat.ApplicationID, m chat.Message, p chat.PageRequest) (chat.Page[chat.ReadReceipt], error) {
	var none chat.Page[chat.ReadReceipt]
	k, err := byAge(p)
	if err != nil {
		return none, err
	}
	var author chat.UserID
	if m.Author != nil {
		author = m.Author.ID
	}
	const of = `
		FROM membership m
		JOIN chat_user u ON u.application_id = m.application_id AND u.id = m.user_id
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.read_number <> 0 AND m.read_number >= $3 AND m.user_id <> $4`
	counted, err := many(ctx, r.db, scanValue[chat.UserID], `SELECT m.user_id`+of+` LIMIT $5`,
		app, m.Channel, m.Number, author, chat.ReceiptsCountedMax)
	if err != nil {
		return none, wrap(err, "count the receipts of message %d", m.ID)
	}
	rows, err := many(ctx, r.db, scanReceipt, `SELECT m.read_number, m.read_at, `+userColumns+of+`
			AND (m.read_number, m.user_id) `+k.beyond+` ($5, $6)
		ORDER BY m.read_number `+k.order+`, m.user_id `+k.order+`
		LIMIT $7`,
		app, m.Channel, m.Number, author, k.time, k.id, k.fetch)
	if err != nil {
		return none, wrap(err, "list the receipts of message %d", m.ID)
	}
	return receiptsOf(m.ID, page(p, rows, int64(len(counted)), func(r receiptRow) chat.Cursor { return timeCursor(r.number, int64(r.User.ID)) })), nil
}

func receiptsOf(message chat.MessageID, rows chat.Page[receiptRow]) chat.Page[chat.ReadReceipt] {
	receipts := chat.Page[chat.ReadReceipt]{Total: rows.Total, Prev: rows.Prev, Next: rows.Next}
	for _, row := range rows.Items {
		row.Message = message
		receipts.Items = append(receipts.Items, row.ReadReceipt)
	}
	return receipts
}
