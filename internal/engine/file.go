package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/files"
	"openkitty/internal/store"
)

// Files is where an engine keeps what users upload.
type Files struct {
	Store   files.Store
	Spool   *files.Spool
	painter *files.Painter
}

// OpenFiles opens the store at an address of [files.Open], for uploads that
// arrive in the data directory.
func OpenFiles(ctx context.Context, address, data string) (Files, error) {
	kept, err := files.Open(ctx, address, data)
	if err != nil {
		return Files{}, err
	}
	spool, err := files.NewSpool(data)
	if err != nil {
		return Files{}, err
	}
	return Files{Store: kept, Spool: spool, painter: files.NewPainter(spool)}, nil
}

// FileLimits bound what an application's users upload: the server's limits, and
// those of the application's settings.
func (e *Engine) FileLimits(ctx context.Context, app chat.ApplicationID) (chat.FileLimits, error) {
	settings, err := e.settings.of(ctx, app)
	if err != nil {
		return chat.FileLimits{}, err
	}
	limits := e.limits.Files
	limits.Size, limits.Allowed = min(limits.Size, settings.MaxFileSize), settings.FileTypes
	return limits, nil
}

// ReceiveFile reads a file that a user uploads and keeps its bytes. Until a
// message or a user has the file, nobody sees it, and it is removed after a
// while. The name and the type are what the client says.
func (e *Engine) ReceiveFile(ctx context.Context, actor chat.Actor, name, contentType string, from io.Reader) (chat.File, error) {
	limits, err := e.FileLimits(ctx, actor.Application)
	if err != nil {
		return chat.File{}, err
	}
	received, err := e.files.Spool.Receive(ctx, from, limits)
	if err != nil {
		return chat.File{}, err
	}
	defer received.Discard()
	file := chat.File{
		Key:         chat.FileKey(strings.ToLower(rand.Text())),
		Name:        chat.CleanFileName(name),
		ContentType: chat.SettleContentType(contentType, received.Seen),
		Size:        received.Size,
		Digest:      received.Digest,
	}
	if received.Size == 0 {
		return chat.File{}, chat.Errorf(chat.Invalid, "the file is empty")
	}
	if err := limits.CheckType(file.ContentType); err != nil {
		return chat.File{}, err
	}
	if chat.Thumbnailed(file.ContentType) {
		image, thumbnail, err := e.files.painter.Look(ctx, received)
		if err != nil {
			return chat.File{}, err
		}
		defer thumbnail.Discard()
		if file.Image = image; thumbnail != nil {
			if err := e.keep(ctx, actor.Application, thumbnail); err != nil {
				return chat.File{}, err
			}
		}
	}
	return file, e.keep(ctx, actor.Application, received)
}

// keep keeps the bytes of an upload, unless the application has the same.
func (e *Engine) keep(ctx context.Context, app chat.ApplicationID, r *files.Received) error {
	var there bool
	err := e.store.Update(ctx, 0, func(tx *store.Tx) (err error) {
		there, err = tx.TouchBlob(ctx, app, r.Digest)
		return err
	})
	if err != nil || there {
		return err
	}
	blob := store.Blob{Application: app, Digest: r.Digest, Place: newPlace(app, r.Digest), Size: r.Size}
	if err := e.files.Store.Keep(ctx, r.Path, blob.Place); err != nil {
		return err
	}
	var own bool
	err = e.store.Update(ctx, 0, func(tx *store.Tx) (err error) {
		own, err = tx.AddBlob(ctx, blob)
		return err
	})
	if err == nil && !own { // the same was uploaded at the same moment
		err = e.files.Store.Remove(ctx, blob.Place)
	}
	return err
}

// newPlace is a place that no bytes were ever at.
func newPlace(app chat.ApplicationID, digest chat.Digest) string {
	text := string(digest)
	return strconv.FormatInt(int64(app), 10) + "/" + text[:2] + "/" + text + "-" + strings.ToLower(rand.Text()[:10])
}

// UpdatePicture makes an uploaded image the display picture of the actor.
func (e *Engine) UpdatePicture(ctx context.Context, actor chat.Actor, file chat.File) (chat.User, error) {
	if !chat.Thumbnailed(file.ContentType) || file.Image.Width == 0 {
		return chat.User{}, chat.Errorf(chat.Invalid, "a display picture must be a JPEG, PNG, GIF or WebP image").
			Named(chat.FileTypeNotAllowed)
	}
	address := file.Address(actor.Application)
	return e.changeUser(ctx, actor, chat.UserChange{Picture: &address}, &file)
}

// Download is a file on its way to a client.
type Download struct {
	io.ReadSeekCloser
	Name        string
	ContentType string
	Digest      chat.Digest
	CreatedAt   time.Time // of the message
}

