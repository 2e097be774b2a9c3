package store

import (
	"os"

	"golang.org/x/sys/unix"
)

// writeOutStep is how much of a file is on its way to the disk at once, in bytes at
// most: a commit that comes meanwhile waits for that.
const writeOutStep = 256 << 10

// writeOut brings what was written to a file to the disk, from its beginning to its
// end, little by little until it is hurried. With a sync alone, those of others that
// come meanwhile would wait for all of it.
func writeOut(file *os.File, hurried func() bool) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	for at := int64(0); at < info.Size() && !hurried(); at += writeOutStep {
		err := unix.SyncFileRange(int(file.Fd()), at, writeOutStep,
			unix.SYNC_FILE_RANGE_WAIT_BEFORE|unix.SYNC_FILE_RANGE_WRITE|unix.SYNC_FILE_RANGE_WAIT_AFTER)
		if err != nil {
			return err
		}
	}
	return file.Sync()
}
