package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/gobwas/ws"
	"golang.org/x/sys/unix"

	"openkitty/stomp"
)

// joinMax is how many frames one write of the floor carries at most.
const joinMax = 64

// ServeFloor is the least that serves a scenario: the same connections, the
// same bytes out of a buffer that was written once, the same rows, and nothing
// else. It prints its address and runs until ctx ends.
//
// A connection opens with a path of its room and role, and each frame that it
// sends is a message. What a write can carry it carries: all messages of a
// window, or of a commit, and the sender's receipt.
func ServeFloor(ctx context.Context, settings Floor, announce io.Writer) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	f := &floor{rooms: make([]floorRoom, settings.Rooms), window: settings.Window}
	f.receiptSize, f.out = floorFrames(settings.FrameSize)
	f.frameSize = (len(f.out) - f.receiptSize) / joinMax
	for i := range f.rooms {
		f.rooms[i].number = i
	}
	if settings.Data != "" {
		rows, err := openFloorRows(ctx, settings)
		if err != nil {
			return err
		}
		defer rows.close()
		f.waiting = make(chan *floorConn, 1<<14)     // no scenario has more talkers, each waiting once
		go func() { fail(f.commitAll(ctx, rows)) }() // ends with ctx
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	fmt.Fprintln(announce, listener.Addr())
	for {
		conn, err := listener.Accept()
		switch cause := context.Cause(ctx); {
		case errors.Is(cause, context.Canceled):
			return nil
		case cause != nil:
			return cause
		case err != nil:
			return err
		}
		go f.serve(conn) // ends with its connection
	}
}

// floorFrames is a receipt followed by as many deliveries as are ever joined,
// so that any write is a part of it.
func floorFrames(size int) (receiptSize int, out []byte) {
	receipt := stomp.Frame{Command: stomp.Receipt, Header: stomp.Header{{Name: "receipt-id", Value: "receipt-0000000000"}}}
	out = ws.MustCompileFrame(ws.NewTextFrame(receipt.Append(nil)))
	receiptSize = len(out)
	message := func(body string) []byte {
		frame := stomp.Frame{Command: stomp.Message, Body: []byte(body), Header: stomp.Header{
			{Name: "subscription", Value: messagesID},
			{Name: "destination", Value: "/topic/channels/7.messages"},
			{Name: "message-id", Value: "1-42"},
			{Name: "content-type", Value: "application/json"},
		}}
		return ws.MustCompileFrame(ws.NewTextFrame(frame.Append(nil)))
	}
	// The lengths in the headers take more digits for a longer body.
	body := size - len(message(""))
	for len(message(filler(body))) > size && body > 0 {
		body--
	}
	return receiptSize, append(out, bytes.Repeat(message(filler(body)), joinMax)...)
}

type floor struct {
	rooms       []floorRoom
	window      int
	out         []byte // a receipt and joinMax deliveries
	receiptSize int
	frameSize   int
	waiting     chan *floorConn // whose messages shall be kept; nil if none are
}

type floorRoom struct {
	number int

	mu      sync.Mutex
	members []*floorConn // who listens
	window  []*floorConn // who sent since the last broadcast
}

type floorConn struct {
	conn    *net.TCPConn
	raw     syscall.RawConn
	room    *floorRoom
	listens bool

	// What the write at hand owes it; owned by who broadcasts.
	deliveries int
	receipt    bool
}

func (f *floor) serve(conn net.Conn) {
	defer conn.Close()
	c := &floorConn{conn: conn.(*net.TCPConn)}
	upgrader := ws.Upgrader{
		ReadBufferSize:  512,
		WriteBufferSize: 512,
		Protocol:        func([]byte) bool { return true },
		OnRequest:       func(path []byte) error { return f.enter(c, string(path)) },
	}
	if _, err := upgrader.Upgrade(conn); err != nil {
		return
	}
	var err error
	if c.raw, err = c.conn.SyscallConn(); err != nil {
		return
	}
	f.read(c)
}

