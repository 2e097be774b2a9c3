package chat

import (
	"crypto/sha256"
	"time"
)

// SessionID names a session wherever it is kept: a hash of the secret by which
// its client resumes it, so that who reads a backup can resume nothing.
type SessionID [16]byte

// SessionIDOf returns the id of the session with a secret.
func SessionIDOf(secret string) SessionID {
	sum := sha256.Sum256([]byte(secret))
	return SessionID(sum[:16])
}

// SessionRecord is what is kept of a session, for when its client returns.
type SessionRecord struct {
	ID          SessionID
	Application ApplicationID
	User        UserID
	Positions   []byte // how far it got in each of its subscriptions, in the gateway's form
	At          time.Time
	Ended       bool // its client said goodbye: nothing is kept of it
}

// Expired reports whether the session can't be resumed any more: what its client
// missed is past a retention. With a retention of zero that never is.
func (r SessionRecord) Expired(retention time.Duration, now time.Time) bool {
	return retention != 0 && now.Sub(r.At) > retention
}

// NoSession refuses a session that is not there, or is another's.
func NoSession() *Error {
	return Errorf(NotFound, "there is no such session").Named("SessionNotFoundError")
}

// KeyMax bounds the idempotency key of a message, in bytes; KeyLife is how long
// it is remembered.
const (
	KeyMax  = 128
	KeyLife = 24 * time.Hour
)
