package bench

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/gobwas/ws"

	"openkitty/stomp"
)

// Subscription ids of a measured connection. They tell deliveries from errors
// without reading more than the header of a frame.
const (
	messagesID = "m"
	errorsID   = "errors"
)

// maskBit is set in the second byte of a WebSocket frame from a client.
const maskBit = 0x80

// cutFrame splits data after its first WebSocket frame. It does not unmask: the
// frames of a [sendFrame] are masked with zeros. Whole is false if data ends
// before the frame does.
func cutFrame(data []byte) (code ws.OpCode, payload, rest []byte, whole bool) {
	if len(data) < 2 {
		return 0, nil, data, false
	}
	at, length := 2, int(data[1]&^maskBit)
	switch {
	case length == 126 && len(data) >= 4:
		at, length = 4, int(binary.BigEndian.Uint16(data[2:]))
	case length == 127 && len(data) >= 10:
		at, length = 10, int(binary.BigEndian.Uint64(data[2:]))
	case length >= 126:
		return 0, nil, data, false
	}
	if data[1]&maskBit != 0 {
		at += 4
	}
	if len(data) < at+length {
		return 0, nil, data, false
	}
	return ws.OpCode(data[0] & 0x0f), data[at : at+length], data[at+length:], true
}

// frameSize is the bytes of a server's frame on the wire.
func frameSize(payload int) int { return ws.HeaderSize(ws.Header{Length: int64(payload)}) + payload }

// Kinds of payload that a measured connection receives.
type payloadKind int

const (
	otherPayload payloadKind = iota // heart-beats and what was not asked for
	deliveryPayload
	receiptPayload
	refusalPayload // an ERROR frame, or a message of the errors queue
)

var (
	deliveryMark = []byte("\nsubscription:" + messagesID + "\n")
	refusalMark  = []byte("\nsubscription:" + errorsID + "\n")
)

// kindOf tells the payloads apart at the cost of a look at the first bytes.
func kindOf(payload []byte) payloadKind {
	if len(payload) == 0 {
		return otherPayload
	}
	head := payload[:min(len(payload), 512)]
	switch payload[0] {
	case 'M':
		switch {
		case bytes.Contains(head, deliveryMark):
			return deliveryPayload
		case bytes.Contains(head, refusalMark):
			return refusalPayload
		}
	case 'R':
		return receiptPayload
	case 'E':
		return refusalPayload
	}
	return otherPayload
}

// clientFrame is a payload as a WebSocket message from a client. The mask is
// zero, so that parts of it can be overwritten in place; the receiver applies
// it like any other.
func clientFrame(payload []byte) []byte {
	return ws.MustCompileFrame(ws.MaskFrameInPlaceWith(ws.NewTextFrame(payload), [4]byte{}))
}

// counterDigits is the width of the number that makes a message unique.
const counterDigits = 10

// sendFrame is the SEND of a text message, ready for the wire, of which only a
// number changes from one message to the next.
type sendFrame struct {
	bytes        []byte
	receipt, key int // where the number stands
	name         string
	count        int64
}

// newSendFrame writes the text as name, a number, and filler up to size bytes.
func newSendFrame(destination, name string, size int) *sendFrame {
	zeros := fmt.Sprintf("%0*d", counterDigits, 0)
	text := fmt.Sprintf("%s-%s ", name, zeros)
	text += filler(size - len(text))
	frame := stomp.Frame{
		Command: stomp.Send,
		Header: stomp.Header{
			{Name: "destination", Value: destination},
			{Name: "content-type", Value: "application/json;charset=UTF-8"},
			{Name: "receipt", Value: "receipt-" + zeros},
		},
		Body: fmt.Appendf(nil, `{"type":"TEXT","body":"%s"}`, text),
	}
	data := clientFrame(frame.Append(nil))
	return &sendFrame{
		bytes:   data,
		receipt: bytes.Index(data, []byte("receipt-"+zeros)) + len("receipt-"),
		key:     bytes.Index(data, []byte(name+"-"+zeros)) + len(name+"-"),
		name:    name,
	}
}

// next is the frame of another message. It is valid until the next call.
func (f *sendFrame) next() []byte {
	f.count++
	digits := strconv.AppendInt(nil, f.count, 10)
	copy(f.bytes[f.receipt+counterDigits-len(digits):], digits)
	copy(f.bytes[f.key+counterDigits-len(digits):], digits)
	return f.bytes
}

// text is the beginning of the latest message's text, which no other has.
func (f *sendFrame) text() string { return fmt.Sprintf("%s-%0*d", f.name, counterDigits, f.count) }

// filler is n bytes that look like text.
func filler(n int) string {
	const words = "the quick brown fox jumps over the lazy dog "
	if n <= 0 {
		return ""
	}
	return string(bytes.Repeat([]byte(words), n/len(words)+1)[:n])
}
