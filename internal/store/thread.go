package store

import (
	"context"

	"openkitty/internal/chat"
)

const threadColumns = `h.id, h.application_id, h.channel_id, h.type, h.message_id, h.name, h.properties, h.created_at`

func scanThread(r row) (chat.Thread, error) {
	var t chat.Thread
	var created int64
	err := r.Scan(&t.ID, &t.Application, &t.Channel, &t.Type, &t.Message, &t.Name, &t.Properties, &created)
	t.CreatedAt = moment(created)
	return t, err
}

// createMainThread gives a new channel its main thread, which is counted from
// the start.
func (tx *Tx) createMainThread(ctx context.Context, c chat.Channel) error {
	return tx.exec(ctx, `
		INSERT INTO thread (application_id, channel_id, type, message_id, name, properties, created_at)
		VALUES ($1, $2, 'MAIN', 0, '', '', $3)`,
		c.Application, c.ID, c.CreatedAt.UnixMicro())
}

// CreateThread stores a thread that stands alone, and returns it with its id. It
// refuses one more than a channel may have.
func (tx *Tx) CreateThread(ctx context.Context, t chat.Thread) (chat.Thread, error) {
	count, err := one(ctx, tx.db, scanValue[int64], `
		UPDATE channel
		SET thread_count = thread_count + 1, standalone_count = standalone_count + 1
		WHERE application_id = $1 AND id = $2
		RETURNING standalone_count`,
		t.Application, t.Channel)
	if err != nil {
		return t, wrap(absent(err, chat.NoChannel(t.Channel)), "count the threads of channel %d", t.Channel)
	}
	if count > chat.StandaloneMax {
		return t, chat.Errorf(chat.Conflict, "a channel has at most %d threads of its own", chat.StandaloneMax).Named("TooManyThreadsError")
	}
	t.Type = chat.StandaloneThread
	t.ID, err = one(ctx, tx.db, scanValue[chat.ThreadID], `
		INSERT INTO thread (application_id, channel_id, type, message_id, name, properties, created_at)
		VALUES ($1, $2, 'STANDALONE', 0, $3, $4, $5)
		RETURNING id`,
		t.Application, t.Channel, t.Name, string(t.Properties), t.CreatedAt.UnixMicro())
	return t, wrap(err, "create a thread in channel %d", t.Channel)
}

// BeginThread makes a thread of the replies to a message, unless there is one.
// The reply that it begins with has its time.
func (tx *Tx) BeginThread(ctx context.Context, reply chat.Message) error {
	begun, err := many(ctx, tx.db, scanValue[chat.ThreadID], `
		INSERT INTO thread (application_id, channel_id, type, message_id, name, properties, created_at)
		SELECT t.application_id, t.channel_id, 'MESSAGE', t.id, '', '', CAST($3 AS BIGINT)
		FROM message t
		WHERE t.application_id = $1 AND t.id = $2
		ON CONFLICT DO NOTHING
		RETURNING id`,
		reply.Application, reply.Parent, reply.CreatedAt.UnixMicro())
	if err == nil && len(begun) > 0 {
		err = tx.exec(ctx, `
			UPDATE channel
			SET thread_count = thread_count + 1
			WHERE application_id = $1 AND id = $2`,
			reply.Application, reply.Channel)
	}
	return wrap(err, "begin the thread of message %d", reply.Parent)
}

