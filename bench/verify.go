package bench

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// Verified is what [Verify] found, if it found nothing wrong.
type Verified struct {
	Acknowledged int // messages that the list names; all are in the database
	Stored       int // messages in the database
	Streams      int // sequences of changes, none with a gap
}

func (v Verified) String() string {
	return fmt.Sprintf("all %d acknowledged messages are among the %d in the database; it is intact, and %d streams of changes have no gap",
		v.Acknowledged, v.Stored, v.Streams)
}

// Verify checks a database after the server on it has ended, however it ended:
// each message that Send wrote to the list is there once, the database is
// intact, and the changes of each stream are numbered without gaps up to the
// number that the stream has reached.
func Verify(ctx context.Context, directory, database, acknowledged string) (v Verified, err error) {
	db, err := openDatabase(directory, database)
	if err != nil {
		return v, err
	}
	defer db.Close()
	if database == "" {
		if err := checkIntegrity(ctx, db); err != nil {
			return v, err
		}
	}
	if v.Streams, err = checkStreams(ctx, db); err != nil {
		return v, err
	}
	stored, err := storedTexts(ctx, db)
	if err != nil {
		return v, err
	}
	for _, times := range stored {
		v.Stored += times
	}
	v.Acknowledged, err = checkList(acknowledged, stored)
	return v, err
}

func openDatabase(directory, address string) (*sql.DB, error) {
	if address != "" {
		return sql.Open("pgx", address)
	}
	if _, err := os.Stat(databaseFile(directory)); err != nil {
		return nil, fmt.Errorf("find the database: %w", err)
	}
	return openSQLite(directory)
}

func checkIntegrity(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&verdict); err != nil {
		return fmt.Errorf("check the database: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("the database is damaged: %s", verdict)
	}
	return nil
}

// checkStreams compares each stream's changes with the number that its channel
// or user says it has reached.
func checkStreams(ctx context.Context, db *sql.DB) (streams int, err error) {
	rows, err := db.QueryContext(ctx, `
		SELECT s.stream, s.sequence, COUNT(c.sequence), COALESCE(MIN(c.sequence), 0), COALESCE(MAX(c.sequence), 0)
		FROM (
			SELECT id * 2 AS stream, application_id, sequence FROM channel
			UNION ALL
			SELECT id * 2 + 1, application_id, sequence FROM chat_user
		) s
		LEFT JOIN change c ON c.application_id = s.application_id AND c.stream = s.stream
		GROUP BY s.stream, s.sequence`)
	if err != nil {
		return 0, fmt.Errorf("read the changes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var stream, reached, count, first, last int64
		if err := rows.Scan(&stream, &reached, &count, &first, &last); err != nil {
			return 0, fmt.Errorf("read the changes: %w", err)
		}
		if last != reached || count > 0 && count != last-first+1 {
			return 0, fmt.Errorf("stream %d has reached %d, but has %d changes from %d to %d", stream, reached, count, first, last)
		}
		streams++
	}
	return streams, rows.Err()
}

// storedTexts counts the messages by the first word of their text.
func storedTexts(ctx context.Context, db *sql.DB) (map[string]int, error) {
	rows, err := db.QueryContext(ctx, `SELECT body FROM message`)
	if err != nil {
		return nil, fmt.Errorf("read the messages: %w", err)
	}
	defer rows.Close()
	stored := map[string]int{}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read the messages: %w", err)
		}
		word, _, _ := strings.Cut(text, " ")
		stored[word]++
	}
	return stored, rows.Err()
}

// checkList reports the listed messages that are missing, or there twice.
func checkList(path string, stored map[string]int) (listed int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	missing, repeated := 0, 0
	var example string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		listed++
		switch times := stored[lines.Text()]; {
		case times == 0:
			missing++
			example = lines.Text()
		case times > 1:
			repeated++
			example = lines.Text()
		}
	}
	if missing+repeated > 0 {
		return listed, fmt.Errorf("of %d acknowledged messages %d are missing and %d are stored more than once, as %q", listed, missing, repeated, example)
	}
	return listed, lines.Err()
}
