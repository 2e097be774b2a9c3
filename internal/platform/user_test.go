package platform_test

import (
	"fmt"
	"net/http"
	"testing"

	"openkitty/internal/servertest"
)

func TestNamesOfSecretsThatLookEscapedAreNamesOfTheirOwn(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	user := b.must("POST", "/users", `{"name":"jane","display_name":"Jane"}`)
	secret := func(escaped string) string { return fmt.Sprintf("/users/%.0f/secrets/%s", user["id"], escaped) }
	names := []string{"a%2Fb", "a%252Fb", "a%25252Fb", "%25", "a%20b"}
	for n, name := range names {
		b.must("PUT", secret(name), fmt.Sprintf(`{"secret":%d}`, n))
	}
	for n, name := range names {
		if got := b.must("GET", secret(name), "")["secret"]; got != float64(n) {
			t.Errorf("the secret %s is %v, want %d", name, got, n)
		}
	}
	b.must("DELETE", secret("a%2Fb"), "")
	b.wants(http.StatusNotFound, "", "GET", secret("a%2Fb"), "")
	b.must("GET", secret("a%252Fb"), "")
}
