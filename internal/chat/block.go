package chat

import "time"

// Block is an entry of a user's block list.
type Block struct {
	User      User // who is blocked
	CreatedAt time.Time
}

// MayConcernBlocks reports whether blocks among its members keep some of them
// from writing in c. Groups belong to all of their members, so that one
// member's block list changes nothing there.
func (c Channel) MayConcernBlocks() bool { return c.Type == Direct && c.Blocks > 0 }

// UserBlocked refuses what one of two users wants with the other. It does not
// say which of them blocked the other: that is the blocker's own affair.
func UserBlocked() *Error {
	return Errorf(Denied, "you, or another member of this channel, have blocked the other").Named("UserBlockedError")
}

// CheckBlock refuses the block of oneself.
func CheckBlock(blocker, blocked UserID) error {
	if blocker == blocked {
		return Errorf(Invalid, "users can't block themselves")
	}
	return nil
}

// CheckDelete refuses the deletion of anybody but the actor.
func (a Actor) CheckDelete(user UserID) error {
	if a.User != user {
		return Errorf(Denied, "users can delete nobody but themselves")
	}
	return nil
}
