package platform_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"openkitty/internal/servertest"
)

func TestTokensSurviveARestart(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		b := newBackEnd(t, s)
		s.Restart()
		b.url = s.URL
		b.must("GET", "/application", "")
	})
}

func TestATokenThatWasTamperedWithIsRefused(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	payload, signature, _ := strings.Cut(b.token, ".")
	claims, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	forged := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(claims), `"a":`, `"a":1`, 1)))
	for _, token := range []string{forged + "." + signature, payload, payload + ".", "." + signature, strings.Repeat("x", 9<<10)} {
		b.token = token
		b.wants(http.StatusUnauthorized, "invalid_token", "GET", "/application", "")
	}
}

func TestSecretsOverlapWhenTheyAreRotatedSo(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	made := b.must("POST", "/application/credentials", `{"name":"second"}`)
	id, client, first := made["id"], made["client_id"].(string), made["client_secret"].(string)
	holder := newBackEndWith(t, s, client, first, "")
	rotation := fmt.Sprintf("/application/credentials/%.0f/rotation", id)

	second := b.must("POST", rotation, `{"overlap_seconds":3600}`)["client_secret"].(string)
	holder.must("GET", "/application", "")
	newBackEndWith(t, s, client, first, "").must("GET", "/application", "")
	newBackEndWith(t, s, client, second, "").must("GET", "/application", "")

	b.must("POST", rotation, "")
	holder.wants(http.StatusUnauthorized, "invalid_token", "GET", "/application", "")
	form := "grant_type=client_credentials&client_id=" + client + "&client_secret=" + second
	b.wants(http.StatusUnauthorized, "invalid_client", "POST", "/oauth/token", form, "Content-Type", "application/x-www-form-urlencoded")
}

func TestADeletedCredentialEndsItsTokens(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	made := b.must("POST", "/application/credentials", `{"name":"second","scopes":["read:*"]}`)
	reader := newBackEndWith(t, s, made["client_id"].(string), made["client_secret"].(string), "")
	reader.must("GET", "/users", "")
	reader.wants(http.StatusForbidden, "insufficient_scope", "POST", "/users", `{"name":"x","display_name":"X"}`)
	b.must("DELETE", fmt.Sprintf("/application/credentials/%.0f", made["id"]), "")
	reader.wants(http.StatusUnauthorized, "invalid_token", "GET", "/users", "")
}

func TestACredentialGivesNoScopeThatItLacks(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	limited := newBackEndWith(t, s, s.Application.ClientID, s.Secret, "create:credential read:user")
	limited.wants(http.StatusBadRequest, "NotPermittedError", "POST", "/application/credentials", `{"name":"x","scopes":["delete:user"]}`)
	limited.wants(http.StatusBadRequest, "UnknownScopeError", "POST", "/application/credentials", `{"name":"x","scopes":["fly:user"]}`)
	got := limited.must("POST", "/application/credentials", `{"name":"x"}`)["scopes"]
	if fmt.Sprint(got) != "[create:credential read:user]" {
		t.Errorf("the new credential has the scopes %v", got)
	}
}

func TestWrongSecretsForOneClientFromOneAddressAreLimited(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	nobody := &backEnd{t: t, url: s.URL}
	const form = "grant_type=client_credentials&client_id=x&client_secret=y"
	for range 20 {
		nobody.wants(http.StatusUnauthorized, "invalid_client", "POST", "/oauth/token", form, "Content-Type", "application/x-www-form-urlencoded")
	}
	header := nobody.wants(http.StatusTooManyRequests, "RateLimitedError", "POST", "/oauth/token", form, "Content-Type", "application/x-www-form-urlencoded")
	if header.Get("Retry-After") == "" {
		t.Error("the refusal does not say when to try again")
	}
	newBackEnd(t, s).must("GET", "/users", "")
	const elsewhere = "203.0.113.7"
	nobody.wants(http.StatusUnauthorized, "invalid_client", "POST", "/oauth/token", form,
		"Content-Type", "application/x-www-form-urlencoded", "X-Forwarded-For", elsewhere)
}

func TestACredentialRotatesNoneThatMayDoMore(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	owner := newBackEnd(t, s)
	rotation := func(of map[string]any) string {
		return fmt.Sprintf("/application/credentials/%.0f/rotation", of["id"])
	}
	first := items(owner.must("GET", "/application/credentials", ""), "credentials")[0]
	equal := owner.must("POST", "/application/credentials", `{"name":"equal","scopes":["update:credential","update:user"]}`)
	limited := newBackEndWith(t, s, equal["client_id"].(string), equal["client_secret"].(string), "")
	limited.wants(http.StatusBadRequest, "NotPermittedError", "POST", rotation(first), "")
	limited.must("POST", rotation(equal), `{"overlap_seconds":60}`)
	narrow := newBackEndWith(t, s, s.Application.ClientID, s.Secret, "update:credential")
	narrow.wants(http.StatusBadRequest, "NotPermittedError", "POST", rotation(first), "")
	owner.must("GET", "/users", "")
}

func TestAnAnswerThatIsKeptIsNobodyElses(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	owner := newBackEnd(t, s)
	limited := newBackEndWith(t, s, s.Application.ClientID, s.Secret, "create:credential")
	made := owner.must("POST", "/application/credentials", `{"name":"x"}`)
	equal := newBackEndWith(t, s, made["client_id"].(string), made["client_secret"].(string), "")
	const body = `{"name":"secret"}`
	owner.must("POST", "/application/credentials", body, "Idempotency-Key", "k")
	limited.wants(http.StatusConflict, "IdempotencyKeyReusedError", "POST", "/application/credentials", body, "Idempotency-Key", "k")
	equal.wants(http.StatusConflict, "IdempotencyKeyReusedError", "POST", "/application/credentials", body, "Idempotency-Key", "k")
	owner.must("POST", "/application/credentials", body, "Idempotency-Key", "k")
}
