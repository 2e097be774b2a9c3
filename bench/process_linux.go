package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// processors is who runs where: what is measured on one, or where a scenario says so
// on all, and the load on another.
type processors struct {
	server, load int
	all          unix.CPUSet
}

// shared reports whether there is only one for both.
func (p processors) shared() bool { return p.server == p.load }

// availableProcessors picks the first and the last that this process may use.
func availableProcessors() (processors, error) {
	p := processors{server: -1}
	if err := unix.SchedGetaffinity(0, &p.all); err != nil {
		return p, fmt.Errorf("find the processors: %w", err)
	}
	for cpu := range len(p.all) * 64 {
		if !p.all.IsSet(cpu) {
			continue
		}
		if p.server < 0 {
			p.server = cpu
		}
		p.load = cpu
	}
	return p, nil
}

// confine moves a thread, or with 0 the calling one, to some processors. Threads
// and processes that it starts later begin there.
func confine(thread int, to unix.CPUSet) error {
	if err := unix.SchedSetaffinity(thread, &to); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("confine to a processor: %w", err)
	}
	return nil
}

func only(cpu int) (set unix.CPUSet) {
	set.Set(cpu)
	return set
}

// confineLoad moves this whole process to the processor of the load generator.
func confineLoad(cpu int) error {
	runtime.GOMAXPROCS(1)
	// A thread that starts between the reading of the list and the move of the
	// thread that starts it is found by the second pass.
	for range 2 {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			if err != nil {
				return err
			}
			if err := confine(id, only(cpu)); err != nil {
				return err
			}
		}
	}
	return nil
}

// child is a process that is measured.
type child struct {
	cmd     *exec.Cmd
	started time.Time
	log     tail
	ended   chan struct{} // closed after the process ended
}

// startChild runs a command on some processors, and comes back to that of the load
// itself. The child ends with this process, however that ends.
func startChild(on unix.CPUSet, load int, name string, args ...string) (*child, error) {
	c := &child{cmd: exec.Command(name, args...), ended: make(chan struct{})}
	c.cmd.Env = withoutSettings(os.Environ())
	c.cmd.Stdout, c.cmd.Stderr = &c.log, &c.log
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := confine(0, on); err != nil {
		return nil, err
	}
	c.started = time.Now()
	err := c.cmd.Start()
	if err := errors.Join(err, confine(0, only(load))); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	go func() { // ends with the child, which stop ends
		c.cmd.Wait()
		close(c.ended)
	}()
	return c, nil
}

// withoutSettings drops what would configure a server, or Go: figures of different
// days shall be of the same settings.
func withoutSettings(environment []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG"}, name) || strings.HasPrefix(variable, "OPENKITTY_") && !strings.HasPrefix(variable, "OPENKITTY_TEST_")
	})
}

// await polls until the child answers, and returns how long that took from its
// start.
func (c *child) await(ctx context.Context, answers func() bool) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !answers() {
		select {
		case <-c.ended:
			return 0, fmt.Errorf("it ended early:\n%s", c.log.String())
		case <-ctx.Done():
			return 0, fmt.Errorf("it was not ready in time: %w\n%s", ctx.Err(), c.log.String())
		case <-time.After(time.Millisecond):
		}
	}
	return time.Since(c.started), nil
}

// stop ends the child, with patience.
func (c *child) stop() {
	c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(15 * time.Second):
		c.cmd.Process.Kill()
		<-c.ended
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const limit = 16 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if excess := len(t.text) - limit; excess > 0 {
		t.text = append(t.text[:0], t.text[excess:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}

// cpuTime is what a process has used of all processors, in user and kernel
// mode, to the nanosecond. /proc/PID/stat counts in hundredths of a second.
func cpuTime(pid int) (time.Duration, error) {
	const schedulerClock = 2
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|schedulerClock, &used); err != nil {
		return 0, fmt.Errorf("read the processor time of process %d: %w", pid, err)
	}
	return time.Duration(used.Nano()), nil
}

// residentMemory is what a process holds of the machine's memory, in bytes.
func residentMemory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	for line := range strings.Lines(string(text)) {
		if kilobytes, found := strings.CutPrefix(line, "VmRSS:"); found {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kilobytes), " kB"), 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("process %d has no memory", pid)
}
