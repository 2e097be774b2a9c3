package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"openkitty/internal/store"
)

// floorRows writes the rows of messages, and nothing else, into a database that
// [store.Open] made: the tables and indexes are those of the server.
type floorRows struct {
	db   *sql.DB
	conn *sql.Conn

	begin, message, channel, membership, change, commit *sql.Stmt

	text      string
	last      int64   // id of the latest message
	sequences []int64 // of the rooms
}

const (
	floorApplication = 101
	floorUser        = 101
	floorChannel     = 101 // the first; a room's is this and its number
)

func openFloorRows(ctx context.Context, settings Floor) (_ *floorRows, err error) {
	made, err := store.Open(ctx, store.Options{Directory: settings.Data})
	if err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	r := &floorRows{text: filler(settings.TextSize), last: 1000, sequences: make([]int64, settings.Rooms)}
	if r.db, err = openSQLite(settings.Data, "journal_mode(wal)", "synchronous(full)", "foreign_keys(1)",
		"temp_store(memory)", "cache_size(-8192)"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r.db.Close()
		}
	}()
	if r.conn, err = r.db.Conn(ctx); err != nil {
		return nil, err
	}
	if err := r.furnish(ctx, settings.Rooms); err != nil {
		return nil, fmt.Errorf("prepare the database of the floor: %w", err)
	}
	return r, r.prepare(ctx)
}

// databaseFile is where [store.Open] keeps the SQLite database of a directory.
func databaseFile(directory string) string { return filepath.Join(directory, "openkitty.db") }

// openSQLite opens the database of a data directory.
func openSQLite(directory string, pragmas ...string) (*sql.DB, error) {
	path, err := filepath.Abs(databaseFile(directory))
	if err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": pragmas}.Encode()}
	return sql.Open("sqlite", address.String())
}

// furnish makes the rows that those of messages refer to.
func (r *floorRows) furnish(ctx context.Context, rooms int) error {
	_, err := r.conn.ExecContext(ctx, `
		INSERT INTO application (id, name, api_key, client_id, settings, created_at)
		VALUES ($1, 'floor', 'floor', 'floor', '{}', 0)`, floorApplication)
	if err != nil {
		return err
	}
	_, err = r.conn.ExecContext(ctx, `
		INSERT INTO chat_user (id, application_id, name, display_name, search, picture, guest, properties, created_at)
		VALUES ($1, $2, 'floor', 'floor', 'floor', '', true, '', 0)`, floorUser, floorApplication)
	if err != nil {
		return err
	}
	_, err = r.conn.ExecContext(ctx, `
		WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < $1)
		INSERT INTO channel (id, application_id, type, name, display_name, search, creator_id, properties, direct_key, active_at, created_at)
		SELECT $2 + n, $3, 'PRIVATE', 'room ' || n, 'room', 'room', $4, '', '', 0, 0 FROM number`,
		rooms, floorChannel, floorApplication, floorUser)
	if err != nil {
		return err
	}
	_, err = r.conn.ExecContext(ctx, `
		INSERT INTO membership (application_id, channel_id, user_id, display_name, moderator, joined_at)
		SELECT application_id, id, creator_id, 'floor', false, 0 FROM channel`)
	return err
}

func (r *floorRows) prepare(ctx context.Context) error {
	for _, s := range []struct {
		statement **sql.Stmt
		text      string
	}{
		{&r.begin, `BEGIN IMMEDIATE`},
		{&r.message, `
			INSERT INTO message (id, application_id, channel_id, type, author_id, body, group_tag, properties, sequence, number, created_at)
			VALUES ($1, $2, $3, 'TEXT', $4, $5, '', '', $6, $6, $7)`},
		{&r.channel, `
			UPDATE channel SET sequence = $1, message_count = message_count + 1, posted_count = $1, last_message_id = $2, active_at = $3
			WHERE id = $4`},
		{&r.membership, `UPDATE membership SET sent_number = $1 WHERE channel_id = $2 AND user_id = $3`},
		{&r.change, `
			INSERT INTO change (application_id, stream, sequence, kind, subject, at)
			VALUES ($1, $2, $3, 1, $4, $5)`},
		{&r.commit, `COMMIT`},
	} {
		var err error
		if *s.statement, err = r.conn.PrepareContext(ctx, s.text); err != nil {
			return fmt.Errorf("prepare the statements of the floor: %w", err)
		}
	}
	return nil
}

// keep commits a message in each of the rooms, which may repeat.
func (r *floorRows) keep(rooms []int, now time.Time) error {
	if _, err := r.begin.Exec(); err != nil {
		return err
	}
	for _, room := range rooms {
		if err := r.insert(room, now.UnixMicro()); err != nil {
			return err
		}
	}
	_, err := r.commit.Exec()
	return err
}

func (r *floorRows) insert(room int, at int64) error {
	r.last++
	r.sequences[room]++
	channel, sequence := floorChannel+int64(room), r.sequences[room]
	if _, err := r.message.Exec(r.last, floorApplication, channel, floorUser, r.text, sequence, at); err != nil {
		return err
	}
	if _, err := r.channel.Exec(sequence, r.last, at, channel); err != nil {
		return err
	}
	if _, err := r.membership.Exec(sequence, channel, floorUser); err != nil {
		return err
	}
	_, err := r.change.Exec(floorApplication, 2*channel, sequence, r.last, at)
	return err
}

func (r *floorRows) close() {
	r.conn.Close()
	r.db.Close()
}
