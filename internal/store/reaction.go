package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"openkitty/internal/chat"
)

// AddReaction stores a reaction, unless its user has reacted to the message with
// the same emoji. It returns what is stored then, and whether it is new.
func (tx *Tx) AddReaction(ctx context.Context, app chat.ApplicationID, r chat.Reaction) (stored chat.Reaction, added bool, err error) {
	_, err = one(ctx, tx.db, scanValue[chat.UserID], `
		INSERT INTO reaction (application_id, message_id, emoji, user_id, shown, created_at)
		SELECT t.application_id, t.id, CAST($3 AS TEXT), u.id, FALSE, CAST($5 AS BIGINT)
		FROM message t
		JOIN chat_user u ON u.application_id = t.application_id
		WHERE t.application_id = $1 AND t.id = $2 AND u.id = $4
		ON CONFLICT DO NOTHING
		RETURNING user_id`,
		app, r.Message, r.Emoji.Character, r.User.ID, r.CreatedAt.UnixMicro())
	if errors.Is(err, sql.ErrNoRows) {
		stored, err = tx.reaction(ctx, app, r)
		return stored, false, err
	}
	if err != nil {
		return r, false, fmt.Errorf("create a reaction to message %d: %w", r.Message, err)
	}
	return r, true, tx.countReaction(ctx, app, r)
}

// reaction returns what is stored of a reaction.
func (tx *Tx) reaction(ctx context.Context, app chat.ApplicationID, r chat.Reaction) (chat.Reaction, error) {
	created, err := one(ctx, tx.db, scanValue[int64], `
		SELECT created_at
		FROM reaction
		WHERE application_id = $1 AND message_id = $2 AND emoji = $3 AND user_id = $4`,
		app, r.Message, r.Emoji.Character, r.User.ID)
	if err != nil {
		return r, fmt.Errorf("read a reaction to message %d: %w", r.Message, absent(err, chat.NoMessage(r.Message)))
	}
	r.CreatedAt = moment(created)
	return r, nil
}

// countReaction adds a new reaction to the summary of its message.
func (tx *Tx) countReaction(ctx context.Context, app chat.ApplicationID, r chat.Reaction) error {
	count, err := one(ctx, tx.db, scanValue[int64], `
		INSERT INTO reaction_summary (application_id, message_id, emoji, count, created_at)
		VALUES ($1, $2, $3, 1, $4)
		ON CONFLICT (message_id, emoji) DO UPDATE SET count = reaction_summary.count + 1
		RETURNING count`,
		app, r.Message, r.Emoji.Character, r.CreatedAt.UnixMicro())
	if err != nil {
		return fmt.Errorf("count a reaction to message %d: %w", r.Message, err)
	}
	if count <= chat.ReactorsShown {
		if err := tx.showNext(ctx, app, r); err != nil {
			return err
		}
	}
	if count > 1 {
		return nil
	}
	return tx.countEmoji(ctx, app, r.Message, 1)
}

// countEmoji changes the number of different emojis of a message.
func (tx *Tx) countEmoji(ctx context.Context, app chat.ApplicationID, message chat.MessageID, by int) error {
	_, err := one(ctx, tx.db, scanValue[int64], `
		UPDATE message
		SET emoji_count = emoji_count + $3
		WHERE application_id = $1 AND id = $2
		RETURNING emoji_count`,
		app, message, by)
	if err != nil {
		return fmt.Errorf("count the emojis of message %d: %w", message, absent(err, chat.NoMessage(message)))
	}
	return nil
}

// RemoveReaction takes a user's reaction back and returns when it was made. It
// refuses one that is not there.
func (tx *Tx) RemoveReaction(ctx context.Context, app chat.ApplicationID, r chat.Reaction) (chat.Reaction, error) {
	removed, err := one(ctx, tx.db, scanPlace, `
		DELETE FROM reaction
		WHERE application_id = $1 AND message_id = $2 AND emoji = $3 AND user_id = $4
		RETURNING shown, created_at`,
		app, r.Message, r.Emoji.Character, r.User.ID)
	if err != nil {
		return r, fmt.Errorf("remove a reaction to message %d: %w", r.Message, absent(err, chat.NoReaction(r.Emoji)))
	}
	r.CreatedAt = moment(removed.created)
	left, err := one(ctx, tx.db, scanValue[int64], `
		UPDATE reaction_summary
		SET count = count - 1
		WHERE application_id = $1 AND message_id = $2 AND emoji = $3
		RETURNING count`,
		app, r.Message, r.Emoji.Character)
	if err != nil {
		return r, fmt.Errorf("count the reactions to message %d: %w", r.Message, err)
	}
	if left == 0 {
		return r, tx.removeEmoji(ctx, app, r)
	}
	if removed.shown {
		return r, tx.showNext(ctx, app, r)
	}
	return r, nil
}

// reactionPlace is a reaction's place among those with the same emoji.
type reactionPlace struct {
	shown   bool
	created int64
}

func scanPlace(r row) (reactionPlace, error) {
	var p reactionPlace
	err := r.Scan(&p.shown, &p.created)
	return p, err
}

