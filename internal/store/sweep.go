package store

import (
	"context"
	"time"

	"openkitty/internal/chat"
)

// leftover is a table with rows that belong to a message or to a channel, and are
// to go with it.
type leftover struct {
	table string
	of    string // the column that names what they belong to
	key   string // the columns of the primary key
	// through is the table with that column, if theirs is another: they have a
	// column with its name and _id.
	through string
}

// leftovers are all such tables but message and change. A test refuses tables
// with a column message_id or channel_id that are missing here.
var leftovers = []leftover{
	{table: "reaction", of: "message_id", key: "message_id, emoji, user_id"},
	{table: "reaction_summary", of: "message_id", key: "message_id, emoji"},
	{table: "hidden_message", of: "message_id", key: "user_id, channel_id, message_id"},
	{table: "link_preview", of: "message_id", key: "message_id, source"},
	{table: "file", of: "message_id", key: "application_id, key"}, // after removeFiles, which counts the bytes
	{table: "message_key", of: "message_id", key: "user_id, key"},
	{table: "thread_position", of: "message_id", key: "thread_id, user_id", through: "thread"},
	{table: "thread", of: "message_id", key: "id"},
	{table: "message_report", of: "message_id", key: "message_id, user_id"},
	{table: "channel_block", of: "channel_id", key: "id"},
	{table: "thread_position", of: "channel_id", key: "thread_id, user_id", through: "thread"},
	{table: "thread", of: "channel_id", key: "id"},
	{table: "membership", of: "channel_id", key: "channel_id, user_id"},
	{table: "channel_invite", of: "channel_id", key: "id"},
	{table: "chat_session", of: "channel_id", key: "id"},
}

// remove removes up to limit rows of those that belong to one of ids, and returns
// how many.
func (l leftover) remove(ctx context.Context, tx *Tx, app chat.ApplicationID, ids []int64, limit int) (int, error) {
	belong := l.of + ` IN (list) AND ` + l.of + ` <> 0` // as indexes say that leave out what belongs to none
	if l.through != "" {
		belong = l.through + `_id IN (SELECT id FROM ` + l.through + ` WHERE +application_id = $1 AND ` + belong + `)`
	}
	gone, err := manyOf(ctx, tx.db, scanValue[int64], `
		DELETE FROM `+l.table+`
		WHERE +application_id = $1 AND (`+l.key+`) IN (
			SELECT `+l.key+`
			FROM `+l.table+`
			WHERE +application_id = $1 AND `+belong+`
			LIMIT $2)
		RETURNING application_id`,
		ids, app, limit)
	return len(gone), wrap(err, "remove leftovers from the table %s", l.table)
}

// Sweeps walk the channels and users of all applications together, by id: an index
// for the walk of each would lead SQLite astray in other queries.

// DeletedChannel is a channel that has something left to remove.
type DeletedChannel struct {
	Application chat.ApplicationID
	ID          chat.ChannelID
	DeletedAt   time.Time
	Emptied     bool // there are only changes left
}

// DeletedChannels returns up to limit deleted channels, of any application, with
// ids above after, by id.
func (r Reader) DeletedChannels(ctx context.Context, after chat.ChannelID, limit int) ([]DeletedChannel, error) {
	channels, err := many(ctx, r.db, func(r row) (d DeletedChannel, err error) {
		var at int64
		err = r.Scan(&d.Application, &d.ID, &at, &d.Emptied)
		d.DeletedAt = moment(at)
		return d, err
	}, `
		SELECT application_id, channel_id, deleted_at, emptied
		FROM deleted_channel
		WHERE channel_id > $1
		ORDER BY channel_id
		LIMIT $2`,
		after, limit)
	return channels, wrap(err, "read the deleted channels")
}

// RemoveDeletedChannel removes some of what a deleted channel left, with each call
// at most a few times limit rows, and reports whether it is done. Its changes go
// last, and only if the channel was deleted before a time.
func (tx *Tx) RemoveDeletedChannel(ctx context.Context, app chat.ApplicationID, id chat.ChannelID, before time.Time, limit int) (removed int, done bool, err error) {
	deletedAt, err := one(ctx, tx.db, scanValue[int64], `
		SELECT deleted_at
		FROM deleted_channel
		WHERE application_id = $1 AND channel_id = $2`,
		app, id)
	if err != nil {
		return 0, true, wrap(absent(err, nil), "read the deleted channel %d", id)
	}
	for _, which := range []string{"deleted_at = 0", "deleted_at <> 0"} { // an index has the ones, another the others
		messages, err := many(ctx, tx.db, scanValue[int64], `
			SELECT id
			FROM message
			WHERE application_id = $1 AND channel_id = $2 AND `+which+`
			LIMIT $3`,
			app, id, limit)
		if err != nil {
			return 0, false, wrap(err, "read what is left of channel %d", id)
		}
		if removed, err = tx.removeMessages(ctx, app, messages, limit); err != nil || removed > 0 {
			return removed, false, err
		}
	}
	for _, l := range leftovers {
		if l.of != "channel_id" {
			continue
		}
		if removed, err = l.remove(ctx, tx, app, []int64{int64(id)}, limit); err != nil || removed > 0 {
			return removed, false, err
		}
	}
	if deletedAt >= before.UnixMicro() {
		err := tx.exec(ctx, `UPDATE deleted_channel SET emptied = TRUE WHERE application_id = $1 AND channel_id = $2`, app, id)
		return 0, true, wrap(err, "note that channel %d is empty", id)
	}
	if removed, err = tx.RemoveChanges(ctx, app, chat.Stream{Channel: id}, before, limit); err != nil || removed > 0 {
		return removed, false, err
	}
	err = tx.exec(ctx, `DELETE FROM deleted_channel WHERE application_id = $1 AND channel_id = $2`, app, id)
	return 0, true, wrap(err, "forget the deleted channel %d", id)
}

