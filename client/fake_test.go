package client_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"openkitty/client"
	"openkitty/stomp"
)

// fake is a server whose every connection runs a script: for hostile servers
// and for timing, which a real one doesn't do on demand. It lives in a synctest
// bubble, over pipes.
type fake struct {
	t       *testing.T
	scripts []func(*fakeConn) // one for each connection; the last serves the rest

	mu    sync.Mutex
	dials []time.Time
}

func newFake(t *testing.T, scripts ...func(*fakeConn)) *fake {
	return &fake{t: t, scripts: scripts}
}

// refuseDial is a script for a server that is not there.
var refuseDial func(*fakeConn)

func (f *fake) dial(context.Context, string, string) (net.Conn, error) {
	f.mu.Lock()
	at := min(len(f.dials), len(f.scripts)-1)
	f.dials = append(f.dials, time.Now())
	f.mu.Unlock()
	script := f.scripts[at]
	if script == nil {
		return nil, errors.New("nobody listens")
	}
	ours, theirs := net.Pipe()
	go func() { // ends when the script does, or the client closes
		defer theirs.Close()
		script(&fakeConn{t: f.t, net: theirs, in: bufio.NewReader(theirs), intercept: map[string]func(stomp.Frame) bool{}})
	}()
	return ours, nil
}

func (f *fake) dialed() []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.dials)
}

// fakeConn is the server's side of one connection.
type fakeConn struct {
	t       *testing.T
	net     net.Conn
	in      *bufio.Reader
	session string

	// intercept gets the client's frames of a command before serve handles
	// them, and reports whether it handled them itself.
	intercept map[string]func(stomp.Frame) bool
	writing   sync.Mutex
}

// upgrade answers the WebSocket handshake.
func (s *fakeConn) upgrade() bool {
	upgrader := ws.Upgrader{Protocol: func(name []byte) bool { return string(name) == "v12.stomp" }}
	_, err := upgrader.Upgrade(s.net)
	return err == nil
}

// next returns the client's next frame; ok is false when it is gone.
func (s *fakeConn) next() (frame stomp.Frame, ok bool) {
	for {
		message, op, err := wsutil.ReadClientData(struct {
			io.Reader
			io.Writer
		}{s.in, s.net})
		if err != nil || op != ws.OpText {
			return stomp.Frame{}, false
		}
		frame, _, err := stomp.Limits{}.Decode(message)
		if err != nil {
			s.t.Errorf("the client sent %q: %v", message, err)
			return stomp.Frame{}, false
		}
		if frame.Command == "" {
			frame.Command = heartBeat
		}
		return frame, true
	}
}

// heartBeat is what next calls a heart-beat.
const heartBeat = "heart-beat"

func (s *fakeConn) write(frame stomp.Frame) bool { return s.writeRaw(frame.Append(nil)) }

func (s *fakeConn) writeRaw(message []byte) bool {
	s.writing.Lock()
	defer s.writing.Unlock()
	return wsutil.WriteServerText(s.net, message) == nil
}

// accept starts a session under the given heart-beat and session id.
func (s *fakeConn) accept(beats, session string) (connect stomp.Frame, ok bool) {
	if !s.upgrade() {
		return stomp.Frame{}, false
	}
	connect, ok = s.next()
	s.session = session
	return connect, ok && s.write(stomp.Frame{Command: stomp.Connected, Header: stomp.Header{
		{Name: "version", Value: "1.2"},
		{Name: "session", Value: session},
		{Name: "heart-beat", Value: beats},
	}})
}

// serve answers until the client is gone: receipts for everything, the current
// user, channel 7, and sent messages.
func (s *fakeConn) serve() {
	for {
		frame, ok := s.next()
		if !ok {
			return
		}
		if handle := s.intercept[frame.Command]; handle != nil && handle(frame) {
			continue
		}
		s.answer(frame)
		if frame.Command == stomp.Disconnect {
			return
		}
	}
}

func (s *fakeConn) answer(frame stomp.Frame) {
	destination := frame.Header.Get("destination")
	switch {
	case frame.Command == stomp.Subscribe && destination == "/application/user.relay":
		s.message(frame.Header.Get("id"), `{"resource":`+aliceResource+`}`)
	case frame.Command == stomp.Subscribe && destination == "/application/channels/7.relay":
		s.message(frame.Header.Get("id"), `{"resource":`+channelResource+`}`)
	case frame.Command == stomp.Send && destination == "/act/message":
		s.message("user-messages", sentEvent, stomp.Field{Name: "receipt-id", Value: frame.Header.Get("receipt")})
	}
	if receipt := frame.Header.Get("receipt"); receipt != "" {
		s.write(stomp.Frame{Command: stomp.Receipt, Header: stomp.Header{{Name: "receipt-id", Value: receipt}}})
	}
}

