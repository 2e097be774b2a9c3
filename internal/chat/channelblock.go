package chat

import "time"

// ChannelBlockID names an entry of a channel's block list.
type ChannelBlockID int64

// ChannelBlock keeps a user out of a group.
type ChannelBlock struct {
	ID        ChannelBlockID
	Channel   ChannelID
	User      User
	CreatedAt time.Time
}

// CheckBlocking refuses whoever must not block others in a channel, or end
// blocks there: its managers may. Nobody blocks the creator, or themselves.
func (c Channel) CheckBlocking(m *Membership, user UserID) error {
	if err := c.checkGroupMember(m); err != nil {
		return err
	}
	if err := c.checkManager(m); err != nil {
		return err
	}
	if user == m.User || user == c.Creator {
		return Errorf(Denied, "nobody can block themselves, or the creator of channel %d", c.ID)
	}
	return nil
}

// CheckBlockRecords refuses everybody but the members of a group to read its
// block list.
func (c Channel) CheckBlockRecords(m *Membership) error { return c.checkGroupMember(m) }

// Barred refuses a user who is blocked in a channel to enter it.
func Barred(channel ChannelID) *Error {
	return Errorf(Denied, "this user is blocked in channel %d", channel).Named("BlockedInChannelError")
}

// NoChannelBlock refuses an entry of a block list that is not there.
func NoChannelBlock(id ChannelBlockID) *Error {
	return Errorf(NotFound, "there is no block record %d", id).Named("BlockRecordNotFoundError")
}

// ChannelBlockChanged says that a user was blocked in a channel, or no longer
// is. Durable, in the stream of the channel.
type ChannelBlockChanged struct {
	Block    ChannelBlock
	Removed  bool
	By       UserID // whose request it answers
	Sequence int64
	Cause    Cause
}

func (ChannelBlockChanged) event() {}
