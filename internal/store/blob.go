package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"openkitty/internal/chat"
)

// Blob is bytes that are kept outside of the database.
type Blob struct {
	Application chat.ApplicationID
	Digest      chat.Digest
	Place       string // where they are; never used again once the blob is gone
	Size        int64
}

const blobColumns = `application_id, digest, place, size`

func scanBlob(r row) (b Blob, err error) {
	err = r.Scan(&b.Application, &b.Digest, &b.Place, &b.Size)
	return b, err
}

// Blob returns the bytes with a digest.
func (r Reader) Blob(ctx context.Context, app chat.ApplicationID, digest chat.Digest) (Blob, error) {
	b, err := one(ctx, r.db, scanBlob, `
		SELECT `+blobColumns+`
		FROM blob
		WHERE application_id = $1 AND digest = $2`,
		app, string(digest))
	if err != nil {
		return b, fmt.Errorf("read the blob %s: %w", digest, absent(err, chat.NoFile()))
	}
	return b, nil
}

// TouchBlob keeps the bytes with a digest from being removed for a while. It
// reports whether there are such bytes: otherwise they must be kept again.
func (tx *Tx) TouchBlob(ctx context.Context, app chat.ApplicationID, digest chat.Digest) (bool, error) {
	found, err := many(ctx, tx.db, scanValue[string], `
		UPDATE blob
		SET used_at = $3
		WHERE application_id = $1 AND digest = $2
		RETURNING place`,
		app, string(digest), tx.now.UnixMicro())
	return len(found) > 0, wrap(err, "touch the blob %s", digest)
}

// AddBlob notes bytes that are at their place already. It reports whether that
// is where they are from now on: if somebody else was faster, it is not.
func (tx *Tx) AddBlob(ctx context.Context, b Blob) (bool, error) {
	place, err := one(ctx, tx.db, scanValue[string], `
		INSERT INTO blob (application_id, digest, place, size, used_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (application_id, digest) DO UPDATE SET used_at = excluded.used_at
		RETURNING place`,
		b.Application, string(b.Digest), b.Place, b.Size, tx.now.UnixMicro())
	return place == b.Place, wrap(err, "add the blob %s", b.Digest)
}

// countBlob changes how many files consist of bytes.
func (tx *Tx) countBlob(ctx context.Context, app chat.ApplicationID, digest chat.Digest, by int) error {
	_, err := one(ctx, tx.db, scanValue[string], `
		UPDATE blob
		SET refs = refs + $3, used_at = $4
		WHERE application_id = $1 AND digest = $2
		RETURNING place`,
		app, string(digest), by, tx.now.UnixMicro())
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("the blob %s is gone", digest)
	}
	return wrap(err, "count the blob %s", digest)
}

// RemoveUnused forgets up to limit blobs that no file consists of, and that
// were not uploaded since a time. Their bytes are the caller's to remove.
func (tx *Tx) RemoveUnused(ctx context.Context, since time.Time, limit int) ([]Blob, error) {
	blobs, err := many(ctx, tx.db, scanBlob, `
		DELETE FROM blob
		WHERE refs = 0 AND used_at < $1 AND place IN (
			SELECT place
			FROM blob
			WHERE refs = 0 AND used_at < $1
			ORDER BY used_at
			LIMIT $2)
		RETURNING `+blobColumns,
		since.UnixMicro(), limit)
	return blobs, wrap(err, "remove unused blobs")
}

// Places returns those of some places that have a blob.
func (r Reader) Places(ctx context.Context, places []string) ([]string, error) {
	found, err := manyOf(ctx, r.db, scanValue[string], `
		SELECT place
		FROM blob
		WHERE place IN (list)`,
		places)
	return found, wrap(err, "look up %d places", len(places))
}
