package store

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// writeOutParts is how many parts a file is written out in at most, and writeOutPart
	// how long they are at least, in bytes.
	writeOutParts = 4096
	writeOutPart  = 256 << 10
	// writeOutRest is how long the disk is left to others after each part of which
	// there was something to write: about as long as it takes. There was if the call
	// took writeOutCall; it does not wait for the disk, which would keep a thread.
	writeOutRest = 300 * time.Microsecond
	writeOutCall = 5 * time.Microsecond
)

// writeOut brings what was written to a file to the disk, from its beginning to its
// end, little by little until it is hurried. With a sync alone, those of others that
// come meanwhile would wait for all of it.
func writeOut(file *os.File, hurried func() bool) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	part := max(writeOutPart, info.Size()/writeOutParts)
	for at := int64(0); at < info.Size() && !hurried(); at += part {
		began := time.Now()
		if err := unix.SyncFileRange(int(file.Fd()), at, part, unix.SYNC_FILE_RANGE_WRITE); err != nil {
			return err
		}
		if time.Since(began) >= writeOutCall {
			time.Sleep(writeOutRest)
		}
	}
	return file.Sync()
}
