package store

import (
	"context"

	"openkitty/internal/chat"
)

func scanInvite(r row) (chat.Invite, error) {
	var i chat.Invite
	var created int64
	err := r.Scan(&i.ID, &i.Channel, &i.User, &created)
	i.CreatedAt = moment(created)
	return i, err
}

// AddInvite notes that a user was invited to a channel. Whoever was invited before
// is invited again.
func (tx *Tx) AddInvite(ctx context.Context, app chat.ApplicationID, i chat.Invite) (chat.Invite, error) {
	i, err := one(ctx, tx.db, scanInvite, `
		INSERT INTO channel_invite (application_id, channel_id, user_id, created_at)
		SELECT c.application_id, c.id, u.id, CAST($4 AS BIGINT)
		FROM channel c
		JOIN chat_user u ON u.application_id = c.application_id
		WHERE c.application_id = $1 AND c.id = $2 AND u.id = $3
		ON CONFLICT (channel_id, user_id) DO UPDATE SET created_at = excluded.created_at
		RETURNING id, channel_id, user_id, created_at`,
		app, i.Channel, i.User, i.CreatedAt.UnixMicro())
	return i, wrap(absent(err, chat.NoChannel(i.Channel)), "invite a user to channel %d", i.Channel)
}

// InvitePage returns a page of the invites to a channel.
func (r Reader) InvitePage(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, p chat.NumberedPage) (chat.Page[chat.Invite], error) {
	var none chat.Page[chat.Invite]
	s := selection{
		from: `channel_invite i WHERE i.application_id = $1 AND i.channel_id = $2`, args: []any{app, channel},
		id: "i.id", order: "i.created_at DESC, i.id DESC",
		columns: map[string]string{"id": "i.id", "created_time": "i.created_at"},
	}
	ids, total, err := numberedIDs[int64](ctx, r, s, p)
	if err != nil {
		return none, wrap(err, "list the invites to channel %d", channel)
	}
	invites, err := manyOf(ctx, r.db, scanInvite, `
		SELECT i.id, i.channel_id, i.user_id, i.created_at
		FROM channel_invite i
		WHERE i.application_id = $1 AND i.id IN (list)`,
		ids, app)
	if err != nil {
		return none, wrap(err, "read %d invites", len(ids))
	}
	return chat.Page[chat.Invite]{Items: inOrder(ids, invites, func(i chat.Invite) int64 { return i.ID }), Total: total}, nil
}
