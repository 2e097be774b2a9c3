package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Directory keeps bytes in files below a directory.
type Directory struct{ root string }

// NewDirectory returns a store in a directory, which it makes if it is missing.
func NewDirectory(root string) (*Directory, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of files: %w", err)
	}
	return &Directory{root}, nil
}

// Keep moves a file of the same file system to its place.
func (d *Directory) Keep(_ context.Context, path, place string) error {
	target := d.path(place)
	if err := d.makeFolder(filepath.Dir(target)); err != nil {
		return err
	}
	if err := syncFile(path); err != nil {
		return err
	}
	if err := os.Rename(path, target); err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	return syncDirectory(filepath.Dir(target))
}

// makeFolder makes a folder below the root such that a loss of power does not
// take it away again.
func (d *Directory) makeFolder(folder string) error {
	if _, err := os.Stat(folder); err == nil || folder == d.root {
		return nil
	}
	if err := d.makeFolder(filepath.Dir(folder)); err != nil {
		return err
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make a folder for files: %w", err)
	}
	return syncDirectory(filepath.Dir(folder))
}

// Open opens the file at a place.
func (d *Directory) Open(_ context.Context, place string) (io.ReadSeekCloser, error) {
	file, err := os.Open(d.path(place))
	if err != nil {
		return nil, fmt.Errorf("open a file: %w", err)
	}
	return file, nil
}

// Remove removes the file at a place.
func (d *Directory) Remove(_ context.Context, place string) error {
	if err := os.Remove(d.path(place)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a file: %w", err)
	}
	return nil
}

// Each walks the files that were last written before a time.
func (d *Directory) Each(ctx context.Context, before time.Time, fn func(place string) error) error {
	return filepath.WalkDir(d.root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if entry.IsDir() {
			return nil
		}
		info, err := entry.Info()
		if err != nil || !info.ModTime().Before(before) {
			return nil // it is gone, or young
		}
		place, err := filepath.Rel(d.root, path)
		if err != nil {
			return err
		}
		return fn(filepath.ToSlash(place))
	})
}

// path is the file of a place. Places come from this server's own database;
// that they stay below the root does not depend on it.
func (d *Directory) path(place string) string {
	return filepath.Join(d.root, filepath.FromSlash(strings.TrimPrefix(filepath.ToSlash(filepath.Clean("/"+place)), "/")))
}

func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("write a file to disk: %w", err)
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write a file to disk: %w", err)
	}
	return nil
}

// syncDirectory makes the names in a directory outlive a loss of power.
func syncDirectory(path string) error { return syncFile(path) }
