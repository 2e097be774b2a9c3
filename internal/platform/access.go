package platform

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

// authorize lets a request through whose token is valid and has every scope of
// the operation. It comes before anything else is read of the request.
func (a *API) authorize(ctx huma.Context, next func(huma.Context)) {
	scopes, open := scopesOf(ctx.Operation())
	if open {
		next(ctx)
		return
	}
	i := infoOf(ctx.Context())
	token, given := bearer(ctx.Header("Authorization"))
	if !given {
		a.deny(ctx, http.StatusUnauthorized, "unauthorized", "Full authentication is required to access this resource")
		return
	}
	access, err := a.engine.CheckToken(ctx.Context(), token)
	switch {
	case chat.IsKind(err, chat.Denied):
		a.deny(ctx, http.StatusUnauthorized, chat.AsError(err).Name, chat.AsError(err).Message)
		return
	case err != nil:
		a.write(ctx, failed(ctx, err))
		return
	}
	i.access = access
	if wait := a.requests.take(access.Credential); wait > 0 {
		ctx.SetHeader("Retry-After", seconds(wait))
		a.write(ctx, problem(http.StatusTooManyRequests, "RateLimitedError", "this credential makes too many requests; wait %s s", seconds(wait)))
		return
	}
	for _, scope := range scopes {
		if !chat.Admits(access.Scopes, scope) {
			a.denyScope(ctx, scope)
			return
		}
	}
	if i.application != 0 && i.application != int64(access.Actor.Application) {
		a.write(ctx, problem(http.StatusNotFound, "ApplicationNotFoundError", "there is no such application"))
		return
	}
	next(ctx)
}

// scopesOf are the scopes that an operation takes; open ones take no token.
func scopesOf(op *huma.Operation) (scopes []string, open bool) {
	for _, scheme := range op.Security {
		if scopes, needed := scheme[securityScheme]; needed {
			return scopes, false
		}
	}
	return nil, true
}

func bearer(header string) (token string, given bool) {
	scheme, token, _ := strings.Cut(header, " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer") && token != ""
}

func (a *API) denyScope(ctx huma.Context, scope string) {
	a.deny(ctx, http.StatusForbidden, "insufficient_scope", "the token lacks the scope "+scope)
}

// deny answers in the form of OAuth 2.
func (a *API) deny(ctx huma.Context, status int, code, description string) {
	challenge := `Bearer realm="openkitty"`
	if code != "unauthorized" {
		challenge += `, error="` + code + `"`
	}
	ctx.SetHeader("WWW-Authenticate", challenge)
	a.write(ctx, &AuthenticationError{Code: code, Description: description, status: status})
}

// write answers a request that does not reach its operation.
func (a *API) write(ctx huma.Context, body huma.StatusError) {
	infoOf(ctx.Context()).refusal = body.Error()
	kind := ctx.Header("Accept")
	ctx.SetHeader("Content-Type", kind)
	ctx.SetStatus(body.GetStatus())
	if ctx.Method() != http.MethodHead {
		_ = a.huma.Marshal(ctx.BodyWriter(), kind, body) // who asked may be gone
	}
}
