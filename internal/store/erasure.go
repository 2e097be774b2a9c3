package store

import (
	"context"
	"errors"
	"math"

	"openkitty/internal/chat"
)

// Erasure is what is to be erased: all that a user left, or without a user the
// messages of an application.
type Erasure struct {
	Application chat.ApplicationID
	User        chat.UserID
	Last        chat.MessageID // messages after it stay
}

func scanErasure(r row) (e Erasure, err error) {
	err = r.Scan(&e.Application, &e.User, &e.Last)
	return e, err
}

// NoteErasure notes that a user, who may be deleted, or all messages that an
// application has now, are to be erased. What is noted already is noted once.
func (tx *Tx) NoteErasure(ctx context.Context, app chat.ApplicationID, user chat.UserID) (Erasure, error) {
	const noted = `
		ON CONFLICT (application_id, user_id) DO UPDATE SET last_message_id = excluded.last_message_id
		RETURNING application_id, user_id, last_message_id`
	if user != 0 {
		e, err := one(ctx, tx.db, scanErasure, `
			INSERT INTO erasure (application_id, user_id, last_message_id)
			SELECT u.application_id, u.id, CAST($3 AS BIGINT)
			FROM chat_user u
			WHERE u.application_id = $1 AND u.id = $2`+noted,
			app, user, int64(math.MaxInt64))
		return e, wrap(absent(err, chat.NoUser(user)), "note that user %d is to be erased", user)
	}
	last, err := one(ctx, tx.db, scanValue[int64], `SELECT COALESCE(MAX(t.id), 0) FROM message t`)
	if err != nil {
		return Erasure{}, wrap(err, "find the latest message")
	}
	e, err := one(ctx, tx.db, scanErasure, `INSERT INTO erasure (application_id, user_id, last_message_id) VALUES ($1, 0, $2)`+noted, app, last)
	return e, wrap(err, "note that the messages of application %d are to be erased", app)
}

// EndErasure forgets an erasure, unless more was noted meanwhile.
func (tx *Tx) EndErasure(ctx context.Context, e Erasure) error {
	return wrap(tx.exec(ctx, `
		DELETE FROM erasure
		WHERE application_id = $1 AND user_id = $2 AND last_message_id = $3`,
		e.Application, e.User, int64(e.Last)), "forget an erasure")
}

// NextErasure returns the erasure of an application that follows the one of a
// user, or nil if there is none.
func (r Reader) NextErasure(ctx context.Context, app chat.ApplicationID, after chat.UserID) (*Erasure, error) {
	next, err := many(ctx, r.db, scanErasure, `
		SELECT application_id, user_id, last_message_id
		FROM erasure
		WHERE application_id = $1 AND user_id > $2
		ORDER BY user_id
		LIMIT 1`,
		app, after)
	if err != nil || len(next) == 0 {
		return nil, wrap(err, "look for what is to be erased")
	}
	return &next[0], nil
}

// PlacedMessage is a message by its place.
type PlacedMessage struct {
	ID        chat.MessageID
	Channel   chat.ChannelID
	CreatedAt int64
}

func scanPlacedMessage(r row) (p PlacedMessage, err error) {
	err = r.Scan(&p.ID, &p.Channel, &p.CreatedAt)
	return p, err
}

// MessagesToErase returns up to limit messages that an erasure is about, the
// oldest first, from behind a place: those of a user, or those of a channel.
func (r Reader) MessagesToErase(ctx context.Context, e Erasure, channel chat.ChannelID, after PlacedMessage, limit int) ([]PlacedMessage, error) {
	of, subject := "author_id", int64(e.User)
	if e.User == 0 {
		of, subject = "channel_id", int64(channel)
	}
	places, err := many(ctx, r.db, scanPlacedMessage, `
		SELECT t.id, t.channel_id, t.created_at
		FROM message t
		WHERE t.application_id = $1 AND t.`+of+` = $2 AND t.deleted_at = 0 AND t.id <= $3 AND (t.created_at, t.id) > ($4, $5)
		ORDER BY t.created_at, t.id
		LIMIT $6`,
		e.Application, subject, int64(e.Last), after.CreatedAt, int64(after.ID), limit)
	return places, wrap(err, "read the messages to erase")
}

