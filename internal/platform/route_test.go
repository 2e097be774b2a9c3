package platform_test

import (
	"fmt"
	"net/http"
	"testing"

	"openkitty/internal/servertest"
)

func TestPathsAreServedHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	b.must("POST", "//users//", `{"name":"jane","display_name":"Jane"}`)
	for _, path := range []string{
		"//application", "/application/", "/v1//application/", fmt.Sprintf("/v1/applications/%d", s.Application.ID),
		fmt.Sprintf("/v1/applications/%d/users?name=jane", s.Application.ID), "/v1/applications/me", "/",
	} {
		b.must("GET", path, "")
	}
	b.wants(http.StatusNotFound, "ApplicationNotFoundError", "GET", "/v1/applications/999/users", "")
	for _, path := range []string{"/nothing", "/users/1/nothing", "/applications", "/users/%2e%2e/application", "/oauth"} {
		b.wants(http.StatusNotFound, "NotFoundError", "GET", path, "")
	}
	header := b.wants(http.StatusMethodNotAllowed, "MethodNotAllowedError", "DELETE", "/users", "")
	if header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("allowed are %s", header.Get("Allow"))
	}
}

func TestEveryAnswerNamesItsRequest(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	for _, path := range []string{"/application", "/nothing", "/users/999"} {
		if _, _, header := b.send("GET", path, ""); header.Get("X-Request-Id") == "" {
			t.Errorf("the answer to %s has no id", path)
		}
		if _, _, header := b.send("GET", path, "", "X-Request-Id", "mine-1"); header.Get("X-Request-Id") != "mine-1" {
			t.Errorf("the answer to %s has the id %q", path, header.Get("X-Request-Id"))
		}
		if _, _, header := b.send("GET", path, "", "X-Request-Id", "a\"b"); header.Get("X-Request-Id") == "a\"b" {
			t.Errorf("the answer to %s repeats what can't stand in a log", path)
		}
	}
}
