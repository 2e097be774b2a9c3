//go:build unix

package gateway

import (
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// direct reads and writes a connection with the system calls themselves, so that
// a waiting connection needs no buffer, and one that can't take a write at once
// doesn't hold up the goroutine that walks a whole channel. The functions are
// made once: a closure a call would be garbage a call.
type direct struct {
	raw     syscall.RawConn
	onRead  func(fd uintptr) bool
	onWrite func(fd uintptr) bool

	input    *[inputSize]byte // what onRead read into
	received int
	readErr  error

	run      []byte // what onWrite writes
	sent     int
	writeErr error
}

// init takes over a connection, if it is one of the system's.
func (d *direct) init(conn net.Conn) {
	system, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := system.SyscallConn()
	if err != nil {
		return
	}
	d.raw = raw
	d.onRead = d.tryRead
	d.onWrite = d.tryWrite
}

func (d *direct) available() bool { return d.raw != nil }

// read waits for input, and only then takes a buffer, which it returns.
func (d *direct) read() (input *[inputSize]byte, n int, err error) {
	if err := d.raw.Read(d.onRead); err != nil {
		return nil, 0, err
	}
	input, d.input = d.input, nil
	if d.readErr == nil && d.received == 0 {
		return input, 0, io.EOF
	}
	return input, d.received, d.readErr
}

// tryRead reports whether there was input, or the end of it.
func (d *direct) tryRead(fd uintptr) bool {
	input := inputs.Get().(*[inputSize]byte)
	n, err := retried(func() (int, error) { return unix.Read(int(fd), input[:]) })
	if err == unix.EAGAIN {
		inputs.Put(input)
		return false
	}
	d.input, d.received, d.readErr = input, max(n, 0), err
	return true
}

// write writes what the connection takes without waiting.
func (d *direct) write(run []byte) (int, error) {
	d.run = run
	err := d.raw.Write(d.onWrite)
	d.run = nil
	if err != nil {
		return 0, err
	}
	return d.sent, d.writeErr
}

func (d *direct) tryWrite(fd uintptr) bool {
	n, err := retried(func() (int, error) { return unix.Write(int(fd), d.run) })
	if err == unix.EAGAIN {
		err = nil
	}
	d.sent, d.writeErr = max(n, 0), err
	return true
}

// retried repeats a system call that a signal interrupted.
func retried(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR {
			return n, err
		}
	}
}
