package chat

// ContextMax is how many messages the context of a channel spans at most.
const ContextMax = PageSizeMax

// ChannelContext is a stretch of a channel's messages as one member sees them.
type ChannelContext struct {
	Start MessageID // the newest of them; zero if there are none
	End   MessageID // the oldest
}

// Before reports whether m precedes another message in the lists of its channel.
func (m Message) Before(other Message) bool {
	if m.CreatedAt.Equal(other.CreatedAt) {
		return m.ID < other.ID
	}
	return m.CreatedAt.Before(other.CreatedAt)
}
