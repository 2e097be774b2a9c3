package chat

import "time"

// UserSessionID identifies a connection of a user, for the application.
type UserSessionID int64

// SessionHistory is how long it is known of a session that there was one, from
// its end.
const SessionHistory = 30 * 24 * time.Hour

// AgentMax bounds what is kept of what a client says it is, in bytes.
const AgentMax = 128

// UserSession is a connection of a user.
type UserSession struct {
	ID          UserSessionID
	Application ApplicationID
	User        User
	Agent       string // what the client says it is; empty if it does not
	CreatedAt   time.Time
	EndedAt     time.Time // zero while it lasts
}

// ChatSession is the time that a user chatted in a channel on a connection.
type ChatSession struct {
	ID        int64
	Session   UserSession
	Channel   ChannelID
	CreatedAt time.Time
	EndedAt   time.Time // zero while it lasts
}

// SessionState selects sessions by whether they last.
type SessionState string

const (
	AnySession    SessionState = ""
	ActiveSession SessionState = "ACTIVE"
	EndedSession  SessionState = "ENDED"
)

// StateOf is the state of a session that ended at a time, or zero.
func StateOf(end time.Time) SessionState {
	if end.IsZero() {
		return ActiveSession
	}
	return EndedSession
}
