package platform

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
)

func TestBodiesAreBroughtToTheirSchema(t *testing.T) {
	t.Parallel()

	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schema := registry.Schema(reflect.TypeFor[createChannelResource](), true, "")
	for name, c := range map[string]struct{ body, want, refusal string }{
		"as declared":       {body: `{"type":"PUBLIC","name":"a"}`, want: `{"name":"a","type":"PUBLIC"}`},
		"camelCase":         {body: `{"type":"PUBLIC","displayName":"A"}`, want: `{"display_name":"A","type":"PUBLIC"}`},
		"unknown names":     {body: `{"type":"PUBLIC","_links":{"a":1}}`, want: `{"type":"PUBLIC"}`},
		"null":              {body: `{"type":"PUBLIC","name":null}`, want: `{"type":"PUBLIC"}`},
		"a number for text": {body: `{"type":"PUBLIC","name":42}`, want: `{"name":"42","type":"PUBLIC"}`},
		"text for a number": {body: `{"type":"PUBLIC","creator":{"id":"7"}}`, want: `{"creator":{"id":7},"type":"PUBLIC"}`},
		"a Set":             {body: `{"type":"PUBLIC","members":{}}`, want: `{"members":[],"type":"PUBLIC"}`},
		"the caller's own": {
			body: `{"type":"PUBLIC","properties":{"displayName":null,"n":12345678901234567890}}`,
			want: `{"properties":{"displayName":null,"n":12345678901234567890},"type":"PUBLIC"}`,
		},
		"an array for text": {
			body:    `{"type":"PUBLIC","name":["a"]}`,
			refusal: "body.name must be text, not an array; on the command line, pass the whole body as JSON, since text is split at its commas",
		},
		"what is missing": {body: `{}`, refusal: "body.type is missing"},
		"no JSON":         {body: `{"`, refusal: "the body is not valid JSON"},
		"no object":       {body: `[]`, refusal: "body must be an object"},
		"nothing":         {body: ``, refusal: "the body is not valid JSON"},
	} {
		got, err := schemas{registry}.adapt(json.RawMessage(c.body), schema, "body")
		if c.refusal != "" {
			if err == nil || err.Error() != c.refusal {
				t.Errorf("%s: %v, want %s", name, err, c.refusal)
			}
			continue
		}
		if diff := cmp.Diff(c.want, string(got)); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestNamesInCamelCaseStopAtWhatIsTheCallersOwn(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		`{"display_name":"a_b","_links":{"self_x":1}}`:          `{"displayName":"a_b","_links":{"self_x":1}}`,
		`{"properties":{"a_b":{"c_d":[1,"}"]}},"total_size":1}`: `{"properties":{"a_b":{"c_d":[1,"}"]}},"totalSize":1}`,
		`{"a_b":[{"c_d":"\"e_f\":"}],"_embedded":{"x_y":null}}`: `{"aB":[{"cD":"\"e_f\":"}],"_embedded":{"xY":null}}`,
		`{"secret":"s_t","next_one":true}`:                      `{"secret":"s_t","nextOne":true}`,
		`["a_b"]`:                                               `["a_b"]`,
	} {
		if got := string(camelCase([]byte(text))); got != want {
			t.Errorf("%s became %s", text, got)
		}
	}
}

func FuzzBodiesNeverPanic(f *testing.F) {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schema := registry.Schema(reflect.TypeFor[createChannelResource](), true, "")
	f.Add(`{"type":"PUBLIC","members":[{"id":"1"}]}`)
	f.Add(` `)
	f.Fuzz(func(t *testing.T, body string) {
		adapted, err := schemas{registry}.adapt(json.RawMessage(body), schema, "body")
		if err != nil {
			return
		}
		if !json.Valid(adapted) || !json.Valid(camelCase(adapted)) {
			t.Errorf("%q became %q", body, adapted)
		}
	})
}

func TestSetsAreSentAsArrays(t *testing.T) {
	t.Parallel()

	text, err := json.Marshal(new(API).reactions(chat.ReactionSummary{Emoji: chat.Emoji{Character: "x"}}))
	const want = `{"count":0,"emoji":{"aliases":[],"character":"x","description":"","tags":[]},"users":[]}`
	if diff := cmp.Diff(want, string(text)); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