// removeMessages removes messages and what belongs to them. If there is more than
// limit in one table, it leaves the rest, and the messages, for the next call.
func (tx *Tx) removeMessages(ctx context.Context, app chat.ApplicationID, ids []int64, limit int) (removed int, err error) {
	for _, id := range ids {
		if err := tx.removeFiles(ctx, app, fileOfMessage, id); err != nil {
			return 0, err
		}
	}
	for _, l := range leftovers {
		if l.of != "message_id" {
			continue
		}
		n, err := l.remove(ctx, tx, app, ids, limit)
		if removed += n; err != nil || n >= limit {
			return removed, err
		}
	}
	gone, err := manyOf(ctx, tx.db, scanValue[int64], `
		DELETE FROM message
		WHERE application_id = $1 AND id IN (list)
		RETURNING id`,
		ids, app)
	return removed + len(gone), wrap(err, "remove messages")
}

// seenByAll is the number up to which no message of a channel is unread by any
// member. It walks the members.
func (r Reader) seenByAll(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID) (int64, error) {
	seen, err := one(ctx, r.db, scanValue[int64], `
		SELECT COALESCE(MIN(CASE WHEN m.user_id IS NULL THEN c.posted_count ELSE `+reached+` END), 0)
		FROM channel c
		LEFT JOIN membership m ON m.application_id = c.application_id AND m.channel_id = c.id
		WHERE c.application_id = $1 AND c.id = $2
		GROUP BY c.id`,
		app, channel)
	return seen, wrap(absent(err, chat.NoChannel(channel)), "read what everybody in channel %d has seen", channel)
}

// RemovePlaces removes up to limit places of messages of a channel that were
// deleted before a time and that have no replies, as far as every member has
// read: beyond, the places keep the count of what is unread right. It returns how
// many rows it removed. As long as the transaction holds the channel, nobody moves
// back to before a message.
func (tx *Tx) RemovePlaces(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, before time.Time, limit int) (int, error) {
	if err := tx.LockChannel(ctx, app, channel); err != nil {
		return 0, err
	}
	seen, err := tx.seenByAll(ctx, app, channel)
	if err != nil {
		return 0, err
	}
	places, err := many(ctx, tx.db, scanValue[int64], `
		SELECT id
		FROM message
		WHERE application_id = $1 AND channel_id = $2 AND deleted_at <> 0 AND reply_count = 0 AND deleted_at < $3 AND number <= $5
		ORDER BY deleted_at
		LIMIT $4`,
		app, channel, before.UnixMicro(), limit, seen)
	if err != nil || len(places) == 0 {
		return 0, wrap(err, "read the places of deleted messages of channel %d", channel)
	}
	// Who saw them by writing later, in a message that may be among them, goes on
	// having seen them.
	err = tx.exec(ctx, `
		UPDATE membership
		SET seen_number = $3
		WHERE application_id = $1 AND channel_id = $2 AND seen_number < $3`,
		app, channel, seen)
	if err != nil {
		return 0, wrap(err, "keep what members of channel %d have seen", channel)
	}
	return tx.removeMessages(ctx, app, places, limit)
}

// RemoveChanges removes up to limit changes of a stream from before a time, the
// oldest first, and with those of a user the notifications. It returns how many
// changes that were.
func (tx *Tx) RemoveChanges(ctx context.Context, app chat.ApplicationID, s chat.Stream, before time.Time, limit int) (int, error) {
	changes, err := tx.Changes(ctx, app, s, 0, limit)
	if err != nil {
		return 0, err
	}
	old := 0
	for old < len(changes) && changes[old].At.Before(before) {
		old++
	}
	if old == 0 {
		return 0, nil
	}
	err = tx.exec(ctx, `
		DELETE FROM change
		WHERE application_id = $1 AND stream = $2 AND sequence <= $3`,
		app, streamID(s), changes[old-1].Sequence)
	if err != nil || s.User == 0 {
		return old, wrap(err, "remove changes")
	}
	err = tx.exec(ctx, `
		DELETE FROM notification
		WHERE application_id = $1 AND user_id = $2 AND sequence <= $3`,
		app, s.User, changes[old-1].Sequence)
	return old, wrap(err, "remove notifications")
}

