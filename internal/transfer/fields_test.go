package transfer

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzFields compares the fields of objects with those that the standard library
// finds in them.
func FuzzFields(f *testing.F) {
	f.Add(`{"a":1,"b":"\"}","c":{"d":[{}]}, "e" : null , "a":-1.5e3}`)
	f.Add(` {"\u0061\n":"x" }`)
	f.Add(`{"":[]}`)
	f.Add(`[1]`)
	f.Add(`{"a"`)
	f.Fuzz(func(t *testing.T, text string) {
		got := parse([]byte(text)) // comes to an end, whatever the text is
		var want map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &want); err != nil || want == nil || !utf8.ValidString(text) {
			return
		}
		if got.err != nil {
			t.Fatalf("%q: %v", text, got.err)
		}
		seen := map[string]bool{}
		for _, field := range got.all {
			seen[string(field.name)] = true
		}
		for name, value := range want {
			value = bytes.TrimSpace(value)
			if found := got.get([]string{name}); string(value) != "null" && !bytes.Equal(found, value) {
				t.Errorf("%q: the field %q is %q, want %q", text, name, found, value)
			}
			delete(seen, name)
		}
		if len(seen) > 0 {
			t.Errorf("%q: further fields %v", text, seen)
		}
	})
}

func BenchmarkParseMessage(b *testing.B) {
	item := []byte(`{"type":"TEXT","channel":"room 1","user":"ann","body":"` + string(bytes.Repeat([]byte("words "), 20)) +
		`","created_time":"2026-01-02T03:04:05Z","idempotency_key":"message 1"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseMessage(item, 1000); err != nil {
			b.Fatal(err)
		}
	}
}
