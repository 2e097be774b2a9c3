package store

import (
	"context"
	"slices"

	"openkitty/internal/chat"
)

// summaryRow is a summary by its ids.
type summaryRow struct {
	channel chat.ChannelID
	user    chat.UserID
	count   int64
}

func scanSummary(r row) (s summaryRow, err error) {
	err = r.Scan(&s.channel, &s.user, &s.count)
	return s, err
}

// ReadSummaries returns a page of what is unread in an application, by channel
// and member; where a member has read everything there is no summary. It walks
// the memberships of the application: what has nothing new is passed over in one
// step.
func (r Reader) ReadSummaries(ctx context.Context, app chat.ApplicationID, p chat.NumberedPage) (chat.Page[chat.ReadSummary], error) {
	var none chat.Page[chat.ReadSummary]
	s := selection{
		from: `channel c JOIN membership m ON m.application_id = c.application_id AND m.channel_id = c.id
			WHERE c.application_id + 0 = $1`,
		args: []any{app}, id: "m.user_id", tie: "c.id", order: "c.id, m.user_id",
		columns: map[string]string{"count": unread, "user": "m.user_id", "channel": "c.id"},
	}
	s.walk()
	s.from += ` AND ` + behind
	rows, total, err := numbered(ctx, r, s, "m.channel_id, m.user_id, "+unread, scanSummary, p)
	if err != nil {
		return none, wrap(err, "list what is unread")
	}
	items, err := r.completeSummaries(ctx, app, rows)
	return chat.Page[chat.ReadSummary]{Items: items, Total: total}, err
}

func (r Reader) completeSummaries(ctx context.Context, app chat.ApplicationID, rows []summaryRow) ([]chat.ReadSummary, error) {
	channels := map[chat.ChannelID]chat.ChannelView{}
	users := map[chat.UserID]chat.User{}
	for _, row := range rows {
		channels[row.channel], users[row.user] = chat.ChannelView{}, chat.User{}
	}
	views, err := r.channelViews(ctx, app, keys(channels))
	if err != nil {
		return nil, err
	}
	found, err := r.Users(ctx, app, keys(users))
	if err != nil {
		return nil, err
	}
	for _, view := range views {
		channels[view.ID] = view
	}
	for _, user := range found {
		users[user.ID] = user
	}
	items := make([]chat.ReadSummary, len(rows))
	for i, row := range rows {
		items[i] = chat.ReadSummary{Channel: channels[row.channel], User: users[row.user], Count: row.count}
	}
	return items, nil
}

// keys are those of a map, in order.
func keys[K ~int64, V any](m map[K]V) []K {
	all := make([]K, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// UnreadSlice returns a part of the messages that CountAllUnread counts, newest
// first. It costs about what is unread, however much there is beside it.
func (r Reader) UnreadSlice(ctx context.Context, app chat.ApplicationID, user chat.UserID, p chat.SliceRequest) (chat.Slice[chat.Message], error) {
	total, err := r.CountAllUnread(ctx, app, user)
	if err != nil {
		return chat.Slice[chat.Message]{}, err
	}
	// No unread message is older than the latest one that is not.
	s := selection{args: []any{app, user}, from: `(
			SELECT nearest.channel_id, nearest.reached, COALESCE((
				SELECT t.created_at
				FROM message t
				WHERE t.application_id = $1 AND t.channel_id = nearest.channel_id AND t.deleted_at = 0 AND t.number BETWEEN 1 AND nearest.reached
				ORDER BY t.created_at DESC, t.id DESC
				LIMIT 1), 0) AS since
			FROM (SELECT m.channel_id, ` + reached + ` AS reached` + ofUnread + `) nearest
		) nearest
		CROSS JOIN message t
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND t.channel_id = nearest.channel_id AND t.created_at >= nearest.since
			AND t.number > nearest.reached AND t.author_id <> $2 AND ` + visible}
	return r.messageSlice(ctx, app, s, p, total)
}

// ReceiptPage returns a page of the receipts of a message, of all members but its
// author, the latest first. They are sorted: an index of when members read would
// be written with everything that anybody reads.
func (r Reader) ReceiptPage(ctx context.Context, app chat.ApplicationID, m chat.Message, p chat.NumberedPage) (chat.Page[chat.ReadReceipt], error) {
	var none chat.Page[chat.ReadReceipt]
	var author chat.UserID
	if m.Author != nil {
		author = m.Author.ID
	}
	s := selection{
		from: `membership m JOIN chat_user u ON +u.application_id = m.application_id AND u.id = m.user_id
			WHERE m.application_id = $1 AND m.channel_id = $2 AND m.read_number <> 0 AND m.read_number >= $3 AND m.user_id <> $4`,
		args: []any{app, m.Channel, m.Number, author}, id: "m.user_id", order: "m.read_at DESC, m.user_id DESC",
		columns: map[string]string{"created_time": "m.read_at", "name": "u.name", "id": "m.user_id"},
		sorted:  []string{"m.read_at", "u.name", "m.user_id"},
	}
	ids, total, err := numberedIDs[chat.UserID](ctx, r, s, p)
	if err != nil {
		return none, wrap(err, "list the receipts of message %d", m.ID)
	}
	rows, err := manyOf(ctx, r.db, scanReceipt, `
		SELECT m.read_number, m.read_at, `+userColumns+`
		FROM membership m
		JOIN chat_user u ON u.application_id = m.application_id AND u.id = m.user_id
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.user_id IN (list)`,
		ids, app, m.Channel)
	if err != nil {
		return none, wrap(err, "read %d receipts", len(ids))
	}
	rows = inOrder(ids, rows, func(r receiptRow) chat.UserID { return r.User.ID })
	return receiptsOf(m.ID, chat.Page[receiptRow]{Items: rows, Total: total}), nil
}
