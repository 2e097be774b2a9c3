package platform

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// document is the specification before operations are added.
func document() *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:   "OpenKitty Platform API",
			Version: "1",
			Description: "Acts as an application, for its back ends and administrators. " +
				"Paths under /v1 are the same with names in camelCase. " +
				"Operations marked x-openkitty are not of the published ChatKitty API.",
		},
		Components: &huma.Components{
			SecuritySchemes: map[string]*huma.SecurityScheme{securityScheme: {
				Type: "oauth2",
				Flows: &huma.OAuthFlows{ClientCredentials: &huma.OAuthFlow{
					TokenURL: tokenPath,
					Scopes:   map[string]string{},
				}},
			}},
		},
	}
}

// describe completes the specification when all operations are known, and serves
// it: as JSON, and as a page. Each is written when it is first asked for, which
// takes 8 MB and most servers never are.
func (a *API) describe() {
	a.complete()
	a.serveDocument("/openapi.json", plain, a.writeSpecification)
	a.serveDocument("/docs", "text/html; charset=utf-8", a.writePage)
}

// serveDocument serves what is written once and stays the same.
func (a *API) serveDocument(path, contentType string, write func() ([]byte, error)) {
	written := sync.OnceValues(write)
	a.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		text, err := written()
		if err != nil {
			infoOf(r.Context()).failure = fmt.Errorf("write the specification: %w", err)
			writeProblem(w, problemOf(err))
			return
		}
		w.Header().Set("Content-Type", contentType)
		// The page has styles, and JSON not even those.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		_, _ = w.Write(text) // who asked may be gone
	})
}

func (a *API) writeSpecification() ([]byte, error) {
	text, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	return append(text, '\n'), err
}

// complete adds to the specification what follows from the operations.
func (a *API) complete() {
	spec := a.huma.OpenAPI()
	addResponses := a.failureResponses()
	scopes := spec.Components.SecuritySchemes[securityScheme].Flows.ClientCredentials.Scopes
	for _, action := range []string{"create", "read", "update", "delete"} {
		scopes[action+":*"] = "Everything that begins with " + action
	}
	for _, op := range operations(spec) {
		addResponses(op)
		if op.Method == http.MethodPost {
			op.Parameters = append(op.Parameters, &huma.Param{
				Name: idempotencyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &keyLength},
				Description: "Any text that is new for each request: repeated with it within a day, the request is done once",
			})
		}
		if op.RequestBody != nil {
			everyType(op.RequestBody)
		}
		needed, _ := scopesOf(op)
		for _, scope := range needed {
			scopes[scope] = scope
		}
	}
}

// everyType declares a body under all media types that it may have.
func everyType(body *huma.RequestBody) {
	declared := body.Content[plain]
	if declared == nil {
		return
	}
	for _, kind := range bodyTypes {
		body.Content[kind] = declared
	}
}

// operations are those of a specification.
func operations(spec *huma.OpenAPI) (all []*huma.Operation) {
	for _, item := range spec.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Head, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				all = append(all, op)
			}
		}
	}
	return all
}
