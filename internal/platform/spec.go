package platform

import (
	"encoding/json"
	"net/http"

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
// it: as JSON, and as a page.
func (a *API) describe() error {
	spec := a.huma.OpenAPI()
	scopes := spec.Components.SecuritySchemes[securityScheme].Flows.ClientCredentials.Scopes
	for _, action := range []string{"create", "read", "update", "delete"} {
		scopes[action+":*"] = "Everything that begins with " + action
	}
	for _, op := range operations(spec) {
		a.responses(op)
		if op.RequestBody != nil {
			everyType(op.RequestBody)
		}
		needed, _ := scopesOf(op)
		for _, scope := range needed {
			scopes[scope] = scope
		}
	}
	text, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	a.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", plain)
		_, _ = w.Write(text) // who asked may be gone
	})
	return a.describeToPeople()
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
