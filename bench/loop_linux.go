package bench

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"syscall"
	"time"

	"github.com/gobwas/ws"
	"golang.org/x/sys/unix"
)

// loop reads many connections on one thread with epoll and one buffer. A
// goroutine and a buffer for each would cost the load generator about twice as
// much, and it shall keep up with the server on a processor no faster.
//
// Nothing of it may be called from two goroutines at once.
type loop struct {
	epoll  int
	peers  []*peer
	open   int // peers that are not lost
	buffer []byte
	events []unix.EpollEvent
	now    time.Time // when the bytes at hand were read

	receive func(p *peer, payload []byte) error // is given every text payload
	lose    func(p *peer, err error) error      // is told of lost connections
}

// peer is one connection of a loop.
type peer struct {
	fd      int
	rest    []byte // the beginning of a frame whose end has not arrived
	room    *room
	talker  *talker // nil if it only listens
	heard   int     // messages of its room that it received
	listens bool
}

func newLoop() (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create an epoll: %w", err)
	}
	return &loop{
		epoll:  epoll,
		buffer: make([]byte, 512<<10),
		events: make([]unix.EpollEvent, 512),
		lose:   func(_ *peer, err error) error { return fmt.Errorf("a connection was lost: %w", err) },
	}, nil
}

// adopt takes a connection over from a prepared session.
func (l *loop) adopt(s *session) (*peer, error) {
	defer s.conn.Close()
	fd, err := duplicate(s.conn)
	if err != nil {
		return nil, err
	}
	p := &peer{fd: fd, rest: s.received}
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(len(l.peers))}
	if err := unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("watch a connection: %w", err)
	}
	l.peers = append(l.peers, p)
	l.open++
	return p, nil
}

// duplicate returns a descriptor of a connection's own, non-blocking socket.
func duplicate(conn net.Conn) (fd int, err error) {
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return 0, err
	}
	controlErr := raw.Control(func(original uintptr) {
		fd, err = unix.FcntlInt(original, unix.F_DUPFD_CLOEXEC, 0)
	})
	return fd, errors.Join(controlErr, err)
}

// close drops all connections.
func (l *loop) close() {
	for _, p := range l.peers {
		l.drop(p)
	}
	unix.Close(l.epoll)
}

func (l *loop) drop(p *peer) {
	if p.fd >= 0 {
		unix.Close(p.fd)
		p.fd = -1
		l.open--
	}
}

// run handles what arrives. Before each wait it calls turn, which says how long
// the wait may last at most, and ends it with a negative answer.
func (l *loop) run(turn func() (time.Duration, error)) error {
	for {
		l.now = time.Now()
		wait, err := turn()
		if err != nil || wait < 0 {
			return err
		}
		n, err := l.wait(wait)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for connections: %w", err)
		}
		for _, event := range l.events[:max(n, 0)] {
			if err := l.read(l.peers[event.Fd]); err != nil {
				return err
			}
		}
	}
}

// wait returns how many connections have something to read, after a time at
// the latest. Epoll counts in milliseconds; shorter waits are those of poll.
// Spinning in their place would take the processor from the kernel's own
// threads, and syncs of the measured process would wait for those.
func (l *loop) wait(d time.Duration) (int, error) {
	if d >= time.Millisecond {
		return unix.EpollWait(l.epoll, l.events, int(min(d/time.Millisecond, math.MaxInt32)))
	}
	if d > 0 {
		timeout := unix.NsecToTimespec(int64(d))
		if _, err := unix.Ppoll([]unix.PollFd{{Fd: int32(l.epoll), Events: unix.POLLIN}}, &timeout, nil); err != nil {
			return 0, err
		}
	}
	return unix.EpollWait(l.epoll, l.events, 0)
}

// read takes what one connection has, up to the size of the buffer. What is
// left makes epoll report it again.
func (l *loop) read(p *peer) error {
	if p.fd < 0 {
		return nil
	}
	kept := copy(l.buffer, p.rest)
	n, err := unix.Read(p.fd, l.buffer[kept:])
	l.now = time.Now()
	switch {
	case errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR):
		return nil
	case err == nil && n == 0:
		err = io.EOF
		fallthrough
	case err != nil:
		l.drop(p)
		return l.lose(p, err)
	}
	rest, err := l.handle(p, l.buffer[:kept+n])
	if len(rest) == len(l.buffer) {
		return fmt.Errorf("a frame is larger than %d bytes", len(l.buffer))
	}
	p.rest = append(p.rest[:0], rest...)
	return err
}

func (l *loop) handle(p *peer, data []byte) (rest []byte, err error) {
	for p.fd >= 0 {
		code, payload, after, whole := cutFrame(data)
		if !whole {
			break
		}
		data = after
		switch code {
		case ws.OpText, ws.OpBinary:
			err = l.receive(p, payload)
		case ws.OpPing:
			err = l.write(p, ws.MustCompileFrame(ws.MaskFrameWith(ws.NewPongFrame(payload), [4]byte{})))
		case ws.OpClose:
			l.drop(p)
			err = l.lose(p, fmt.Errorf("the server closed it: %q", payload))
		}
		if err != nil {
			return data, err
		}
	}
	return data, nil
}

// write sends a frame at once. The few bytes of one always have room in a
// socket whose peer reads, so one that takes less is lost.
func (l *loop) write(p *peer, frame []byte) error {
	n, err := unix.Write(p.fd, frame)
	if err == nil && n < len(frame) {
		err = io.ErrShortWrite
	}
	if err != nil {
		l.drop(p)
		return l.lose(p, err)
	}
	return nil
}
