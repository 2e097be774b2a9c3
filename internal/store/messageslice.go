package store

import (
	"context"
	"math"
	"slices"
	"strconv"

	"openkitty/internal/chat"
)

// messageSource is where messages are read with their authors.
const messageSource = `message t LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id`

// MessageSlice returns a part of an application's messages, newest first.
func (r Reader) MessageSlice(ctx context.Context, app chat.ApplicationID, f chat.MessageSelection, p chat.SliceRequest) (chat.Slice[chat.Message], error) {
	var none chat.Slice[chat.Message]
	s := selection{from: messageSource + ` WHERE t.deleted_at = 0`, args: []any{app}}
	switch {
	case f.Thread != nil && f.Thread.Type != chat.MainThread: // which narrows down more than its channel
		s.where("t.application_id = $1 AND +t.channel_id = %s", f.Channel)
	case f.Channel != 0:
		s.where("t.application_id = $1 AND t.channel_id = %s", f.Channel)
	case f.Author != 0:
		s.from += " AND t.application_id = $1"
	default:
		s.from += " AND t.application_id + 0 = $1"
	}
	if f.Channel == 0 {
		s.from += " AND EXISTS (SELECT 1 FROM channel c WHERE c.application_id = t.application_id AND c.id = t.channel_id)"
	}
	if f.Thread != nil {
		s.whereThread(*f.Thread)
	}
	if f.Author != 0 {
		if f.Channel != 0 {
			s.walk()
		}
		s.where("t.author_id = %s", f.Author)
	}
	if f.Text != "" {
		s.walk()
		s.where(`LOWER(t.body) LIKE %s ESCAPE '\'`, pattern(f.Text))
	}
	end, err := r.turn(ctx, &s)
	if err != nil {
		return none, err
	}
	defer end()
	var total int64
	if !p.Uncounted {
		if total, err = r.countMessages(ctx, app, f, s); err != nil {
			return none, wrap(err, "count messages")
		}
	}
	return r.messageSlice(ctx, app, s, p, total)
}

// countMessages counts what MessageSlice selects. Of channels as a whole, and of
// their main threads, it is known.
func (r Reader) countMessages(ctx context.Context, app chat.ApplicationID, f chat.MessageSelection, s selection) (int64, error) {
	count := "c.message_count"
	if f.Thread != nil && f.Thread.Type == chat.MainThread {
		count, f.Thread = "c.message_count - c.reply_count", nil
	}
	if f != (chat.MessageSelection{Channel: f.Channel}) {
		total, _, err := r.count(ctx, s, listKeyOf(s, nil))
		return total, err
	}
	of := selection{from: `channel c WHERE c.application_id + 0 = $1`, args: []any{app}}
	if f.Channel != 0 {
		of = selection{from: `channel c WHERE c.application_id = $1 AND c.id = $2`, args: []any{app, f.Channel}}
	}
	return one(ctx, r.db, scanValue[int64], `SELECT CAST(COALESCE(SUM(`+count+`), 0) AS BIGINT) FROM `+of.from, of.args...)
}

// messageSlice reads a part of a selection, in which the messages are called t and
// their authors u.
func (r Reader) messageSlice(ctx context.Context, app chat.ApplicationID, s selection, p chat.SliceRequest, total int64) (chat.Slice[chat.Message], error) {
	rows, err := r.sliceRows(ctx, app, s, p)
	if err != nil {
		return chat.Slice[chat.Message]{}, wrap(err, "list messages")
	}
	part := chat.SliceOf(p, rows, total, func(m messageRow) int64 { return int64(m.ID) })
	messages, err := r.completeMessages(ctx, app, part.Items)
	return chat.Slice[chat.Message]{Items: messages, Start: part.Start, Total: part.Total, Next: part.Next, Earlier: part.Earlier}, err
}

// whereThread adds the condition of being in a thread, in a form that an index
// serves.
func (s *selection) whereThread(t chat.Thread) {
	switch t.Type {
	case chat.MessageThread:
		s.where("t.parent_id = %s AND t.parent_id <> 0", t.Message)
	case chat.StandaloneThread:
		s.where("t.thread_id = %s AND t.thread_id <> 0", t.ID)
	default:
		s.where("t.channel_id = %s AND t.parent_id = 0 AND t.thread_id = 0", t.Channel)
	}
}

// ReportedMessages returns a page of the messages of a channel that were reported,
// the latest first.
func (r Reader) ReportedMessages(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, p chat.NumberedPage) (chat.Page[chat.Message], error) {
	var none chat.Page[chat.Message]
	s := selection{
		from: `message t WHERE t.application_id = $1 AND t.channel_id = $2 AND t.report_count > 0 AND t.deleted_at = 0`,
		args: []any{app, channel}, id: "t.id", order: "t.created_at DESC, t.id DESC",
		columns: map[string]string{"id": "t.id", "created_time": "t.created_at", "report_count": "t.report_count + 0"},
	}
	ids, total, err := numberedIDs[chat.MessageID](ctx, r, s, p)
	if err != nil {
		return none, wrap(err, "list the reported messages of channel %d", channel)
	}
	messages, err := r.messagesByID(ctx, app, ids)
	if err != nil {
		return none, err
	}
	return chat.Page[chat.Message]{Items: inOrder(ids, messages, func(m chat.Message) chat.MessageID { return m.ID }), Total: total}, nil
}

// messagesByID returns those messages that there are, in any order.
func (r Reader) messagesByID(ctx context.Context, app chat.ApplicationID, ids []chat.MessageID) ([]chat.Message, error) {
	rows, err := manyOf(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM `+messageSource+`
		WHERE t.application_id = $1 AND t.id IN (list)`,
		ids, app)
	if err != nil {
		return nil, wrap(err, "read %d messages", len(ids))
	}
	return r.completeMessages(ctx, app, rows)
}

// sliceRows reads one row more than the slice has.
func (r Reader) sliceRows(ctx context.Context, app chat.ApplicationID, s selection, p chat.SliceRequest) ([]messageRow, error) {
	at, id := int64(math.MaxInt64), int64(math.MaxInt64)
	if p.At != 0 {
		// Of a deleted message there is still its place.
		message, err := r.Message(ctx, app, chat.MessageID(p.At))
		if err != nil {
			return nil, malformed()
		}
		at, id = message.CreatedAt.UnixMicro(), int64(message.ID)
	}
	beyond, order := "<=", "DESC"
	if p.Backwards {
		beyond, order = ">", "ASC"
	}
	n := len(s.args)
	number := func(k int) string { return "$" + strconv.Itoa(n+k) }
	return many(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM `+s.from+`
			AND (t.created_at, t.id) `+beyond+` (`+number(1)+`, `+number(2)+`)
		ORDER BY t.created_at `+order+`, t.id `+order+`
		LIMIT `+number(3),
		append(slices.Clone(s.args), at, id, p.Limit()+1)...)
}
