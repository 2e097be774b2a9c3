package stomp_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/stomp"
)

// sendFrame and subscribeFrame are what a published SDK sends most.
const (
	sendFrame = "SEND\ncontent-type:application/json;charset=UTF-8\n" +
		"receipt:receipt-0b4f8c1e-7a54-4f43-9a53-2f1f4d3a6c11\ndestination:/application/channels/7.message\n" +
		"content-length:52\nx-trace:1\n\n" + `{"type":"TEXT","body":"hello, how are you doing?  "}` + "\x00"
	subscribeFrame = "SUBSCRIBE\nreceipt:receipt-0b4f8c1e-7a54-4f43-9a53-2f1f4d3a6c11\nack:client-individual\n" +
		"id:subscription-id-5f0c2f1f-4d3a-4f43-9a53-7a546c110b4f\ndestination:/topic/channels/7.messages\n\n\x00"
)

func TestTheBodySharesTheMemoryOfItsInput(t *testing.T) {
	t.Parallel()

	data := []byte("SEND\na:1\n\nhello\x00")
	frame, _, err := stomp.Limits{}.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	copy(data[strings.Index(string(data), "hello"):], "HELLO")
	if string(frame.Body) != "HELLO" {
		t.Errorf("the body is %q: it was copied", frame.Body)
	}
}

func TestTheHeaderSurvivesItsInput(t *testing.T) {
	t.Parallel()

	data := []byte("SEND\nname:value\n\nhello\x00")
	frame, _, err := stomp.Limits{}.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	clear(data)
	if frame.Command != "SEND" || frame.Header.Get("name") != "value" {
		t.Errorf("the frame became %+v", frame)
	}
}

func TestAppendingToABodyLeavesTheNextFrameIntact(t *testing.T) {
	t.Parallel()

	frame, rest, err := stomp.Limits{}.Decode([]byte("SEND\n\none\x00SEND\n\ntwo\x00"))
	if err != nil {
		t.Fatal(err)
	}
	_ = append(frame.Body, "XXXX"...)
	if second, _, err := (stomp.Limits{}).Decode(rest); err != nil || string(second.Body) != "two" {
		t.Errorf("the second frame is %+v (%v)", second, err)
	}
}

func TestAHeaderOfExactlyTheLimitIsRead(t *testing.T) {
	t.Parallel()

	for _, end := range []string{"\n", "\r\n"} {
		head := "SEND" + end + "name:value" + end
		limits := stomp.Limits{Header: len(head), Fields: 1, Body: 4}
		if _, _, err := limits.Decode([]byte(head + end + "body\x00")); err != nil {
			t.Errorf("with %q: %v", end, err)
		}
		limits.Header--
		if _, _, err := limits.Decode([]byte(head + end + "body\x00")); err == nil {
			t.Errorf("with %q: a header one byte above the limit was read", end)
		}
	}
}

func TestOfRepeatedFieldsTheFirstCounts(t *testing.T) {
	t.Parallel()

	header := stomp.Header{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}
	if got := header.Get("a"); got != "1" {
		t.Errorf("a is %q", got)
	}
	if value, found := header.Lookup("b"); found {
		t.Errorf("b is %q", value)
	}
}

func TestAFrameMayBeWrittenInParts(t *testing.T) {
	t.Parallel()

	body := []byte(`{"resource":{}}`)
	header := stomp.Header{{Name: "subscription", Value: "s:1"}, {Name: "ack", Value: "7-1"}}
	parts := []byte(stomp.Message + "\n")
	for _, field := range header {
		parts = stomp.AppendField(parts, field.Name, field.Value)
	}
	parts = append(stomp.AppendLength(parts, len(body)), '\n')
	parts = append(append(parts, body...), 0)

	whole := stomp.Frame{Command: stomp.Message, Header: header, Body: body}.Append(nil)
	if diff := cmp.Diff(string(whole), string(parts)); diff != "" {
		t.Errorf("bytes (-whole +parts):\n%s", diff)
	}
}

func TestDecodingTheCommonFramesAllocatesTwice(t *testing.T) {
	for name, text := range map[string]string{"SEND": sendFrame, "SUBSCRIBE": subscribeFrame} {
		data := []byte(text)
		got := testing.AllocsPerRun(100, func() {
			if _, _, err := (stomp.Limits{Header: 8192, Fields: 64, Body: 65536}).Decode(data); err != nil {
				t.Fatal(err)
			}
		})
		if got > 2 { // the text of the header, and its fields
			t.Errorf("%s: %v allocations", name, got)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	limits := stomp.Limits{Header: 8192, Fields: 64, Body: 65536}
	for name, text := range map[string]string{"SEND": sendFrame, "SUBSCRIBE": subscribeFrame} {
		b.Run(name, func(b *testing.B) {
			data := []byte(text)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := limits.Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	frame := stomp.Frame{
		Command: stomp.Message,
		Header: stomp.Header{
			{Name: "subscription", Value: "subscription-id-5f0c2f1f-4d3a-4f43-9a53-7a546c110b4f"},
			{Name: "destination", Value: "/topic/channels/7.messages"},
			{Name: "message-id", Value: "c7-42"},
			{Name: "ack", Value: "1-42"},
			{Name: "content-type", Value: "application/json"},
		},
		Body: []byte(strings.Repeat("x", 1500)),
	}
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		buffer = frame.Append(buffer[:0])
	}
	b.SetBytes(int64(len(buffer)))
}
