package stomp_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"openkitty/stomp"
)

// FuzzDecode checks what must hold for any bytes: no panic, progress with every
// frame, limits kept, and a frame that was read reads the same after it was
// written.
func FuzzDecode(f *testing.F) {
	vectors := readVectors[frameVectors](f, "frames.json")
	for _, vector := range vectors.Decode {
		f.Add(vector.bytes())
	}
	for _, vector := range vectors.Malformed {
		f.Add(vector.bytes())
	}
	f.Add([]byte(sendFrame + "\n" + subscribeFrame))

	limits := stomp.Limits{Header: 512, Fields: 8, Body: 512}
	f.Fuzz(func(t *testing.T, data []byte) {
		for len(data) > 0 {
			frame, rest, err := limits.Decode(data)
			if err != nil {
				mustBeSyntaxError(t, err)
				return
			}
			if len(rest) >= len(data) {
				t.Fatalf("nothing was read of %q", data)
			}
			if frame.Command == "" && len(rest) > 0 {
				t.Fatalf("%q was left after heart-beats", rest)
			}
			if frame.Command != "" {
				mustReadTheSameAgain(t, frame)
			}
			if len(frame.Header) > limits.Fields || len(frame.Body) > limits.Body {
				t.Fatalf("%d fields and %d bytes of body are above the limits", len(frame.Header), len(frame.Body))
			}
			data = rest
		}
	})
}

func mustBeSyntaxError(t *testing.T, err error) {
	t.Helper()
	var syntax *stomp.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("the error is a %T: %v", err, err)
	}
}

func mustReadTheSameAgain(t *testing.T, frame stomp.Frame) {
	t.Helper()
	written := frame.Append(nil)
	again, rest, err := stomp.Limits{}.Decode(written)
	if err != nil {
		t.Fatalf("%+v was written as %q: %v", frame, written, err)
	}
	if len(rest) > 0 {
		t.Fatalf("%q was left of %q", rest, written)
	}
	if _, stated := frame.Header.Lookup("content-length"); !stated && len(frame.Body) > 0 {
		again.Header = again.Header[:len(frame.Header)] // without the content-length that Append adds
	}
	if diff := cmp.Diff(frame, again, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("frame (-read +read again):\n%s", diff)
	}
}

// FuzzAppend checks that whatever stands in an escaped frame comes back.
func FuzzAppend(f *testing.F) {
	f.Add("name", "value", []byte("body"))
	f.Add("a:b", "\r\n:\\", []byte("\x00\n"))
	f.Add("日本", "\\c", []byte(nil))
	f.Fuzz(func(t *testing.T, name, value string, body []byte) {
		frame := stomp.Frame{Command: stomp.Send, Header: stomp.Header{{Name: name, Value: value}}, Body: body}
		again, _, err := stomp.Limits{}.Decode(frame.Append(nil))
		if err != nil {
			mustBeSyntaxError(t, err)
			return // no header can hold it: invalid UTF-8, a NUL, an empty name, an own content-length
		}
		if name == "content-length" {
			return
		}
		if got := again.Header.Get(name); got != value || !bytes.Equal(again.Body, body) {
			t.Fatalf("%q:%q %q came back as %+v", name, value, body, again)
		}
	})
}

func FuzzParseHeartBeat(f *testing.F) {
	for _, vector := range readVectors[heartBeatVectors](f, "heartbeats.json").Parse {
		f.Add(vector.Header)
	}
	f.Fuzz(func(t *testing.T, text string) {
		beat, err := stomp.ParseHeartBeat(text)
		if err != nil {
			mustBeSyntaxError(t, err)
			return
		}
		if again, err := stomp.ParseHeartBeat(beat.String()); err != nil || again != beat {
			t.Fatalf("%q was written as %q: %v, %v", text, beat, again, err)
		}
	})
}
