package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// describeMachine looks at the machine, and at the file system of a directory.
func describeMachine(directory string) (Machine, error) {
	m := Machine{Processors: runtime.NumCPU(), Go: runtime.Version()}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m, err
	}
	for line := range strings.Lines(string(info)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
			break
		}
	}
	var system unix.Utsname
	if err := unix.Uname(&system); err != nil {
		return m, err
	}
	release, _, _ := bytes.Cut(system.Release[:], []byte{0})
	m.Kernel = string(release)
	if m.FileSystem, err = fileSystem(directory); err != nil {
		return m, err
	}
	m.SyncMillis, err = syncCost(directory)
	return m, err
}

func fileSystem(directory string) (string, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(directory, &fs); err != nil {
		return "", fmt.Errorf("look at the file system: %w", err)
	}
	known := map[int64]string{
		unix.EXT4_SUPER_MAGIC:      "ext4",
		unix.XFS_SUPER_MAGIC:       "xfs",
		unix.BTRFS_SUPER_MAGIC:     "btrfs",
		unix.TMPFS_MAGIC:           "tmpfs (no disk: syncs cost nothing)",
		unix.OVERLAYFS_SUPER_MAGIC: "overlayfs",
	}
	if name, ok := known[int64(fs.Type)]; ok {
		return name, nil
	}
	return fmt.Sprintf("file system %#x", fs.Type), nil
}

// syncCost is what the end of a commit costs at least, in milliseconds: the
// median of 200 appended pages, each synced.
func syncCost(directory string) (float64, error) {
	file, err := os.Create(filepath.Join(directory, "sync"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	page := make([]byte, 4096)
	var took []float64
	for range 200 {
		if _, err := file.Write(page); err != nil {
			return 0, err
		}
		started := time.Now()
		if err := unix.Fdatasync(int(file.Fd())); err != nil {
			return 0, fmt.Errorf("sync: %w", err)
		}
		took = append(took, milli(time.Since(started)))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// others is the processor time that everybody but this process and its ended
// children has used since the machine started. It is what disturbs a
// measurement.
func others() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	// The first line: user, nice, system, idle, iowait, irq, softirq, steal, in
	// hundredths of a second.
	var t [8]int64
	_, err = fmt.Sscanf(string(text), "cpu %d %d %d %d %d %d %d %d", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &t[7])
	if err != nil {
		return 0, fmt.Errorf("read the processor time of the machine: %w", err)
	}
	used := time.Duration(t[0]+t[1]+t[2]+t[5]+t[6]+t[7]) * 10 * time.Millisecond
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var own unix.Rusage
		if err := unix.Getrusage(who, &own); err != nil {
			return 0, err
		}
		used -= time.Duration(own.Utime.Nano() + own.Stime.Nano())
	}
	return used, nil
}

// watchOthers returns a function that tells the share of all processors that
// others have used since.
func watchOthers() (share func() (float64, error), err error) {
	started := time.Now()
	before, err := others()
	return func() (float64, error) {
		after, err := others()
		// The machine counts in steps, so the difference may fall below zero.
		used := max(0, after-before)
		return float64(used) / float64(time.Since(started)) / float64(runtime.NumCPU()), err
	}, err
}

func milli(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
