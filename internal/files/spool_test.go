package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"openkitty/internal/chat"
)

func newTestSpool(t *testing.T) *Spool {
	t.Helper()
	s, err := NewSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// leftovers is how many uploads are in the spool.
func (s *Spool) leftovers(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(s.directory)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func mustReceive(t *testing.T, s *Spool, content []byte) *Received {
	t.Helper()
	r, err := s.Receive(t.Context(), bytes.NewReader(content), chat.FileLimits{Size: int64(len(content))})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnUploadArrivesWithItsDigestAndLooks(t *testing.T) {
	t.Parallel()

	s := newTestSpool(t)
	r, err := s.Receive(t.Context(), iotest.OneByteReader(strings.NewReader("<html>")), chat.FileLimits{Size: 6})
	sum := sha256.Sum256([]byte("<html>"))
	if err != nil || r.Size != 6 || string(r.Digest) != hex.EncodeToString(sum[:]) || r.Seen != "text/html; charset=utf-8" {
		t.Fatalf("got %+v, %v", r, err)
	}
	if text, err := os.ReadFile(r.Path); err != nil || string(text) != "<html>" {
		t.Errorf("the spool holds %q, %v", text, err)
	}
	r.Discard()
	if n := s.leftovers(t); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
}

func TestOfAnUploadThatFailsNothingIsLeft(t *testing.T) {
	t.Parallel()

	s := newTestSpool(t)
	_, err := s.Receive(t.Context(), strings.NewReader("too much"), chat.FileLimits{Size: 7})
	if refusal := chat.AsError(err); refusal.Name != chat.FileTooLarge {
		t.Errorf("an upload that is too large: %v", err)
	}
	broken := io.MultiReader(strings.NewReader("begins"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := s.Receive(t.Context(), broken, chat.FileLimits{Size: 100}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("an upload that breaks off: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Receive(ended, strings.NewReader("x"), chat.FileLimits{Size: 100}); !errors.Is(err, context.Canceled) {
		t.Errorf("an upload that nobody waits for: %v", err)
	}
	if n := s.leftovers(t); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
}

func TestWhatAKilledServerWasReceivingIsRemovedLater(t *testing.T) {
	t.Parallel()

	s := newTestSpool(t)
	stale, fresh := mustReceive(t, s, []byte("a")), mustReceive(t, s, []byte("b"))
	past := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(stale.Path, past, past); err != nil {
		t.Fatal(err)
	}
	if err := s.Clean(time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(fresh.Path); err != nil || s.leftovers(t) != 1 {
		t.Errorf("%d uploads are left, the fresh one with %v", s.leftovers(t), err)
	}
}

// picture is an image of one colour.
func picture(width, height int, c color.Color) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.Set(i%width, i/width, c)
	}
	return img
}

func TestImagesAreMeasuredAndLargeOnesHaveThumbnails(t *testing.T) {
	t.Parallel()

	s := newTestSpool(t)
	p := NewPainter(s)
	encoded := func(encode func(io.Writer) error) []byte {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	solid, clear := picture(1000, 500, color.White), picture(200, 1000, color.NRGBA{255, 0, 0, 100})
	for name, test := range map[string]struct {
		content       []byte
		width, height int
		thumbnail     string // type and size
	}{
		"jpeg": {encoded(func(w io.Writer) error { return jpeg.Encode(w, solid, nil) }), 1000, 500, "image/jpeg 320x160"},
		"png":  {encoded(func(w io.Writer) error { return png.Encode(w, clear) }), 200, 1000, "image/png 64x320"},
		"gif":  {encoded(func(w io.Writer) error { return gif.Encode(w, solid, nil) }), 1000, 500, "image/jpeg 320x160"},
		"small": {encoded(func(w io.Writer) error {
			return png.Encode(w, picture(ThumbnailEdge, 10, color.Black))
		}), ThumbnailEdge, 10, ""},
		"no image": {[]byte("\x89PNG, or so it says"), 0, 0, ""},
		"cut off":  {encoded(func(w io.Writer) error { return jpeg.Encode(w, solid, nil) })[:700], 1000, 500, ""},
	} {
		r := mustReceive(t, s, test.content)
		img, thumbnail, err := p.Look(t.Context(), r)
		if err != nil || img.Width != test.width || img.Height != test.height || (thumbnail != nil) != (test.thumbnail != "") {
			t.Errorf("%s: got %+v with thumbnail %+v, %v", name, img, thumbnail, err)
			continue
		}
		if thumbnail == nil {
			continue
		}
		file, err := os.Open(thumbnail.Path)
		if err != nil {
			t.Fatal(err)
		}
		config, format, err := image.DecodeConfig(file)
		file.Close()
		kind, size, _ := strings.Cut(test.thumbnail, " ")
		if err != nil || img.ThumbnailType != kind || "image/"+format != kind ||
			size != fmt.Sprintf("%dx%d", config.Width, config.Height) {
			t.Errorf("%s: the thumbnail is %s %dx%d (%s), %v", name, format, config.Width, config.Height, img.ThumbnailType, err)
		}
		if img.Thumbnail != thumbnail.Digest {
			t.Errorf("%s: the thumbnail is %s, not %s", name, thumbnail.Digest, img.Thumbnail)
		}
	}
}

func TestAnImageThatWouldFillTheMemoryIsNotDecoded(t *testing.T) {
	t.Parallel()

	// A PNG of a few bytes that claims to be of a hundred million pixels.
	var b bytes.Buffer
	if err := png.Encode(&b, picture(1, 1, color.White)); err != nil {
		t.Fatal(err)
	}
	bomb := b.Bytes()
	header := []byte{'I', 'H', 'D', 'R', 0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10, 8, 6, 0, 0, 0}
	copy(bomb[12:], header)
	sum := crc32.ChecksumIEEE(header)
	copy(bomb[12+len(header):], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	s := newTestSpool(t)
	img, thumbnail, err := NewPainter(s).Look(t.Context(), mustReceive(t, s, bomb))
	if err != nil || thumbnail != nil || img.Width != 10_000 || img.Height != 10_000 {
		t.Errorf("got %+v, %+v, %v", img, thumbnail, err)
	}
}

func TestOnlySoManyImagesAreDecodedAtOnce(t *testing.T) {
	t.Parallel()

	s := newTestSpool(t)
	p := NewPainter(s)
	for range decodersMax {
		p.turns <- struct{}{}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture(400, 400, color.White)); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := p.Look(ended, mustReceive(t, s, b.Bytes())); !errors.Is(err, context.Canceled) {
		t.Errorf("without a turn: %v", err)
	}
	<-p.turns
	if _, thumbnail, err := p.Look(t.Context(), mustReceive(t, s, b.Bytes())); err != nil || thumbnail == nil {
		t.Errorf("with a turn: %v", err)
	}
}
