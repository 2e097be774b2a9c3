package platform_test

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
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
	for _, op := range specification(t) {
		if !strings.Contains(page, `id="`+op.ID+`"`) {
			t.Errorf("the page lacks %s", op.ID)
		}
	}
}

// published is an operation of the published API, as testdata/published.json has it.
type published struct {
	Number       int
	Operation    string
	Method, Path string
	Query        []string
	Body, Answer string
	Status       int
}

// differences are those of schema names, by the reason. The published client
// declares merge patches as any object; here they have the fields that the older
// specification gave them.
var differences = map[string]string{
	"update-application-settings": "the body is taken flat and nested, so it has a schema of its own: ApplicationSettingsProperties",
	"update-user":                 "the merge patch has a schema: ChatUserPropertiesPatch",
	"update-channel":              "the merge patch has a schema: ChannelPropertiesPatch",
	"update-message":              "the merge patch has a schema: MessagePropertiesPatch",
	"add-channel-member":          "the union of two references is one schema, UserReference",
	"add-channel-moderator":       "the union of two references is one schema, UserReference",
}

func TestTheSpecificationIsThePublishedOneButForWhatIsListed(t *testing.T) {
	t.Parallel()

	text, err := os.ReadFile("testdata/published.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []published
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	ours := map[string]specified{}
	for _, op := range specification(t) {
		ours[op.ID] = op
	}
	for _, p := range all {
		op, built := ours[p.Operation]
		if !built {
			t.Errorf("%d %s is not served", p.Number, p.Operation)
			continue
		}
		delete(ours, p.Operation)
		compare(t, p, op)
	}
	for id, op := range ours {
		if !op.Ours {
			t.Errorf("%s is not published, and not marked as ours", id)
		}
	}
}

func compare(t *testing.T, p published, op specified) {
	t.Helper()
	slices.Sort(op.Query)
	if len(op.Query) == 0 {
		op.Query = []string{}
	}
	want := []any{p.Method, p.Path, p.Query, p.Answer}
	got := []any{op.Method, op.Path, op.Query, op.Answer}
	if differences[p.Operation] == "" {
		want, got = append(want, p.Body), append(got, op.Body)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs:\n%s", p.Operation, diff)
	}
	if op.Status != strconv.Itoa(p.Status) {
		t.Errorf("%s answers %s, want %d", p.Operation, op.Status, p.Status)
	}
}