// PresentMessages returns those of some messages of a channel that are not
// deleted, in the order of the ids; none if the channel is.
func (r Reader) PresentMessages(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, ids []chat.MessageID) ([]chat.Message, error) {
	rows, err := manyOf(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM message t
		JOIN channel c ON +c.application_id = t.application_id AND c.id = t.channel_id
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND +t.channel_id = $2 AND t.deleted_at = 0 AND t.id IN (list)`,
		distinct(ids), app, channel)
	if err != nil {
		return nil, wrap(err, "read %d messages of channel %d", len(ids), channel)
	}
	return r.completeMessages(ctx, app, inOrder(ids, rows, func(m messageRow) chat.MessageID { return m.ID }))
}

// NextChannel returns the channel of an application that follows another by its
// id, or zero.
func (r Reader) NextChannel(ctx context.Context, app chat.ApplicationID, after chat.ChannelID) (chat.ChannelID, error) {
	next, err := many(ctx, r.db, scanValue[chat.ChannelID], `
		SELECT c.id
		FROM channel c
		WHERE c.application_id + 0 = $1 AND c.id > $2
		ORDER BY c.id
		LIMIT 1`,
		app, after)
	if err != nil || len(next) == 0 {
		return 0, wrap(err, "look for the channel after %d", after)
	}
	return next[0], nil
}

// PlacedReaction is a reaction, and the channel of its message.
type PlacedReaction struct {
	chat.Reaction
	Channel chat.ChannelID
}

func scanPlacedReaction(r row) (p PlacedReaction, err error) {
	var emoji string
	var created int64
	var u userRow
	err = r.Scan(append([]any{&p.Channel, &p.Message, &emoji, &created}, u.into()...)...)
	p.Emoji, p.User, p.CreatedAt = chat.EmojiOf(emoji), u.value(), moment(created)
	return p, err
}

// ReactionsOf returns up to limit reactions of a user, who may be deleted, to
// messages of channels that there are: those after another, by message and emoji.
func (r Reader) ReactionsOf(ctx context.Context, app chat.ApplicationID, user chat.UserID, after chat.Reaction, limit int) ([]PlacedReaction, error) {
	reactions, err := many(ctx, r.db, scanPlacedReaction, `
		SELECT t.channel_id, r.message_id, r.emoji, r.created_at, `+userColumns+`
		FROM reaction r
		JOIN message t ON t.application_id = r.application_id AND t.id = r.message_id
		JOIN channel c ON +c.application_id = t.application_id AND c.id = t.channel_id
		JOIN chat_user u ON +u.application_id = r.application_id AND u.id = r.user_id
		WHERE r.application_id = $1 AND r.user_id = $2 AND (r.message_id, r.emoji) > ($3, $4)
		ORDER BY r.message_id, r.emoji
		LIMIT $5`,
		app, user, after.Message, after.Emoji.Character, limit)
	return reactions, wrap(err, "read the reactions of user %d", user)
}

// RemoveReports removes up to limit reports by a user, and returns how many that
// were.
func (tx *Tx) RemoveReports(ctx context.Context, app chat.ApplicationID, user chat.UserID, limit int) (int, error) {
	messages, err := many(ctx, tx.db, scanValue[chat.MessageID], `
		DELETE FROM message_report
		WHERE application_id = $1 AND user_id = $2 AND message_id IN (
			SELECT p.message_id
			FROM message_report p
			WHERE p.application_id = $1 AND p.user_id = $2
			LIMIT $3)
		RETURNING message_id`,
		app, user, limit)
	for _, message := range messages {
		err = errors.Join(err, tx.countReports(ctx, app, message))
	}
	return len(messages), wrap(err, "remove the reports of user %d", user)
}

// traces are the tables that remember a user for a while, and need not.
var traces = []leftover{
	{table: "hidden_message", of: "user_id", key: "user_id, channel_id, message_id"},
	{table: "message_key", of: "user_id", key: "user_id, key"},
	{table: "notification", of: "user_id", key: "id"},
	{table: "user_session", of: "user_id", key: "id"},
}

// RemoveTraces removes up to limit rows that remember a user, of each table, and
// the keys under which as many deleted messages of the user were imported. It
// returns how many that were.
func (tx *Tx) RemoveTraces(ctx context.Context, app chat.ApplicationID, user chat.UserID, limit int) (removed int, err error) {
	for _, l := range traces {
		n, err := l.remove(ctx, tx, app, []int64{int64(user)}, limit)
		if removed += n; err != nil {
			return removed, err
		}
	}
	gone, err := many(ctx, tx.db, scanValue[chat.MessageID], `
		UPDATE message
		SET import_key = ''
		WHERE application_id = $1 AND id IN (
			SELECT t.id
			FROM message t
			WHERE t.application_id = $1 AND t.author_id = $2 AND t.deleted_at <> 0 AND t.import_key <> ''
			LIMIT $3)
		RETURNING id`,
		app, user, limit)
	return removed + len(gone), wrap(err, "forget the keys of messages of user %d", user)
}
