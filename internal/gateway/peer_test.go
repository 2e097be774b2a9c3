package gateway_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// patience bounds every wait for the server.
const patience = 10 * time.Second

// peer is a client that says exactly what a test has it say.
type peer struct {
	t    *testing.T
	conn net.Conn

	early  *bufio.Reader // what the server said with the handshake
	got    []stomp.Frame // arrived, but not asked for yet
	closed string        // how the connection ended
}

// dial opens a WebSocket. The query holds what the URL carries beside the path.
func dial(t *testing.T, s *servertest.Server, path string, query url.Values) *peer {
	t.Helper()
	p := dialPath(t, s, path, query)
	if p.early != nil {
		t.Fatal("the server spoke before it was asked")
	}
	return p
}

// dialPath is dial for servers that may speak first.
func dialPath(t *testing.T, s *servertest.Server, path string, query url.Values) *peer {
	t.Helper()
	dialer := ws.Dialer{Protocols: []string{"v12.stomp"}, Timeout: patience}
	address := strings.Replace(s.URL, "http://", "ws://", 1) + path + "?" + query.Encode()
	conn, buffered, _, err := dialer.Dial(t.Context(), address)
	if err != nil {
		t.Fatalf("dial %s: %v", path, err)
	}
	p := &peer{t: t, conn: conn}
	if buffered != nil {
		p.early = buffered
		p.conn = earlyConn{conn, buffered}
	}
	t.Cleanup(func() { conn.Close() })
	return p
}

// earlyConn reads first what came with the handshake.
type earlyConn struct {
	net.Conn
	early *bufio.Reader
}

func (c earlyConn) Read(p []byte) (int, error) { return c.early.Read(p) }

// key is the query of an API key.
func key(apiKey string) url.Values { return url.Values{"api-key": {apiKey}} }

// connect starts a session of a user.
func connect(t *testing.T, s *servertest.Server, username string) *peer {
	t.Helper()
	return connectTo(t, s, s.APIKey(), username)
}

func connectTo(t *testing.T, s *servertest.Server, apiKey, username string) *peer {
	t.Helper()
	p := dial(t, s, "/rtm/websocket", key(apiKey))
	p.text("CONNECT\nStompX-User:" + username + "\naccept-version:1.2\nheart-beat:60000,10000\n\n\x00")
	if got := p.next(); got.Command != stomp.Connected {
		t.Fatalf("connect got %s %s", got.Command, got.Body)
	}
	p.send(stomp.Subscribe, nil, "id", "errors", "destination", "/user/queue/errors")
	return p
}

// text sends a text message as it is.
func (p *peer) text(message string) {
	p.t.Helper()
	if err := wsutil.WriteClientText(p.conn, []byte(message)); err != nil {
		p.t.Fatalf("send %.60q: %v", message, err)
	}
}

// send sends a frame. Fields are names and values in turn.
func (p *peer) send(command string, body []byte, fields ...string) {
	p.t.Helper()
	frame := stomp.Frame{Command: command, Body: body}
	for i := 0; i < len(fields); i += 2 {
		frame.Header = append(frame.Header, stomp.Field{Name: fields[i], Value: fields[i+1]})
	}
	p.text(string(frame.Append(nil)))
}

// next returns the next frame, passing over heart-beats. When the connection
// ends instead, the frame has no command and p.closed says how.
func (p *peer) next() stomp.Frame {
	p.t.Helper()
	for len(p.got) == 0 && p.closed == "" {
		p.conn.SetReadDeadline(time.Now().Add(patience))
		message, err := wsutil.ReadServerText(p.conn)
		var closing wsutil.ClosedError
		switch {
		case errors.As(err, &closing):
			p.closed = fmt.Sprintf("%d %s", closing.Code, closing.Reason)
		case errors.Is(err, os.ErrDeadlineExceeded):
			p.t.Fatal("the server fell silent")
		case err != nil:
			p.closed = "without a word"
		default:
			frame, rest, err := stomp.Limits{}.Decode(message)
			if err != nil || len(rest) > 0 {
				p.t.Fatalf("the server sent %q: %v", message, err)
			}
			if frame.Command != "" {
				p.got = append(p.got, frame)
			}
		}
	}
	if p.closed != "" && len(p.got) == 0 {
		return stomp.Frame{}
	}
	frame := p.got[0]
	p.got = p.got[1:]
	return frame
}

// await returns the first frame that matches, and keeps the others for later.
func (p *peer) await(what string, match func(stomp.Frame) bool) stomp.Frame {
	p.t.Helper()
	var passed []stomp.Frame
	for {
		frame := p.next()
		if frame.Command == "" {
			p.t.Fatalf("waited for %s, but the connection ended: %s", what, p.closed)
		}
		if match(frame) {
			p.got = append(passed, p.got...)
			return frame
		}
		passed = append(passed, frame)
	}
}

