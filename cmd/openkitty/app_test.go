package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"openkitty/internal/store/storetest"
)

// answer runs a command that must succeed, on a database, and decodes the JSON it
// prints.
func answer[T any](t *testing.T, storage []string, args ...string) (value T) {
	t.Helper()
	got := openkitty(t, slices.Concat(args, storage, []string{"--json"})...)
	if got.Status != exitOK || got.Err != "" {
		t.Fatalf("openkitty %q: status %d, error %q", args, got.Status, got.Err)
	}
	decoder := json.NewDecoder(strings.NewReader(got.Out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("openkitty %q: %v in %s", args, err, got.Out)
	}
	return value
}

// onEachEngine runs a test with the flags of an empty database of each engine.
func onEachEngine(t *testing.T, test func(t *testing.T, storage []string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, []string{"--data=" + t.TempDir()})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, []string{"--data=" + t.TempDir(), "--database=" + storetest.EmptyPostgres(t)})
	})
}

func TestApplicationsAreCreatedAndListed(t *testing.T) {
	t.Parallel()

	onEachEngine(t, func(t *testing.T, storage []string) {
		if got := answer[[]description](t, storage, "app", "list"); got == nil || len(got) > 0 {
			t.Errorf("an empty database lists %v, want an empty array", got)
		}
		shop := answer[description](t, storage, "app", "create", "My shop")
		for what, ok := range map[string]bool{
			"id":            shop.ID > 0,
			"name":          shop.Name == "My shop",
			"api_key":       keyPattern.MatchString(shop.APIKey),
			"client_id":     clientPattern.MatchString(shop.ClientID),
			"client_secret": secretPattern.MatchString(shop.ClientSecret),
		} {
			if !ok {
				t.Errorf("bad %s in %+v", what, shop)
			}
		}
		forum := answer[description](t, storage, "app", "create", "forum")

		shop.ClientSecret, forum.ClientSecret = "", ""
		if diff := cmp.Diff([]description{shop, forum}, answer[[]description](t, storage, "app", "list")); diff != "" {
			t.Errorf("list (-want +got):\n%s", diff)
		}
	})
}

func TestRotatingChangesTheKeyOrTheSecretAndNothingElse(t *testing.T) {
	t.Parallel()

	onEachEngine(t, func(t *testing.T, storage []string) {
		created := answer[description](t, storage, "app", "create", "shop")
		rekeyed := answer[description](t, storage, "app", "rotate-key", "shop")
		if rekeyed.APIKey == created.APIKey || !keyPattern.MatchString(rekeyed.APIKey) {
			t.Errorf("the key %s became %s", created.APIKey, rekeyed.APIKey)
		}
		ignored := cmpopts.IgnoreFields(description{}, "APIKey", "ClientSecret")
		if diff := cmp.Diff(created, rekeyed, ignored); diff != "" || rekeyed.ClientSecret != "" {
			t.Errorf("after rotate-key (-before +after):\n%s", diff)
		}
		resecreted := answer[description](t, storage, "app", "rotate-secret", "shop")
		if resecreted.ClientSecret == created.ClientSecret || !secretPattern.MatchString(resecreted.ClientSecret) {
			t.Errorf("the secret %s became %s", created.ClientSecret, resecreted.ClientSecret)
		}
		if diff := cmp.Diff(rekeyed, resecreted, cmpopts.IgnoreFields(description{}, "ClientSecret")); diff != "" {
			t.Errorf("after rotate-secret (-before +after):\n%s", diff)
		}
	})
}

func TestApplicationsAreManagedWhileTheServerRuns(t *testing.T) {
	t.Parallel()

	onEachEngine(t, func(t *testing.T, storage []string) {
		s := serve(t, storage...)
		answer[description](t, storage, "app", "create", "shop")
		rotated := answer[description](t, storage, "app", "rotate-key", "default")

		var names []string
		for _, app := range answer[[]description](t, storage, "app", "list") {
			names = append(names, app.Name)
		}
		if diff := cmp.Diff([]string{"default", "shop"}, names); diff != "" {
			t.Errorf("applications (-want +got):\n%s", diff)
		}
		if status := s.stop(); status != exitOK {
			t.Errorf("the server ended with status %d: %s", status, s.err)
		}
		if got := keyPattern.FindString(serve(t, storage...).out.String()); got != rotated.APIKey {
			t.Errorf("the server tells the key %s, want the rotated %s", got, rotated.APIKey)
		}
	})
}

func TestRefusedNamesOfApplicationsAreOneLine(t *testing.T) {
	t.Parallel()

	data := "--data=" + t.TempDir()
	answer[description](t, []string{data}, "app", "create", "shop")
	for name, want := range map[string]string{
		"shop":     "openkitty: there is already an application \"shop\"\n",
		"":         "openkitty: an application needs a name\n",
		"two\nrow": "openkitty: the application's name contains what is no printable text\n",
	} {
		got := openkitty(t, "app", "create", name, data)
		if diff := cmp.Diff(result{Status: exitFailed, Err: want}, got); diff != "" {
			t.Errorf("create %q (-want +got):\n%s", name, diff)
		}
	}
	if got := answer[[]description](t, []string{data}, "app", "list"); len(got) != 1 {
		t.Errorf("applications %v, want shop alone", got)
	}
}

func TestPeopleReadApplicationsAsText(t *testing.T) {
	t.Parallel()

	data := "--data=" + t.TempDir()
	created := openkitty(t, "app", "create", "shop", data)
	for _, pattern := range []*regexp.Regexp{keyPattern, clientPattern, secretPattern} {
		if !pattern.MatchString(created.Out) {
			t.Errorf("no %v in %s", pattern, created.Out)
		}
	}
	listed := openkitty(t, "app", "list", data)
	if !keyPattern.MatchString(listed.Out) || secretPattern.MatchString(listed.Out) {
		t.Errorf("the list lacks the key, or has the secret:\n%s", listed.Out)
	}
}
