package store

import (
	"context"
	"fmt"
	"slices"

	"openkitty/internal/chat"
)

// viewColumns are a channel and what the viewer, $2 of every query, is in it.
const viewColumns = channelColumns + `, m.user_id IS NOT NULL, ` + maybeMembershipColumns

func scanView(r row) (chat.ChannelView, error) {
	var c channelRow
	var v viewerRow
	err := r.Scan(append(c.into(), v.into()...)...)
	view := chat.ChannelView{Channel: c.value()}
	view.Viewer = v.value(view.Channel.ID)
	return view, err
}

// ChannelView returns a channel as a user sees it; whether the user may see it
// is the caller's to decide.
func (r Reader) ChannelView(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, viewer chat.UserID) (chat.ChannelView, error) {
	view, err := one(ctx, r.db, scanView, `
		SELECT `+viewColumns+`
		FROM channel c
		LEFT JOIN membership m ON m.application_id = c.application_id AND m.channel_id = c.id AND m.user_id = $2
		WHERE c.application_id = $1 AND c.id = $3`,
		app, viewer, channel)
	if err != nil {
		return view, fmt.Errorf("read channel %d: %w", channel, absent(err, chat.NoChannel(channel)))
	}
	views := []chat.ChannelView{view}
	err = r.complete(ctx, app, viewer, views)
	return views[0], err
}

// JoinedChannels returns a page of the channels that a user is a member of and
// has not hidden, those last active first. The filter, if not empty, is looked
// for in their names, in any case.
//
// The sign before application_id keeps SQLite from walking the application's
// channels instead of the user's.
func (r Reader) JoinedChannels(ctx context.Context, app chat.ApplicationID, user chat.UserID, filter string, p chat.PageRequest) (chat.Page[chat.ChannelView], error) {
	var none chat.Page[chat.ChannelView]
	k, err := byTime(p)
	if err != nil {
		return none, err
	}
	views, err := many(ctx, r.db, scanView, `
		SELECT `+viewColumns+`
		FROM membership m
		JOIN channel c ON +c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.user_id = $2 AND NOT m.hidden
			AND ($3 = '' OR c.search LIKE $3 ESCAPE '\')
			AND (c.active_at, c.id) `+k.beyond+` ($4, $5)
		ORDER BY c.active_at `+k.order+`, c.id `+k.order+`
		LIMIT $6`,
		app, user, pattern(filter), k.time, k.id, k.fetch)
	if err != nil {
		return none, fmt.Errorf("list the channels of user %d: %w", user, err)
	}
	total, err := one(ctx, r.db, scanValue[int64], `
		SELECT COUNT(*)
		FROM membership m
		JOIN channel c ON c.application_id = m.application_id AND c.id = m.channel_id
		WHERE m.application_id = $1 AND m.user_id = $2 AND NOT m.hidden
			AND ($3 = '' OR c.search LIKE $3 ESCAPE '\')`,
		app, user, pattern(filter))
	if err != nil {
		return none, fmt.Errorf("count the channels of user %d: %w", user, err)
	}
	result := page(p, views, total, viewCursor)
	return result, r.complete(ctx, app, user, result.Items)
}

// JoinableChannels returns a page of the public channels that a user is not a
// member of, otherwise as JoinedChannels.
func (r Reader) JoinableChannels(ctx context.Context, app chat.ApplicationID, user chat.UserID, filter string, p chat.PageRequest) (chat.Page[chat.ChannelView], error) {
	var none chat.Page[chat.ChannelView]
	k, err := byTime(p)
	if err != nil {
		return none, err
	}
	views, err := many(ctx, r.db, scanView, `
		SELECT `+viewColumns+`
		FROM channel c
		LEFT JOIN membership m ON m.application_id = c.application_id AND m.channel_id = c.id AND m.user_id = $2
		WHERE c.application_id = $1 AND c.type = 'PUBLIC' AND m.user_id IS NULL
			AND NOT EXISTS (SELECT 1 FROM channel_block b WHERE b.application_id = c.application_id AND b.user_id = $2 AND b.channel_id = c.id)
			AND ($3 = '' OR c.search LIKE $3 ESCAPE '\')
			AND (c.active_at, c.id) `+k.beyond+` ($4, $5)
		ORDER BY c.active_at `+k.order+`, c.id `+k.order+`
		LIMIT $6`,
		app, user, pattern(filter), k.time, k.id, k.fetch)
	if err != nil {
		return none, fmt.Errorf("list the channels that user %d can join: %w", user, err)
	}
	total, err := r.countJoinable(ctx, app, user, filter)
	if err != nil {
		return none, err
	}
	result := page(p, views, total, viewCursor)
	return result, r.complete(ctx, app, user, result.Items)
}

