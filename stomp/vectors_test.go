package stomp_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"openkitty/stomp"
)

// wire is what a vector puts on the wire: text, or base64 where the bytes are
// no text.
type wire struct {
	Text   string `json:"wire"`
	Base64 []byte `json:"wireBase64"`
}

func (w wire) bytes() []byte {
	if w.Base64 != nil {
		return w.Base64
	}
	return []byte(w.Text)
}

type vectorFrame struct {
	Command string      `json:"command"`
	Header  [][2]string `json:"header"`
	Body    string      `json:"body"`
}

func (v vectorFrame) frame() stomp.Frame {
	frame := stomp.Frame{Command: v.Command, Body: []byte(v.Body)}
	for _, pair := range v.Header {
		frame.Header = append(frame.Header, stomp.Field{Name: pair[0], Value: pair[1]})
	}
	return frame
}

type frameVectors struct {
	Decode []struct {
		Name string `json:"name"`
		wire
		Frames []vectorFrame `json:"frames"`
	} `json:"decode"`
	Encode []struct {
		Name  string      `json:"name"`
		Frame vectorFrame `json:"frame"`
		wire
	} `json:"encode"`
	Malformed []struct {
		Name string `json:"name"`
		wire
		Limits stomp.Limits `json:"limits"`
	} `json:"malformed"`
}

type heartBeatVectors struct {
	Parse []struct {
		Header string `json:"header"`
		Offer  *beats `json:"offer"`
	} `json:"parse"`
	Negotiate []struct {
		Name   string `json:"name"`
		Own    string `json:"own"`
		Peer   string `json:"peer"`
		Agreed beats  `json:"agreed"`
	} `json:"negotiate"`
}

type beats struct {
	Send   int64 `json:"send"`
	Expect int64 `json:"expect"`
}

func (b beats) heartBeat() stomp.HeartBeat {
	return stomp.HeartBeat{
		Send:   time.Duration(b.Send) * time.Millisecond,
		Expect: time.Duration(b.Expect) * time.Millisecond,
	}
}

func readVectors[T any](tb testing.TB, name string) (vectors T) {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("..", "protocol", "vectors", name))
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return vectors
}

// decodeAll reads all frames of data.
func decodeAll(limits stomp.Limits, data []byte) (frames []stomp.Frame, err error) {
	for len(data) > 0 {
		frame, rest, err := limits.Decode(data)
		if err != nil {
			return frames, err
		}
		if frame.Command != "" {
			frames = append(frames, frame)
		}
		data = rest
	}
	return frames, nil
}

func TestDecodeReadsTheFramesOfTheVectors(t *testing.T) {
	t.Parallel()

	for _, vector := range readVectors[frameVectors](t, "frames.json").Decode {
		t.Run(vector.Name, func(t *testing.T) {
			t.Parallel()
			var want []stomp.Frame
			for _, frame := range vector.Frames {
				want = append(want, frame.frame())
			}
			got, err := decodeAll(stomp.Limits{}, vector.bytes())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("frames (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppendWritesTheBytesOfTheVectors(t *testing.T) {
	t.Parallel()

	for _, vector := range readVectors[frameVectors](t, "frames.json").Encode {
		t.Run(vector.Name, func(t *testing.T) {
			t.Parallel()
			got := vector.Frame.frame().Append([]byte("before"))
			if diff := cmp.Diff("before"+vector.Text, string(got)); diff != "" {
				t.Errorf("bytes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeRefusesTheMalformedVectors(t *testing.T) {
	t.Parallel()

	for _, vector := range readVectors[frameVectors](t, "frames.json").Malformed {
		t.Run(vector.Name, func(t *testing.T) {
			t.Parallel()
			frame, rest, err := vector.Limits.Decode(vector.bytes())
			var syntax *stomp.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("decoded %+v and left %q, want a *SyntaxError, got %v", frame, rest, err)
			}
		})
	}
}

func TestHeartBeatHeadersReadAsInTheVectors(t *testing.T) {
	t.Parallel()

	for _, vector := range readVectors[heartBeatVectors](t, "heartbeats.json").Parse {
		t.Run(vector.Header, func(t *testing.T) {
			t.Parallel()
			got, err := stomp.ParseHeartBeat(vector.Header)
			if vector.Offer == nil {
				if err == nil {
					t.Fatalf("accepted as %v", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(vector.Offer.heartBeat(), got); diff != "" {
				t.Errorf("offer (-want +got):\n%s", diff)
			}
			if vector.Header != "" && got.String() != vector.Header {
				t.Errorf("written again as %q", got)
			}
		})
	}
}

func TestHeartBeatsAreAgreedAsInTheVectors(t *testing.T) {
	t.Parallel()

	for _, vector := range readVectors[heartBeatVectors](t, "heartbeats.json").Negotiate {
		t.Run(vector.Name, func(t *testing.T) {
			t.Parallel()
			own, errOwn := stomp.ParseHeartBeat(vector.Own)
			peer, errPeer := stomp.ParseHeartBeat(vector.Peer)
			if err := errors.Join(errOwn, errPeer); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(vector.Agreed.heartBeat(), own.Negotiate(peer)); diff != "" {
				t.Errorf("agreement (-want +got):\n%s", diff)
			}
		})
	}
}
