// Package files keeps what users upload, and decides who may have it.
//
// A file arrives in a [Spool], which finds out its digest and what it looks
// like, and is then kept in a [Store]: a directory, or a bucket of an
// S3-compatible service. Which files there are, and who may see them, is in the
// database; this package holds bytes, and checks the [Grants] that clients ask
// for them with.
package files

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"openkitty/internal/chat"
)

// GrantLifetime is how long a grant is valid. The published SDKs ask for grants
// once, at the start of a session, and keep them through reconnects, so it must
// outlast a session.
const GrantLifetime = 7 * 24 * time.Hour

// Grants issues and checks grants: bearer tokens that name an application, a
// user and an access. The server keeps none of them.
type Grants struct {
	key []byte
}

// NewGrants returns grants signed with key, which all nodes of a server share.
func NewGrants(key []byte) *Grants { return &Grants{key: key} }

// The layout of a grant before its base64: access, application, user, expiry in
// seconds, and a shortened HMAC-SHA256 of those.
const (
	claimsSize    = 1 + 8 + 8 + 8
	signatureSize = 16
)

// Issue returns a grant of access for a user. It consists of letters, digits, '-' and
// '_', since clients put it into URLs as it is.
func (g *Grants) Issue(app chat.ApplicationID, user chat.UserID, access chat.FileAccess, now time.Time) string {
	claims := make([]byte, 0, claimsSize+signatureSize)
	claims = append(claims, byte(access))
	claims = binary.BigEndian.AppendUint64(claims, uint64(app))
	claims = binary.BigEndian.AppendUint64(claims, uint64(user))
	claims = binary.BigEndian.AppendUint64(claims, uint64(now.Add(GrantLifetime).Unix()))
	return base64.RawURLEncoding.EncodeToString(append(claims, g.sign(claims)...))
}

// Check returns whom the grant was issued to. It refuses grants that were not
// issued here, have expired, or allow something else.
func (g *Grants) Check(grant string, access chat.FileAccess, now time.Time) (chat.Actor, error) {
	token, err := base64.RawURLEncoding.DecodeString(grant)
	if err != nil || len(token) != claimsSize+signatureSize ||
		!hmac.Equal(token[claimsSize:], g.sign(token[:claimsSize])) || token[0] != byte(access) {
		return chat.Actor{}, chat.AccessDenied("the file grant is not valid for this")
	}
	if expiry := int64(binary.BigEndian.Uint64(token[17:])); now.Unix() >= expiry {
		return chat.Actor{}, chat.AccessDenied("the file grant has expired; start a session to get another")
	}
	return chat.Actor{
		Application: chat.ApplicationID(binary.BigEndian.Uint64(token[1:])),
		User:        chat.UserID(binary.BigEndian.Uint64(token[9:])),
	}, nil
}

func (g *Grants) sign(claims []byte) []byte {
	mac := hmac.New(sha256.New, g.key)
	mac.Write(claims)
	return mac.Sum(nil)[:signatureSize]
}
