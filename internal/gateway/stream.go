package gateway

import (
	"net/http"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

// serveStream receives uploads. So far it checks the grant they come with and
// says that files are not kept yet. Uploads come from pages of any origin,
// without credentials: the grant is the credential.
func (g *Gateway) serveStream(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	switch r.Method {
	case http.MethodOptions:
		header.Set("Access-Control-Allow-Methods", "POST")
		header.Set("Access-Control-Allow-Headers", "Grant, Content-Type")
		header.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPost:
		actor, err := g.engine.CheckGrant(r.Context(), r.Header.Get("Grant"), chat.WriteFiles)
		if err != nil {
			writeError(w, http.StatusUnauthorized, chat.AsError(err))
			return
		}
		if err := g.engine.Allow(r.Context(), actor, engine.Uploading); err != nil {
			writeTooMany(w, chat.AsError(err))
			return
		}
		writeError(w, http.StatusNotImplemented, chat.AsError(errUnsupported()))
	default:
		header.Set("Allow", "OPTIONS, POST")
		writeError(w, http.StatusMethodNotAllowed, chat.Errorf(chat.Invalid, "uploads are POST requests"))
	}
}

func writeError(w http.ResponseWriter, status int, e *chat.Error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(appendError(nil, e))
}
