package platform

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

const (
	tokenPath    = "/oauth/token"
	tokenBodyMax = 64 << 10 // bytes
)

// tokenResource is the answer of the token endpoint (RFC 6749, 5.1).
type tokenResource struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	Scope       string `json:"scope"`
}

// tokenRequest is what a client asks the token endpoint for. Clients prove
// themselves in the header, as they should, or in the body, as some do.
type tokenRequest struct {
	GrantType    string `json:"grant_type"`
	Scope        string `json:"scope"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Username     string `json:"username"`
	Password     string `json:"password"`
}

// suspect is who may be wrong about a secret only so often: one client from one
// address. Behind a proxy that does not say whom it speaks for all have the same
// address, and whoever is wrong must not lock the others out.
type suspect struct {
	network netip.Prefix
	client  [sha256.Size]byte // the hash of its id, which is as long as it likes
}

func (a *API) registerToken() {
	a.mux.HandleFunc("POST "+tokenPath, a.issueToken)
}

func (a *API) issueToken(w http.ResponseWriter, r *http.Request) {
	request, err := readTokenRequest(w, r)
	if err != nil {
		refuseToken(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	if request.GrantType != "client_credentials" {
		refuseToken(w, http.StatusBadRequest, "unsupported_grant_type", "the grant_type must be client_credentials")
		return
	}
	who := suspect{engine.NetworkOf(a.origin(r)), sha256.Sum256([]byte(request.ClientID))}
	if wait := a.failures.exhausted(who); wait > 0 {
		p := problem(http.StatusTooManyRequests, "RateLimitedError", "too many wrong secrets for this client came from this address")
		p.retryAfter = wait
		writeProblem(w, p)
		return
	}
	token, err := a.engine.IssueToken(r.Context(), request.ClientID, request.ClientSecret, strings.Fields(request.Scope), a.limits.TokenLife)
	switch {
	case chat.IsKind(err, chat.Denied):
		a.failures.take(who)
		w.Header().Set("WWW-Authenticate", `Basic realm="openkitty", charset="UTF-8"`)
		refuseToken(w, http.StatusUnauthorized, chat.AsError(err).Name, chat.AsError(err).Message)
	case chat.IsKind(err, chat.Invalid):
		refuseToken(w, http.StatusBadRequest, chat.AsError(err).Name, chat.AsError(err).Message)
	case err != nil:
		infoOf(r.Context()).failure = err
		writeProblem(w, problemOf(err))
	default:
		w.Header().Set("Content-Type", plain)
		_ = encode(w, tokenResource{
			AccessToken: token.Text,
			TokenType:   "bearer",
			ExpiresIn:   int64(time.Until(token.Expires).Round(time.Second) / time.Second),
			Scope:       strings.Join(token.Scopes, " "),
		}, false) // who asked may be gone
	}
}

// refuseToken answers as RFC 6749, 5.2, has it.
func refuseToken(w http.ResponseWriter, status int, code, description string) {
	refusal := &AuthenticationError{Code: code, Description: description}
	noteRefusal(w, refusal)
	w.Header().Set("Content-Type", plain)
	w.WriteHeader(status)
	_ = encode(w, refusal, false) // who asked may be gone
}

// readTokenRequest reads a request in any of the forms that clients send.
func readTokenRequest(w http.ResponseWriter, r *http.Request) (t tokenRequest, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, tokenBodyMax)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what is malformed is read as a form
	switch {
	case kind == plain || strings.HasSuffix(kind, "+json"):
		if err := json.NewDecoder(r.Body).Decode(&t); err != nil {
			return t, errors.New("the body is not valid JSON")
		}
	case kind == "multipart/form-data":
		if err := r.ParseMultipartForm(tokenBodyMax); err != nil {
			return t, errors.New("the body is not a valid form")
		}
		t = tokenForm(r)
	default:
		if err := r.ParseForm(); err != nil {
			return t, errors.New("the body is not a valid form")
		}
		t = tokenForm(r)
	}
	if t.ClientID == "" {
		t.ClientID, t.ClientSecret = t.Username, t.Password
	}
	if id, secret, given := r.BasicAuth(); given {
		t.ClientID, t.ClientSecret = id, secret
	}
	return t, nil
}

func tokenForm(r *http.Request) tokenRequest {
	return tokenRequest{
		GrantType:    r.PostFormValue("grant_type"),
		Scope:        r.PostFormValue("scope"),
		ClientID:     r.PostFormValue("client_id"),
		ClientSecret: r.PostFormValue("client_secret"),
		Username:     r.PostFormValue("username"),
		Password:     r.PostFormValue("password"),
	}
}
