package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsWrittenOutInPartsUntilThatHurries(t *testing.T) {
	t.Parallel()

	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(bytes.Repeat([]byte("x"), 5*writeOutPart/2)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ hurriedAfter, want int }{{10, 3}, {1, 2}, {0, 1}} {
		asked := 0
		err := writeOut(file, func() bool {
			asked++
			return asked > tt.hurriedAfter
		})
		if err != nil || asked != tt.want {
			t.Errorf("after %d parts in no hurry: asked %d times, want %d; %v", tt.hurriedAfter, asked, tt.want, err)
		}
	}
}
