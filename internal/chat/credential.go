package chat

import (
	"slices"
	"strings"
	"time"
)

// CredentialID identifies a credential.
type CredentialID int64

// CredentialsMax is how many credentials, and how many API keys, an application
// has at most.
const CredentialsMax = 100

// AllScopes is what a credential may do that nothing is withheld from.
var AllScopes = []string{"create:*", "read:*", "update:*", "delete:*"}

// Credential is a client of the Platform API, which acts as an application.
type Credential struct {
	ID            CredentialID
	Application   ApplicationID
	ClientID      string // public
	Name          string
	Scopes        []string // as "read:user" or "read:*"
	SecretHash    []byte
	PreviousHash  []byte    // of the secret before the last rotation
	PreviousUntil time.Time // until when that one works
	CreatedAt     time.Time
}

// Admits reports whether the credential's holder may do what takes a scope.
func Admits(granted []string, scope string) bool {
	action, _, _ := strings.Cut(scope, ":")
	return slices.Contains(granted, scope) || slices.Contains(granted, action+":*")
}

// ValidHashes are the hashes of the secrets that work at a time.
func (c Credential) ValidHashes(at time.Time) [][]byte {
	if at.Before(c.PreviousUntil) {
		return [][]byte{c.SecretHash, c.PreviousHash}
	}
	return [][]byte{c.SecretHash}
}

// NoCredential refuses what is asked of a credential that is not there.
func NoCredential() *Error {
	return Errorf(NotFound, "there is no such credential").Named("CredentialNotFoundError")
}
