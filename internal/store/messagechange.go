package store

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
)

// SetBody stores the body, the mentions and the time of editing of a message.
func (tx *Tx) SetBody(ctx context.Context, m chat.Message) error {
	return tx.changeMessage(ctx, m, `
		UPDATE message
		SET body = $3, mentions = $4, edited_at = $5
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		m.Body, encodeMentions(m.Mentions), m.EditedAt.UnixMicro())
}

// SetMessageProperties stores the properties of a message.
func (tx *Tx) SetMessageProperties(ctx context.Context, m chat.Message) error {
	return tx.changeMessage(ctx, m, `
		UPDATE message
		SET properties = $3
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		string(m.Properties))
}

// CountReply changes the number of replies to a message by one more or less,
// and of those in its channel.
func (tx *Tx) CountReply(ctx context.Context, parent chat.Message, by int) error {
	err := tx.changeMessage(ctx, parent, `
		UPDATE message
		SET reply_count = reply_count + $3
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		by)
	if err != nil {
		return err
	}
	return tx.countAside(ctx, parent, by)
}

// countAside changes the number of messages outside of the main thread of a
// message's channel.
func (tx *Tx) countAside(ctx context.Context, m chat.Message, by int) error {
	return tx.exec(ctx, `
		UPDATE channel
		SET reply_count = reply_count + $3
		WHERE application_id = $1 AND id = $2`,
		m.Application, m.Channel, by)
}

// changeMessage runs an update of one message, whose first parameters are its
// application and id.
func (tx *Tx) changeMessage(ctx context.Context, m chat.Message, text string, args ...any) error {
	_, err := one(ctx, tx.db, scanValue[chat.MessageID], text, append([]any{m.Application, m.ID}, args...)...)
	if err != nil {
		return fmt.Errorf("change message %d: %w", m.ID, absent(err, chat.NoMessage(m.ID)))
	}
	return nil
}

// DeleteMessage leaves of a message only that there was one, and to what it
// replied, and takes it from its channel. Replies to it stay.
func (tx *Tx) DeleteMessage(ctx context.Context, m chat.Message) (sequence int64, err error) {
	err = tx.changeMessage(ctx, m, `
		UPDATE message
		SET body = '', group_tag = '', properties = '', mentions = '', emoji_count = 0, report_count = 0, deleted_at = $3
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		m.DeletedAt.UnixMicro())
	if err != nil {
		return 0, err
	}
	for _, table := range []string{"reaction", "reaction_summary", "hidden_message", "message_report"} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE application_id = $1 AND message_id = $2`, m.Application, m.ID); err != nil {
			return 0, fmt.Errorf("clear the table %s of message %d: %w", table, m.ID, err)
		}
	}
	if err := tx.uncountCleared(ctx, m); err != nil {
		return 0, err
	}
	sequence, err = one(ctx, tx.db, scanValue[int64], `
		UPDATE channel
		SET sequence = sequence + 1, message_count = message_count - 1, last_message_id = CASE
			WHEN last_message_id <> $3 THEN last_message_id
			ELSE COALESCE((
				SELECT t.id
				FROM message t
				WHERE t.application_id = $1 AND t.channel_id = $2 AND t.deleted_at = 0
				ORDER BY t.created_at DESC, t.id DESC
				LIMIT 1), 0) END
		WHERE application_id = $1 AND id = $2
		RETURNING sequence`,
		m.Application, m.Channel, m.ID)
	if err != nil {
		return 0, fmt.Errorf("count the messages of channel %d: %w", m.Channel, absent(err, chat.NoChannel(m.Channel)))
	}
	return sequence, tx.insertChange(ctx, m.Application, chat.Change{
		Stream: chat.Stream{Channel: m.Channel}, Sequence: sequence, Kind: chat.MessageDeleted, Subject: int64(m.ID), At: m.DeletedAt,
	})
}

// uncountCleared takes a message that goes from what members counted when they
// cleared the history after it.
func (tx *Tx) uncountCleared(ctx context.Context, m chat.Message) error {
	err := tx.exec(ctx, `
		UPDATE membership
		SET cleared_count = cleared_count - 1
		WHERE application_id = $1 AND channel_id = $2 AND cleared_at <> 0 AND cleared_at >= $3`,
		m.Application, m.Channel, m.CreatedAt.UnixMicro())
	if err != nil {
		return fmt.Errorf("uncount message %d for who cleared it: %w", m.ID, err)
	}
	return nil
}

// ForgetHidden forgets which messages of a channel a user deleted for
// themselves: they have cleared all of its history.
func (tx *Tx) ForgetHidden(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) error {
	err := tx.exec(ctx, `DELETE FROM hidden_message WHERE application_id = $1 AND channel_id = $2 AND user_id = $3`, app, channel, user)
	if err != nil {
		return fmt.Errorf("forget what user %d hid in channel %d: %w", user, channel, err)
	}
	return nil
}

// HideMessage takes a message from what one user sees in lists. It reports
// whether the user saw it until now.
func (tx *Tx) HideMessage(ctx context.Context, m chat.Message, user chat.UserID) (hidden bool, err error) {
	ids, err := many(ctx, tx.db, scanValue[chat.MessageID], `
		INSERT INTO hidden_message (application_id, user_id, channel_id, message_id, parent_id, thread_id)
		SELECT t.application_id, u.id, t.channel_id, t.id, t.parent_id, t.thread_id
		FROM message t
		JOIN chat_user u ON u.application_id = t.application_id
		WHERE t.application_id = $1 AND t.id = $2 AND u.id = $3
		ON CONFLICT DO NOTHING
		RETURNING message_id`,
		m.Application, m.ID, user)
	if err != nil {
		return false, fmt.Errorf("hide message %d from user %d: %w", m.ID, user, err)
	}
	return len(ids) > 0, nil
}

// Replies returns a page of the replies to a message as a user sees them,
// newest first.
func (r Reader) Replies(
	ctx context.Context, app chat.ApplicationID, parent chat.MessageID, viewer chat.UserID, p chat.PageRequest,
) (chat.Page[chat.Message], error) {
	var none chat.Page[chat.Message]
	k, err := byTime(p)
	if err != nil {
		return none, err
	}
	total, err := r.CountReplies(ctx, app, parent, viewer)
	if err != nil {
		return none, err
	}
	rows, err := many(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM message t
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND t.parent_id = $3 AND t.parent_id <> 0 AND (t.created_at, t.id) `+k.beyond+` ($4, $5)
			AND `+visible+`
		ORDER BY t.created_at `+k.order+`, t.id `+k.order+`
		LIMIT $6`,
		app, viewer, parent, k.time, k.id, k.fetch)
	if err != nil {
		return none, fmt.Errorf("list the replies to message %d: %w", parent, err)
	}
	return r.messagePage(ctx, app, p, rows, total)
}

// CountReplies counts the messages that Replies lists.
func (r Reader) CountReplies(ctx context.Context, app chat.ApplicationID, parent chat.MessageID, viewer chat.UserID) (int64, error) {
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT t.reply_count - (
			SELECT COUNT(*)
			FROM hidden_message h
			WHERE h.application_id = t.application_id AND h.user_id = $2 AND h.channel_id = t.channel_id AND h.parent_id = t.id)
		FROM message t
		WHERE t.application_id = $1 AND t.id = $3`,
		app, viewer, parent)
	if err != nil {
		return 0, fmt.Errorf("count the replies to message %d: %w", parent, absent(err, chat.NoMessage(parent)))
	}
	return n, nil
}
