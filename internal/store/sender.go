package store

import (
	"context"
	"database/sql"
	"errors"

	"openkitty/internal/chat"
)

// Sender returns what the rules of writing need: the channel, the user's
// membership of it (nil if there is none), and the user. Every message asks for
// it, so it reads no more: of the channel what it is and counts, but no names or
// properties; of the membership whether it is a moderator's, and what of the
// history was cleared; and nothing that was asked with.
func (r Reader) Sender(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, user chat.UserID) (chat.Channel, *chat.Membership, chat.User, error) {
	s, err := one(ctx, r.db, scanSender, `
		SELECT c.type, c.creator_id, c.member_count, c.posted_count, c.hidden_count, c.blocks, c.last_message_id,
			m.user_id IS NOT NULL, COALESCE(m.moderator, FALSE), COALESCE(m.cleared_at, 0), COALESCE(m.cleared_count, 0),
			`+profileColumns+`
		FROM chat_user u
		CROSS JOIN channel c
		LEFT JOIN membership m ON m.application_id = c.application_id AND m.channel_id = c.id AND m.user_id = u.id
		WHERE u.application_id = $1 AND u.id = $2 AND c.application_id = $1 AND c.id = $3`,
		app, user, channel)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err = r.Channel(ctx, app, channel); err == nil {
			err = chat.NoUser(user)
		}
	}
	if err != nil {
		return s.channel, nil, s.user, wrap(err, "read the sender %d to channel %d", user, channel)
	}
	s.channel.ID, s.channel.Application = channel, app
	s.user.ID, s.user.Application = user, app
	if s.membership != nil {
		s.membership.Channel, s.membership.User = channel, user
	}
	return s.channel, s.membership, s.user, nil
}

// sender is a user about to write to a channel.
type sender struct {
	channel    chat.Channel
	membership *chat.Membership
	user       chat.User
}

func scanSender(r row) (sender, error) {
	var s sender
	var member bool
	var m chat.Membership
	var cleared int64
	c, u := &s.channel, userRow{}
	err := r.Scan(&c.Type, &c.Creator, &c.MemberCount, &c.PostedCount, &c.HiddenCount, &c.Blocks, &c.LastMessage,
		&member, &m.Moderator, &cleared, &m.ClearedCount,
		&u.user.Name, &u.user.DisplayName, &u.user.Picture, &u.user.Guest, &u.user.Properties, &u.created, &u.user.Status)
	s.user = u.value()
	if member {
		m.ClearedAt = maybeMoment(cleared)
		s.membership = &m
	}
	return s, err
}
