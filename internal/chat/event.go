package chat

// Event is something that happened and that somebody may be listening for.
// Durable events carry the sequence number of the change that recorded them;
// momentary ones are gone once delivered.
type Event interface{ event() }

// MessagePosted says that a message was created in a channel. Durable, unless
// the message has no sequence number: then the application does not keep it.
type MessagePosted struct {
	Message Message
	Cause   Cause
}

// MessageChanged says that a message has a new body, other properties or
// another number of replies. Durable, in the stream of its channel.
type MessageChanged struct {
	Message  Message
	Sequence int64
	Cause    Cause
}

// MessageWithdrawn says that a message was deleted for everybody; what is left
// of it has no body. Durable, in the stream of its channel.
type MessageWithdrawn struct {
	Message  Message
	Sequence int64
	Cause    Cause
}

// ReactionChanged says that a user reacted to a message, or took a reaction
// back. Durable, in the stream of the message's channel.
type ReactionChanged struct {
	Channel  ChannelID
	Reaction Reaction
	Removed  bool
	Sequence int64
	Cause    Cause
}

// UserJoinedChannel tells a user of a new membership. Durable, in the stream
// of the user.
type UserJoinedChannel struct {
	Channel  ChannelView // as the user sees it
	User     UserID
	Sequence int64
	Cause    Cause
}

// KeystrokesMade shows a channel what a participant is typing. Momentary.
type KeystrokesMade struct {
	Channel ChannelID
	Thread  Thread // zero for the main thread
	User    User
	Keys    string
}

// TypingChanged says that a participant started or stopped typing. Momentary.
type TypingChanged struct {
	Channel ChannelID
	Thread  ThreadPlace
	User    User
	Typing  bool
	Members []UserID // who hears of it outside of the channel; see IntimateMax
}

// ParticipantChanged says that a user's first chat session in a channel
// started, or the last one ended. Momentary.
type ParticipantChanged struct {
	Channel ChannelID
	User    User
	Active  bool
}

// PresenceChanged says that a user came online or went offline. Momentary.
type PresenceChanged struct {
	User     User
	Channels []ChannelID // of which the user is a member
	Contacts []UserID    // who hears of it outside of channels; see IntimateMax
}

// CustomEventTriggered carries an application's own event to those who chat in a
// channel. Momentary.
type CustomEventTriggered struct {
	Channel ChannelID
	User    *User // nil if the application itself triggered it
	Event   CustomEvent
}

func (CustomEventTriggered) event() {}

// UserUpdated tells a user of a change of its own data. Durable, in the stream
// of the user.
type UserUpdated struct {
	User     User
	Cause    Cause
	Sequence int64
}

// ContactUpdated tells others of a change of a user's data. Momentary.
type ContactUpdated struct {
	User     User
	Contacts []UserID // who hears of it; see IntimateMax
}

// UserBlockAdded tells a user of a new entry of its block list. Durable, in the
// stream of the user.
type UserBlockAdded struct {
	Blocker  UserID
	Block    Block
	Cause    Cause
	Sequence int64
}

// UserBlockRemoved tells a user that an entry of its block list is gone.
// Durable, in the stream of the user.
type UserBlockRemoved struct {
	Blocker  UserID
	User     User // who was blocked
	Cause    Cause
	Sequence int64
}

// UserDeleted tells a user that it is deleted, and ends its sessions. Durable,
// in the stream of the user.
type UserDeleted struct {
	User     User // what is left of it
	Cause    Cause
	Sequence int64
}

func (MessagePosted) event()      {}
func (MessageChanged) event()     {}
func (MessageWithdrawn) event()   {}
func (ReactionChanged) event()    {}
func (UserJoinedChannel) event()  {}
func (KeystrokesMade) event()     {}
func (TypingChanged) event()      {}
func (ParticipantChanged) event() {}
func (PresenceChanged) event()    {}
func (UserUpdated) event()        {}
func (ContactUpdated) event()     {}
func (UserBlockAdded) event()     {}
func (UserBlockRemoved) event()   {}
func (UserDeleted) event()        {}
