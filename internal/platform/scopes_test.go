package platform_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// scopeDifferences are where an operation takes other scopes than the published
// specification, which names both by what seems a slip, by the reason.
var scopeDifferences = map[string]string{
	"create-nodejs-runtime-function": "published are read:runtime and read:function, with which whoever may only read would write; it takes create:function too",
	"retrieve-nodejs-runtime":        "published is update:runtime too, without which nobody who may only read could; it takes read:runtime",
}

func TestOperationsTakeThePublishedScopesButForWhatIsListed(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile("testdata/scopes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]string
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, op := range specification(t) {
		published := all[op.ID]
		if published == nil {
			continue // ours, or published without scopes
		}
		slices.Sort(published)
		slices.Sort(op.Scopes)
		diff := cmp.Diff(published, op.Scopes)
		if listed := scopeDifferences[op.ID] != ""; diff != "" && !listed {
			t.Errorf("%s takes other scopes:\n%s", op.ID, diff)
		} else if diff == "" && listed {
			t.Errorf("%s takes the published scopes, and is listed as different", op.ID)
		}
	}
}

func TestWhatChangesSomethingTakesMoreThanScopesToRead(t *testing.T) {
	t.Parallel()

	for _, op := range specification(t) {
		writes := slices.ContainsFunc(op.Scopes, func(scope string) bool { return !strings.HasPrefix(scope, "read:") })
		if op.Method != "GET" && op.Method != "HEAD" && !writes && scopesToReadSuffice[op.ID] == "" {
			t.Errorf("%s %s takes %v", op.Method, op.Path, op.Scopes)
		}
	}
}

// scopesToReadSuffice are for what changes nothing that others see, by the reason.
var scopesToReadSuffice = map[string]string{
	"export-message-analytics": "as published; it writes a file of what may be read",
	"export-user-analytics":    "as published; it writes a file of what may be read",
	"export-channel-analytics": "it writes a file of what may be read",
	"export-application":       "it writes a file of what may be read",
}