// removeEmoji forgets the emoji of a message's last reaction with it.
func (tx *Tx) removeEmoji(ctx context.Context, app chat.ApplicationID, r chat.Reaction) error {
	err := tx.exec(ctx, `
		DELETE FROM reaction_summary
		WHERE application_id = $1 AND message_id = $2 AND emoji = $3`,
		app, r.Message, r.Emoji.Character)
	if err != nil {
		return fmt.Errorf("remove an emoji of message %d: %w", r.Message, err)
	}
	return tx.countEmoji(ctx, app, r.Message, -1)
}

// showNext has a summary name the first user that it does not name yet.
func (tx *Tx) showNext(ctx context.Context, app chat.ApplicationID, r chat.Reaction) error {
	err := tx.exec(ctx, `
		UPDATE reaction
		SET shown = TRUE
		WHERE application_id = $1 AND message_id = $2 AND emoji = $3 AND user_id IN (
			SELECT next.user_id
			FROM reaction next
			WHERE next.application_id = $1 AND next.message_id = $2 AND next.emoji = $3 AND NOT next.shown
			ORDER BY next.created_at, next.user_id
			LIMIT 1)`,
		app, r.Message, r.Emoji.Character)
	if err != nil {
		return fmt.Errorf("show the next reaction to message %d: %w", r.Message, err)
	}
	return nil
}

// Reactions returns a page of the reactions to a message, the oldest first.
func (r Reader) Reactions(ctx context.Context, app chat.ApplicationID, message chat.MessageID, p chat.PageRequest) (chat.Page[chat.Reaction], error) {
	var none chat.Page[chat.Reaction]
	k, err := byAge(p)
	if err != nil {
		return none, err
	}
	reactions, err := many(ctx, r.db, scanReaction, `
		SELECT r.message_id, r.emoji, r.created_at, `+userColumns+`
		FROM reaction r
		JOIN chat_user u ON u.application_id = r.application_id AND u.id = r.user_id
		WHERE r.application_id = $1 AND r.message_id = $2 AND (r.created_at, r.user_id) `+k.beyond+` ($3, $4)
		ORDER BY r.created_at `+k.order+`, r.user_id `+k.order+`
		LIMIT $5`,
		app, message, k.time, k.id, k.fetch)
	if err != nil {
		return none, fmt.Errorf("list the reactions to message %d: %w", message, err)
	}
	total, err := one(ctx, r.db, scanValue[int64], `
		SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT)
		FROM reaction_summary
		WHERE application_id = $1 AND message_id = $2`,
		app, message)
	if err != nil {
		return none, fmt.Errorf("count the reactions to message %d: %w", message, err)
	}
	return page(p, reactions, total, func(r chat.Reaction) chat.Cursor {
		return timeCursor(r.CreatedAt.UnixMicro(), int64(r.User.ID))
	}), nil
}

func scanReaction(r row) (chat.Reaction, error) {
	var reaction chat.Reaction
	var emoji string
	var created int64
	var u userRow
	err := r.Scan(append([]any{&reaction.Message, &emoji, &created}, u.into()...)...)
	reaction.Emoji, reaction.User, reaction.CreatedAt = chat.EmojiOf(emoji), u.value(), moment(created)
	return reaction, err
}

// reactionCount is a row of a message's summary.
type reactionCount struct {
	message chat.MessageID
	emoji   string
	count   int64
}

func scanReactionCount(r row) (reactionCount, error) {
	var c reactionCount
	err := r.Scan(&c.message, &c.emoji, &c.count)
	return c, err
}

// addReactions gives messages the summaries of their reactions. Only those in
// reacted have any.
func (r Reader) addReactions(ctx context.Context, app chat.ApplicationID, messages []chat.Message, reacted []chat.MessageID) error {
	counts, err := manyOf(ctx, r.db, scanReactionCount, `
		SELECT message_id, emoji, count
		FROM reaction_summary
		WHERE application_id = $1 AND message_id IN (list)
		ORDER BY message_id, created_at, emoji`,
		reacted, app)
	if err != nil {
		return fmt.Errorf("read the reactions to %d messages: %w", len(reacted), err)
	}
	shown, err := manyOf(ctx, r.db, scanReaction, `
		SELECT r.message_id, r.emoji, r.created_at, `+userColumns+`
		FROM reaction r
		JOIN chat_user u ON u.application_id = r.application_id AND u.id = r.user_id
		WHERE r.application_id = $1 AND r.message_id IN (list) AND r.shown
		ORDER BY r.message_id, r.emoji, r.created_at, r.user_id`,
		reacted, app)
	if err != nil {
		return fmt.Errorf("read who reacted to %d messages: %w", len(reacted), err)
	}
	type place struct {
		message chat.MessageID
		emoji   string
	}
	users := map[place][]chat.User{}
	for _, reaction := range shown {
		at := place{reaction.Message, reaction.Emoji.Character}
		users[at] = append(users[at], reaction.User)
	}
	summaries := map[chat.MessageID][]chat.ReactionSummary{}
	for _, c := range counts {
		summaries[c.message] = append(summaries[c.message],
			chat.ReactionSummary{Emoji: chat.EmojiOf(c.emoji), Users: users[place{c.message, c.emoji}], Count: c.count})
	}
	for i := range messages {
		messages[i].Reactions = summaries[messages[i].ID]
	}
	return nil
}
