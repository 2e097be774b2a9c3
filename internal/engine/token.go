package engine

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"openkitty/internal/chat"
)

// Token is what a client of the Platform API shows with each request.
type Token struct {
	Text    string
	Scopes  []string
	Expires time.Time // as the client is told
}

// Access is what the holder of a token may do.
type Access struct {
	Actor      chat.Actor // the application itself
	Credential chat.CredentialID
	Scopes     []string
}

// tokenGrace is how long a token works after the time that the client was told,
// which the client counts from when the answer arrived.
const tokenGrace = time.Minute

// A token is signed and not stored, so that it survives a restart and every node
// knows it. It names the secret that it was issued for and ends with it.
type tokenClaims struct {
	Application chat.ApplicationID `json:"a"`
	Credential  chat.CredentialID  `json:"c"`
	Secret      []byte             `json:"s"` // the beginning of the hash's hash
	Scopes      []string           `json:"o"`
	Expires     int64              `json:"e"` // seconds since 1970
}

// tokenTextMax is longer than any token that was issued.
const tokenTextMax = 8 << 10

// IssueToken issues a token to a client, for the scopes it asks for or, if it
// asks for none, all that its credential has.
func (e *Engine) IssueToken(ctx context.Context, clientID, secret string, scopes []string, life time.Duration) (Token, error) {
	c, hash, err := e.authenticate(ctx, clientID, secret)
	if err != nil {
		return Token{}, err
	}
	if len(scopes) == 0 {
		scopes = c.Scopes
	}
	for _, scope := range scopes {
		if !chat.Admits(c.Scopes, scope) {
			return Token{}, chat.Errorf(chat.Invalid, "this client may not have the scope %.80q", scope).Named("invalid_scope")
		}
	}
	expires := time.Now().Add(life)
	text, err := json.Marshal(tokenClaims{c.Application, c.ID, secretMark(hash), scopes, expires.Unix()})
	if err != nil {
		return Token{}, err
	}
	return Token{e.tokens.sign(text), scopes, expires}, nil
}

// CheckToken returns what the holder of a token may do.
func (e *Engine) CheckToken(ctx context.Context, text string) (Access, error) {
	refused := chat.Errorf(chat.Denied, "the access token is not valid, or has expired; get another from the token endpoint").Named("invalid_token")
	payload, ok := e.tokens.verify(text)
	var claims tokenClaims
	if !ok || json.Unmarshal(payload, &claims) != nil || time.Now().After(time.Unix(claims.Expires, 0).Add(tokenGrace)) {
		return Access{}, refused
	}
	c, err := e.store.Credential(ctx, claims.Application, claims.Credential)
	if chat.IsKind(err, chat.NotFound) {
		return Access{}, refused
	}
	if err != nil {
		return Access{}, err
	}
	current := slices.ContainsFunc(c.ValidHashes(time.Now()), func(hash []byte) bool {
		return bytes.Equal(secretMark(hash), claims.Secret)
	})
	if !current {
		return Access{}, refused
	}
	return Access{chat.Actor{Application: claims.Application}, c.ID, claims.Scopes}, nil
}

// secretMark tells one secret of a credential from the next, and nothing else
// about it.
func secretMark(hash []byte) []byte {
	mark := sha256.Sum256(append([]byte("token "), hash...))
	return mark[:6]
}

// signer signs texts and knows its own signature.
type signer struct{ key []byte }

func (s signer) sign(payload []byte) string {
	return base64.RawURLEncoding.EncodeToString(payload) + "." + base64.RawURLEncoding.EncodeToString(s.signature(payload))
}

func (s signer) verify(text string) (payload []byte, ok bool) {
	if len(text) > tokenTextMax {
		return nil, false
	}
	first, second, _ := strings.Cut(text, ".")
	payload, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return nil, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(second)
	return payload, err == nil && hmac.Equal(signature, s.signature(payload))
}

func (s signer) signature(payload []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write(payload)
	return mac.Sum(nil)
}
