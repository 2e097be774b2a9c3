package client

// Status says how a client stands with its server.
type Status string

const (
	Connecting   Status = "connecting"   // for the first time
	Connected    Status = "connected"    // calls are served, and events arrive
	Reconnecting Status = "reconnecting" // the connection is lost; the client tries to get it back
	Closed       Status = "closed"       // for good
)

// State is a status and how it came to it.
type State struct {
	Status Status
	// Reason is why the connection was lost or the client was closed: an
	// [*Error] if the server refused. It is nil while connected and after Close.
	Reason error
}
