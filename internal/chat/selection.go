package chat

import (
	"slices"
	"time"
)

// UserSelection selects users of an application, for its administrators. The zero
// value selects all.
type UserSelection struct {
	Name       string     // the whole username
	Properties Properties // values that the user's have
	Unread     bool       // something is unread in a channel of the user's
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

// SliceRequest asks for a part of a list that is walked. The zero value is its
// beginning.
type SliceRequest struct {
	Size      int   // at most PageSizeMax; below 1 for PageSizeDefault
	At        int64 // the item at which the part begins
	Backwards bool  // the part ends right before that item instead
	Uncounted bool  // nobody asks for the total
}

// Limit is the number of items to return.
func (p SliceRequest) Limit() int { return PageRequest{Size: p.Size}.Limit() }

// Slice is a part of a list that is walked.
type Slice[T any] struct {
	Items   []T
	Start   int64 // the item at which the part begins; zero if it has none
	Total   int64 // of the whole list
	Next    int64 // the item at which the next part begins; zero at the end
	Earlier bool  // there is a part before this
}

// SliceOf arranges what was read for a request, in the direction in which it was
// read: one item more than the part has tells that there are others.
func SliceOf[T any](p SliceRequest, read []T, total int64, at func(T) int64) Slice[T] {
	s := Slice[T]{Total: total, Earlier: p.At != 0 && !p.Backwards}
	more := len(read) > p.Limit()
	if p.Backwards {
		read = read[:min(len(read), p.Limit())]
		slices.Reverse(read)
		s.Next, s.Earlier = p.At, more
	} else if more {
		s.Next, read = at(read[p.Limit()]), read[:p.Limit()]
	}
	if s.Items = read; len(read) > 0 {
		s.Start = at(read[0])
	}
	return s
}
