package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"openkitty/internal/chat"
)

const fileColumns = `key, url, name, content_type, size, digest, width, height, thumbnail, thumbnail_type`

// fileRow receives the columns of a file.
type fileRow struct{ chat.File }

func (f *fileRow) into() []any {
	return []any{&f.Key, &f.URL, &f.Name, &f.ContentType, &f.Size, &f.Digest, &f.Image.Width, &f.Image.Height,
		&f.Image.Thumbnail, &f.Image.ThumbnailType}
}

// value is the file; the key of one elsewhere means nothing to others.
func (f *fileRow) value() chat.File {
	if f.URL != "" {
		f.Key = ""
	}
	return f.File
}

// insertFile stores the file of a message, or with message 0 a user's picture,
// and counts what it consists of. Files elsewhere are stored under a key too.
func (tx *Tx) insertFile(ctx context.Context, app chat.ApplicationID, message chat.MessageID, user chat.UserID, f chat.File) error {
	key := string(f.Key)
	if !f.Hosted() {
		key = fmt.Sprintf("message %d", message)
	}
	err := tx.exec(ctx, `
		INSERT INTO file (application_id, key, message_id, user_id, url, name, content_type, size, digest, width, height,
			thumbnail, thumbnail_type, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		app, key, message, user, f.URL, f.Name, f.ContentType, f.Size, string(f.Digest), f.Image.Width, f.Image.Height,
		string(f.Image.Thumbnail), f.Image.ThumbnailType, tx.now.UnixMicro())
	if err != nil {
		return fmt.Errorf("store a file: %w", err)
	}
	return tx.countBlobs(ctx, app, f, 1)
}

// countBlobs counts a file for all that it consists of.
func (tx *Tx) countBlobs(ctx context.Context, app chat.ApplicationID, f chat.File, by int) error {
	for _, digest := range []chat.Digest{f.Digest, f.Image.Thumbnail} {
		if digest == "" {
			continue
		}
		if err := tx.countBlob(ctx, app, digest, by); err != nil {
			return err
		}
	}
	return nil
}

// AttachFile stores the file of a message that was just created, and counts it
// in its channel.
func (tx *Tx) AttachFile(ctx context.Context, m chat.Message) error {
	if err := tx.countFile(ctx, m, 1); err != nil {
		return err
	}
	var author chat.UserID
	if m.Author != nil {
		author = m.Author.ID
	}
	return tx.insertFile(ctx, m.Application, m.ID, author, *m.File)
}

// countFile changes the number of files among a channel's messages.
func (tx *Tx) countFile(ctx context.Context, m chat.Message, by int) error {
	replies := by
	if m.Parent == 0 {
		replies = 0
	}
	_, err := one(ctx, tx.db, scanValue[int64], `
		UPDATE channel
		SET file_count = file_count + $3, file_reply_count = file_reply_count + $4
		WHERE application_id = $1 AND id = $2
		RETURNING file_count`,
		m.Application, m.Channel, by, replies)
	return wrap(absent(err, chat.NoChannel(m.Channel)), "count a file of channel %d", m.Channel)
}

// detachFile forgets the file of a message, which goes.
func (tx *Tx) detachFile(ctx context.Context, m chat.Message) error {
	if m.File == nil {
		return nil
	}
	if err := tx.countFile(ctx, m, -1); err != nil {
		return err
	}
	return tx.removeFiles(ctx, m.Application, fileOfMessage, int64(m.ID))
}

// SetPicture makes a hosted file the only picture of a user; nil for none.
func (tx *Tx) SetPicture(ctx context.Context, app chat.ApplicationID, user chat.UserID, f *chat.File) error {
	if err := tx.removeFiles(ctx, app, `user_id = $2 AND message_id = 0`, int64(user)); err != nil || f == nil {
		return err
	}
	return tx.insertFile(ctx, app, 0, user, *f)
}

// fileOfMessage selects the file of the message $2.
const fileOfMessage = `message_id = $2 AND message_id <> 0`

// removeFiles forgets the files that a condition on $2 selects.
func (tx *Tx) removeFiles(ctx context.Context, app chat.ApplicationID, condition string, subject int64) error {
	removed, err := many(ctx, tx.db, scanFile, `
		DELETE FROM file
		WHERE application_id = $1 AND `+condition+`
		RETURNING `+fileColumns,
		app, subject)
	if err != nil {
		return fmt.Errorf("remove files: %w", err)
	}
	for _, f := range removed {
		if err := tx.countBlobs(ctx, app, f, -1); err != nil {
			return err
		}
	}
	return nil
}

func scanFile(r row) (chat.File, error) {
	var f fileRow
	err := r.Scan(f.into()...)
	return f.value(), err
}

// FilePlace is where a hosted file is shown.
type FilePlace struct {
	Channel   chat.ChannelID // zero for a user's picture
	CreatedAt time.Time      // of the message
}

// HostedFile returns the file with a key, and where a viewer sees it: files of
// messages that were deleted, by anybody for everybody or by the viewer for
// itself, are not found. Whether the viewer is a member there is not looked at.
func (r Reader) HostedFile(ctx context.Context, app chat.ApplicationID, key chat.FileKey, viewer chat.UserID) (chat.File, FilePlace, error) {
	f, err := one(ctx, r.db, scanPlacedFile, `
		SELECT `+fileColumns+`, COALESCE(t.channel_id, 0), COALESCE(t.created_at, 0)
		FROM file f
		LEFT JOIN message t ON t.application_id = f.application_id AND t.id = f.message_id
		WHERE f.application_id = $1 AND f.key = $3 AND f.digest <> '' AND (f.message_id = 0 OR `+visible+`)`,
		app, viewer, string(key))
	if errors.Is(err, sql.ErrNoRows) {
		err = chat.NoFile()
	}
	return f.file, f.place, wrap(err, "read a file")
}

type placedFile struct {
	file  chat.File
	place FilePlace
}

func scanPlacedFile(r row) (placedFile, error) {
	var f fileRow
	var p FilePlace
	var created int64
	err := r.Scan(append(f.into(), &p.Channel, &created)...)
	p.CreatedAt = moment(created)
	return placedFile{f.value(), p}, err
}

// addFiles gives messages their files, with one query.
func (r Reader) addFiles(ctx context.Context, app chat.ApplicationID, messages []chat.Message) error {
	var ids []chat.MessageID
	for i := range messages {
		if messages[i].IsFile() && !messages[i].Deleted() {
			ids = append(ids, messages[i].ID)
		}
	}
	files, err := manyOf(ctx, r.db, scanMessageFile, `
		SELECT f.message_id, `+fileColumns+`
		FROM file f
		WHERE f.application_id = $1 AND f.message_id <> 0 AND f.message_id IN (list)`,
		distinct(ids), app)
	if err != nil {
		return fmt.Errorf("read the files of %d messages: %w", len(ids), err)
	}
	for i := range messages {
		if at := slices.IndexFunc(files, func(f messageFile) bool { return f.message == messages[i].ID }); at >= 0 {
			messages[i].File = &files[at].file
		}
	}
	return nil
}

type messageFile struct {
	message chat.MessageID
	file    chat.File
}

func scanMessageFile(r row) (messageFile, error) {
	var m messageFile
	var f fileRow
	err := r.Scan(append([]any{&m.message}, f.into()...)...)
	m.file = f.value()
	return m, err
}

// onlyFiles is the condition that a filter makes of its Files, in the words of
// the index message_files.
func onlyFiles(f chat.MessageFilter, table string) string {
	if f.Files {
		return table + "type IN ('FILE', 'SYSTEM_FILE')"
	}
	return "1 = 1"
}

// countFiles counts the files among the messages of a channel that a member
// sees. It costs more only with what the member has hidden, or has been sent
// since they cleared the history.
func (r Reader) countFiles(ctx context.Context, app chat.ApplicationID, member chat.Membership, f chat.MessageFilter) (int64, error) {
	if !member.ClearedAt.IsZero() {
		return r.countSinceCleared(ctx, app, member, f)
	}
	count := "c.file_count"
	if f.MainThread {
		count = "c.file_count - c.file_reply_count"
	}
	n, err := one(ctx, r.db, scanValue[int64], `
		SELECT `+count+` - (
			SELECT COUNT(*)
			FROM hidden_message h
			JOIN message t ON t.application_id = h.application_id AND t.id = h.message_id
			WHERE h.application_id = c.application_id AND h.user_id = $2 AND h.channel_id = c.id
				AND `+mainThread(f, "h.")+` AND `+onlyFiles(f, "t.")+`)
		FROM channel c
		WHERE c.application_id = $1 AND c.id = $3`,
		app, member.User, member.Channel)
	return max(n, 0), wrap(absent(err, chat.NoChannel(member.Channel)), "count the files of channel %d", member.Channel)
}
