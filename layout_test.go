// Package openkitty checks the shape of the repository: which package may
// import which, and that the paths its documents name exist.
package openkitty

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "openkitty"

// anything stands for every package, in the rows of those that only wire.
const anything = "*"

// layout is the house: each package, and what of ours it may import. A new
// package fails the test until it has a row here; a new entry in a row is a
// decision about the architecture, to be made as one.
var layout = map[string][]string{
	// What could serve a stranger.
	"stomp":  {},
	"client": {"stomp"},

	// Measures the server from outside; its floor writes the same rows, and its
	// large channels are made beside the server.
	"bench": {"stomp", "internal/chat", "internal/store"},

	// The vocabulary, and what it says.
	"internal/chat": {},

	// What lines of the log were written for.
	"internal/logging": {},

	// The product: arrows point down this list.
	"internal/gateway":  {"internal/chat", "internal/engine", "internal/broker", "stomp"},
	"internal/platform": {"internal/chat", "internal/engine", "internal/logging"},
	"internal/broker":   {},
	"internal/engine":   {"internal/chat", "internal/store", "internal/files", "internal/transfer", "internal/functions", "internal/logging"},
	"internal/store":    {"internal/chat"},
	"internal/files":    {"internal/chat"},
	"internal/preview":  {"internal/chat"},

	// The language of chat functions.
	"internal/functions": {"internal/chat"},

	// The files of imports and exports.
	"internal/transfer": {"internal/chat"},

	// A way in for programs with fixed addresses, to a handler that it is given.
	"internal/cliproxy": {},

	// Wiring.
	"cmd/openkitty":   {anything},
	"internal/server": {anything},
	"internal/config": {"internal/chat", "internal/logging"},

	// What only tests import.
	"internal/servertest":        {anything},
	"internal/store/storetest":   {"internal/chat", "internal/store"},
	"internal/broker/brokertest": {"internal/broker"},
}

// standardOnly lists packages that import nothing but the standard library and
// what their row above allows.
var standardOnly = []string{"internal/chat", "internal/logging", "stomp"}

func TestPackagesImportOnlyWhatTheLayoutAllows(t *testing.T) {
	t.Parallel()

	for dir, imports := range packages(t, func(file string) bool { return !isTest(file) }) {
		allowed, placed := layout[dir]
		if !placed {
			t.Errorf("package %s has no place in the layout: give it a row in layout_test.go", dir)
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(imports)) {
			dependency, ours := strings.CutPrefix(name, module+"/")
			switch {
			case ours && !slices.Contains(allowed, dependency) && !slices.Contains(allowed, anything):
				t.Errorf("%s imports %s, which the layout does not allow (%s)", dir, dependency, imports[name])
			case ours && forTests(dependency) && !forTests(dir):
				t.Errorf("%s imports %s, which is for tests only (%s)", dir, dependency, imports[name])
			case !ours && strings.Contains(name, ".") && slices.Contains(standardOnly, dir):
				t.Errorf("%s imports %s, but may use only the standard library (%s)", dir, name, imports[name])
			}
		}
	}
}

// Tests may use what is for tests, the settings of the servers that they start,
// and all that their package stands on; nothing that stands on their package.
func TestTestsImportNothingAboveTheirPackage(t *testing.T) {
	t.Parallel()

	for dir, imports := range packages(t, isTest) {
		below := reachable(dir)
		for _, name := range slices.Sorted(maps.Keys(imports)) {
			dependency, ours := strings.CutPrefix(name, module+"/")
			if ours && !forTests(dependency) && dependency != "internal/config" && !below[dependency] && !below[anything] {
				t.Errorf("the tests of %s import %s, on which it does not stand (%s)", dir, dependency, imports[name])
			}
		}
	}
}

// reachable is a package and all that it stands on, by the layout.
func reachable(dir string) map[string]bool {
	found := map[string]bool{dir: true}
	for _, dependency := range layout[dir] {
		maps.Copy(found, reachable(dependency))
	}
	return found
}

