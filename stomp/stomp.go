// Package stomp reads and writes the frames of STOMP 1.2, the Simple Text
// Oriented Messaging Protocol, within bounds that the caller sets.
//
// It works on byte slices rather than streams: over WebSocket, where each
// message carries whole frames, there is nothing to wait for. A frame that is
// read shares the memory it was read from; see [Limits.Decode].
//
// The rules are those of https://stomp.github.io/stomp-specification-1.2.html;
// comments name its sections.
package stomp

// The commands of STOMP 1.2.
const (
	Connect     = "CONNECT"
	Stomp       = "STOMP" // what newer clients may send for CONNECT
	Connected   = "CONNECTED"
	Send        = "SEND"
	Subscribe   = "SUBSCRIBE"
	Unsubscribe = "UNSUBSCRIBE"
	Ack         = "ACK"
	Nack        = "NACK"
	Begin       = "BEGIN"
	Commit      = "COMMIT"
	Abort       = "ABORT"
	Disconnect  = "DISCONNECT"
	Message     = "MESSAGE"
	Receipt     = "RECEIPT"
	Error       = "ERROR"
)

// Frame is one unit of the protocol.
type Frame struct {
	Command string
	Header  Header
	Body    []byte
}

// Header is the header of a frame, in the order of the wire.
type Header []Field

// Field is one line of a header, unescaped.
type Field struct {
	Name, Value string
}

// Get returns the value of the named field, or "" if there is none.
func (h Header) Get(name string) string {
	value, _ := h.Lookup(name)
	return value
}

// Lookup returns the value of the named field and whether it is there. Of
// repeated fields the first counts ("Repeated Header Entries").
func (h Header) Lookup(name string) (string, bool) {
	for _, field := range h {
		if field.Name == name {
			return field.Value, true
		}
	}
	return "", false
}

// escapes reports whether header fields of the command are escaped. CONNECT and
// CONNECTED are not, to stay readable for STOMP 1.0 ("Value Encoding").
func escapes(command string) bool {
	return command != Connect && command != Connected && command != Stomp
}
