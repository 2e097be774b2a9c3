package store

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
)

// userFilter is the condition that a filter's names put on users, as parameters
// $3 and $4.
const userFilter = `u.deleted_at = 0 AND ($3 = '' OR u.search LIKE $3 ESCAPE '\') AND ($4 = '' OR u.search LIKE $4 ESCAPE '\')`

// presenceFilter is the condition that a filter's presence puts on users.
func presenceFilter(online *bool) string {
	const here = `EXISTS (SELECT 1 FROM online_user o WHERE o.application_id = u.application_id AND o.user_id = u.id)`
	switch {
	case online == nil:
		return `TRUE`
	case *online:
		return here
	default:
		return `NOT ` + here
	}
}

// usersFrom is the condition of a filter together with where to look. Those
// online are looked up one by one, which SQLite does in the order of a CROSS
// JOIN, since they may be few among many.
func usersFrom(online *bool) string {
	if online != nil && *online {
		return `online_user o CROSS JOIN chat_user u
		WHERE o.application_id = $1 AND u.id = o.user_id AND ` + userFilter
	}
	return `chat_user u
		WHERE ` + userFilter + ` AND ` + presenceFilter(online)
}

// UserList returns a page of the application's users as one of them sees it, in
// the order of display name and id: without the viewer, and without those whom
// a block parts from the viewer.
func (r Reader) UserList(ctx context.Context, app chat.ApplicationID, viewer chat.UserID, f chat.UserFilter, p chat.PageRequest) (chat.Page[chat.User], error) {
	var none chat.Page[chat.User]
	k, err := byName(p)
	if err != nil {
		return none, err
	}
	from := usersFrom(f.Online) + ` AND u.application_id = $1 AND u.id <> $2 AND ` + unblocked("$2", "u.id")
	users, err := many(ctx, r.db, scanUser, `
		SELECT `+userColumns+`
		FROM `+from+` AND (u.display_name, u.id) `+k.beyond+` ($5, $6)
		ORDER BY u.display_name `+k.order+`, u.id `+k.order+`
		LIMIT $7`,
		app, viewer, namePattern(f.Name), displayNamePattern(f.DisplayName), k.name, k.id, k.fetch)
	if err != nil {
		return none, fmt.Errorf("list users: %w", err)
	}
	total, err := r.CountUsers(ctx, app, viewer, f)
	if err != nil {
		return none, err
	}
	return page(p, users, total, userCursor), nil
}

// CountUsers counts the users of UserList.
func (r Reader) CountUsers(ctx context.Context, app chat.ApplicationID, viewer chat.UserID, f chat.UserFilter) (int64, error) {
	total, err := one(ctx, r.db, scanValue[int64], `
		SELECT COUNT(*)
		FROM `+usersFrom(f.Online)+` AND u.application_id = $1 AND u.id <> $2 AND `+unblocked("$2", "u.id"),
		app, viewer, namePattern(f.Name), displayNamePattern(f.DisplayName))
	if err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return total, nil
}

func userCursor(u chat.User) chat.Cursor { return nameCursor(u.DisplayName, int64(u.ID)) }
