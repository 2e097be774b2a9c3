package store

import (
	"database/sql/driver"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
)

func TestARowOfADriverIsReadIntoOurTypes(t *testing.T) {
	t.Parallel()
	bytes := []byte("bytes")
	row := values{int64(7), "PUBLIC", true, int64(1), bytes, []byte("text")}
	var (
		id          chat.ChannelID
		kind        chat.ChannelType
		truth, one  bool
		copied      []byte
		text        string
		wrongNumber int8
	)
	if err := row.Scan(&id, &kind, &truth, &one, &copied, &text); err != nil {
		t.Fatal(err)
	}
	bytes[0] = 'B' // as a driver does that uses its memory again
	got := []any{id, kind, truth, one, string(copied), text}
	want := []any{chat.ChannelID(7), chat.Public, true, true, "bytes", "text"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, err := range map[string]error{
		"too few columns":      row.Scan(&id),
		"a text for a number":  values{"7"}.Scan(&id),
		"a number for a text":  values{int64(7)}.Scan(&text),
		"a number too large":   values{int64(1 << 20)}.Scan(&wrongNumber),
		"a truth for a number": values{true}.Scan(&id),
		"null":                 values{driver.Value(nil)}.Scan(&text),
	} {
		if err == nil {
			t.Errorf("%s was read without an error", name)
		}
	}
}

func TestParametersLoseTheirNumbersAndKeepTheirArguments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, written string
		places        []int
	}{
		{`SELECT 1`, `SELECT 1`, nil},
		{`VALUES ($1, $2)`, `VALUES (?, ?)`, []int{0, 1}},
		{`SET a = $12 WHERE b = $2 AND c = $12`, `SET a = ? WHERE b = ? AND c = ?`, []int{11, 1, 11}},
		{`SELECT '$', "$0", $x`, `SELECT '$', "$0", $x`, nil},
	} {
		written, places := unnamed(test.text)
		if diff := cmp.Diff(test.written, written); diff != "" {
			t.Errorf("%s:\n%s", test.text, diff)
		}
		if diff := cmp.Diff(test.places, places); diff != "" {
			t.Errorf("the arguments of %s:\n%s", test.text, diff)
		}
	}
}
