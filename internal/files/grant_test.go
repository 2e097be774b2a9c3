package files

import (
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestAGrantNamesWhomItWasIssuedTo(t *testing.T) {
	t.Parallel()

	grants := NewGrants([]byte("key"))
	actor, err := grants.Check(grants.Issue(3, 7, chat.ReadFiles, now), chat.ReadFiles, now.Add(GrantLifetime-time.Second))
	if err != nil || actor.Application != 3 || actor.User != 7 {
		t.Fatalf("got %+v, %v", actor, err)
	}
}

func TestAGrantIsSafeInAURL(t *testing.T) {
	t.Parallel()

	const safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	grants := NewGrants([]byte("key"))
	for user := range chat.UserID(100) {
		if grant := grants.Issue(1, user, chat.WriteFiles, now); strings.Trim(grant, safe) != "" {
			t.Fatalf("the grant %q needs escaping", grant)
		}
	}
}

func TestGrantsOfAnotherKindAgeOrServerAreRefused(t *testing.T) {
	t.Parallel()

	grants := NewGrants([]byte("key"))
	good := grants.Issue(1, 2, chat.ReadFiles, now)
	flipped := "A" + good[1:]
	for name, check := range map[string]func() error{
		"write with a read grant": func() error { _, err := grants.Check(good, chat.WriteFiles, now); return err },
		"expired":                 func() error { _, err := grants.Check(good, chat.ReadFiles, now.Add(GrantLifetime)); return err },
		"another key":             func() error { _, err := NewGrants([]byte("other")).Check(good, chat.ReadFiles, now); return err },
		"altered":                 func() error { _, err := grants.Check(flipped, chat.ReadFiles, now); return err },
		"cut short":               func() error { _, err := grants.Check(good[:20], chat.ReadFiles, now); return err },
		"empty":                   func() error { _, err := grants.Check("", chat.ReadFiles, now); return err },
		"not base64":              func() error { _, err := grants.Check("%%%", chat.ReadFiles, now); return err },
	} {
		if err := check(); !chat.IsKind(err, chat.Denied) {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
}
