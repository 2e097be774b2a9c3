package chat

import "time"

// Stream names a sequence of durable changes: a channel's, or a user's own.
type Stream struct {
	Channel ChannelID // zero for a user's stream
	User    UserID    // zero for a channel's stream
}

// ChangeKind says what a change did to its subject.
type ChangeKind int16

// The numbers are stored: they are never reused.
const (
	MessageCreated ChangeKind = 1 // of a channel; the subject is the message
	MemberJoined   ChangeKind = 2 // of a channel; the subject is the user
	ChannelCreated ChangeKind = 3 // of a channel; the subject is the channel
	ChannelJoined  ChangeKind = 4 // of a user; the subject is the channel

	MemberLeft       ChangeKind = 10 // of a channel; the subject is the user, as of the next two
	ModeratorAdded   ChangeKind = 11
	ModeratorRemoved ChangeKind = 12
	ChannelChanged   ChangeKind = 13 // of a channel; the subject is the channel, as of all that follow
	ChannelDeleted   ChangeKind = 14

	ChannelLeft     ChangeKind = 15 // of a user, as all that follow
	ChannelMuted    ChangeKind = 16
	ChannelUnmuted  ChangeKind = 17
	ChannelHidden   ChangeKind = 18
	ChannelUnhidden ChangeKind = 19
	HistoryCleared  ChangeKind = 20
	RightsChanged   ChangeKind = 21 // the user became a moderator, or is none any more
	ChannelLost     ChangeKind = 22 // the channel was deleted
	ChannelRenewed  ChangeKind = 23 // the channel has new names or properties

	MessageUpdated  ChangeKind = 30 // of a channel; the subject is the message
	MessageDeleted  ChangeKind = 31 // of a channel; the subject is the message
	ReactionAdded   ChangeKind = 32 // of a channel; the subject is the message, with actor and detail
	ReactionRemoved ChangeKind = 33 // of a channel; the subject is the message, with actor and detail
	MessageHidden   ChangeKind = 34 // of a user; the subject is the message

	UserChanged   ChangeKind = 50 // of a user; the subject is the user
	UserDeletion  ChangeKind = 51 // of a user; the subject is the user
	MemberDeleted ChangeKind = 52 // of a channel; the subject is the user who was a member
	BlockAdded    ChangeKind = 53 // of a user; the subject is who is blocked
	BlockRemoved  ChangeKind = 54 // of a user; the subject is who was blocked

	MemberRead    ChangeKind = 60 // of a channel; the subject is the member, as of the next, and the detail the message
	MemberUnread  ChangeKind = 61
	ChannelRead   ChangeKind = 62 // of a user; the subject is the channel, as of the next, and the detail the message
	ChannelUnread ChangeKind = 63
	Notified      ChangeKind = 64 // of a user; the subject is the message: the notification with the change's sequence

	ThreadMade          ChangeKind = 80 // of a channel; the subject is the thread
	ChannelBlockAdded   ChangeKind = 81 // of a channel; the subject is the user, as of the next, and the detail the block's id
	ChannelBlockRemoved ChangeKind = 82

	MessagesImported ChangeKind = 100 // of a channel; the subject is the latest message; nobody is told
)

// Change is one entry of a stream. It names what changed; what it is now is
// read again when the change is replayed.
type Change struct {
	Stream   Stream
	Sequence int64 // 1, 2, 3, … within its stream, without gaps
	Kind     ChangeKind
	Subject  int64
	At       time.Time

	// Only of kinds that can't be told again without.
	Actor  UserID // who made it
	Detail string // with what, as the emoji of a reaction
}
