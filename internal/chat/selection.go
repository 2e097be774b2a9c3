package chat

import "time"

// UserSelection selects users of an application, for its administrators. The zero
// value selects all.
type UserSelection struct {
	Name       string     // the whole username
	Properties Properties // values that the user's have
}

// ChannelSelection selects channels of an application, for its administrators. The
// zero value selects all.
type ChannelSelection struct {
	Type        ChannelType
	Members     []UserID   // all of whom are members
	From, Until time.Time  // of creation; the second is exclusive
	Properties  Properties // values that the channel's have
}

// MessageSelection selects messages of an application, for its administrators.
// The zero value selects all.
type MessageSelection struct {
	Channel ChannelID
	Author  UserID
	Text    string  // a part of the body, in any case
	Thread  *Thread // of the channel; nil for all
}

// SliceRequest asks for a part of a list of messages. The zero value is its
// beginning.
type SliceRequest struct {
	Size      int       // at most PageSizeMax; below 1 for PageSizeDefault
	At        MessageID // where the part begins
	Backwards bool      // the part ends right before that place instead
	Uncounted bool      // nobody asks for the total
}

// Limit is the number of items to return.
func (p SliceRequest) Limit() int { return PageRequest{Size: p.Size}.Limit() }

// MessageSlice is a part of a list of messages.
type MessageSlice struct {
	Messages []Message
	Total    int64     // of the whole list
	Next     MessageID // where the next part begins; zero at the end
	Earlier  bool      // there is a part before this
}
