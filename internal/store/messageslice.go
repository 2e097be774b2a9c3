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
func (r Reader) MessageSlice(ctx context.Context, app chat.ApplicationID, f chat.MessageSelection, p chat.SliceRequest) (chat.MessageSlice, error) {
	var none chat.MessageSlice
	s := selection{from: messageSource + ` WHERE t.application_id = $1 AND t.deleted_at = 0`, args: []any{app}}
	if f.Channel != 0 {
		s.where("t.channel_id = %s", f.Channel)
	} else {
		s.from += " AND EXISTS (SELECT 1 FROM channel c WHERE c.application_id = t.application_id AND c.id = t.channel_id)"
	}
	if f.Author != 0 {
		s.where("t.author_id = %s", f.Author)
	}
	if f.Text != "" {
		s.where(`LOWER(t.body) LIKE %s ESCAPE '\'`, pattern(f.Text))
	}
	var total int64
	if !p.Uncounted {
		var err error
		if total, err = one(ctx, r.db, scanValue[int64], `SELECT COUNT(*) FROM `+s.from, s.args...); err != nil {
			return none, wrap(err, "count messages")
		}
	}
	rows, err := r.sliceRows(ctx, app, s, p)
	if err != nil {
		return none, wrap(err, "list messages")
	}
	slice := chat.MessageSlice{Total: total}
	if p.Backwards {
		slices.Reverse(rows)
	}
	if len(rows) > p.Limit() {
		if p.Backwards {
			rows, slice.Earlier = rows[1:], true
		} else {
			slice.Next = rows[p.Limit()].ID
			rows = rows[:p.Limit()]
		}
	}
	if p.Backwards {
		slice.Next = p.At
	} else {
		slice.Earlier = p.At != 0
	}
	slice.Messages, err = r.completeMessages(ctx, app, rows)
	return slice, err
}

// sliceRows reads one row more than the slice has.
func (r Reader) sliceRows(ctx context.Context, app chat.ApplicationID, s selection, p chat.SliceRequest) ([]messageRow, error) {
	at, id := int64(math.MaxInt64), int64(math.MaxInt64)
	if p.At != 0 {
		// Of a deleted message there is still its place.
		message, err := r.Message(ctx, app, p.At)
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