// OpenFile opens a hosted file, or its thumbnail if it has one. Files of
// messages are there for those who see the message; pictures of users for
// everybody who has the address, since clients show them without a grant.
func (e *Engine) OpenFile(ctx context.Context, app chat.ApplicationID, key chat.FileKey, grant string, thumbnail bool) (*Download, error) {
	var actor chat.Actor
	if grant != "" {
		var err error
		if actor, err = e.CheckGrant(ctx, grant, chat.ReadFiles); err != nil {
			return nil, err
		}
		if actor.Application != app {
			return nil, chat.NoFile()
		}
	}
	file, place, err := e.store.HostedFile(ctx, app, key, actor.User)
	if err != nil {
		return nil, err
	}
	if place.Channel != 0 {
		if err := e.checkSees(ctx, actor, place); err != nil {
			return nil, err
		}
	}
	d := &Download{Name: file.Name, ContentType: file.ContentType, Digest: file.Digest, CreatedAt: place.CreatedAt}
	if thumbnail && file.Image.Thumbnail != "" {
		d.ContentType, d.Digest = file.Image.ThumbnailType, file.Image.Thumbnail
	}
	blob, err := e.store.Blob(ctx, app, d.Digest)
	if err != nil {
		return nil, err
	}
	if d.ReadSeekCloser, err = e.files.Store.Open(ctx, blob.Place); err != nil {
		return nil, fmt.Errorf("open the file %s: %w", blob.Digest, err)
	}
	return d, nil
}

// checkSees refuses whoever is not shown the message that a file is in.
func (e *Engine) checkSees(ctx context.Context, actor chat.Actor, place store.FilePlace) error {
	if actor.User == 0 {
		return chat.AccessDenied("this file needs a grant; put it in the query, as ?grant=…")
	}
	membership, err := e.store.Membership(ctx, actor.Application, place.Channel, actor.User)
	if err != nil {
		return err
	}
	if membership == nil || !membership.Sees(chat.Message{CreatedAt: place.CreatedAt}) {
		return chat.NoFile()
	}
	return nil
}

const (
	// unusedFor is how long bytes stay that no file consists of: an upload may
	// be about to become a message.
	unusedFor = time.Hour
	// strayFor is how old bytes must be that the database knows nothing of.
	strayFor = 24 * time.Hour
	// sweepEvery is the time between two sweeps.
	sweepEvery = 15 * time.Minute
	sweepBatch = 100
)

// sweepAllFiles removes what nobody needs until Close, at intervals.
func (e *Engine) sweepAllFiles(ctx context.Context) {
	ticks := time.NewTicker(sweepEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			if err := e.SweepFiles(ctx, time.Now()); err != nil && ctx.Err() == nil {
				e.log.ErrorContext(ctx, "sweep the files", "error", err)
			}
		}
	}
}

// SweepFiles removes uploads that broke off, and bytes of which no file
// consists. What is young at the given time stays.
func (e *Engine) SweepFiles(ctx context.Context, now time.Time) error {
	return errors.Join(
		e.files.Spool.Clean(now.Add(-unusedFor)),
		e.sweepUnused(ctx, now.Add(-unusedFor)),
		e.sweepStray(ctx, now.Add(-strayFor)),
	)
}

func (e *Engine) sweepUnused(ctx context.Context, since time.Time) error {
	for {
		var blobs []store.Blob
		err := e.store.Update(ctx, 0, func(tx *store.Tx) (err error) {
			blobs, err = tx.RemoveUnused(ctx, since, sweepBatch)
			return err
		})
		if err != nil || len(blobs) == 0 {
			return err
		}
		for _, blob := range blobs {
			// What fails here is found by sweepStray later.
			if err := e.files.Store.Remove(ctx, blob.Place); err != nil {
				return err
			}
		}
	}
}

// sweepStray removes bytes that a crash left between a place and its row.
func (e *Engine) sweepStray(ctx context.Context, before time.Time) error {
	var batch []string
	flush := func() error {
		known, err := e.store.Places(ctx, batch)
		if err != nil {
			return err
		}
		for _, place := range without(batch, known) {
			if err := e.files.Store.Remove(ctx, place); err != nil {
				return err
			}
		}
		batch = batch[:0]
		return nil
	}
	err := e.files.Store.Each(ctx, before, func(place string) error {
		if batch = append(batch, place); len(batch) < sweepBatch {
			return nil
		}
		return flush()
	})
	return errors.Join(err, flush())
}

// without returns the places that are not known.
func without(places, known []string) (strays []string) {
	there := make(map[string]bool, len(known))
	for _, place := range known {
		there[place] = true
	}
	for _, place := range places {
		if !there[place] {
			strays = append(strays, place)
		}
	}
	return strays
}
