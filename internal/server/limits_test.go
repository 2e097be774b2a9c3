package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"openkitty/internal/config"
	"openkitty/internal/platform"
)

func TestWithoutRateLimitsNoCredentialAsksTooFast(t *testing.T) {
	t.Parallel()

	s := open(t, func(settings *config.Serve) { settings.RateLimits = "off" })
	app, secret := s.Application()
	token, err := s.engine.IssueToken(t.Context(), app.ClientID, secret, nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	routes := s.routes()
	for n := range 2 * platform.DefaultLimits.Burst {
		r := httptest.NewRequest(http.MethodGet, "/application/api-keys", nil)
		r.Header.Set("Authorization", "Bearer "+token.Text)
		response := httptest.NewRecorder()
		routes.ServeHTTP(response, r)
		if response.Code != http.StatusOK {
			t.Fatalf("request %d is answered %d %s", n, response.Code, response.Body)
		}
	}
}
