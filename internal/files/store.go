package files

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Store keeps bytes at places, which are written once. What Keep has returned
// from is on disk, or in the bucket, whatever happens next.
//
// A place consists of letters, digits, '-' and '/'.
type Store interface {
	// Keep makes the bytes of the file at path those of a place. The file may be
	// moved away.
	Keep(ctx context.Context, path, place string) error
	// Open opens the bytes at a place. Without any there the error is an
	// fs.ErrNotExist.
	Open(ctx context.Context, place string) (io.ReadSeekCloser, error)
	// Remove removes the bytes at a place. That there are none is no error.
	Remove(ctx context.Context, place string) error
	// Each calls fn with every place that was written before a time.
	Each(ctx context.Context, before time.Time, fn func(place string) error) error
}

// Open returns the store at an address: empty for the folder files of the data
// directory, or s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION, where all
// after the bucket may be left out. The keys of the bucket are in the
// environment, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
func Open(ctx context.Context, address, data string) (Store, error) {
	if address == "" {
		return NewDirectory(filepath.Join(data, "files"))
	}
	u, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	return newBucket(ctx, u, credentials.NewEnvAWS())
}

// parseAddress reads the address of a bucket.
func parseAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "s3" || u.Host == "":
		return nil, fmt.Errorf("expected s3://BUCKET?endpoint=https://HOST, or nothing for the data directory")
	case u.User != nil:
		return nil, fmt.Errorf("the keys of a bucket belong in the environment, not in its address")
	}
	if endpoint := u.Query().Get("endpoint"); endpoint != "" &&
		!strings.HasPrefix(endpoint, "https://") && !strings.HasPrefix(endpoint, "http://") {
		return nil, fmt.Errorf("the endpoint must begin with https:// or http://")
	}
	return u, nil
}
