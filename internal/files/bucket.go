package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket keeps bytes in a bucket of an S3-compatible service.
type bucket struct {
	client *minio.Client
	name   string
	prefix string // of every place; empty, or with a slash at its end
}

// newBucket returns a store in a bucket that exists.
func newBucket(ctx context.Context, address *url.URL, keys *credentials.Credentials) (*bucket, error) {
	host, secure := "s3.amazonaws.com", true
	if endpoint := address.Query().Get("endpoint"); endpoint != "" {
		host, secure = strings.CutPrefix(strings.TrimRight(endpoint, "/"), "https://")
		host = strings.TrimPrefix(host, "http://")
	}
	client, err := minio.New(host, &minio.Options{
		Creds:  keys,
		Secure: secure,
		Region: address.Query().Get("region"),
	})
	if err != nil {
		return nil, fmt.Errorf("reach the bucket of files: %w", err)
	}
	b := &bucket{client: client, name: address.Host, prefix: strings.Trim(address.Path, "/")}
	if b.prefix != "" {
		b.prefix += "/"
	}
	exists, err := client.BucketExists(ctx, b.name)
	if err != nil {
		return nil, fmt.Errorf("reach the bucket %s: %w", b.name, err)
	}
	if !exists {
		return nil, fmt.Errorf("there is no bucket %s; make it first", b.name)
	}
	return b, nil
}

// Keep uploads a file to its place.
func (b *bucket) Keep(ctx context.Context, path, place string) error {
	// Browsers never see the service, so that the type does not matter.
	_, err := b.client.FPutObject(ctx, b.name, b.prefix+place, path, minio.PutObjectOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return fmt.Errorf("keep a file in the bucket: %w", err)
	}
	return nil
}

// Open opens the object at a place, which is fetched as it is read.
func (b *bucket) Open(ctx context.Context, place string) (io.ReadSeekCloser, error) {
	object, err := b.client.GetObject(ctx, b.name, b.prefix+place, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open a file in the bucket: %w", err)
	}
	if _, err := object.Stat(); err != nil {
		object.Close()
		if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
			err = errors.Join(fs.ErrNotExist, err)
		}
		return nil, fmt.Errorf("open a file in the bucket: %w", err)
	}
	return object, nil
}

// Remove removes the object at a place.
func (b *bucket) Remove(ctx context.Context, place string) error {
	if err := b.client.RemoveObject(ctx, b.name, b.prefix+place, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("remove a file from the bucket: %w", err)
	}
	return nil
}

// Each lists the objects that were written before a time.
func (b *bucket) Each(ctx context.Context, before time.Time, fn func(place string) error) error {
	ctx, cancel := context.WithCancel(ctx) // ends the listing
	defer cancel()
	for object := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
		if object.Err != nil {
			return fmt.Errorf("list the bucket: %w", object.Err)
		}
		if !object.LastModified.Before(before) {
			continue
		}
		if err := fn(strings.TrimPrefix(object.Key, b.prefix)); err != nil {
			return err
		}
	}
	return nil
}
