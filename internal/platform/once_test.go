package platform_test

import (
	"net/http"
	"sync"
	"testing"

	"openkitty/internal/servertest"
)

func TestAPostWithAKeyIsDoneOnceAlsoAfterARestart(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		b := newBackEnd(t, s)
		const body = `{"name":"jane","display_name":"Jane"}`
		first := b.must("POST", "/users", body, "Idempotency-Key", "k1")
		s.Restart()
		b.url = s.URL
		again := b.must("POST", "/users", body, "Idempotency-Key", "k1")
		if first["id"] != again["id"] {
			t.Errorf("repeated, the request made user %v beside %v", again["id"], first["id"])
		}
		b.wants(http.StatusConflict, "IdempotencyKeyReusedError", "POST", "/users", `{"name":"bob","display_name":"Bob"}`, "Idempotency-Key", "k1")
		b.wants(http.StatusConflict, "IdempotencyKeyReusedError", "POST", "/channels", body, "Idempotency-Key", "k1")
		b.wants(http.StatusBadRequest, "UsernameTakenError", "POST", "/users", body, "Idempotency-Key", "k2")
		b.wants(http.StatusBadRequest, "UsernameTakenError", "POST", "/users", body, "Idempotency-Key", "k2")
	})
}

func TestKeysOfOneApplicationMeanNothingToAnother(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	app, secret := s.CreateCredentials("other")
	other := newBackEndWith(t, s, app.ClientID, secret, "")
	const body = `{"name":"jane","display_name":"Jane"}`
	if b.must("POST", "/users", body, "Idempotency-Key", "k")["id"] == other.must("POST", "/users", body, "Idempotency-Key", "k")["id"] {
		t.Error("an application was given the answer of another")
	}
}

func TestOfManyEqualPostsAtOnceOneIsDone(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	var together sync.WaitGroup
	for range 16 {
		together.Go(func() {
			status, answer, _ := b.send("POST", "/channels", `{"type":"PRIVATE"}`, "Idempotency-Key", "k")
			if status != http.StatusOK && answer["error"] != "IdempotencyKeyInUseError" {
				t.Errorf("an equal request is answered %d %v", status, answer)
			}
		})
	}
	together.Wait()
	if page := b.must("GET", "/channels", "")["page"].(map[string]any); page["total_elements"] != 1.0 {
		t.Errorf("there are %v channels", page["total_elements"])
	}
}
