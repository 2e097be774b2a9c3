package client

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"openkitty/stomp"
)

func TestASequenceIsHandledOnce(t *testing.T) {
	t.Parallel()

	var sub subscription
	for _, step := range []struct {
		id   string
		want bool
	}{
		{"c7-100", false}, {"c7-100", true}, {"c7-101", false}, {"c7-100", true},
		{"c7-105", false}, {"c7-103", false}, {"c7-103", true}, // not quite in order
		{"c8-100", false}, {"u7-100", false}, // other streams
		{"c7-400", false}, {"c7-337", false}, {"c7-337", true}, {"c7-336", true}, // too late to tell
		{"m1k2-7", false}, {"m1k2-7", false}, {"", false}, {"c7", false}, {"c7-", false}, {"cx-1", false}, {"7-1", false}, // not durable
		{"c7-18446744073709551615", false}, {"c7-18446744073709551615", true}, {"c7-1", true},
	} {
		if got := sub.repeats(step.id); got != step.want {
			t.Errorf("%s repeats: %v, want %v", step.id, got, step.want)
		}
	}
}

// deaf is a connection that reads a text and takes whatever is written.
type deaf struct {
	net.Conn
	*bytes.Reader
}

func (d deaf) Read(p []byte) (int, error)       { return d.Reader.Read(p) }
func (d deaf) Write(p []byte) (int, error)      { return len(p), nil }
func (d deaf) Close() error                     { return nil }
func (d deaf) SetReadDeadline(time.Time) error  { return nil }
func (d deaf) SetWriteDeadline(time.Time) error { return nil }

// receiving makes a client with one subscription, "2", and a connection to it
// that brings a text.
func receiving(tb testing.TB, handler func(Message)) (*Client, func(text []byte) *conn) {
	c, err := newClient(Options{URL: "http://127.0.0.1", APIKey: "key", Username: "alice"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.shut(nil, true) })
	c.subs = append(c.subs, c.newSubscription("/topic/channels/7.messages", listen("channel.message.created", handler)))
	return c, func(text []byte) *conn {
		wire := deaf{Reader: bytes.NewReader(text)}
		connection := &conn{net: wire, in: bufio.NewReader(wire)}
		connection.out.net = wire
		return connection
	}
}

// incomingMessage is a MESSAGE as the server frames it.
func incomingMessage(id string) []byte {
	frame := stomp.Frame{Command: stomp.Message, Header: stomp.Header{
		{Name: "subscription", Value: "2"},
		{Name: "ack", Value: id},
		{Name: "destination", Value: "/topic/channels/7.messages"},
		{Name: "message-id", Value: id},
		{Name: "content-type", Value: "application/json"},
	}, Body: append(append([]byte(`{"type":"channel.message.created","version":"1.0","resource":`), messageText...), '}')}
	var wire bytes.Buffer
	if err := ws.WriteFrame(&wire, ws.NewTextFrame(frame.Append(nil))); err != nil {
		panic(err) // a buffer takes everything
	}
	return wire.Bytes()
}

// FuzzReceive checks that no bytes from a server bring a client down: the
// connection ends with an error.
func FuzzReceive(f *testing.F) {
	f.Add(incomingMessage("c7-1"))
	f.Add(append(incomingMessage("c7-1"), incomingMessage("c7-1")...))
	f.Add(ws.MustCompileFrame(ws.NewPingFrame([]byte("ping"))))
	f.Add(ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(1001, "bye"))))
	f.Add(ws.MustCompileFrame(ws.NewTextFrame([]byte("\n"))))
	f.Add(ws.MustCompileFrame(ws.NewTextFrame([]byte("RECEIPT\nreceipt-id:7\n\n\x00"))))
	f.Add(ws.MustCompileFrame(ws.NewTextFrame([]byte("MESSAGE\nsubscription:1\nreceipt-id:7\n\n{}\x00"))))
	f.Add(ws.MustCompileFrame(ws.NewTextFrame([]byte("ERROR\n\n{\"error\":\"AccessDeniedError\"}\x00"))))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, connect := receiving(t, func(Message) {})
		answered := &call{id: "7", kind: forReceipt, done: func(error) {}}
		c.expect([]*call{answered})
		if err := c.receive(connect(text)); err == nil {
			t.Fatal("it ended without an error")
		}
	})
}

// BenchmarkReceive measures what a client spends on a message besides the
// network, from the bytes to the handler and the acknowledgement.
func BenchmarkReceive(b *testing.B) {
	heard := make(chan struct{}, 1)
	c, connect := receiving(b, func(Message) { heard <- struct{}{} })
	connection := connect(nil)
	text := bytes.NewReader(nil)
	frame := incomingMessage("m1k2-1")
	b.ReportAllocs()
	for b.Loop() {
		text.Reset(frame)
		connection.in.Reset(text)
		if err := c.receive(connection); err != io.EOF {
			b.Fatal(err)
		}
		<-heard
	}
}
