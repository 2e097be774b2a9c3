package platform_test

import (
	"context"
	"net/http"
	"testing"

	"openkitty/internal/platform"
)

func TestARequestThatPanickedMayBeMadeAgainUnderItsKey(t *testing.T) {
	t.Parallel()

	api, b := newAPI(t, platform.DefaultLimits)
	calls := 0
	api.AddPost("/panics-once", func(context.Context) error {
		if calls++; calls == 1 {
			panic("for the test")
		}
		return nil
	})
	b.wants(http.StatusInternalServerError, "InternalServerError", "POST", "/panics-once", "", "Idempotency-Key", "k")
	b.wants(http.StatusOK, "", "POST", "/panics-once", "", "Idempotency-Key", "k")
	b.wants(http.StatusOK, "", "POST", "/panics-once", "", "Idempotency-Key", "k")
	if calls != 2 {
		t.Errorf("it was done %d times", calls)
	}
}