// enter gives a connection its place before it is answered, so that nobody
// talks earlier.
func (f *floor) enter(c *floorConn, path string) error {
	var number, listens int
	if _, err := fmt.Sscanf(path, "/floor/%d/%d", &number, &listens); err != nil || number >= len(f.rooms) {
		return fmt.Errorf("no such room: %q", path)
	}
	c.room, c.listens = &f.rooms[number], listens != 0
	c.room.mu.Lock()
	defer c.room.mu.Unlock()
	if c.listens {
		c.room.members = append(c.room.members, c)
	}
	return nil
}

var floorBuffers = sync.Pool{New: func() any { return new([4096]byte) }}

// read counts frames. An idle connection holds no buffer: one is taken when
// there is something to read.
func (f *floor) read(c *floorConn) {
	var rest []byte
	for {
		frames := 0
		err := c.raw.Read(func(fd uintptr) bool {
			buffer := floorBuffers.Get().(*[4096]byte)
			defer floorBuffers.Put(buffer)
			kept := copy(buffer[:], rest)
			n, err := unix.Read(int(fd), buffer[kept:])
			if errors.Is(err, unix.EAGAIN) {
				return false
			}
			if n <= 0 {
				frames = -1
				return true
			}
			data := buffer[:kept+n]
			for whole := true; whole; {
				if _, _, data, whole = cutFrame(data); whole {
					frames++
				}
			}
			rest = append(rest[:0], data...)
			return true
		})
		if err != nil || frames < 0 {
			return
		}
		for range frames {
			f.take(c)
		}
	}
}

// take is told of each message.
func (f *floor) take(c *floorConn) {
	if f.waiting != nil {
		f.waiting <- c
		return
	}
	c.room.mu.Lock()
	defer c.room.mu.Unlock()
	c.room.window = append(c.room.window, c)
	if len(c.room.window) < f.window {
		return
	}
	for _, sender := range c.room.window {
		sender.receipt = true
	}
	for _, member := range c.room.members {
		member.deliveries = f.window
		f.pay(member)
	}
	for _, sender := range c.room.window {
		if sender.receipt {
			f.pay(sender)
		}
	}
	c.room.window = c.room.window[:0]
}

// pay writes what a connection is owed, all at once.
func (f *floor) pay(c *floorConn) {
	from := 0
	if !c.receipt {
		from = f.receiptSize
	}
	to := f.receiptSize + min(c.deliveries, joinMax)*f.frameSize
	c.deliveries -= min(c.deliveries, joinMax)
	c.receipt = false
	c.conn.Write(f.out[from:to]) // a lost connection ends its reader
	if c.deliveries > 0 {
		f.pay(c)
	}
}

// commitAll keeps the messages that wait together in one commit, and delivers
// them.
func (f *floor) commitAll(ctx context.Context, rows *floorRows) error {
	var (
		senders, owed []*floorConn
		rooms         []int
	)
	for ctx.Err() == nil {
		senders, rooms, owed = f.collect(ctx, senders[:0]), rooms[:0], owed[:0]
		for _, sender := range senders {
			rooms = append(rooms, sender.room.number)
		}
		if err := rows.keep(rooms, time.Now()); err != nil {
			return fmt.Errorf("keep %d messages: %w", len(rooms), err)
		}
		for _, sender := range senders {
			owed = sender.room.owe(sender, owed)
		}
		for _, c := range owed {
			f.pay(c)
		}
	}
	return nil
}

// collect waits for a message, and lets those that arrive beside it arrive.
func (f *floor) collect(ctx context.Context, batch []*floorConn) []*floorConn {
	const batchMax = 512
	select {
	case c := <-f.waiting:
		batch = append(batch, c)
	case <-ctx.Done():
		return nil
	}
	runtime.Gosched()
	for len(batch) < batchMax {
		select {
		case c := <-f.waiting:
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// owe notes what a message owes to whom, and appends who was owed nothing yet.
func (r *floorRoom) owe(sender *floorConn, owed []*floorConn) []*floorConn {
	if !sender.receipt && sender.deliveries == 0 {
		owed = append(owed, sender)
	}
	sender.receipt = true
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, member := range r.members {
		if !member.receipt && member.deliveries == 0 {
			owed = append(owed, member)
		}
		member.deliveries++
	}
	return owed
}
