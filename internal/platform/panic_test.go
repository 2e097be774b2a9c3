package platform_test

import (
	"context"
	"net/http"
	"testing"

	"openkitty/internal/platform"
)

func TestARequestThatPanickedMayBeMadeAgainUnderItsKey(t *testing.T) {
	t.Parallel()

	var log syncBuffer
	api, b, stop := newLoggedAPI(t, platform.DefaultLimits, &log)
	calls := 0
	api.AddPost("/panics-once", func(context.Context) error {
		if calls++; calls == 1 {
			panic("for the test")
		}
		return nil
	})
	b.wants(http.StatusInternalServerError, "InternalServerError", "POST", "/panics-once", "", "Idempotency-Key", "k", "X-Request-Id", "mine-1")
	b.wants(http.StatusOK, "", "POST", "/panics-once", "", "Idempotency-Key", "k")
	b.wants(http.StatusOK, "", "POST", "/panics-once", "", "Idempotency-Key", "k")
	if calls != 2 {
		t.Errorf("it was done %d times", calls)
	}
	stop() // lines are written after answers
	if lines := log.lines("level=ERROR", "request=mine-1", "for the test"); len(lines) != 1 {
		t.Errorf("the log has %s", log.String())
	}
}
