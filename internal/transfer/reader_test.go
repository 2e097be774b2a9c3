package transfer_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"openkitty/internal/chat"
	"openkitty/internal/transfer"

	"github.com/google/go-cmp/cmp"
)

type place struct {
	JSON   string
	Line   int64
	Offset int64
}

// readAll reads on until there is no further item.
func readAll(r *transfer.Reader) (all []place, err error) {
	for {
		item, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, place{string(item.JSON), item.Line, item.Offset})
	}
}

func TestArraysAndLinesAreTheSameItems(t *testing.T) {
	t.Parallel()

	for name, file := range map[string]string{
		"array":         "[{\"a\":1},\n {\"b\":\"}\\\"]\"},\n{\"c\":[{}]}]\n",
		"lines":         "{\"a\":1}\n{\"b\":\"}\\\"]\"}\n{\"c\":[{}]}",
		"lines, spaced": "\n {\"a\":1}\r\n\r\n{\"b\":\"}\\\"]\"} {\"c\":[{}]}\n\n",
	} {
		all, err := readAll(transfer.NewReader(iotest.OneByteReader(strings.NewReader(file))))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var items []string
		for _, p := range all {
			items = append(items, p.JSON)
		}
		if diff := cmp.Diff([]string{`{"a":1}`, `{"b":"}\"]"}`, `{"c":[{}]}`}, items); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestReadingGoesOnBehindAnyItem(t *testing.T) {
	t.Parallel()

	for _, file := range []string{
		" [\n{\"a\":1},\n\n{\"b\":2} ,{\"c\":3}\n]",
		"{\"a\":1}\n\n{\"b\":2}\n{\"c\":3}\n",
	} {
		all, err := readAll(transfer.NewReader(strings.NewReader(file)))
		if err != nil || len(all) != 3 {
			t.Fatalf("%d items: %v", len(all), err)
		}
		for i, p := range all {
			r, err := transfer.Resume(strings.NewReader(file), p.Offset)
			if err != nil {
				t.Fatal(err)
			}
			rest, err := readAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]place{}, all[i+1:]...), append([]place{}, rest...)); diff != "" {
				t.Errorf("behind %s of %q:\n%s", p.JSON, file, diff)
			}
		}
	}
}

func TestWhatIsNoListOfObjectsIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()

	for file, want := range map[string]string{
		"":                "line 1 of the file: it is empty",
		"./users.json":    "line 1 of the file: a JSON array of objects must be here",
		"[object Object]": "line 1 of the file: each item must be a JSON object",
		"[{}\n{}]":        "line 2 of the file: a comma must separate",
		"[{},\n]":         "line 2 of the file: each item must be a JSON object",
		"[{}":             "line 1 of the file: the array does not end",
		"[{},\n{\"a\":":   "line 2 of the file: the item does not end",
		"[\n\n{\"a\":x}]": "line 3 of the file: the item is not valid JSON",
		"[{\"a\":[}]]":    "line 1 of the file: the item is not valid JSON",
		"[{}] {}":         "line 1 of the file: '{' follows the end",
		"{}\n[]":          "line 2 of the file: each item must be a JSON object",
		"[{\"a\":\"" + strings.Repeat("x", transfer.ItemMax) + "\"}]": "line 1 of the file: the item has more than",
	} {
		_, err := readAll(transfer.NewReader(strings.NewReader(file)))
		if !chat.IsKind(err, chat.Invalid) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", file, err, want)
		}
	}
}

func TestAnEmptyListHasNoItems(t *testing.T) {
	t.Parallel()

	if all, err := readAll(transfer.NewReader(strings.NewReader(" [ ]\n"))); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

func TestAFileThatCannotBeReadIsNoFaultOfItsItems(t *testing.T) {
	t.Parallel()

	broken := errors.New("broken")
	_, err := readAll(transfer.NewReader(io.MultiReader(strings.NewReader("[{},"), iotest.ErrReader(broken))))
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add("[{\"a\":1},{}]")
	f.Add("{}\n{\"b\":\"\\\"\"}")
	f.Fuzz(func(t *testing.T, file string) {
		all, err := readAll(transfer.NewReader(strings.NewReader(file)))
		if err != nil {
			return
		}
		for i, p := range all {
			r, err := transfer.Resume(strings.NewReader(file), p.Offset)
			if err != nil {
				t.Fatal(err)
			}
			if rest, err := readAll(r); err != nil || len(rest) != len(all)-i-1 {
				t.Fatalf("behind item %d of %q: %d items, %v", i, file, len(rest), err)
			}
		}
	})
}
