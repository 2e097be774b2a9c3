package store

import (
	"context"
	"maps"
	"time"

	"openkitty/internal/chat"
)

var channelOrders = map[string]string{
	"id": "c.id", "name": "c.name", "display_name": "c.display_name", "created_time": "c.created_at", "type": "c.type",
}

// ChannelPage returns a page of an application's channels.
func (r Reader) ChannelPage(ctx context.Context, app chat.ApplicationID, f chat.ChannelSelection, p chat.NumberedPage) (chat.Page[chat.ChannelView], error) {
	var none chat.Page[chat.ChannelView]
	s := channelSelection(app, f, p.Sort)
	if err := s.whereProperties("c.properties", f.Properties); err != nil {
		return none, err
	}
	ids, total, err := numberedIDs[chat.ChannelID](ctx, r, s, p)
	if err != nil {
		return none, wrap(err, "list channels")
	}
	views, err := r.channelViews(ctx, app, ids)
	return chat.Page[chat.ChannelView]{Items: views, Total: total}, err
}

// channelSelection selects channels, but for their properties. Those of a member
// are found from its memberships.
func channelSelection(app chat.ApplicationID, f chat.ChannelSelection, sort []chat.Order) selection {
	s := selection{
		from: `channel c WHERE c.application_id + 0 = $1`, args: []any{app}, id: "c.id", columns: channelOrders, order: "c.id",
	}
	timed := !f.From.IsZero() || !f.Until.IsZero()
	if len(f.Members) > 0 {
		s = memberChannels(app, f.Members[0])
		for _, member := range f.Members[1:] {
			s.where("EXISTS (SELECT 1 FROM membership o WHERE o.application_id = $1 AND o.channel_id = m.channel_id AND o.user_id = %s)", member)
		}
	} else if timed {
		s.order = "c.created_at, c.id"
	}
	if f.Type != "" {
		s.walkUnless("id", sort)
		if timed {
			s.walk()
		}
		s.where("c.type = %s", string(f.Type))
	}
	if timed {
		s.walkUnless("created_time", sort)
	}
	s.whereTime("c.created_at >= %s", f.From)
	s.whereTime("c.created_at < %s", f.Until)
	return s
}

// memberChannels selects the channels of a user. In other orders than that of
// their ids they are sorted: these are the user's own.
func memberChannels(app chat.ApplicationID, user chat.UserID) selection {
	columns := maps.Clone(channelOrders)
	columns["id"] = "m.channel_id"
	return selection{
		from: `membership m JOIN channel c ON +c.application_id = m.application_id AND c.id = m.channel_id
			WHERE m.application_id = $1 AND m.user_id = $2`,
		args: []any{app, user}, id: "m.channel_id", columns: columns, order: "m.channel_id",
		sorted: []string{"c.name", "c.display_name", "c.created_at", "c.type"},
	}
}

// whereTime adds a condition on a time, if there is one.
func (s *selection) whereTime(condition string, at time.Time) {
	if !at.IsZero() {
		s.where(condition, at.UnixMicro())
	}
}

// UserChannelPage returns a page of the channels that a user is a member of.
func (r Reader) UserChannelPage(ctx context.Context, app chat.ApplicationID, user chat.UserID, p chat.NumberedPage) (chat.Page[chat.ChannelView], error) {
	ids, total, err := numberedIDs[chat.ChannelID](ctx, r, memberChannels(app, user), p)
	if err != nil {
		return chat.Page[chat.ChannelView]{}, wrap(err, "list the channels of user %d", user)
	}
	views, err := r.channelViews(ctx, app, ids)
	return chat.Page[chat.ChannelView]{Items: views, Total: total}, err
}

// channelViews returns channels in the order of their ids, as nobody's view.
func (r Reader) channelViews(ctx context.Context, app chat.ApplicationID, ids []chat.ChannelID) ([]chat.ChannelView, error) {
	channels, err := r.Channels(ctx, app, ids)
	if err != nil {
		return nil, err
	}
	views := make([]chat.ChannelView, len(channels))
	for n, channel := range inOrder(ids, channels, func(c chat.Channel) chat.ChannelID { return c.ID }) {
		views[n].Channel = channel
	}
	return views, r.complete(ctx, app, 0, views)
}
