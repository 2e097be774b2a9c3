package gateway

import (
	"encoding/binary"
	"io"

	"github.com/gobwas/ws"
)

// wire is a session's connection: a WebSocket, plain or with the framing of
// SockJS, or the HTTP requests of a SockJS fallback.
//
// What is written is a run of whole WebSocket text messages, header and
// payload, one STOMP frame each: the form that nearly all connections send as it
// is. Writes come from one goroutine at a time.
type wire interface {
	// bind names the session. It is called once, before receive.
	bind(outlet)
	// receive returns the next message of the client, which is valid until the
	// next call. It ends with io.EOF when the client closes, and with
	// errInterrupted after interrupt.
	receive() ([]byte, error)
	// established lifts the time limit on the first frame.
	established()
	// tryWrite writes what the connection takes at once, and returns how much.
	tryWrite(run []byte) (int, error)
	// write writes all, or fails after the write timeout.
	write(run []byte) error
	// pings reports whether pings are answered without the client's doing.
	pings() bool
	// interrupt makes receive return, now or when it is next called.
	interrupt()
	// finish tells the client that the connection ends, and why, and closes it
	// once the client had a chance to read that.
	finish(code ws.StatusCode, reason string)
	// cut closes the connection at once. It may be called at any time.
	cut()
}

// outlet is the side of a session that its wire calls.
type outlet interface {
	// send takes what the wire itself has to say, in turn with other writes.
	send(run []byte)
	// alive is called when something has arrived.
	alive()
	// flush is called before receive waits: what was held back goes out.
	flush()
}

// appendTextHeader writes the header of a WebSocket text message to a client.
func appendTextHeader(dst []byte, length int) []byte {
	const finalText = 0x80 | byte(ws.OpText)
	switch {
	case length < 126:
		return append(dst, finalText, byte(length))
	case length < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, finalText, 126), uint16(length))
	default:
		return binary.BigEndian.AppendUint64(append(dst, finalText, 127), uint64(length))
	}
}

// frameSize is the size of the header of the frame that a run begins with, and
// of the frame.
func frameSize(run []byte) (header, frame int) {
	length, header := uint64(run[1]), 2
	switch length {
	case 126:
		length, header = uint64(binary.BigEndian.Uint16(run[2:])), 4
	case 127:
		length, header = binary.BigEndian.Uint64(run[2:]), 10
	}
	return header, header + int(length)
}

// frameEnd is where the frame ends that a place in a run lies in: the place
// itself if it is between two.
func frameEnd(run []byte, place int) (end int) {
	for end < place {
		_, size := frameSize(run[end:])
		end += size
	}
	return end
}

// eachText splits a run into the payloads of its text messages, and leaves out
// control frames, which transports other than WebSocket don't have.
func eachText(run []byte, do func(payload []byte) error) error {
	for len(run) > 0 {
		header, end := frameSize(run)
		if end > len(run) {
			return io.ErrUnexpectedEOF
		}
		if ws.OpCode(run[0]&0x0f) == ws.OpText {
			if err := do(run[header:end]); err != nil {
				return err
			}
		}
		run = run[end:]
	}
	return nil
}
