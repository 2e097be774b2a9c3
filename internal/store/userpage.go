package store

import (
	"context"

	"openkitty/internal/chat"
)

var userOrders = map[string]string{
	"id": "u.id", "name": "u.name", "display_name": "u.display_name", "created_time": "u.created_at",
}

// UserPage returns a page of an application's users.
func (r Reader) UserPage(ctx context.Context, app chat.ApplicationID, f chat.UserSelection, p chat.NumberedPage) (chat.Page[chat.User], error) {
	s := selection{
		from: `chat_user u WHERE u.application_id + 0 = $1 AND u.deleted_at = 0`, args: []any{app},
		id: "u.id", columns: userOrders, order: "u.id",
	}
	if f.Name != "" {
		s.where("u.application_id = $1 AND u.name = %s", f.Name)
	}
	if err := s.whereProperties("u.properties", f.Properties); err != nil {
		return chat.Page[chat.User]{}, err
	}
	if f.Unread {
		s.walk()
		s.from += ` AND EXISTS (
			SELECT 1
			FROM membership m
			JOIN channel c ON +c.application_id = m.application_id AND c.id = m.channel_id
			WHERE m.application_id = u.application_id AND m.user_id = u.id AND ` + behind + `)`
	}
	return r.userPage(ctx, app, s, p)
}

// MemberPage returns a page of a channel's members, or of those who are
// moderators. In the order of names they are sorted: the sign keeps SQLite from
// walking the users of the application for that.
func (r Reader) MemberPage(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, moderators bool, p chat.NumberedPage) (chat.Page[chat.User], error) {
	s := memberSelection(app, channel, moderators)
	return r.userPage(ctx, app, s, p)
}

func memberSelection(app chat.ApplicationID, channel chat.ChannelID, moderators bool) selection {
	s := selection{
		from: `membership m JOIN chat_user u ON +u.application_id = m.application_id AND u.id = m.user_id
			WHERE m.application_id = $1 AND m.channel_id = $2`,
		args: []any{app, channel}, id: "m.user_id", order: "m.user_id", sorted: []string{"u.name"},
		columns: map[string]string{"id": "m.user_id", "name": "u.name", "display_name": "m.display_name", "created_time": "m.joined_at"},
	}
	if moderators {
		s.from += " AND m.moderator"
	}
	return s
}

func (r Reader) userPage(ctx context.Context, app chat.ApplicationID, s selection, p chat.NumberedPage) (chat.Page[chat.User], error) {
	var none chat.Page[chat.User]
	ids, total, err := numberedIDs[chat.UserID](ctx, r, s, p)
	if err != nil {
		return none, wrap(err, "list users")
	}
	users, err := r.Users(ctx, app, ids)
	if err != nil {
		return none, err
	}
	return chat.Page[chat.User]{Items: inOrder(ids, users, func(u chat.User) chat.UserID { return u.ID }), Total: total}, nil
}

// MembershipPage returns a page of a channel's memberships, otherwise as
// MemberPage.
func (r Reader) MembershipPage(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, p chat.NumberedPage) (chat.Page[chat.Membership], error) {
	var none chat.Page[chat.Membership]
	ids, total, err := numberedIDs[chat.UserID](ctx, r, memberSelection(app, channel, false), p)
	if err != nil {
		return none, wrap(err, "list the memberships of channel %d", channel)
	}
	members, err := manyOf(ctx, r.db, scanMembership, `
		SELECT m.channel_id, m.user_id, `+membershipColumns+`
		FROM membership m
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.user_id IN (list)`,
		ids, app, channel)
	if err != nil {
		return none, wrap(err, "read %d memberships", len(ids))
	}
	return chat.Page[chat.Membership]{Items: inOrder(ids, members, func(m chat.Membership) chat.UserID { return m.User }), Total: total}, nil
}