func (r Reader) countJoinable(ctx context.Context, app chat.ApplicationID, user chat.UserID, filter string) (int64, error) {
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT COUNT(*)
		FROM channel c
		LEFT JOIN membership m ON m.application_id = c.application_id AND m.channel_id = c.id AND m.user_id = $2
		WHERE c.application_id = $1 AND c.type = 'PUBLIC' AND m.user_id IS NULL
			AND NOT EXISTS (SELECT 1 FROM channel_block b WHERE b.application_id = c.application_id AND b.user_id = $2 AND b.channel_id = c.id)
			AND ($3 = '' OR c.search LIKE $3 ESCAPE '\')`,
		app, user, pattern(filter))
	if err != nil {
		return 0, fmt.Errorf("count the channels that user %d can join: %w", user, err)
	}
	return n, nil
}

func viewCursor(v chat.ChannelView) chat.Cursor {
	return timeCursor(v.ActiveAt.UnixMicro(), int64(v.ID))
}

// complete adds to views what other tables hold, with one query for each kind
// however many views there are.
func (r Reader) complete(ctx context.Context, app chat.ApplicationID, viewer chat.UserID, views []chat.ChannelView) error {
	var creators []chat.UserID
	var directs, strange []chat.ChannelID
	var messages []chat.MessageID
	for i := range views {
		c := &views[i].Channel
		if views[i].Viewer != nil {
			views[i].Viewer.User = viewer
		}
		if c.Creator != 0 {
			creators = append(creators, c.Creator)
		}
		if c.Type == chat.Direct {
			directs = append(directs, c.ID)
		}
		if c.JoinableBy(views[i].Viewer) {
			strange = append(strange, c.ID)
		}
		if c.LastMessage != 0 {
			messages = append(messages, c.LastMessage)
		}
	}
	users, err := r.Users(ctx, app, creators)
	if err != nil {
		return err
	}
	members, err := r.directMembers(ctx, app, directs)
	if err != nil {
		return err
	}
	last, err := r.lastMessages(ctx, app, viewer, messages)
	if err != nil {
		return err
	}
	barred, err := r.barredFrom(ctx, app, viewer, strange)
	if err != nil {
		return err
	}
	fill(views, users, members, last)
	for i := range views {
		views[i].Barred = slices.Contains(barred, views[i].ID)
	}
	return nil
}

// fill puts what was read where it belongs.
func fill(views []chat.ChannelView, users []chat.User, members []channelMember, messages []chat.Message) {
	creator := map[chat.UserID]*chat.User{}
	for i := range users {
		creator[users[i].ID] = &users[i]
	}
	everyone := map[chat.ChannelID][]chat.User{}
	for _, m := range members {
		everyone[m.channel] = append(everyone[m.channel], m.user)
	}
	last := map[chat.ChannelID]*chat.Message{}
	for i := range messages {
		last[messages[i].Channel] = &messages[i]
	}
	for i := range views {
		v := &views[i]
		v.CreatedBy = creator[v.Creator]
		v.Members = everyone[v.ID]
		v.LastMessage = last[v.ID]
		if v.LastMessage != nil && v.Viewer != nil && !v.Viewer.Sees(*v.LastMessage) {
			v.LastMessage = nil
		}
	}
}
