package chat

// ReadSummary counts what a member has not read in a channel.
type ReadSummary struct {
	Channel ChannelView // as nobody's
	User    User
	Count   int64
}
