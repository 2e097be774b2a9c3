package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// ChatUI returns a part of an application's chat UI.
func (e *Engine) ChatUI(ctx context.Context, app chat.ApplicationID, part chat.ChatUIPart) (chat.ChatUI, error) {
	return e.store.ChatUI(ctx, app, part)
}

// SetChatUI replaces a part of an application's chat UI, whose JSON must have the
// shape of the part, and tells all of its users.
func (e *Engine) SetChatUI(ctx context.Context, app chat.ApplicationID, part chat.ChatUIPart, json string) (set chat.ChatUI, err error) {
	wanted := chat.ChatUI{Application: app, Part: part, JSON: json}
	if err := wanted.Check(); err != nil {
		return chat.ChatUI{}, err
	}
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		if set, err = tx.SetChatUI(ctx, wanted); err != nil {
			return err
		}
		event := chat.ChatUIChanged{ChatUI: set}
		tx.AfterCommit(func() { e.announce(event) })
		return nil
	})
	return set, err
}
