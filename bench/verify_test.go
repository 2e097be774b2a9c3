package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

// keptMessages makes a database of four messages, and a list of their texts.
func keptMessages(t *testing.T) (directory, list string, rows *floorRows) {
	t.Helper()
	directory = t.TempDir()
	rows, err := openFloorRows(t.Context(), Floor{Rooms: 3, TextSize: textSize, Data: directory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rows.close)
	if err := rows.keep([]int{0, 1, 1, 1}, time.Now()); err != nil {
		t.Fatal(err)
	}
	alter(t, rows, `UPDATE message SET body = 'text-' || id || ' and more'`)
	list = filepath.Join(directory, "acknowledged")
	if err := os.WriteFile(list, []byte("text-1001\ntext-1004\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return directory, list, rows
}

func alter(t *testing.T, rows *floorRows, statement string) {
	t.Helper()
	if _, err := rows.conn.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyAcceptsADatabaseThatHasEverything(t *testing.T) {
	t.Parallel()

	directory, list, _ := keptMessages(t)
	got, err := Verify(t.Context(), directory, "", list)
	if want := (Verified{Acknowledged: 2, Stored: 4, Streams: 4}); err != nil || got != want {
		t.Errorf("verified %+v, %v; want %+v", got, err, want)
	}
}

func TestVerifyFindsWhatIsWrong(t *testing.T) {
	t.Parallel()

	for want, statement := range map[string]string{
		"1 are missing":               `DELETE FROM message WHERE id = 1004`,
		"1 are stored more than once": `UPDATE message SET body = 'text-1001 again' WHERE id = 1003`,
		"has 2 changes from 1 to 3":   `DELETE FROM change WHERE subject = 1003`,
		"has reached 4":               `UPDATE channel SET sequence = 4 WHERE id = 102`,
		"has 2 changes from 1 to 2":   `DELETE FROM change WHERE subject = 1004`,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()

			directory, list, rows := keptMessages(t)
			alter(t, rows, statement)
			if _, err := Verify(t.Context(), directory, "", list); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("verify said %v, want %q", err, want)
			}
		})
	}
}

func TestVerifyFindsADamagedDatabase(t *testing.T) {
	t.Parallel()

	directory, list, rows := keptMessages(t)
	alter(t, rows, `PRAGMA wal_checkpoint(truncate)`)
	rows.close()
	file, err := os.OpenFile(databaseFile(directory), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt(bytes.Repeat([]byte{0xff}, 4096), 4*4096); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(t.Context(), directory, "", list); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("verify said %v, want that the database is damaged", err)
	}
}

func TestVerifyReadsPostgreSQL(t *testing.T) {
	t.Parallel()

	address := storetest.Postgres(t)
	made, err := store.Open(t.Context(), store.Options{Database: address})
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "acknowledged")
	if err := os.WriteFile(list, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Verify(t.Context(), "", address, list); err != nil || got != (Verified{}) {
		t.Errorf("verified %+v, %v; want nothing, and no error", got, err)
	}
}

func TestVerifyDoesNotMakeADatabase(t *testing.T) {
	t.Parallel()

	directory := t.TempDir()
	if _, err := Verify(t.Context(), directory, "", filepath.Join(directory, "acknowledged")); err == nil {
		t.Error("verify of an empty directory succeeded")
	}
	if files, err := os.ReadDir(directory); err != nil || len(files) > 0 {
		t.Errorf("verify left %v, %v", files, err)
	}
}
