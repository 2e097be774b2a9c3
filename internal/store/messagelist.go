package store

import (
	"context"
	"slices"

	"openkitty/internal/chat"
)

// UserMessages returns a page of the messages of all channels that a user has and
// has not hidden, newest first.
//
// A page needs no more than its size of channels, those with the newest messages
// beyond the place it begins at, and of each no more than its size of messages.
// So it costs a look into each of the user's channels, and never depends on how
// much was said in them.
func (r Reader) UserMessages(ctx context.Context, app chat.ApplicationID, user chat.UserID, p chat.PageRequest) (chat.Page[chat.Message], error) {
	var none chat.Page[chat.Message]
	k, err := byTime(p)
	if err != nil {
		return none, err
	}
	total, err := r.countUserMessages(ctx, app, user)
	if err != nil {
		return none, err
	}
	within, furthest := ">=", "0"
	if k.order == "ASC" {
		within, furthest = "<=", "9223372036854775807"
	}
	// of are the messages of a channel of the user's that may be on the page.
	of := func(alias string) string {
		return `message t
				WHERE t.application_id = $1 AND t.channel_id = ` + alias + `.channel_id AND (t.created_at, t.id) ` + k.beyond + ` ($3, $4)
					AND t.created_at > ` + alias + `.cleared_at AND ` + visible + `
				ORDER BY t.created_at ` + k.order + `, t.id ` + k.order
	}
	rows, err := many(ctx, r.db, scanMessage, `
		WITH latest AS (
			SELECT m.channel_id, m.cleared_at, (SELECT t.created_at FROM `+of("m")+` LIMIT 1) AS at
			FROM membership m
			JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
			WHERE m.application_id = $1 AND m.user_id = $2 AND NOT m.hidden
		), nearest AS (
			SELECT latest.channel_id, latest.cleared_at
			FROM latest
			WHERE latest.at IS NOT NULL
			ORDER BY latest.at `+k.order+`
			LIMIT $5
		), reach AS (
			SELECT nearest.channel_id, nearest.cleared_at,
				COALESCE((SELECT t.created_at FROM `+of("nearest")+` LIMIT 1 OFFSET $6), `+furthest+`) AS far
			FROM nearest
		)
		SELECT `+messageColumns+`
		FROM reach
		CROSS JOIN message t
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND t.channel_id = reach.channel_id AND (t.created_at, t.id) `+k.beyond+` ($3, $4)
			AND t.created_at `+within+` reach.far AND t.created_at > reach.cleared_at AND `+visible+`
		ORDER BY t.created_at `+k.order+`, t.id `+k.order+`
		LIMIT $5`,
		app, user, k.time, k.id, k.fetch, k.fetch-1)
	if err != nil {
		return none, wrap(err, "list the messages of user %d", user)
	}
	return r.messagePage(ctx, app, p, rows, total)
}

// countUserMessages counts what UserMessages lists.
func (r Reader) countUserMessages(ctx context.Context, app chat.ApplicationID, user chat.UserID) (int64, error) {
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT CAST(COALESCE(SUM(c.message_count - m.cleared_count), 0) AS BIGINT) - (
			SELECT COUNT(*)
			FROM hidden_message h
			JOIN membership g ON g.application_id = h.application_id AND g.channel_id = h.channel_id AND g.user_id = h.user_id
			JOIN channel d ON d.application_id = g.application_id AND d.id = g.channel_id
			WHERE h.application_id = $1 AND h.user_id = $2 AND NOT g.hidden)
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.user_id = $2 AND NOT m.hidden`,
		app, user)
	return max(n, 0), wrap(err, "count the messages of user %d", user)
}

// Stretch returns the ids of the messages of a channel that a member sees from
// one place to an older one, both included, newest first. A nil place is the end
// of the channel on its side. With only the older place given, it reads from
// there.
func (r Reader) Stretch(ctx context.Context, app chat.ApplicationID, member chat.Membership, newest, oldest *chat.Message, limit int) ([]chat.MessageID, error) {
	order := "DESC"
	if newest == nil && oldest != nil {
		order = "ASC"
	}
	from, to := stretchEnd(oldest, 0), stretchEnd(newest, 1<<62)
	ids, err := many(ctx, r.db, scanValue[chat.MessageID], `
		SELECT t.id
		FROM message t
		WHERE t.application_id = $1 AND t.channel_id = $3 AND (t.created_at, t.id) >= ($4, $5) AND (t.created_at, t.id) <= ($6, $7)
			AND t.created_at > $8 AND `+visible+`
		ORDER BY t.created_at `+order+`, t.id `+order+`
		LIMIT $9`,
		app, member.User, member.Channel, from[0], from[1], to[0], to[1], clearedAt(member), limit)
	if order == "ASC" {
		slices.Reverse(ids)
	}
	return ids, wrap(err, "read a stretch of channel %d", member.Channel)
}

// stretchEnd is the place of a message, or one beyond all of them.
func stretchEnd(m *chat.Message, none int64) [2]int64 {
	if m == nil {
		return [2]int64{none, none}
	}
	return [2]int64{m.CreatedAt.UnixMicro(), int64(m.ID)}
}
