package gateway

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"
)

// errInterrupted ends a receive when the server wants the session to end.
var errInterrupted = errors.New("interrupted")

// violation is a breach of the WebSocket protocol, or of its limits.
type violation struct {
	code   ws.StatusCode
	reason string
}

func (v *violation) Error() string { return v.reason }

// inputSize is the size of read buffers. A connection holds one only while
// input is at hand; between messages it holds none.
const inputSize = 4 << 10

var inputs = sync.Pool{New: func() any { return new([inputSize]byte) }}

// socket is a WebSocket. Its reads and its writes may each come from one
// goroutine at a time.
type socket struct {
	conn   net.Conn
	direct direct // reads and writes that don't wait, where the system has them
	limits *Limits
	out    outlet

	input      *[inputSize]byte // nil while there is no input
	start, end int              // what of input is unread
	message    []byte           // a message that is too long for input, or in fragments

	connecting  bool // until established, one deadline holds for everything
	hurried     bool // a message has begun and must be complete in time
	interrupted atomic.Bool
}

// newSocket returns the socket of an upgraded connection. Early is what the
// client sent already.
func newSocket(conn net.Conn, early []byte, limits *Limits) *socket {
	s := &socket{conn: conn, limits: limits, connecting: true}
	s.direct.init(conn)
	conn.SetDeadline(time.Now().Add(limits.ConnectTime))
	if len(early) > 0 {
		s.input = inputs.Get().(*[inputSize]byte)
		s.end = copy(s.input[:], early)
	}
	return s
}

func (s *socket) bind(out outlet) { s.out = out }
func (s *socket) pings() bool     { return true }

func (s *socket) established() {
	s.connecting = false
	s.conn.SetWriteDeadline(time.Time{})
	s.unlimited()
}

// unlimited lets reads wait as long as it takes, unless interrupted.
func (s *socket) unlimited() {
	s.conn.SetReadDeadline(time.Time{})
	if s.interrupted.Load() {
		s.interrupt()
	}
}

func (s *socket) interrupt() {
	s.interrupted.Store(true)
	s.conn.SetReadDeadline(time.Unix(1, 0))
}

// receive joins fragments, and answers control frames (RFC 6455, sections 5.4
// and 5.5).
func (s *socket) receive() ([]byte, error) {
	payload, err := s.next()
	if errors.Is(err, os.ErrDeadlineExceeded) && s.interrupted.Load() {
		err = errInterrupted
	}
	if err == nil && s.hurried {
		s.hurried = false
		s.unlimited()
	}
	return payload, err
}

func (s *socket) next() ([]byte, error) {
	s.message = nil
	for fragments := 0; ; {
		if fragments == 0 && s.start == s.end {
			if err := s.await(); err != nil {
				return nil, err
			}
		}
		frame, err := s.header()
		if err != nil {
			return nil, err
		}
		if frame.opcode >= ws.OpClose {
			if err := s.control(frame); err != nil {
				return nil, err
			}
			continue
		}
		if (frame.opcode == ws.OpContinuation) != (fragments > 0) {
			return nil, &violation{ws.StatusProtocolError, "a fragment of a message is out of order"}
		}
		if frame.length > uint64(s.limits.FrameSize-len(s.message)) {
			return nil, &violation{ws.StatusMessageTooBig, fmt.Sprintf("the message has more than %d bytes", s.limits.FrameSize)}
		}
		if frame.final && fragments == 0 && frame.length <= inputSize {
			return s.short(frame)
		}
		if err := s.long(frame); err != nil {
			return nil, err
		}
		if fragments++; frame.final {
			return s.message, nil
		}
	}
}

// frameHeader is the header of a WebSocket frame from a client.
type frameHeader struct {
	final  bool
	opcode ws.OpCode
	length uint64
	mask   [4]byte
}

