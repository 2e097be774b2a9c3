package store

import (
	"context"
	"fmt"
	"strings"

	"openkitty/internal/chat"
)

// AddPreview stores what is known of a page that a message links to.
func (tx *Tx) AddPreview(ctx context.Context, m chat.Message, p chat.LinkPreview) error {
	stored, err := many(ctx, tx.db, scanValue[string], `
		INSERT INTO link_preview (application_id, message_id, source, url, title, image, description, site)
		SELECT t.application_id, t.id, $3, $4, $5, $6, $7, $8
		FROM message t
		WHERE t.application_id = $1 AND t.id = $2
		ON CONFLICT (message_id, source) DO UPDATE SET url = excluded.url
		RETURNING source`,
		m.Application, m.ID, p.Source, p.URL, p.Title, p.Image, p.Description, p.Site)
	if err == nil && len(stored) == 0 {
		err = chat.NoMessage(m.ID)
	}
	return wrap(err, "store a preview of message %d", m.ID)
}

// addPreviews gives messages the previews of their links, with one query, and
// with none if nothing looks like a link.
func (r Reader) addPreviews(ctx context.Context, app chat.ApplicationID, messages []chat.Message) error {
	linking := map[chat.MessageID]*chat.Message{}
	var ids []chat.MessageID
	for i := range messages {
		if strings.Contains(messages[i].Body, "://") {
			ids = append(ids, messages[i].ID)
			linking[messages[i].ID] = &messages[i]
		}
	}
	previews, err := manyOf(ctx, r.db, scanPreview, `
		SELECT p.message_id, p.source, p.url, p.title, p.image, p.description, p.site
		FROM link_preview p
		WHERE p.application_id = $1 AND p.message_id IN (list)`,
		distinct(ids), app)
	if err != nil {
		return fmt.Errorf("read the previews of %d messages: %w", len(ids), err)
	}
	for _, p := range previews {
		m := linking[p.message]
		m.Previews = append(m.Previews, p.LinkPreview)
	}
	return nil
}

type previewRow struct {
	message chat.MessageID
	chat.LinkPreview
}

func scanPreview(r row) (p previewRow, err error) {
	err = r.Scan(&p.message, &p.Source, &p.URL, &p.Title, &p.Image, &p.Description, &p.Site)
	return p, err
}
