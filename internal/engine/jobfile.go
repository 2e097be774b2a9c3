package engine

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"openkitty/internal/chat"
)

// jobFiles is the directory of what imports read and exports write.
type jobFiles struct{ directory string }

func newJobFiles(data string) jobFiles { return jobFiles{filepath.Join(data, "jobs")} }

// newJobFile is a name that nobody guesses.
func newJobFile() string { return strings.ToLower(rand.Text()) + ".json" }

func (f jobFiles) path(name string) string { return filepath.Join(f.directory, name) }

// receive keeps a file of at most so many bytes, once it has proved to be a list
// of items, and returns its name and how many there are.
func (f jobFiles) receive(from io.Reader, sizeMax int64) (name string, items int64, err error) {
	name = newJobFile()
	file, err := f.create(name)
	if err != nil {
		return "", 0, err
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			f.remove(name)
		}
	}()
	limited := &io.LimitedReader{R: from, N: sizeMax + 1}
	items, err = countItems(io.TeeReader(limited, file))
	if limited.N <= 0 {
		return "", 0, chat.Errorf(chat.Invalid, "the file has more than %d bytes; import it in parts", sizeMax).Named(chat.ImportTooLarge)
	}
	if err != nil {
		return "", 0, err
	}
	return name, items, f.sync(file)
}

func (f jobFiles) create(name string) (*os.File, error) {
	if err := os.MkdirAll(f.directory, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of job files: %w", err)
	}
	file, err := os.OpenFile(f.path(name), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a job file: %w", err)
	}
	return file, nil
}

// sync puts a file on disk, and its name.
func (f jobFiles) sync(file *os.File) error {
	directory, err := os.Open(f.directory)
	if err != nil {
		return fmt.Errorf("keep a job file: %w", err)
	}
	if err := errors.Join(file.Sync(), directory.Sync(), directory.Close()); err != nil {
		return fmt.Errorf("keep a job file: %w", err)
	}
	return nil
}

// remove removes a file. One that stays is found by sweep.
func (f jobFiles) remove(name string) {
	if name != "" {
		_ = os.Remove(f.path(name))
	}
}

// sweep removes the files that nobody needs, but none that was written to within
// an hour: it may be on its way in.
func (f jobFiles) sweep(needed []string) error {
	entries, err := os.ReadDir(f.directory)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list the job files: %w", err)
	}
	keep := make(map[string]bool, len(needed))
	for _, name := range needed {
		keep[name] = true
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && !keep[entry.Name()] && time.Since(info.ModTime()) > time.Hour {
			f.remove(entry.Name())
		}
	}
	return nil
}
