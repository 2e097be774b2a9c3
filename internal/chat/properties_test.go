package chat

import "testing"

func TestPatchesAreMergedIntoProperties(t *testing.T) {
	t.Parallel()

	for _, c := range []struct{ before, patch, want string }{
		{`{"a":1}`, `{"b":2}`, `{"a":1,"b":2}`},
		{`{"a":1,"b":2}`, `{"a":null}`, `{"b":2}`},
		{`{"a":{"b":1,"c":2}}`, `{"a":{"b":null,"d":3}}`, `{"a":{"c":2,"d":3}}`},
		{`{"a":1}`, `{"a":{"b":null}}`, `{"a":{}}`},
		{``, `{"n":12345678901234567890}`, `{"n":12345678901234567890}`},
		{`{"a":1}`, `{"a":null}`, ``},
	} {
		got, err := Properties(c.before).Merge([]byte(c.patch))
		if err != nil || string(got) != c.want {
			t.Errorf("%s and %s became %s, %v", c.before, c.patch, got, err)
		}
	}
	for _, patch := range []string{`[]`, `"x"`, `null`, `{`} {
		if _, err := Properties("").Merge([]byte(patch)); !IsKind(err, Invalid) {
			t.Errorf("%s: %v", patch, err)
		}
	}
}

func TestPropertiesHaveOneSpelling(t *testing.T) {
	t.Parallel()

	for given, want := range map[string]string{
		`{ "a" : "\u0026 \u003C\u003e" }`:          `{"a":"& <>"}`,
		`{"\u00e9":"\ud83d\ude00","n":[1.0,"\/"]}`: `{"é":"😀","n":[1.0,"/"]}`,
		`{"b":"\\u0026\"","a":"\u0000\n"}`:         `{"b":"\\u0026\"","a":"\u0000\n"}`,
		`{"half":"\ud83d"}`:                        `{"half":"\ud83d"}`,
	} {
		if got, err := ParseProperties([]byte(given)); err != nil || string(got) != want {
			t.Errorf("%s became %s, %v", given, got, err)
		}
	}
}
