package platform_test

import (
	"flag"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"openkitty/internal/servertest"

	"github.com/google/go-cmp/cmp"
)

const specificationFile = "../../docs/reference/openapi.json"

var update = flag.Bool("update", false, "write docs/reference/openapi.json")

func TestTheCommittedSpecificationIsTheServedOne(t *testing.T) {
	s := servertest.Start(t, servertest.Options{})
	served := fetch(t, s.URL+"/openapi.json")
	if *update {
		if err := os.WriteFile(specificationFile, served, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(specificationFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(committed), string(served)); diff != "" {
		t.Errorf("docs/reference/openapi.json is stale; write it with go test ./internal/platform -run Specification -update:\n%.2000s", diff)
	}
}

func fetch(t *testing.T, address string) []byte {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d, %v", address, response.StatusCode, err)
	}
	return text
}

func TestThePageForPeopleNeedsNothingFromElsewhere(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	page := string(fetch(t, s.URL+"/docs"))
	for _, foreign := range []string{"<script", "src=", "@import", "url("} {
		if strings.Contains(page, foreign) {
			t.Errorf("the page contains %s", foreign)
		}
	}
}

func TestThePageForPeopleHasEveryOperationAndTheFieldsOfEverySchema(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	page := string(fetch(t, s.URL+"/docs"))
	for _, op := range specification(t) {
		if !strings.Contains(page, `id="`+op.ID+`"`) {
			t.Errorf("the page lacks %s", op.ID)
		}
	}
	for name, schema := range readDocument(t).Components.Schemas {
		_, section, found := strings.Cut(page, `<h3 id="`+name+`">`)
		section, _, _ = strings.Cut(section, "</table>")
		for field := range schema.Properties {
			if !strings.Contains(section, "<td><code>"+field+"</code>") {
				t.Errorf("the page lacks the field %s of %s", field, name)
			}
		}
		if !found {
			t.Errorf("the page lacks %s", name)
		}
	}
	for _, match := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+match[1]+`"`) {
			t.Errorf("a link leads to %s, which the page lacks", match[1])
		}
	}
}
