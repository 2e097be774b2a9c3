package store

import (
	"context"
	"time"

	"openkitty/internal/chat"
)

const userSessionColumns = `s.id, s.application_id, s.agent, s.created_at, s.ended_at, `

func scanUserSession(r row) (chat.UserSession, error) {
	var s chat.UserSession
	var u userRow
	var created, ended int64
	err := r.Scan(append([]any{&s.ID, &s.Application, &s.Agent, &created, &ended}, u.into()...)...)
	s.User, s.CreatedAt, s.EndedAt = u.value(), moment(created), maybeMoment(ended)
	return s, err
}

func scanChatSession(r row) (chat.ChatSession, error) {
	var c chat.ChatSession
	var u userRow
	var began, over, created, ended int64
	into := []any{&c.ID, &c.Channel, &began, &over, &c.Session.ID, &c.Session.Application, &c.Session.Agent, &created, &ended}
	err := r.Scan(append(into, u.into()...)...)
	c.CreatedAt, c.EndedAt = moment(began), maybeMoment(over)
	c.Session.User, c.Session.CreatedAt, c.Session.EndedAt = u.value(), moment(created), maybeMoment(ended)
	return c, err
}

// whereState adds the condition of being in a state, of a column with the end.
func (s *selection) whereState(column string, state chat.SessionState, sort []chat.Order) {
	if state != "" {
		s.walkUnless("id", sort)
	}
	switch state {
	case chat.ActiveSession:
		s.from += " AND " + column + " = 0"
	case chat.EndedSession:
		s.from += " AND " + column + " <> 0"
	}
}

// sessionUsers joins the users of sessions s, but deleted ones.
const sessionUsers = `JOIN chat_user u ON +u.application_id = s.application_id AND u.id = s.user_id AND u.deleted_at = 0`

// UserSessionPage returns a page of the connections of an application's users.
func (r Reader) UserSessionPage(ctx context.Context, app chat.ApplicationID, state chat.SessionState, p chat.NumberedPage) (chat.Page[chat.UserSession], error) {
	var none chat.Page[chat.UserSession]
	sel := selection{
		from: `user_session s ` + sessionUsers + ` WHERE s.application_id + 0 = $1`, args: []any{app}, id: "s.id", order: "s.id",
		columns: map[string]string{"id": "s.id", "created_time": "s.created_at", "end_time": "s.ended_at"},
	}
	sel.whereState("s.ended_at", state, p.Sort)
	ids, total, err := numberedIDs[chat.UserSessionID](ctx, r, sel, p)
	if err != nil {
		return none, wrap(err, "list sessions")
	}
	sessions, err := manyOf(ctx, r.db, scanUserSession, `
		SELECT `+userSessionColumns+userColumns+`
		FROM user_session s `+sessionUsers+`
		WHERE s.application_id = $1 AND s.id IN (list)`,
		ids, app)
	if err != nil {
		return none, wrap(err, "read %d sessions", len(ids))
	}
	return chat.Page[chat.UserSession]{Items: inOrder(ids, sessions, func(s chat.UserSession) chat.UserSessionID { return s.ID }), Total: total}, nil
}

// UserSession returns a connection of a user.
func (r Reader) UserSession(ctx context.Context, app chat.ApplicationID, id chat.UserSessionID) (chat.UserSession, error) {
	s, err := one(ctx, r.db, scanUserSession, `
		SELECT `+userSessionColumns+userColumns+`
		FROM user_session s `+sessionUsers+`
		WHERE s.application_id = $1 AND s.id = $2`,
		app, id)
	return s, wrap(absent(err, chat.NoSession()), "read session %d", id)
}

// ChatSessionPage returns a page of the chat sessions of an application's users,
// in channels that there are.
func (r Reader) ChatSessionPage(ctx context.Context, app chat.ApplicationID, state chat.SessionState, p chat.NumberedPage) (chat.Page[chat.ChatSession], error) {
	var none chat.Page[chat.ChatSession]
	const joined = `
		JOIN user_session s ON +s.application_id = h.application_id AND s.id = h.session_id
		` + sessionUsers + `
		JOIN channel c ON +c.application_id = h.application_id AND c.id = h.channel_id`
	sel := selection{
		from: `chat_session h ` + joined + ` WHERE h.application_id + 0 = $1`, args: []any{app}, id: "h.id", order: "h.id",
		columns: map[string]string{"id": "h.id", "created_time": "h.created_at", "end_time": "h.ended_at"},
	}
	sel.whereState("h.ended_at", state, p.Sort)
	ids, total, err := numberedIDs[int64](ctx, r, sel, p)
	if err != nil {
		return none, wrap(err, "list chat sessions")
	}
	chats, err := manyOf(ctx, r.db, scanChatSession, `
		SELECT h.id, h.channel_id, h.created_at, h.ended_at, `+userSessionColumns+userColumns+`
		FROM chat_session h `+joined+`
		WHERE h.application_id = $1 AND h.id IN (list)`,
		ids, app)
	if err != nil {
		return none, wrap(err, "read %d chat sessions", len(ids))
	}
	return chat.Page[chat.ChatSession]{Items: inOrder(ids, chats, func(c chat.ChatSession) int64 { return c.ID }), Total: total}, nil
}