func with(command, field, value string) func(stomp.Frame) bool {
	return func(f stomp.Frame) bool { return f.Command == command && f.Header.Get(field) == value }
}

// read asks a relay and returns its resource, or the error it fails with.
func (p *peer) read(destination string, headers ...string) (resource, refusal) {
	p.t.Helper()
	id := "relay " + destination + strings.Join(headers, " ")
	p.send(stomp.Subscribe, nil, append(headers, "id", id, "destination", destination)...)
	frame := p.await(destination, func(f stomp.Frame) bool {
		return f.Header.Get("subscription") == id || f.Header.Get("subscription-id") == id
	})
	if frame.Header.Get("subscription-id") == id {
		return nil, decode[refusal](p.t, frame.Body)
	}
	return decode[struct{ Resource resource }](p.t, frame.Body).Resource, refusal{}
}

// act performs an action and returns the resource of the event that answers it,
// or the error it fails with.
func (p *peer) act(destination, body string) (resource, refusal) {
	p.t.Helper()
	receipt := fmt.Sprintf("receipt:%s %d", destination, time.Now().UnixNano())
	p.send(stomp.Send, []byte(body), "destination", destination, "receipt", receipt)
	frame := p.await(destination, with(stomp.Message, "receipt-id", receipt))
	if frame.Header.Get("subscription") == "errors" {
		return nil, decode[refusal](p.t, frame.Body)
	}
	p.await("the receipt", with(stomp.Receipt, "receipt-id", receipt))
	return decode[struct{ Resource resource }](p.t, frame.Body).Resource, refusal{}
}

// listen subscribes to a topic and waits until that is confirmed.
func (p *peer) listen(topic string) {
	p.t.Helper()
	p.send(stomp.Subscribe, nil, "id", topic, "receipt", "to "+topic, "ack", "client-individual", "destination", topic)
	p.await("the subscription to "+topic, with(stomp.Receipt, "receipt-id", "to "+topic))
}

// event waits for an event of a type on a topic.
func (p *peer) event(topic, name string) resource {
	p.t.Helper()
	frame := p.await(name, func(f stomp.Frame) bool {
		return f.Header.Get("subscription") == topic && decode[struct{ Type string }](p.t, f.Body).Type == name
	})
	return decode[struct{ Resource resource }](p.t, frame.Body).Resource
}

// settle returns once the server has done all that it was asked so far.
func (p *peer) settle() {
	p.t.Helper()
	receipt := fmt.Sprint("settle ", time.Now().UnixNano())
	p.send(stomp.Unsubscribe, nil, "id", "none", "receipt", receipt)
	p.await("a receipt", with(stomp.Receipt, "receipt-id", receipt))
}

// end waits for the connection's end and returns the ERROR frame before it, and
// how it ended.
func (p *peer) end() (refusal, string) {
	p.t.Helper()
	var last refusal
	for {
		frame := p.next()
		switch frame.Command {
		case "":
			return last, p.closed
		case stomp.Error:
			last = decode[refusal](p.t, frame.Body)
		}
	}
}

// refusal is the body of an error.
type refusal struct {
	Error     string
	Message   string
	Timestamp time.Time
}

// resource is any JSON object of the server.
type resource map[string]any

// at follows names and indexes into a resource.
func (r resource) at(path ...string) any {
	var value any = map[string]any(r)
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

// link returns a destination or topic of a resource.
func (r resource) link(kind, name string) string {
	text, _ := r.at(kind, name).(string)
	return text
}

func (r resource) id() int64 {
	id, _ := r["id"].(float64)
	return int64(id)
}

func decode[T any](t *testing.T, text []byte) (value T) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("the server sent %q: %v", text, err)
	}
	return value
}

// direct opens a direct channel between a peer and another user, and returns it
// as the peer sees it.
func (p *peer) direct(other string) resource {
	p.t.Helper()
	return p.create(fmt.Sprintf(`{"type":"DIRECT","members":[{"username":%q}]}`, other))
}

func (p *peer) create(body string) resource {
	p.t.Helper()
	user, refused := p.read("/application/user.relay")
	if refused.Error != "" {
		p.t.Fatalf("read the current user: %+v", refused)
	}
	p.listen(user.link("_topics", "channels"))
	channel, refused := p.act(user.link("_actions", "createChannel"), body)
	if refused.Error != "" {
		p.t.Fatalf("create a channel: %+v", refused)
	}
	return channel
}

// enter starts a chat session as the SDKs do.
func (p *peer) enter(channel resource) {
	p.t.Helper()
	for _, topic := range []string{"self", "messages", "keystrokes", "typing", "participants"} {
		p.listen(channel.link("_topics", topic))
	}
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
