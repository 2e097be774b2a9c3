package client

import "errors"

var (
	// ErrDisconnected fails calls whose time ended before there was a connection
	// again, and those about the moment that were in flight when the connection
	// was lost: the server may or may not have done what they asked.
	ErrDisconnected = errors.New("the connection to the server was lost")

	// ErrClosed fails calls on a client that was closed, by [Client.Close] or
	// by the server's final refusal, which it then wraps.
	ErrClosed = errors.New("the client is closed")

	// ErrNotOffered fails calls for which the server gave the current user no
	// link: it can't do this, or the user may not.
	ErrNotOffered = errors.New("the server does not offer this here")

	// ErrNoPage fails asking for the page after the last or before the first.
	ErrNoPage = errors.New("there is no such page")
)

// Error is the server's refusal of a call or of the session.
type Error struct {
	Name    string // stable, as "ChannelNotFoundError"
	Message string // for people
}

func (e *Error) Error() string { return e.Name + ": " + e.Message }

// accessDenied names the one refusal after which a client must not try again.
const accessDenied = "AccessDeniedError"

func (e *Error) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "error":
			e.Name = c.string()
		case "message":
			e.Message = c.string()
		default:
			c.skip()
		}
	})
}

// readError reads the body of a refusal.
func readError(body []byte) *Error {
	var refusal Error
	if err := read(body, &refusal); err != nil || refusal.Name == "" {
		return &Error{Name: "UnknownChatKittyError", Message: "the server refused without saying why"}
	}
	return &refusal
}

// isFinal reports whether err forbids to connect again.
func isFinal(err error) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Name == accessDenied
}
