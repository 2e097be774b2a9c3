package store

import (
	"context"
	"database/sql"
	"errors"

	"openkitty/internal/chat"
)

func scanChatUI(r row) (u chat.ChatUI, err error) {
	err = r.Scan(&u.Application, &u.Part, &u.Version, &u.JSON)
	return u, err
}

// ChatUI returns a part of an application's chat UI: what holds without one if it
// was never set.
func (r Reader) ChatUI(ctx context.Context, app chat.ApplicationID, part chat.ChatUIPart) (chat.ChatUI, error) {
	u, err := one(ctx, r.db, scanChatUI, `
		SELECT application_id, part, version, body
		FROM chat_ui
		WHERE application_id = $1 AND part = $2`,
		app, part)
	if errors.Is(err, sql.ErrNoRows) {
		return chat.UnsetChatUI(app, part), nil
	}
	return u, wrap(err, "read the %s of the chat UI", part)
}

// SetChatUI replaces a part of an application's chat UI, and returns it with its
// new version.
func (tx *Tx) SetChatUI(ctx context.Context, u chat.ChatUI) (chat.ChatUI, error) {
	u, err := one(ctx, tx.db, scanChatUI, `
		INSERT INTO chat_ui (application_id, part, version, body)
		VALUES ($1, $2, 1, $3)
		ON CONFLICT (application_id, part) DO UPDATE
		SET version = chat_ui.version + 1, body = excluded.body
		RETURNING application_id, part, version, body`,
		u.Application, u.Part, u.JSON)
	return u, wrap(err, "set the %s of the chat UI", u.Part)
}
