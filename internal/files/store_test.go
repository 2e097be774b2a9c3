package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// forEachStore runs a test on every kind of store.
func forEachStore(t *testing.T, test func(*testing.T, Store)) {
	t.Helper()
	t.Run("directory", func(t *testing.T) {
		t.Parallel()
		d, err := NewDirectory(filepath.Join(t.TempDir(), "files"))
		if err != nil {
			t.Fatal(err)
		}
		test(t, d)
	})
	t.Run("bucket", func(t *testing.T) {
		t.Parallel()
		test(t, newTestBucket(t, "s3://kitty/a/prefix"))
	})
}

// newTestBucket opens a bucket of a service that lives as long as the test.
func newTestBucket(t *testing.T, address string) *bucket {
	t.Helper()
	u, err := parseAddress(address + "?region=us-east-1&endpoint=" + url.QueryEscape(startS3(t, "kitty")))
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBucket(t.Context(), u, credentials.NewStaticV4("key", "secret", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mustKeep keeps a text at a place.
func mustKeep(t *testing.T, s Store, place, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "upload")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if d, ok := s.(*Directory); ok { // which moves it
		path = filepath.Join(d.root, "upload")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Keep(t.Context(), path, place); err != nil {
		t.Fatal(err)
	}
}

func places(t *testing.T, s Store, before time.Time) (all []string) {
	t.Helper()
	err := s.Each(t.Context(), before, func(place string) error {
		all = append(all, place)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func TestWhatIsKeptIsReadAgainFromAnyPlaceInIt(t *testing.T) {
	t.Parallel()

	forEachStore(t, func(t *testing.T, s Store) {
		text := strings.Repeat("0123456789", 10_000)
		mustKeep(t, s, "7/ab/abcdef-1", text)
		content, err := s.Open(t.Context(), "7/ab/abcdef-1")
		if err != nil {
			t.Fatal(err)
		}
		defer content.Close()
		if all, err := io.ReadAll(content); err != nil || string(all) != text {
			t.Errorf("%d bytes came back (%v)", len(all), err)
		}
		if end, err := content.Seek(0, io.SeekEnd); err != nil || end != int64(len(text)) {
			t.Errorf("the end is at %d, %v", end, err)
		}
		if _, err := content.Seek(99_995, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(content); err != nil || string(rest) != "56789" {
			t.Errorf("the rest is %q, %v", rest, err)
		}
	})
}

func TestWhatIsRemovedOrNeverWasIsNotThere(t *testing.T) {
	t.Parallel()

	forEachStore(t, func(t *testing.T, s Store) {
		mustKeep(t, s, "7/ab/one", "1")
		for range 2 { // a second time changes nothing
			if err := s.Remove(t.Context(), "7/ab/one"); err != nil {
				t.Error(err)
			}
		}
		for _, place := range []string{"7/ab/one", "7/ab/never", "never"} {
			if _, err := s.Open(t.Context(), place); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", place, err)
			}
		}
	})
}

func TestPlacesAreListedByTheirAge(t *testing.T) {
	t.Parallel()

	forEachStore(t, func(t *testing.T, s Store) {
		want := []string{"7/ab/one", "7/cd/two", "8/ab/one"}
		for _, place := range want {
			mustKeep(t, s, place, place)
		}
		if got := places(t, s, time.Now().Add(time.Minute)); !slices.Equal(got, want) {
			t.Errorf("places: %v", got)
		}
		if got := places(t, s, time.Now().Add(-time.Minute)); got != nil {
			t.Errorf("old places: %v", got)
		}
		stop := errors.New("enough")
		if err := s.Each(t.Context(), time.Now().Add(time.Minute), func(string) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("the listing went on: %v", err)
		}
	})
}

func TestNoPlaceIsOutsideOfTheDirectory(t *testing.T) {
	t.Parallel()

	root := t.TempDir()
	secret := filepath.Join(root, "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := NewDirectory(filepath.Join(root, "files"))
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"../secret", "a/../../secret", "/../secret", secret} {
		if file, err := d.Open(t.Context(), place); err == nil {
			file.Close()
			t.Errorf("%s was opened", place)
		}
		if err := d.Remove(t.Context(), place); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(secret); err != nil {
		t.Error(err)
	}
}

func TestABucketThatIsMissingOrMisnamedIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()

	endpoint := url.QueryEscape(startS3(t, "kitty"))
	for _, address := range []string{
		"s3://dog?region=us-east-1&endpoint=" + endpoint, "s3://", "http://kitty", "s3://key:secret@kitty", "s3://kitty?endpoint=kitty.example",
	} {
		if _, err := Open(context.Background(), address, t.TempDir()); err == nil {
			t.Errorf("%s was opened", address)
		}
	}
}

func TestPlacesOfABucketArePrefixed(t *testing.T) {
	t.Parallel()

	b := newTestBucket(t, "s3://kitty/a/prefix/")
	mustKeep(t, b, "7/ab/one", "1")
	other := *b
	other.prefix = ""
	if got := places(t, &other, time.Now().Add(time.Minute)); fmt.Sprint(got) != "[a/prefix/7/ab/one]" {
		t.Errorf("the bucket holds %v", got)
	}
}
