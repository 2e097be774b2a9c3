package chat

import "time"

// Invite is that a user was invited to a channel by its application.
type Invite struct {
	ID        int64
	Channel   ChannelID
	User      UserID
	CreatedAt time.Time
}