func TestEveryRowOfTheLayoutIsAPackage(t *testing.T) {
	t.Parallel()

	found := packages(t, func(file string) bool { return !isTest(file) })
	for dir, allowed := range layout {
		if _, ok := found[dir]; !ok {
			t.Errorf("the layout has a row for %s, which is no package", dir)
		}
		for _, dependency := range allowed {
			if _, ok := layout[dependency]; !ok && dependency != anything {
				t.Errorf("the row of %s allows %s, which has no row", dir, dependency)
			}
		}
	}
}

// TestDocumentsNamePathsThatExist reads links and code spans: a link must lead
// somewhere, and a span that reads as a path in the repository must be one.
func TestDocumentsNamePathsThatExist(t *testing.T) {
	t.Parallel()

	files := tree(t)
	for _, document := range files {
		if !isDocument(document) {
			continue
		}
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		prose := fences.ReplaceAllString(string(text), "")
		for _, match := range links.FindAllStringSubmatch(prose, -1) {
			if target := match[1]; !leadsSomewhere(document, target) {
				t.Errorf("%s links to %s, which does not exist", document, target)
			}
		}
		for _, match := range spans.FindAllStringSubmatch(prose, -1) {
			if span := match[1]; readsAsPath(span) && !names(files, span) {
				t.Errorf("%s names `%s`, which does not exist", document, span)
			}
		}
	}
}

var (
	fences = regexp.MustCompile("(?ms)^```.*?^```")
	links  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	spans  = regexp.MustCompile("`([^`\\s]+)`")
	local  = regexp.MustCompile(`^[\w.*-]+(/[\w.*-]+)*/?$`)
)

// made lists what the repository's own commands make, and documents may name.
var made = []string{"bin", "openkitty-data"}

func isDocument(file string) bool {
	top := file == "README.md" || file == "CONTRIBUTING.md"
	return top || strings.HasPrefix(file, "docs/") && strings.HasSuffix(file, ".md")
}

// leadsSomewhere follows a link of a document; links out of the repository are
// taken at their word.
func leadsSomewhere(document, target string) bool {
	target, _, _ = strings.Cut(target, "#")
	if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return true
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(document), target))
	return err == nil
}

// readsAsPath reports whether a code span claims to be a path: its first part
// is a directory at the top or of internal/, or it is the name of a source file
// or document.
func readsAsPath(span string) bool {
	span = strings.TrimPrefix(span, "./")
	if !local.MatchString(span) {
		return false
	}
	first, _, nested := strings.Cut(span, "/")
	if !nested {
		return slices.Contains([]string{".go", ".md", ".mjs", ".sql"}, path.Ext(span))
	}
	return !slices.Contains(made, first) && (isDir(first) || isDir("internal/"+first))
}

// names reports whether a span is a path from the top or from internal/, or the
// end of one. It may hold wildcards.
func names(files []string, span string) bool {
	span = strings.TrimSuffix(strings.TrimPrefix(span, "./"), "/")
	span = strings.TrimSuffix(span, "/...")
	if isDir(span) || isDir("internal/"+span) {
		return true
	}
	return slices.ContainsFunc(files, func(file string) bool {
		for rest := file; ; {
			if ok, err := path.Match(span, rest); ok || err != nil {
				return ok
			}
			_, after, more := strings.Cut(rest, "/")
			if !more {
				return false
			}
			rest = after
		}
	})
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func isTest(file string) bool { return strings.HasSuffix(file, "_test.go") }

// forTests reports whether a package exists for tests alone, as its name says.
func forTests(dir string) bool { return strings.HasSuffix(dir, "test") }

// packages returns, for each directory with Go files that pass the filter, what
// they import, and one file that does. The files are parsed here, rather than
// listed by the go command, so that the test's result depends on them.
func packages(t *testing.T, filter func(file string) bool) map[string]map[string]string {
	t.Helper()
	found := map[string]map[string]string{}
	for _, file := range tree(t) {
		dir := path.Dir(file)
		if dir == "." || path.Ext(file) != ".go" || !filter(file) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		if found[dir] == nil {
			found[dir] = map[string]string{}
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[dir][name] = file
		}
	}
	return found
}

// tree lists the files of the repository, without what its commands make and
// what package managers bring.
func tree(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			files = append(files, filepath.ToSlash(file))
		case entry.Name() == ".git" || entry.Name() == "node_modules" || slices.Contains(made, file):
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
