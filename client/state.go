package client

// Status says how a client stands with its server.
type Status string

const (
	Connecting   Status = "connecting"   // for the first time
	CatchingUp   Status = "catching up"  // calls are served, and what was missed arrives
	Connected    Status = "connected"    // calls are served, and events arrive as they happen
	Reconnecting Status = "reconnecting" // the connection is lost; the client tries to get it back
	Closed       Status = "closed"       // for good
)

// State is a status and how it came to it.
type State struct {
	Status Status
	// Reason is why the connection was lost or the client was closed: an
	// [*Error] if the server refused. It is nil while connected and after Close.
	Reason error
	// Behind is, while catching up, how many changes of its channels and its user
	// the client lacks. Not all of them need concern it.
	Behind int64
}

// EventsLost says that the client was away for longer than the server keeps what
// happened. What an application shows of the channel, or of the user, it has to
// read again.
type EventsLost struct {
	Topic    string // as "/topic/channels/7.messages"
	From, To int64  // the first and the last change of the topic's stream that is gone
}

func (e *EventsLost) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "from":
			e.From = c.int()
		case "to":
			e.To = c.int()
		default:
			c.skip()
		}
	})
}
