package gateway

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"openkitty/internal/chat"
)

// Whatever a client sends as the body of an action is a request that can be
// checked, or a refusal.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `[]`, `"x"`, `{"type":"TEXT","body":"hi","groupTag":"g","properties":{"a":1}}`,
		`{"type":"DIRECT","members":[{"id":1},{"username":"bob"},{"name":"carol","_relays":{}}],"properties":null}`,
		`{"type":"PUBLIC","name":"` + "\u0000" + `","members":[{"id":-1}]}`, `{"members":[{"id":1e400}]}`,
		`{"members":{"id":1}}`, `{"properties":[1]}`, `{"keys":"abc"}`, `{"keys":7}`, `{"body":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := &request{body: body}
		if message, err := decode[messageBody](r); err == nil {
			properties, err := chat.ParseProperties(message.Properties)
			request := chat.NewMessage{Type: message.Type, Body: message.Body, GroupTag: message.GroupTag, Properties: properties}
			refused(t, err)
			refused(t, request.Check(1000))
		} else {
			refused(t, err)
		}
		if channel, err := decode[createChannelBody](r); err == nil {
			request := chat.NewChannel{Type: channel.Type, Name: channel.Name, DisplayName: channel.DisplayName}
			for _, member := range channel.Members {
				ref, err := member.ref()
				refused(t, err)
				request.Members = append(request.Members, ref)
			}
			refused(t, request.Check())
		}
	})
}

// refused fails the test for an error that its client could not act on.
func refused(t *testing.T, err error) {
	t.Helper()
	if err != nil && chat.AsError(err).Kind == chat.Internal {
		t.Errorf("not a refusal: %v", err)
	}
}

// input is a connection from which a client's bytes can be read.
type input struct {
	net.Conn // nil: nothing but the methods below is called
	io.Reader
}

func (i input) Read(p []byte) (int, error)       { return i.Reader.Read(p) }
func (i input) SetDeadline(time.Time) error      { return nil }
func (i input) SetReadDeadline(time.Time) error  { return nil }
func (i input) SetWriteDeadline(time.Time) error { return nil }

// nowhere is a session that takes everything.
type nowhere struct{}

func (nowhere) send([]byte) {}
func (nowhere) alive()      {}
func (nowhere) flush()      {}

// Whatever bytes arrive, a socket reads messages within the limit until it says
// what is wrong, or the bytes end.
func FuzzSocket(f *testing.F) {
	frame := func(op ws.OpCode, final bool, payload string) []byte {
		return ws.MustCompileFrame(ws.MaskFrame(ws.NewFrame(op, final, []byte(payload))))
	}
	f.Add(frame(ws.OpText, true, "CONNECT\n\n\x00"))
	f.Add(append(frame(ws.OpText, false, "SEND\n"), frame(ws.OpContinuation, true, "\n\x00")...))
	f.Add(append(frame(ws.OpPing, true, "p"), frame(ws.OpClose, true, "\x03\xe8")...))
	f.Add(frame(ws.OpBinary, true, string(make([]byte, 300))))
	f.Add([]byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 'x'})
	f.Add([]byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 'x'})
	f.Fuzz(func(t *testing.T, sent []byte) {
		limits := &Limits{FrameSize: 256, ConnectTime: time.Second, FrameTime: time.Second}
		s := newSocket(input{Reader: bytes.NewReader(sent)}, nil, limits)
		s.bind(nowhere{})
		for received := 0; ; {
			message, err := s.receive()
			var breach *violation
			switch {
			case errors.Is(err, io.EOF), errors.As(err, &breach):
				return
			case err != nil:
				t.Fatalf("the end is %v", err)
			}
			if received += len(message); len(message) > limits.FrameSize || received > len(sent) {
				t.Fatalf("%d bytes became a message of %d", len(sent), len(message))
			}
		}
	})
}
