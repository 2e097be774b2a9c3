package chat

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what a caller can do about an error. Transports map it to their
// own codes: the gateway to an error frame, the platform API to a status.
type Kind string

const (
	Invalid     Kind = "invalid"     // the request is wrong: change it
	Denied      Kind = "denied"      // the actor may not do this
	NotFound    Kind = "not found"   // absent, or hidden from the actor
	Conflict    Kind = "conflict"    // it already exists, or changed meanwhile
	Limited     Kind = "limited"     // too much, too fast: try later; what waiting does not end is a conflict
	Unsupported Kind = "unsupported" // the server does not offer this
	Internal    Kind = "internal"    // our fault: logged, never shown
)

// Error is a refusal that its reader can act on.
type Error struct {
	Kind    Kind
	Name    string        // stable and machine-readable, as "ChannelNotFoundError"
	Message string        // for people: what is wrong and, where it helps, what to do
	CoolOff time.Duration // of a RateLimitedError, and of no other: when to try again
}

func (e *Error) Error() string { return e.Message }

// Errorf makes an error under its kind's general name.
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Name: kind.name(), Message: fmt.Sprintf(format, args...)}
}

// Named gives the error a name of its own, for callers that tell it apart.
func (e *Error) Named(name string) *Error {
	e.Name = name
	return e
}

// AsError returns the refusal in err, or a general one that tells nothing of an
// internal failure.
func AsError(err error) *Error {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	if errors.Is(err, ErrUnsettled) {
		return Errorf(Internal, "the server lost its database while it did this, and does not know whether it was done; look before you try again")
	}
	return Errorf(Internal, "the server failed to do this; try again, and tell its operator if it stays so")
}

// ErrUnsettled is in errors after which nobody knows whether what was asked for
// was done.
var ErrUnsettled = errors.New("it may have been done or not")

// RateLimited refuses what comes too fast, for a time.
func RateLimited(wait time.Duration, format string, args ...any) *Error {
	e := Errorf(Limited, format, args...)
	e.CoolOff = wait
	return e
}

// IsKind reports whether err is a refusal of this kind.
func IsKind(err error, kind Kind) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Kind == kind
}

// name is the wire name of errors that have none of their own.
func (k Kind) name() string {
	switch k {
	case Invalid:
		return "InvalidRequestError"
	case Denied:
		return "NotPermittedError"
	case NotFound:
		return "NotFoundError"
	case Conflict:
		return "ConflictError"
	case Limited:
		return "RateLimitedError"
	case Unsupported:
		return "NotSupportedError"
	default:
		return "InternalServerError"
	}
}

// The refusals that several operations share. What is hidden from the actor is
// refused in the words of what does not exist, so that ids tell nothing.

func NoUser(ref any) *Error {
	return Errorf(NotFound, "there is no user %v", ref).Named("UserNotFoundError")
}

func NoChannel(id ChannelID) *Error {
	return Errorf(NotFound, "there is no channel %d", id).Named("ChannelNotFoundError")
}

func NoMessage(id MessageID) *Error {
	return Errorf(NotFound, "there is no message %d", id).Named("MessageNotFoundError")
}

// DirectChannelExists is the name of the conflict over a set of users that has
// its direct channel already.
const DirectChannelExists = "DirectChannelExistsError"

// AccessDenied refuses a session. Its name is fixed: on any other the published
// SDKs try again for ever.
func AccessDenied(format string, args ...any) *Error {
	return Errorf(Denied, format, args...).Named(AccessDeniedName)
}

// AccessDeniedName is the name of the refusals of sessions and grants.
const AccessDeniedName = "AccessDeniedError"
