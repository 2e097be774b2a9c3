package chat

import (
	"slices"
	"time"
)

// NotificationKind says why a user is notified of a message.
type NotificationKind int16

// The numbers are stored: they are never reused. Of those that apply to a user
// the first counts.
const (
	MentionedUser    NotificationKind = 1 // the message mentions the user
	MentionedChannel NotificationKind = 2 // the message mentions a channel of the user's
	RepliedTo        NotificationKind = 3 // the message replies to one of the user's
	MessageSent      NotificationKind = 4 // the message is in a channel of the user's
)

// Notification tells a user of a message in a channel that they are not looking
// at.
type Notification struct {
	ID        int64
	Kind      NotificationKind
	Recipient User
	Channel   ChannelView // the message's, as the recipient sees it
	Message   Message
	Parent    *Message // what the message replies to; RepliedTo only
	Mentioned *Channel // as Mentioned returns it; MentionedChannel only
	Muted     bool     // the recipient must not be alerted
	CreatedAt time.Time
	ReadAt    time.Time // zero while the recipient has not read it
}

// Type says why the recipient is notified, as clients are told.
func (n *Notification) Type() string {
	switch {
	case n.Kind == MentionedUser:
		return "USER:MENTIONED:USER"
	case n.Kind == MentionedChannel:
		return "USER:MENTIONED:CHANNEL"
	case n.Kind == RepliedTo:
		return "USER:REPLIED_TO:MESSAGE"
	case n.Message.Author == nil:
		return "SYSTEM:SENT:MESSAGE"
	default:
		return "USER:SENT:MESSAGE"
	}
}

// Words are the title and the body of a notification, for people.
func (n *Notification) Words() (title, body string) {
	title, body = "System message sent", n.Message.Body
	if n.Message.Author != nil {
		title = n.Message.Author.DisplayName
	}
	if body == "" {
		body = "File attachment"
	}
	return title, body
}

// NoNotification refuses a notification that is not there, or is another's.
func NoNotification(id int64) *Error {
	return Errorf(NotFound, "there is no notification %d", id).Named("NotificationNotFoundError")
}

// MentionedChannel is a channel that a message mentions; nil if it does not.
func (m Message) MentionedChannel(id ChannelID) *Channel {
	for _, mention := range m.Mentions {
		if mention.Channel != nil && mention.Channel.ID == id {
			return mention.Channel
		}
	}
	return nil
}

// NotificationCreated tells a user of a notification. Durable, in the stream of
// the user.
type NotificationCreated struct {
	Notification Notification
	Sequence     int64
}

func (NotificationCreated) event() {}

// Audience is who may be notified of a message, and why.
type Audience struct {
	Author UserID // zero for a system message; never notified
	Parent UserID // author of the message that it replies to; zero for none
	Users  []UserID
	// Channels are those that the message mentions, of which the members are
	// notified.
	Channels []ChannelID
}

// AudienceOf returns the audience of a message that replies to parent, or to
// nothing if that is nil.
func AudienceOf(m Message, parent *Message) Audience {
	var a Audience
	if m.Author != nil {
		a.Author = m.Author.ID
	}
	if parent != nil && parent.Author != nil {
		a.Parent = parent.Author.ID
	}
	for _, mention := range m.Mentions {
		switch {
		case mention.User != nil && !slices.Contains(a.Users, mention.User.ID):
			a.Users = append(a.Users, mention.User.ID)
		case mention.Channel != nil && !slices.Contains(a.Channels, mention.Channel.ID):
			a.Channels = append(a.Channels, mention.Channel.ID)
		}
	}
	return a
}

// Kind is why a user is notified, who is a member of the given one of the
// mentioned channels, or of none of them if that is zero.
func (a Audience) Kind(user UserID, mentioned ChannelID) NotificationKind {
	switch {
	case slices.Contains(a.Users, user):
		return MentionedUser
	case mentioned != 0:
		return MentionedChannel
	case a.Parent == user:
		return RepliedTo
	default:
		return MessageSent
	}
}

// Direct are the users whom the message is about, rather than just in reach of.
func (a Audience) Direct() []UserID {
	users := slices.Clone(a.Users)
	if a.Parent != 0 && !slices.Contains(users, a.Parent) {
		users = append(users, a.Parent)
	}
	return slices.DeleteFunc(users, func(u UserID) bool { return u == a.Author })
}

// Bounds of what waits to be notified in a channel.
const (
	// NotifiedLatestMax is how many messages wait to be told to all members who
	// are away, and NotifiedMax how many notifications that may be, if it is more
	// than one message.
	NotifiedLatestMax = 100
	NotifiedMax       = 100_000
)

// NotifiedAfter is the number of the message after which messages are told to all
// members who are away. Of the earlier ones that still wait, only whom they are
// about is notified: somebody who is told of a hundred messages misses nothing
// for not being told of the thousand before, each by itself.
func (c Channel) NotifiedAfter() int64 {
	latest := min(NotifiedMax/max(c.MemberCount, 1), NotifiedLatestMax)
	return c.PostedCount - max(latest, 1)
}
