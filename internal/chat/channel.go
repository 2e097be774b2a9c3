package chat

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ChannelType says who may enter a channel, and how.
type ChannelType string

const (
	// Direct channels hold a fixed set of 2 to 10 users, and there is at most
	// one for each set.
	Direct ChannelType = "DIRECT"
	// Public channels may be seen and joined by every user.
	Public ChannelType = "PUBLIC"
	// Private channels are entered only by invitation.
	Private ChannelType = "PRIVATE"
)

// DirectMembersMax is how many users share a direct channel at most, its
// creator included.
const DirectMembersMax = 10

// IntimateMax is the size of a channel up to which its members hear of each
// other outside of it: presence and typing reach the user topics of members of
// channels up to this size, and only the chat sessions of larger ones. Without
// a bound, one user coming online in a channel of 100,000 would be 100,000
// events.
const IntimateMax = 100

// Channel is a room that users converse in.
type Channel struct {
	ID           ChannelID
	Application  ApplicationID
	Type         ChannelType
	Name         string // unique in the application
	DisplayName  string
	Creator      UserID // zero if made by an administrator
	Properties   Properties
	DirectKey    string // the set of members of a direct channel; empty otherwise
	Sequence     int64  // number of the latest durable change
	MemberCount  int64
	MessageCount int64
	HiddenCount  int64     // members who hid it
	Blocks       int64     // how many of a direct channel's members have blocked one another; see MayConcernBlocks
	LastMessage  MessageID // zero while there is none
	ActiveAt     time.Time // when it was created or last written in
	CreatedAt    time.Time
}

// Group reports whether members come and go.
func (c Channel) Group() bool { return c.Type != Direct }

// VisibleTo reports whether a user may see that c exists. The membership is nil
// for users who are not members.
func (c Channel) VisibleTo(m *Membership) bool { return m != nil || c.Type == Public }

// ChannelView is a channel as one user sees it.
type ChannelView struct {
	Channel
	Viewer      *Membership // nil if the viewer is not a member
	Barred      bool        // the viewer is blocked here; known of public channels
	CreatedBy   *User       // nil if made by an administrator
	Members     []User      // direct channels only: everyone, the viewer included
	LastMessage *Message    // nil while there is none
}

// NewChannel asks for a channel.
type NewChannel struct {
	Type        ChannelType
	Name        string // groups only; empty for a random one
	DisplayName string // empty for the name
	Members     []UserRef
	Properties  Properties
	Creator     *UserRef // for administrators: on whose behalf; nil for nobody's
}

// Bounds of what users name and describe.
const (
	NameMax          = 255 // characters of a username, channel name or display name
	MembersAtOnceMax = 100 // users a request may name as members
)

// Check reports what is wrong with the request.
func (c NewChannel) Check() error {
	switch c.Type {
	case Direct:
		if len(c.Members) == 0 {
			return Errorf(Invalid, "a direct channel needs at least one other member").Named("DirectChannelMembersError")
		}
	case Public, Private:
	default:
		return Errorf(Invalid, "the channel type must be DIRECT, PUBLIC or PRIVATE, not %.40q", c.Type)
	}
	if len(c.Members) > MembersAtOnceMax {
		return Errorf(Invalid, "a channel starts with at most %d members; add others afterwards", MembersAtOnceMax)
	}
	if err := checkName("channel name", c.Name); c.Name != "" && err != nil {
		return err
	}
	if err := checkName("display name", c.DisplayName); c.DisplayName != "" && err != nil {
		return err
	}
	return nil
}

// DirectKey names a set of users: equal sets have equal keys. It refuses sets
// that no direct channel can hold.
func DirectKey(members []UserID) (string, error) {
	set := slices.Clone(members)
	slices.Sort(set)
	set = slices.Compact(set)
	if len(set) < 2 {
		return "", Errorf(Invalid, "a direct channel needs at least one other member").Named("DirectChannelMembersError")
	}
	if len(set) > DirectMembersMax {
		return "", Errorf(Invalid, "a direct channel has at most %d members, its creator included; use a private channel for more",
			DirectMembersMax).Named("DirectChannelMembersError")
	}
	key := fmt.Sprint(set)
	return strings.ReplaceAll(key[1:len(key)-1], " ", ","), nil
}

// CheckView refuses a viewer who may not see that the channel exists, in the
// words of a channel that does not.
func (c ChannelView) CheckView() error {
	if !c.VisibleTo(c.Viewer) {
		return NoChannel(c.ID)
	}
	return nil
}

// CheckMember refuses a user who is not a member: what is said in a channel is
// for its members to read and to add to.
func (c Channel) CheckMember(m *Membership) error {
	switch {
	case m != nil:
		return nil
	case c.VisibleTo(m):
		return Errorf(Denied, "only members of channel %d may do this; join it first", c.ID)
	default:
		return NoChannel(c.ID)
	}
}

// LivelyMax is how many users may chat in a channel at once before it is a
// crowd, in which nobody is told of single persons any more: who enters,
// leaves, types, or comes online. In a room of n persons those events are n²
// deliveries.
const LivelyMax = 250
