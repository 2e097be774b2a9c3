package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"openkitty/internal/chat"
)

// sniffed is how many first bytes of a file tell what it is.
const sniffed = 512

// Spool takes uploads while they arrive, into a directory of its own on the
// same file system as the one that files are kept in, if they are.
type Spool struct{ directory string }

// NewSpool returns a spool in a folder of the data directory.
func NewSpool(data string) (*Spool, error) {
	directory := filepath.Join(data, "uploads")
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of uploads: %w", err)
	}
	return &Spool{directory}, nil
}

// Received is an upload that arrived. Discard it in any case.
type Received struct {
	Path   string
	Size   int64
	Digest chat.Digest
	Seen   string // what its first bytes look like, as a content type
}

// Discard removes the upload, if it was not kept.
func (r *Received) Discard() {
	if r != nil {
		_ = os.Remove(r.Path) // moved, or a leftover for Clean
	}
}

// errTooLarge stops reading.
var errTooLarge = errors.New("the upload is larger than allowed")

// Receive reads an upload to its end. One that is larger than the limit is
// refused as soon as that is known.
func (s *Spool) Receive(ctx context.Context, from io.Reader, limit chat.FileLimits) (_ *Received, err error) {
	file, err := os.CreateTemp(s.directory, "upload-*")
	if err != nil {
		return nil, fmt.Errorf("receive an upload: %w", err)
	}
	r := &Received{Path: file.Name()}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			r.Discard()
		}
	}()
	hash := sha256.New()
	head := &firstBytes{}
	r.Size, err = io.Copy(io.MultiWriter(file, hash, head), &bounded{ctx, from, limit.Size})
	switch {
	case errors.Is(err, errTooLarge):
		return nil, limit.TooLarge()
	case err != nil:
		return nil, fmt.Errorf("receive an upload: %w", err)
	}
	r.Digest = chat.Digest(hex.EncodeToString(hash.Sum(nil)))
	r.Seen = http.DetectContentType(head.bytes)
	return r, nil
}

// Clean removes what broken uploads, and servers that were killed, left behind:
// what nothing was written to since a time.
func (s *Spool) Clean(since time.Time) error {
	entries, err := os.ReadDir(s.directory)
	if err != nil {
		return fmt.Errorf("list the uploads: %w", err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !info.ModTime().Before(since) {
			continue // finished meanwhile, or under way
		}
		if err := os.Remove(filepath.Join(s.directory, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an upload: %w", err)
		}
	}
	return nil
}

// bounded reads until its context ends, and no more than left bytes.
type bounded struct {
	ctx  context.Context
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, errTooLarge
	}
	return n, err
}

// firstBytes keeps the first bytes that are written to it.
type firstBytes struct{ bytes []byte }

func (f *firstBytes) Write(p []byte) (int, error) {
	f.bytes = append(f.bytes, p[:min(len(p), sniffed-len(f.bytes))]...)
	return len(p), nil
}
