// Package chat is the vocabulary of OpenKitty: its nouns, the rules among
// them, what happens to them, and the errors their breaking gives.
//
// It does no I/O and imports only the standard library, so that every rule can
// be read, and tested, without a server. Transports and storage translate to
// and from these types; the types carry no tags of any wire format.
package chat

import "time"

// Identifiers are small positive integers, unique among all applications.
// They stay far below 2^53, above which the published clients lose digits.
type (
	ApplicationID int64
	UserID        int64
	ChannelID     int64
	MessageID     int64
)

// Application is a tenant: nothing of one is ever visible to another.
type Application struct {
	ID        ApplicationID
	Name      string // unique on the server
	APIKey    string // public: names the application to connecting SDKs
	ClientID  string // of the Platform API's OAuth 2 client credentials
	Settings  Settings
	CreatedAt time.Time
}

// User is a person, or a program, that chats in an application.
type User struct {
	ID          UserID
	Application ApplicationID
	Name        string // unique in the application; the "username"
	DisplayName string
	Picture     string // address of an uploaded or external picture; empty for a generated one
	Guest       bool   // created by starting a session under a new name
	Status      Status // what it chose to be seen as; empty for available
	Properties  Properties
	CreatedAt   time.Time
}

// UserRef names a user in a request, by id or, where that is zero, by name.
type UserRef struct {
	ID   UserID
	Name string
}

// FileAccess is what a file grant allows.
type FileAccess byte

const (
	ReadFiles  FileAccess = 'r'
	WriteFiles FileAccess = 'w'
)

// Actor is who asks for an operation, and the request it came with.
type Actor struct {
	Application ApplicationID
	User        UserID
	Cause       Cause
}

// Cause ties an event to the request that caused it, so that the transport can
// answer that request with the event. The zero Cause asks for no answer.
type Cause struct {
	Session string // the session that asked
	Receipt string // the receipt it asked for
}
