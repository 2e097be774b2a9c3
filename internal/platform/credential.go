package platform

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerCredentials() {
	huma.Register(a.huma, ours(operation("list-credentials", http.MethodGet, "/application/credentials",
		"List the credentials of the application, without their secrets", "read:credential")), a.listCredentials)
	huma.Register(a.huma, ours(operation("create-credential", http.MethodPost, "/application/credentials",
		"Create a credential; its secret is shown this once", "create:credential")), a.createCredential)
	huma.Register(a.huma, ours(marked(operation("rotate-credential", http.MethodPost, "/application/credentials/{id}/rotation",
		"Give a credential a new secret; the old one works until the overlap is over", "update:credential"), optionalBody)), a.rotateCredential)
	huma.Register(a.huma, ours(operation("delete-credential", http.MethodDelete, "/application/credentials/{id}",
		"Delete a credential, and end its tokens", "delete:credential")), a.deleteCredential)
	huma.Register(a.huma, ours(operation("list-api-keys", http.MethodGet, "/application/api-keys",
		"List the keys that client SDKs connect with", "read:api_key")), a.listAPIKeys)
	huma.Register(a.huma, ours(operation("create-api-key", http.MethodPost, "/application/api-keys",
		"Create another API key", "create:api_key")), a.createAPIKey)
	huma.Register(a.huma, ours(operation("delete-api-key", http.MethodDelete, "/application/api-keys/{id}",
		"Delete an API key: nobody connects with it any more", "delete:api_key")), a.deleteAPIKey)
}

type credentialResource struct {
	ID           int64    `json:"id"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret,omitempty" doc:"Only in the answer to what made it"`
	Name         string   `json:"name"`
	Scopes       []string `json:"scopes"`
	OverlapTime  string   `json:"overlap_end_time,omitempty" format:"date-time" doc:"Until when the secret before works"`
	CreatedTime  string   `json:"created_time" format:"date-time"`
	Links        links    `json:"_links,omitempty"`
}

func (a *API) credential(ctx context.Context, c chat.Credential) credentialResource {
	r := credentialResource{
		ID: int64(c.ID), ClientID: c.ClientID, Name: c.Name, Scopes: append([]string{}, c.Scopes...),
		CreatedTime: timestamp(c.CreatedAt), Links: links{"application": a.href(ctx, "/application")},
	}
	if c.PreviousUntil.After(time.Now()) {
		r.OverlapTime = timestamp(c.PreviousUntil)
	}
	return r
}

type credentialList struct {
	Embedded struct {
		Credentials []credentialResource `json:"credentials"`
	} `json:"_embedded"`
}

func (a *API) listCredentials(ctx context.Context, _ *struct{}) (*reply[credentialList], error) {
	credentials, err := a.engine.Credentials(ctx, actorOf(ctx))
	var list credentialList
	list.Embedded.Credentials = each(ctx, credentials, a.credential)
	return answer(list, err)
}

type createCredentialResource struct {
	Name   string   `json:"name"`
	Scopes []string `json:"scopes,omitempty" nullable:"false" doc:"What its tokens may do, as read:user or read:*; all that yours may if absent"`
}

func (a *API) createCredential(ctx context.Context, in *struct{ Body createCredentialResource }) (*reply[credentialResource], error) {
	known := a.huma.OpenAPI().Components.SecuritySchemes[securityScheme].Flows.ClientCredentials.Scopes
	access, scopes := infoOf(ctx).access, in.Body.Scopes
	if len(scopes) == 0 {
		scopes = slices.Clone(access.Scopes)
	}
	for _, scope := range scopes {
		if _, ok := known[scope]; !ok {
			return nil, chat.Errorf(chat.Invalid, "there is no scope %.80q", scope).Named("UnknownScopeError")
		}
	}
	c, secret, err := a.engine.CreateCredential(ctx, access, in.Body.Name, scopes)
	made := a.credential(ctx, c)
	made.ClientSecret = secret
	return answer(made, err)
}

type rotateCredentialResource struct {
	OverlapSeconds int64 `json:"overlap_seconds,omitempty" doc:"How long the old secret, and its tokens, go on working"`
}

func (a *API) rotateCredential(ctx context.Context, in *struct {
	ByID
	Body rotateCredentialResource
},
) (*reply[credentialResource], error) {
	// Bounded before it is multiplied.
	overlap := time.Duration(min(max(in.Body.OverlapSeconds, -1), 1<<32)) * time.Second
	c, secret, err := a.engine.RotateCredential(ctx, infoOf(ctx).access, chat.CredentialID(in.ID), overlap)
	made := a.credential(ctx, c)
	made.ClientSecret = secret
	return answer(made, err)
}

func (a *API) deleteCredential(ctx context.Context, in *ByID) (*reply[applicationResource], error) {
	if err := a.engine.DeleteCredential(ctx, actorOf(ctx), chat.CredentialID(in.ID)); err != nil {
		return nil, err
	}
	return a.retrieveApplication(ctx, nil)
}

type apiKeyResource struct {
	ID          int64  `json:"id,omitempty" doc:"Absent for the first, which the command line rotates"`
	Key         string `json:"key"`
	Name        string `json:"name"`
	CreatedTime string `json:"created_time" format:"date-time"`
	Links       links  `json:"_links,omitempty"`
}

func (a *API) apiKey(ctx context.Context, k chat.APIKey) apiKeyResource {
	return apiKeyResource{
		ID: k.ID, Key: k.Value, Name: k.Name, CreatedTime: timestamp(k.CreatedAt), Links: links{"application": a.href(ctx, "/application")},
	}
}

type apiKeyList struct {
	Embedded struct {
		Keys []apiKeyResource `json:"keys"`
	} `json:"_embedded"`
}

func (a *API) listAPIKeys(ctx context.Context, _ *struct{}) (*reply[apiKeyList], error) {
	keys, err := a.engine.APIKeys(ctx, actorOf(ctx))
	var list apiKeyList
	list.Embedded.Keys = each(ctx, keys, a.apiKey)
	return answer(list, err)
}

type createAPIKeyResource struct {
	Name string `json:"name"`
}

func (a *API) createAPIKey(ctx context.Context, in *struct{ Body createAPIKeyResource }) (*reply[apiKeyResource], error) {
	key, err := a.engine.CreateAPIKey(ctx, actorOf(ctx), in.Body.Name)
	return answer(a.apiKey(ctx, key), err)
}

func (a *API) deleteAPIKey(ctx context.Context, in *ByID) (*reply[applicationResource], error) {
	if err := a.engine.DeleteAPIKey(ctx, actorOf(ctx), in.ID); err != nil {
		return nil, err
	}
	return a.retrieveApplication(ctx, nil)
}