// ChannelAge is how old the oldest is of what a channel has. Times are zero where
// it has none.
type ChannelAge struct {
	Application chat.ApplicationID
	ID          chat.ChannelID
	Message     time.Time // when it was created
	Place       time.Time // of a deleted message without replies: when it was deleted
	Change      time.Time
}

// ChannelAges returns up to limit channels, of any application, with ids above
// after, by id.
func (r Reader) ChannelAges(ctx context.Context, after chat.ChannelID, limit int) ([]ChannelAge, error) {
	ages, err := many(ctx, r.db, func(r row) (a ChannelAge, err error) {
		var message, place, change int64
		err = r.Scan(&a.Application, &a.ID, &message, &place, &change)
		a.Message, a.Place, a.Change = maybeMoment(message), maybeMoment(place), maybeMoment(change)
		return a, err
	}, `
		SELECT c.application_id, c.id,
			COALESCE((
				SELECT t.created_at
				FROM message t
				WHERE t.application_id = c.application_id AND t.channel_id = c.id AND t.created_at >= c.expired_at AND t.deleted_at = 0
				ORDER BY t.created_at
				LIMIT 1), 0),
			COALESCE((
				SELECT t.deleted_at
				FROM message t
				WHERE t.application_id = c.application_id AND t.channel_id = c.id AND t.deleted_at <> 0 AND t.reply_count = 0
				ORDER BY t.deleted_at
				LIMIT 1), 0),
			COALESCE((
				SELECT h.at
				FROM change h
				WHERE h.application_id = c.application_id AND h.stream = c.id * 2
				ORDER BY h.sequence
				LIMIT 1), 0)
		FROM channel c
		WHERE c.id > $1
		ORDER BY c.id
		LIMIT $2`,
		after, limit)
	return ages, wrap(err, "read the ages of channels")
}

// UserAge is how old the oldest change is in the stream of a user, or zero.
type UserAge struct {
	Application chat.ApplicationID
	ID          chat.UserID
	Change      time.Time
}

// UserAges returns up to limit users, of any application, with ids above after, by
// id.
func (r Reader) UserAges(ctx context.Context, after chat.UserID, limit int) ([]UserAge, error) {
	ages, err := many(ctx, r.db, func(r row) (a UserAge, err error) {
		var change int64
		err = r.Scan(&a.Application, &a.ID, &change)
		a.Change = maybeMoment(change)
		return a, err
	}, `
		SELECT u.application_id, u.id,
			COALESCE((
				SELECT h.at
				FROM change h
				WHERE h.application_id = u.application_id AND h.stream = u.id * 2 + 1
				ORDER BY h.sequence
				LIMIT 1), 0)
		FROM chat_user u
		WHERE u.id > $1
		ORDER BY u.id
		LIMIT $2`,
		after, limit)
	return ages, wrap(err, "read the ages of users' streams")
}

// ExpiredMessages returns up to limit messages of a channel that were created
// before a time, the oldest first, and that were not deleted.
func (r Reader) ExpiredMessages(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, before time.Time, limit int) ([]chat.Message, error) {
	rows, err := many(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM channel c
		JOIN message t ON t.application_id = c.application_id AND t.channel_id = c.id AND t.created_at >= c.expired_at
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE c.application_id = $1 AND c.id = $2 AND t.created_at < $3 AND t.deleted_at = 0
		ORDER BY t.created_at, t.id
		LIMIT $4`,
		app, channel, before.UnixMicro(), limit)
	if err != nil {
		return nil, wrap(err, "read the expired messages of channel %d", channel)
	}
	return r.completeMessages(ctx, app, rows)
}

// LockChannel lets no other transaction write to a channel until this one ends, on
// whatever node: what is read of it from now on stays true.
func (tx *Tx) LockChannel(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID) error {
	return wrap(tx.exec(ctx, `
		UPDATE channel
		SET sequence = sequence
		WHERE application_id = $1 AND id = $2`,
		app, channel), "lock channel %d", channel)
}

// SetExpired notes that no message of a channel is left from before a time.
func (tx *Tx) SetExpired(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, before time.Time) error {
	return wrap(tx.exec(ctx, `
		UPDATE channel
		SET expired_at = $3
		WHERE application_id = $1 AND id = $2`,
		app, channel, before.UnixMicro()), "note what expired of channel %d", channel)
}