// header reads a frame's header (RFC 6455, section 5.2).
func (s *socket) header() (h frameHeader, err error) {
	if err := s.need(2); err != nil {
		return h, err
	}
	first, second := s.input[s.start], s.input[s.start+1]
	h.final = first&0x80 != 0
	h.opcode = ws.OpCode(first & 0x0f)
	switch {
	case first&0x70 != 0 || h.opcode.IsReserved():
		return h, &violation{ws.StatusProtocolError, "a frame uses what was not negotiated"}
	case second&0x80 == 0:
		return h, &violation{ws.StatusProtocolError, "a frame from a client is not masked"}
	}
	size := 2
	h.length = uint64(second & 0x7f)
	switch h.length {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if err := s.need(size + len(h.mask)); err != nil {
		return h, err
	}
	bytes := s.input[s.start:]
	switch size {
	case 4:
		h.length = uint64(binary.BigEndian.Uint16(bytes[2:]))
	case 10:
		h.length = binary.BigEndian.Uint64(bytes[2:])
	}
	copy(h.mask[:], bytes[size:])
	s.start += size + len(h.mask)
	s.out.alive()
	return h, nil
}

// short reads a payload that the input buffer holds. It is valid until the next
// read.
func (s *socket) short(h frameHeader) ([]byte, error) {
	length := int(h.length)
	if err := s.need(length); err != nil {
		return nil, err
	}
	payload := s.input[s.start : s.start+length : s.start+length]
	s.start += length
	ws.Cipher(payload, h.mask, 0)
	return payload, nil
}

// long adds a payload to the message as it comes in. Memory grows with what has
// arrived, not with what a header promises.
func (s *socket) long(h frameHeader) error {
	for read := 0; read < int(h.length); {
		if err := s.need(1); err != nil {
			return err
		}
		part := s.input[s.start:min(s.end, s.start+int(h.length)-read)]
		ws.Cipher(part, h.mask, read)
		s.message = append(s.message, part...)
		s.start += len(part)
		read += len(part)
	}
	return nil
}

// control answers a ping, and takes the client's close for the end.
func (s *socket) control(h frameHeader) error {
	if !h.final || h.length > ws.MaxControlFramePayloadSize {
		return &violation{ws.StatusProtocolError, "a control frame is too long or in fragments"}
	}
	payload, err := s.short(h)
	if err != nil {
		return err
	}
	switch h.opcode {
	case ws.OpPing:
		s.out.send(append([]byte{0x80 | byte(ws.OpPong), byte(len(payload))}, payload...))
	case ws.OpClose:
		return io.EOF
	}
	return nil
}

// need returns once n unread bytes are in the buffer, which has room for them.
// The first wait for the rest of a message sets the time it must be complete by;
// most messages come whole and need no timer.
func (s *socket) need(n int) error {
	for s.end-s.start < n {
		if !s.hurried && !s.connecting {
			s.hurried = true
			s.conn.SetReadDeadline(time.Now().Add(s.limits.FrameTime))
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
	return nil
}

// await returns once there is input again, holding no buffer meanwhile.
func (s *socket) await() error {
	s.release()
	if !s.direct.available() {
		return s.fill()
	}
	s.out.flush()
	var err error
	s.input, s.end, err = s.direct.read()
	return err
}

// fill reads once, behind what is unread.
func (s *socket) fill() error {
	s.out.flush()
	if s.input == nil {
		s.input = inputs.Get().(*[inputSize]byte)
	}
	if s.start > 0 {
		s.end = copy(s.input[:], s.input[s.start:s.end])
		s.start = 0
	}
	n, err := s.conn.Read(s.input[s.end:])
	s.end += n
	return err
}

// release gives the read buffer back.
func (s *socket) release() {
	if s.input != nil {
		inputs.Put(s.input)
		s.input, s.start, s.end = nil, 0, 0
	}
}

func (s *socket) tryWrite(run []byte) (int, error) {
	if !s.direct.available() {
		return 0, nil
	}
	return s.direct.write(run)
}

func (s *socket) write(run []byte) error {
	s.conn.SetWriteDeadline(time.Now().Add(s.limits.WriteTime))
	_, err := s.conn.Write(run)
	s.conn.SetWriteDeadline(time.Time{})
	return err
}

// lingerTime and lingerSize bound what is read of a client after its end. A
// connection that is closed with input unread loses what was written last: the
// reason for the close.
const (
	lingerTime = time.Second
	lingerSize = 1 << 20
)

func (s *socket) finish(code ws.StatusCode, reason string) {
	s.conn.SetDeadline(time.Now().Add(lingerTime))
	body := ws.NewCloseFrameBody(code, reason)
	s.conn.Write(append([]byte{0x80 | byte(ws.OpClose), byte(len(body))}, body...))
	if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	io.CopyN(io.Discard, s.conn, lingerSize)
	s.cut()
}

func (s *socket) cut() { s.conn.Close() }
