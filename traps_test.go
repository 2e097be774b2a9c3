package openkitty

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The lists of traps and of rows say which tests show what they promise.
func TestTheTrapsAndRowsNameTestsThatExist(t *testing.T) {
	t.Parallel()

	existing := testNames(t)
	for file, least := range map[string]int{"traps.mjs": 30, "platform/traps.mjs": 10, "rows.mjs": 6} {
		named := regexp.MustCompile(`'(Test\w+)'`).FindAllStringSubmatch(compatFile(t, file), -1)
		if len(named) < least {
			t.Errorf("%s names only %d tests", file, len(named))
		}
		for _, name := range named {
			if !existing[name[1]] {
				t.Errorf("%s names %s, which is no test", file, name[1])
			}
		}
	}
}

// Whether the steps of a row exist, and which packages take them, compat itself
// checks before it runs.
func TestEveryRowOfTheProtocolIsAccountedFor(t *testing.T) {
	t.Parallel()

	var want []string
	for i := range 141 {
		want = append(want, fmt.Sprint(i+1))
	}
	for i := range 55 {
		want = append(want, fmt.Sprint("E", i+1))
	}
	var got []string
	for _, row := range regexp.MustCompile(`(?m)^\t\{id: '(\w+)'.*$`).FindAllStringSubmatch(compatFile(t, "rows.mjs"), -1) {
		got = append(got, row[1])
		if !regexp.MustCompile(`(steps|tests): \['|reason: \w`).MatchString(row[0]) {
			t.Errorf("row %s has no step, no test and no reason", row[1])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows that are missing (-) or too many (+):\n%s", diff)
	}
}

func compatFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("compat", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// testNames are the names of all tests below internal.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("internal", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		text, err := os.ReadFile(file)
		for _, found := range declaration.FindAllStringSubmatch(string(text), -1) {
			names[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
