package chat

import "time"

// ModeratorsMax is how many moderators a channel has at most.
const ModeratorsMax = 100

// Membership is a user's place in a channel.
type Membership struct {
	Channel      ChannelID
	User         UserID
	Moderator    bool
	Muted        bool // the user wants no alerts
	Hidden       bool // left out of the user's list until somebody writes
	JoinedAt     time.Time
	ClearedAt    time.Time // messages up to this moment are hidden from the user; zero for none
	ClearedCount int64     // how many those are

	Administrator bool // nobody's membership, but how the application stands; see Administrator
}

// Sees reports whether a message of the channel is shown to m's holder, or lies
// before the point to which they cleared the history.
func (m Membership) Sees(message Message) bool { return message.CreatedAt.After(m.ClearedAt) }

// MessagesSeen is how many of the channel's messages m's holder sees.
func (c Channel) MessagesSeen(m Membership) int64 { return max(c.MessageCount-m.ClearedCount, 0) }

// For is the channel as another user sees it, whose membership is nil if there
// is none.
func (c ChannelView) For(m *Membership) ChannelView {
	c.Viewer = m
	if m == nil || c.LastMessage != nil && !m.Sees(*c.LastMessage) {
		c.LastMessage = nil
	}
	return c
}

// JoinableBy reports whether a user may become a member without an invitation.
func (c Channel) JoinableBy(m *Membership) bool { return m == nil && c.Type == Public }

// LeavableBy reports whether a user may stop being a member.
func (c Channel) LeavableBy(m *Membership) bool { return m != nil && c.Group() }

// InvitableBy reports whether a user may make others members: in groups, every
// member may.
func (c Channel) InvitableBy(m *Membership) bool { return m != nil && c.Group() }

// ManagedBy reports whether a user may change a group, name its moderators, and
// remove members: its moderators may, and its creator as long as they stay.
func (c Channel) ManagedBy(m *Membership) bool {
	return m != nil && c.Group() && (m.Moderator || c.Creator != 0 && c.Creator == m.User)
}

// CheckJoin refuses whoever must not become a member of their own accord.
func (c Channel) CheckJoin(m *Membership) error {
	switch {
	case c.JoinableBy(m):
		return nil
	case !c.VisibleTo(m):
		return NoChannel(c.ID)
	case !c.Group():
		return c.closed()
	default:
		return Errorf(Conflict, "you are a member of channel %d already", c.ID).Named("AlreadyMemberError")
	}
}

// CheckLeave refuses whoever is no member, and everybody in direct channels.
func (c Channel) CheckLeave(m *Membership) error { return c.checkGroupMember(m) }

// CheckInvite refuses whoever must not make others members.
func (c Channel) CheckInvite(m *Membership) error { return c.checkGroupMember(m) }

func (c Channel) checkGroupMember(m *Membership) error {
	if err := c.CheckMember(m); err != nil {
		return err
	}
	if !c.Group() {
		return c.closed()
	}
	return nil
}

// closed refuses to change who is in a direct channel.
func (c Channel) closed() error {
	return Errorf(Denied, "channel %d is direct: its members stay the same; open another for other people", c.ID).
		Named("DirectChannelMembersError")
}

// CheckRemove refuses whoever must not remove a member. Managers may remove
// anybody but the creator.
func (c Channel) CheckRemove(m *Membership, member UserID) error {
	if err := c.checkGroupMember(m); err != nil || m.User == member {
		return err
	}
	if !c.ManagedBy(m) || member == c.Creator && !m.Administrator {
		return Errorf(Denied, "only moderators of channel %d may remove others, and nobody may remove its creator", c.ID)
	}
	return nil
}

// CheckModerators refuses whoever must not name moderators, or dismiss them.
func (c Channel) CheckModerators(m *Membership) error {
	if err := c.CheckMember(m); err != nil {
		return err
	}
	if !c.Group() {
		return Errorf(Denied, "channel %d is direct: it has no moderators", c.ID)
	}
	return c.checkManager(m)
}

// CheckChange refuses whoever must not update or delete the channel. In direct
// channels, all members are equal.
func (c Channel) CheckChange(m *Membership) error {
	if err := c.CheckMember(m); err != nil || !c.Group() {
		return err
	}
	return c.checkManager(m)
}

func (c Channel) checkManager(m *Membership) error {
	if !c.ManagedBy(m) {
		return Errorf(Denied, "only the creator and the moderators of channel %d may do this", c.ID)
	}
	return nil
}

// CheckHide refuses to hide what can't be hidden: a group is left instead, and a
// message in a group of thousands must not have to look for who hid it.
func (c Channel) CheckHide(m *Membership) error {
	if err := c.CheckMember(m); err != nil {
		return err
	}
	if c.Group() {
		return Errorf(Denied, "only direct channels can be hidden; leave channel %d instead", c.ID)
	}
	return nil
}

// NoMember refuses a user who is not in the channel.
func NoMember(channel ChannelID, user UserID) *Error {
	return Errorf(NotFound, "user %d is not a member of channel %d", user, channel).Named("MemberNotFoundError")
}

// ChannelUpdate asks to change a channel. What is nil stays as it is.
type ChannelUpdate struct {
	Name, DisplayName *string
	Properties        *Properties
	Merge             []byte // a merge patch of the properties; nil for none
}

// Apply returns the channel as it is to be. Of a direct channel only the
// properties change: it is found and shown by its members.
func (u ChannelUpdate) Apply(c Channel) (Channel, error) {
	if u.Properties != nil {
		c.Properties = *u.Properties
	}
	if u.Merge != nil {
		merged, err := c.Properties.Merge(u.Merge)
		if err != nil {
			return c, err
		}
		c.Properties = merged
	}
	if !c.Group() {
		return c, nil
	}
	if u.Name != nil {
		c.Name = *u.Name
	}
	if u.DisplayName != nil {
		c.DisplayName = *u.DisplayName
	}
	if c.DisplayName == "" {
		c.DisplayName = c.Name
	}
	if err := checkName("channel name", c.Name); err != nil {
		return c, err
	}
	return c, checkName("display name", c.DisplayName)
}

// MemberChanged tells a channel of a member who came, left, or became a
// moderator or none. Durable, in the stream of the channel.
type MemberChanged struct {
	Kind     ChangeKind // MemberJoined, MemberLeft, ModeratorAdded or ModeratorRemoved
	Channel  ChannelID
	User     User
	Sequence int64
}

// UserChannelChanged tells a user what became of their place in a channel.
// Durable, in the stream of the user.
type UserChannelChanged struct {
	Kind     ChangeKind
	Channel  ChannelView // as the user sees it now
	User     UserID
	Sequence int64
	Cause    Cause
}

// ChannelUpdated says that a channel has other data. Durable, in the stream of
// the channel; its members are told by UserChannelChanged, see IntimateMax.
type ChannelUpdated struct {
	Channel  ChannelView // as the one who updated it sees it
	Managers []UserID    // who sees more links in it than others
	Sequence int64
}

// ChannelRemoved says that a channel was deleted. Durable, in the stream of the
// channel; its members are told by UserChannelChanged.
type ChannelRemoved struct {
	Channel  ChannelView
	Sequence int64
}

func (MemberChanged) event()      {}
func (UserChannelChanged) event() {}
func (ChannelUpdated) event()     {}
func (ChannelRemoved) event()     {}