func (s *fakeConn) message(subscription, body string, more ...stomp.Field) bool {
	header := stomp.Header{{Name: "subscription", Value: subscription}, {Name: "content-type", Value: "application/json"}}
	return s.write(stomp.Frame{Command: stomp.Message, Header: append(header, more...), Body: []byte(body)})
}

// post sends the message with this number to a subscription of channel 7.
func (s *fakeConn) post(subscription string, number int) bool {
	return s.message(subscription, messageEvent(number),
		stomp.Field{Name: "message-id", Value: fmt.Sprintf("c7-%d", number)},
		stomp.Field{Name: "ack", Value: fmt.Sprintf("%s-%d", s.session, number)})
}

// subscriptions keeps which topic the client knows by which id.
type subscriptions struct {
	mu   sync.Mutex
	seen []stomp.Header
}

// watch notes the client's subscriptions and leaves them to serve.
func (n *subscriptions) watch(frame stomp.Frame) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, frame.Header)
	return false
}

// id returns the id under which the client last subscribed to a topic.
func (n *subscriptions) id(topic string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, header := range slices.Backward(n.seen) {
		if header.Get("destination") == topic {
			return header.Get("id")
		}
	}
	return ""
}

// topics returns what the client subscribed to, with ids, in order.
func (n *subscriptions) topics() (list []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, header := range n.seen {
		if destination := header.Get("destination"); !strings.HasSuffix(destination, ".relay") {
			list = append(list, header.Get("id")+" "+destination)
		}
	}
	return list
}

const (
	aliceResource = `{"id":1,"name":"alice","displayName":"Alice","isGuest":true,"presence":{"status":"AVAILABLE","online":true},
		"properties":{"a":[1]},"_relays":{"self":"/application/user.relay","channels":"/relay/channels","joinableChannels":"/relay/joinable"},
		"_topics":{"self":"/topic/users/1","channels":"/topic/users/1.channels","messages":"/topic/users/1.messages",
		"notifications":"/topic/users/1.notifications","contacts":"/topic/users/1.contacts","participants":"/topic/users/1.participants"},
		"_actions":{"createChannel":"/act/create"}}`
	channelResource = `{"id":7,"type":"DIRECT","name":"seven","properties":{},
		"_relays":{"messages":"/relay/messages","members":"/relay/members"},
		"_topics":{"self":"/topic/channels/7","messages":"/topic/channels/7.messages","keystrokes":"/topic/channels/7.keystrokes",
		"typing":"/topic/channels/7.typing","participants":"/topic/channels/7.participants"},
		"_actions":{"message":"/act/message","keystrokes":"/act/keystrokes"}}`
	sentEvent = `{"type":"channel.message.created","version":"1.0","resource":{"id":99,"type":"TEXT","channelId":7,"body":"sent","_relays":{}}}`
)

func messageEvent(number int) string {
	return fmt.Sprintf(`{"type":"channel.message.created","version":"1.0","resource":{"id":%d,"type":"TEXT","channelId":7,`+
		`"body":"message %d","user":{"id":2,"name":"bob"},"_relays":{}}}`, number, number)
}

// options connect to the fake.
func (f *fake) options() client.Options {
	return client.Options{URL: "http://fake", APIKey: "key", Username: "alice", Dial: f.dial}
}

// connect starts a session that is closed when the bubble ends.
func (f *fake) connect(change func(*client.Options)) *client.Client {
	f.t.Helper()
	options := f.options()
	if change != nil {
		change(&options)
	}
	c, err := client.Connect(f.t.Context(), options)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.Close)
	return c
}

func mustChannel(t *testing.T, c *client.Client) *client.Channel {
	t.Helper()
	channel, err := c.Channel(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

// bubble runs a test with a clock of its own, which must end with no goroutine
// left.
func bubble(t *testing.T, test func(*testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

// record collects what handlers heard.
type record[T any] struct {
	mu    sync.Mutex
	items []T
}

func (r *record[T]) add(item T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.items = append(r.items, item)
}

func (r *record[T]) all() []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.items)
}
