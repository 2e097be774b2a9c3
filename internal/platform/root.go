package platform

import (
	"encoding/json"
	"net/http"
)

// rootResource says where somebody is who came without a path.
type rootResource struct {
	Name  string `json:"name"`
	Links links  `json:"_links"`
}

func (a *API) registerRoot() {
	a.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", plain)
		_ = json.NewEncoder(w).Encode(rootResource{"OpenKitty chat server", links{
			"self":          a.href(r.Context(), "/"),
			"application":   a.href(r.Context(), "/application"),
			"token":         a.href(r.Context(), tokenPath),
			"specification": a.href(r.Context(), "/openapi.json"),
			"documentation": a.href(r.Context(), "/docs"),
		}}) // who asked may be gone
	})
}
