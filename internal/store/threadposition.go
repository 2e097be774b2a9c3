package store

import (
	"context"
	"database/sql"
	"errors"

	"openkitty/internal/chat"
)

// lastInThread is the condition that a message is in a thread, whose key is $3,
// in a form that an index serves.
func lastInThread(t chat.Thread) (condition string, key int64) {
	switch t.Type {
	case chat.MainThread:
		return "t.channel_id = $3 AND t.parent_id = 0 AND t.thread_id = 0", int64(t.Channel)
	case chat.MessageThread:
		return "t.parent_id = $3 AND t.parent_id <> 0", int64(t.Message)
	default:
		return "t.thread_id = $3 AND t.thread_id <> 0", int64(t.ID)
	}
}

// lastOf is the author and the time of the newest message of a thread.
type lastOf struct {
	author  chat.UserID
	created int64
}

func scanLastOf(r row) (l lastOf, err error) {
	err = r.Scan(&l.author, &l.created)
	return l, err
}

// newestInThread returns what a member sees as the newest message of a thread,
// zero if there is none.
func (r Reader) newestInThread(ctx context.Context, t chat.Thread, member chat.Membership) (lastOf, error) {
	condition, key := lastInThread(t)
	last, err := one(ctx, r.db, scanLastOf, `
		SELECT t.author_id, t.created_at
		FROM message t
		WHERE t.application_id = $1 AND `+condition+` AND t.created_at > $4 AND `+visible+`
		ORDER BY t.created_at DESC, t.id DESC
		LIMIT 1`,
		t.Application, member.User, key, clearedAt(member))
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return last, wrap(err, "read the newest message of thread %d", t.ID)
}

// ReadThread notes that a member has read a thread up to its newest message.
func (tx *Tx) ReadThread(ctx context.Context, t chat.Thread, member chat.Membership) error {
	last, err := tx.newestInThread(ctx, t, member)
	if err != nil || last.created == 0 {
		return err
	}
	err = tx.exec(ctx, `
		INSERT INTO thread_position (application_id, thread_id, user_id, read_to)
		SELECT h.application_id, h.id, u.id, CAST($4 AS BIGINT)
		FROM thread h
		JOIN chat_user u ON u.application_id = h.application_id
		WHERE h.application_id = $1 AND h.id = $2 AND u.id = $3
		ON CONFLICT (thread_id, user_id) DO UPDATE SET read_to = excluded.read_to`,
		t.Application, t.ID, member.User, last.created)
	return wrap(err, "note that user %d read thread %d", member.User, t.ID)
}

// ThreadUnread reports whether the newest message of a thread is by somebody
// else than the member, and later than what the member has read there. Who writes
// has read what came before.
func (r Reader) ThreadUnread(ctx context.Context, app chat.ApplicationID, t chat.Thread, member chat.Membership) (bool, error) {
	t.Application = app
	last, err := r.newestInThread(ctx, t, member)
	if err != nil || last.created == 0 || last.author == member.User {
		return false, err
	}
	read, err := one(ctx, r.db, scanValue[int64], `
		SELECT read_to
		FROM thread_position
		WHERE application_id = $1 AND thread_id = $2 AND user_id = $3`,
		app, t.ID, member.User)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return last.created > read, wrap(err, "read the position of user %d in thread %d", member.User, t.ID)
}
