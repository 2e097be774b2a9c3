package openkitty

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The list of traps says which tests show that the server avoids them.
func TestTheTrapsNameTestsThatExist(t *testing.T) {
	t.Parallel()

	var list []byte
	for _, file := range []string{filepath.Join("compat", "traps.mjs"), filepath.Join("compat", "platform", "traps.mjs")} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, text...)
	}
	named := regexp.MustCompile(`'(Test\w+)'`).FindAllStringSubmatch(string(list), -1)
	if len(named) < 30 {
		t.Fatalf("only %d tests are named", len(named))
	}
	existing := testNames(t)
	for _, name := range named {
		if !existing[name[1]] {
			t.Errorf("there is no test %s", name[1])
		}
	}
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
