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

func TestEveryAnswerHasTheDocumentedHeaders(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	tokens := map[string]bool{}
	for _, path := range []string{"/application", "/nothing", "/users/999"} {
		_, _, header := b.send("GET", path, "")
		for name, want := range map[string]string{
			"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate", "Pragma": "no-cache", "Expires": "0",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "X-Xss-Protection": "1; mode=block",
			"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers", "X-Api-Version": "v2.106",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("the answer to %s has the %s %q", path, name, got)
			}
		}
		if token := header.Get("X-Response-Token"); len(token) != 32 || tokens[token] {
			t.Errorf("the answer to %s has the token %q", path, token)
		} else {
			tokens[token] = true
		}
	}
}

func TestEmptyParametersAreNone(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	b.must("POST", "/users", `{"name":"jane","display_name":"Jane"}`)
	for _, path := range []string{"/users?name=&properties=&unread=false&sort=", "/users?unread=&page=&size="} {
		if found := items(b.must("GET", path, ""), "users"); len(found) != 1 {
			t.Errorf("%s finds %v", path, found)
		}
	}
	b.must("GET", "/channels?type=&members=&startTime=&endTime=&properties=", "")
	b.must("GET", "/user-sessions?state=", "")
	b.must("GET", "/messages?username=&query=&start=&next=&relation=", "")
}

func TestAPageThatNoListCanHaveIsRefused(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	if found := items(b.must("GET", "/users?page=2147483647&size=100", ""), "users"); len(found) != 0 {
		t.Errorf("the last page that can be asked for has %v", found)
	}
	for _, page := range []string{"2147483648", "9223372036854775807", "99999999999999999999", "-1"} {
		b.wants(http.StatusBadRequest, "InvalidRequestError", "GET", "/users?page="+page, "")
	}
}
