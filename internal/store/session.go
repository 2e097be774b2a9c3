package store

import (
	"context"
	"fmt"
	"time"

	"openkitty/internal/chat"
)

// SaveSession keeps where a session stands, in place of where it stood. It
// leaves a session of somebody else alone.
func (tx *Tx) SaveSession(ctx context.Context, s chat.SessionRecord) error {
	err := tx.exec(ctx, `
		INSERT INTO client_session (id, application_id, user_id, positions, at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE
		SET positions = excluded.positions, at = excluded.at
		WHERE client_session.application_id = excluded.application_id AND client_session.user_id = excluded.user_id`,
		s.ID[:], s.Application, s.User, s.Positions, s.At.UnixMicro())
	if err != nil {
		return fmt.Errorf("save a session of user %d: %w", s.User, err)
	}
	return nil
}

// EndSession forgets a session.
func (tx *Tx) EndSession(ctx context.Context, app chat.ApplicationID, id chat.SessionID) error {
	err := tx.exec(ctx, `DELETE FROM client_session WHERE application_id = $1 AND id = $2`, app, id[:])
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// ClientSession returns a session of a user.
func (r Reader) ClientSession(ctx context.Context, app chat.ApplicationID, user chat.UserID, id chat.SessionID) (chat.SessionRecord, error) {
	s, err := one(ctx, r.db, scanSession, `
		SELECT id, application_id, user_id, positions, at
		FROM client_session
		WHERE application_id = $1 AND user_id = $2 AND id = $3`,
		app, user, id[:])
	if err != nil {
		return s, fmt.Errorf("read a session of user %d: %w", user, absent(err, chat.NoSession()))
	}
	return s, nil
}

// ClientSessions returns up to limit sessions of a user, the latest first.
func (r Reader) ClientSessions(ctx context.Context, app chat.ApplicationID, user chat.UserID, limit int) ([]chat.SessionRecord, error) {
	sessions, err := many(ctx, r.db, scanSession, `
		SELECT id, application_id, user_id, positions, at
		FROM client_session
		WHERE application_id = $1 AND user_id = $2
		ORDER BY at DESC
		LIMIT $3`,
		app, user, limit)
	if err != nil {
		return nil, fmt.Errorf("read the sessions of user %d: %w", user, err)
	}
	return sessions, nil
}

func scanSession(r row) (s chat.SessionRecord, err error) {
	var id []byte
	var at int64
	err = r.Scan(&id, &s.Application, &s.User, &s.Positions, &at)
	copy(s.ID[:], id)
	s.At = moment(at)
	return s, err
}

// KeepKey notes under which key a user sent a message.
func (tx *Tx) KeepKey(ctx context.Context, m chat.Message, key string) error {
	err := tx.exec(ctx, `
		INSERT INTO message_key (application_id, user_id, key, message_id, at)
		VALUES ($1, $2, $3, $4, $5)`,
		m.Application, m.Author.ID, key, m.ID, m.CreatedAt.UnixMicro())
	if err != nil {
		return fmt.Errorf("keep the key of message %d: %w", m.ID, err)
	}
	return nil
}

// MessageByKey returns the message that a user sent under a key, even if it was
// deleted meanwhile.
func (r Reader) MessageByKey(ctx context.Context, app chat.ApplicationID, user chat.UserID, key string) (chat.Message, error) {
	id, err := one(ctx, r.db, scanValue[chat.MessageID], `
		SELECT message_id
		FROM message_key
		WHERE application_id = $1 AND user_id = $2 AND key = $3`,
		app, user, key)
	if err != nil {
		return chat.Message{}, fmt.Errorf("read a message by its key: %w", absent(err, chat.NoMessage(0)))
	}
	return r.Message(ctx, app, id)
}

// RemoveSessions removes up to limit sessions last heard of before a time, and
// returns how many.
func (tx *Tx) RemoveSessions(ctx context.Context, app chat.ApplicationID, before time.Time, limit int) (int, error) {
	gone, err := many(ctx, tx.db, scanValue[int64], `
		DELETE FROM client_session
		WHERE application_id = $1 AND id IN (
			SELECT id FROM client_session WHERE application_id = $1 AND at < $2 ORDER BY at LIMIT $3)
		RETURNING at`,
		app, before.UnixMicro(), limit)
	return len(gone), wrap(err, "remove old sessions")
}

// RemoveKeys removes up to limit keys of messages sent before a time, and returns
// how many.
func (tx *Tx) RemoveKeys(ctx context.Context, app chat.ApplicationID, before time.Time, limit int) (int, error) {
	gone, err := many(ctx, tx.db, scanValue[int64], `
		DELETE FROM message_key
		WHERE application_id = $1 AND (user_id, key) IN (
			SELECT user_id, key FROM message_key WHERE application_id = $1 AND at < $2 ORDER BY at LIMIT $3)
		RETURNING at`,
		app, before.UnixMicro(), limit)
	return len(gone), wrap(err, "remove old keys of messages")
}