// CountInThread changes the number of messages in the standalone thread of a
// message by one more or less.
func (tx *Tx) CountInThread(ctx context.Context, m chat.Message, by int) error {
	_, err := one(ctx, tx.db, scanValue[chat.ThreadID], `
		UPDATE thread
		SET message_count = message_count + $3
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		m.Application, m.InThread, by)
	if err != nil {
		return wrap(absent(err, chat.NoThread(m.InThread)), "count the messages of thread %d", m.InThread)
	}
	return tx.countAside(ctx, m, by)
}

// Thread returns the thread with an id. Deleted channels have none.
func (r Reader) Thread(ctx context.Context, app chat.ApplicationID, id chat.ThreadID) (chat.Thread, error) {
	t, err := one(ctx, r.db, scanThread, `
		SELECT `+threadColumns+`
		FROM thread h
		JOIN channel c ON c.application_id = h.application_id AND c.id = h.channel_id
		WHERE h.application_id = $1 AND h.id = $2`,
		app, id)
	return t, wrap(absent(err, chat.NoThread(id)), "read thread %d", id)
}

// MainThread returns the main thread of a channel.
func (r Reader) MainThread(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID) (chat.Thread, error) {
	t, err := one(ctx, r.db, scanThread, `
		SELECT `+threadColumns+`
		FROM thread h
		JOIN channel c ON c.application_id = h.application_id AND c.id = h.channel_id
		WHERE h.application_id = $1 AND h.channel_id = $2 AND h.type = 'MAIN'`,
		app, channel)
	return t, wrap(absent(err, chat.NoChannel(channel)), "read the main thread of channel %d", channel)
}

// ThreadOfReplies returns the thread of the replies to a message.
func (r Reader) ThreadOfReplies(ctx context.Context, app chat.ApplicationID, message chat.MessageID) (chat.Thread, error) {
	t, err := one(ctx, r.db, scanThread, `
		SELECT `+threadColumns+`
		FROM thread h
		JOIN channel c ON c.application_id = h.application_id AND c.id = h.channel_id
		WHERE h.application_id = $1 AND h.message_id = $2 AND h.message_id <> 0`,
		app, message)
	return t, wrap(absent(err, chat.NoMessage(message)), "read the thread of message %d", message)
}

// Threads returns a page of the threads of a channel, the oldest first: the main
// thread, and then the others as they began.
func (r Reader) Threads(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, f chat.ThreadFilter, p chat.PageRequest) (chat.Page[chat.Thread], error) {
	var none chat.Page[chat.Thread]
	k, err := byAge(p)
	if err != nil {
		return none, err
	}
	wanted, count := "1 = 1", "c.thread_count"
	switch {
	case f.Standalone:
		wanted, count = "h.type = 'STANDALONE'", "c.standalone_count"
	case f.WithoutMain:
		wanted, count = "h.type <> 'MAIN'", "c.thread_count - 1"
	}
	total, err := one(ctx, r.db, scanValue[int64], `
		SELECT `+count+`
		FROM channel c
		WHERE c.application_id = $1 AND c.id = $2`,
		app, channel)
	if err != nil {
		return none, wrap(absent(err, chat.NoChannel(channel)), "count the threads of channel %d", channel)
	}
	threads, err := many(ctx, r.db, scanThread, `
		SELECT `+threadColumns+`
		FROM thread h
		WHERE h.application_id = $1 AND h.channel_id = $2 AND `+wanted+` AND (h.created_at, h.id) `+k.beyond+` ($3, $4)
		ORDER BY h.created_at `+k.order+`, h.id `+k.order+`
		LIMIT $5`,
		app, channel, k.time, k.id, k.fetch)
	if err != nil {
		return none, wrap(err, "list the threads of channel %d", channel)
	}
	return page(p, threads, total, func(t chat.Thread) chat.Cursor {
		return timeCursor(t.CreatedAt.UnixMicro(), int64(t.ID))
	}), nil
}

// ThreadMessages returns a page of the messages of a thread that stands alone, as
// a member of its channel sees them, newest first.
func (r Reader) ThreadMessages(ctx context.Context, app chat.ApplicationID, id chat.ThreadID, member chat.Membership, p chat.PageRequest) (chat.Page[chat.Message], error) {
	var none chat.Page[chat.Message]
	k, err := byTime(p)
	if err != nil {
		return none, err
	}
	total, err := r.countThreadMessages(ctx, app, id, member)
	if err != nil {
		return none, err
	}
	rows, err := many(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM message t
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND t.thread_id = $3 AND t.thread_id <> 0 AND (t.created_at, t.id) `+k.beyond+` ($4, $5)
			AND t.created_at > $6 AND `+visible+`
		ORDER BY t.created_at `+k.order+`, t.id `+k.order+`
		LIMIT $7`,
		app, member.User, id, k.time, k.id, clearedAt(member), k.fetch)
	if err != nil {
		return none, wrap(err, "list the messages of thread %d", id)
	}
	return r.messagePage(ctx, app, p, rows, total)
}

// countThreadMessages counts what ThreadMessages lists. It walks the thread only
// for those who cleared the history.
func (r Reader) countThreadMessages(ctx context.Context, app chat.ApplicationID, id chat.ThreadID, member chat.Membership) (int64, error) {
	if !member.ClearedAt.IsZero() {
		n, err := one(ctx, r.db, scanValue[int64], `
			SELECT COUNT(*)
			FROM message t
			WHERE t.application_id = $1 AND t.thread_id = $3 AND t.thread_id <> 0 AND t.created_at > $4 AND `+visible,
			app, member.User, id, clearedAt(member))
		return n, wrap(err, "count the messages of thread %d", id)
	}
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT h.message_count - (
			SELECT COUNT(*)
			FROM hidden_message g
			WHERE g.application_id = h.application_id AND g.user_id = $2 AND g.channel_id = h.channel_id AND g.thread_id = h.id)
		FROM thread h
		WHERE h.application_id = $1 AND h.id = $3`,
		app, member.User, id)
	return n, wrap(absent(err, chat.NoThread(id)), "count the messages of thread %d", id)
}
