package gateway

import (
	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

// What channels and their members are told of memberships.
var (
	channelLeft     = eventType{aspectChannels, "user.channel.left", "me.channel.left", gen1x58}
	channelChanged  = eventType{aspectChannels, "user.channel.updated", "me.channel.updated", gen1x58}
	channelHidden   = eventType{aspect: aspectChannels, name: "user.channel.hidden"}
	channelUnhidden = eventType{aspect: aspectChannels, name: "user.channel.unhidden"}
	channelLost     = eventType{aspect: aspectChannels, name: "user.channel.deleted"}

	// The newest SDK finds the answer to its request under the one name, also if
	// that was to remove somebody else, and listens under the other.
	channelLeftAgain = eventType{aspect: aspectChannels, name: "me.channel.left", renamed: gen2x106}

	channelUpdated   = eventType{aspect: aspectSelf, name: "channel.self.updated"}
	channelDeleted   = eventType{aspect: aspectSelf, name: "channel.self.deleted"}
	memberJoined     = eventType{aspect: aspectMembers, name: "channel.member.joined"}
	memberLeft       = eventType{aspect: aspectMembers, name: "channel.member.left"}
	moderatorAdded   = eventType{aspect: aspectModerators, name: "channel.moderator.added"}
	moderatorDeleted = eventType{aspect: aspectModerators, name: "channel.moderator.deleted"}
)

// memberEvents and placeEvents name what became of a member, to the channel and
// to the member.
var (
	memberEvents = map[chat.ChangeKind]eventType{
		chat.MemberJoined:     memberJoined,
		chat.MemberLeft:       memberLeft,
		chat.ModeratorAdded:   moderatorAdded,
		chat.ModeratorRemoved: moderatorDeleted,
	}
	placeEvents = map[chat.ChangeKind]eventType{
		chat.ChannelJoined:   channelJoined,
		chat.ChannelLeft:     channelLeft,
		chat.ChannelMuted:    channelChanged,
		chat.ChannelUnmuted:  channelChanged,
		chat.HistoryCleared:  channelChanged,
		chat.RightsChanged:   channelChanged,
		chat.ChannelRenewed:  channelChanged,
		chat.ChannelHidden:   channelHidden,
		chat.ChannelUnhidden: channelUnhidden,
		chat.ChannelLost:     channelLost,
	}
)

// announceMember tells a channel of a member. Who left hears it as the last
// thing there.
func (g *announcer) announceMember(e chat.MemberChanged) {
	at := position{"c", int64(e.Channel), e.Sequence}
	g.publish(toChannel(e.Channel), memberEvents[e.Kind], at, chat.Cause{}, func(p *broker.Publication) {
		p.Resource = g.render.user(nil, &e.User)
		if e.Kind == chat.MemberLeft {
			p.Ends = int64(e.User.ID)
		}
	})
}

// announcePlace tells a user of their own place in a channel.
func (g *announcer) announcePlace(e chat.UserChannelChanged) {
	topic, at := toUser(e.User), position{"u", int64(e.User), e.Sequence}
	write := func(p *broker.Publication) { p.Resource = g.render.channel(nil, &e.Channel) }
	if e.Kind == chat.ChannelLeft {
		g.publish(topic, channelLeftAgain, at, chat.Cause{}, write)
	}
	g.publish(topic, placeEvents[e.Kind], at, e.Cause, write)
}

// announceUpdate tells a channel of its new data. What its members see differs by
// the links of managers, who get bytes of their own. The last message is left
// out, since it can't be right for all. Outside of the channel its members hear
// of it as of their place there.
func (g *announcer) announceUpdate(e chat.ChannelUpdated) {
	g.publish(toChannel(e.Channel.ID), channelUpdated, position{"c", int64(e.Channel.ID), e.Sequence}, chat.Cause{}, func(p *broker.Publication) {
		view := e.Channel
		view.LastMessage = nil
		view.Viewer = &chat.Membership{}
		p.Resource = g.render.channel(nil, &view)
		if view.Group() {
			view.Viewer = &chat.Membership{Moderator: true}
			p.ManagersResource = g.render.channel(nil, &view)
			p.Managers = append(p.Managers, int64(view.Creator))
			for _, manager := range e.Managers {
				p.Managers = append(p.Managers, int64(manager))
			}
		}
	})
}

// announceRemoval tells a channel that it is no more, and ends it.
func (g *announcer) announceRemoval(e chat.ChannelRemoved) {
	id := e.Channel.ID
	g.publish(toChannel(id), channelDeleted, position{"c", int64(id), e.Sequence}, chat.Cause{}, func(p *broker.Publication) {
		p.Resource = g.render.channel(nil, &e.Channel)
		p.Ends = broker.Everybody
	})
}