// CreateUserSession notes a connection, which may be over, and returns its id.
func (tx *Tx) CreateUserSession(ctx context.Context, s chat.UserSession) (chat.UserSessionID, error) {
	id, err := one(ctx, tx.db, scanValue[chat.UserSessionID], `
		INSERT INTO user_session (application_id, user_id, agent, created_at, ended_at)
		SELECT u.application_id, u.id, $3, CAST($4 AS BIGINT), CAST($5 AS BIGINT)
		FROM chat_user u
		WHERE u.application_id = $1 AND u.id = $2 AND u.deleted_at = 0
		RETURNING id`,
		s.Application, s.User.ID, s.Agent, s.CreatedAt.UnixMicro(), endOf(s.EndedAt))
	return id, wrap(absent(err, chat.NoUser(s.User.ID)), "note a session of user %d", s.User.ID)
}

// EndUserSession notes the end of a connection.
func (tx *Tx) EndUserSession(ctx context.Context, app chat.ApplicationID, id chat.UserSessionID, at time.Time) error {
	err := tx.exec(ctx, `UPDATE user_session SET ended_at = $3 WHERE application_id = $1 AND id = $2`, app, id, at.UnixMicro())
	return wrap(err, "end session %d", id)
}

// CreateChatSession notes a chat session, which may be over, and returns its id.
func (tx *Tx) CreateChatSession(ctx context.Context, c chat.ChatSession) (int64, error) {
	id, err := one(ctx, tx.db, scanValue[int64], `
		INSERT INTO chat_session (application_id, session_id, channel_id, created_at, ended_at)
		SELECT s.application_id, s.id, CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT)
		FROM user_session s
		WHERE s.application_id = $1 AND s.id = $2
		RETURNING id`,
		c.Session.Application, c.Session.ID, c.Channel, c.CreatedAt.UnixMicro(), endOf(c.EndedAt))
	return id, wrap(absent(err, chat.NoSession()), "note a chat session in channel %d", c.Channel)
}

// EndChatSession notes the end of a chat session.
func (tx *Tx) EndChatSession(ctx context.Context, app chat.ApplicationID, id int64, at time.Time) error {
	err := tx.exec(ctx, `UPDATE chat_session SET ended_at = $3 WHERE application_id = $1 AND id = $2`, app, id, at.UnixMicro())
	return wrap(err, "end chat session %d", id)
}

// endOf is how an end is stored: zero while there is none.
func endOf(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

// EndOpenSessions ends up to limit sessions of each kind, of all applications,
// and returns how many that were.
func (tx *Tx) EndOpenSessions(ctx context.Context, at time.Time, limit int) (ended int, err error) {
	for _, table := range []string{"chat_session", "user_session"} {
		gone, err := many(ctx, tx.db, scanValue[int64], `
			UPDATE `+table+`
			SET ended_at = $1
			WHERE id IN (SELECT id FROM `+table+` WHERE ended_at = 0 LIMIT $2)
			RETURNING id`,
			at.UnixMicro(), limit)
		if ended += len(gone); err != nil {
			return ended, wrap(err, "end what is open in the table %s", table)
		}
	}
	return ended, nil
}

// ForgetSessions removes up to limit sessions of each kind that ended before a
// time, and returns how many that were.
func (tx *Tx) ForgetSessions(ctx context.Context, app chat.ApplicationID, before time.Time, limit int) (removed int, err error) {
	for _, table := range []string{"chat_session", "user_session"} {
		gone, err := many(ctx, tx.db, scanValue[int64], `
			DELETE FROM `+table+`
			WHERE application_id = $1 AND id IN (
				SELECT id FROM `+table+` WHERE application_id = $1 AND ended_at > 0 AND ended_at < $2 ORDER BY ended_at LIMIT $3)
			RETURNING id`,
			app, before.UnixMicro(), limit)
		if removed += len(gone); err != nil {
			return removed, wrap(err, "remove what is old from the table %s", table)
		}
	}
	return removed, nil
}
