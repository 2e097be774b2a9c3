package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/gobwas/ws"

	"openkitty/stomp"
)

// patience bounds each step that prepares a measurement, and the wait for its first message.
const patience = 60 * time.Second

// session is one connection while it is prepared: it asks and waits for the
// answer. Measured connections are read by a [loop] afterwards.
type session struct {
	conn     net.Conn
	received []byte            // of the connection, and not yet read
	asked    int               // numbers subscriptions and receipts
	acks     bool              // it asks to acknowledge what it gets
	secret   string            // by which the session can be resumed
	topics   map[string]string // of its user, once it stands
	watch    func(stomp.Frame) // sees every frame that await reads; may be nil
}

// openSession connects as a user and waits for CONNECTED. The heart-beat is the
// value of its header; "0,0" asks for none.
func openSession(ctx context.Context, address *url.URL, apiKey, user, heartBeat string) (*session, error) {
	return resumeSession(ctx, address, apiKey, user, heartBeat, "undefined")
}

// resumeSession is openSession for a client that was connected before, and knows
// its session's secret.
func resumeSession(ctx context.Context, address *url.URL, apiKey, user, heartBeat, secret string) (*session, error) {
	target := *address
	target.Scheme = "ws"
	target.Path += "/rtm/websocket"
	target.RawQuery = url.Values{"api-key": {apiKey}}.Encode()
	s, err := dial(ctx, target.String())
	if err != nil {
		return nil, err
	}
	err = s.write(stomp.Frame{Command: stomp.Connect, Header: stomp.Header{
		{Name: "StompX-User", Value: user},
		{Name: "StompX-User-Agent", Value: "OpenKitty-Bench"},
		{Name: "StompX-Auth-Session-ID", Value: secret},
		{Name: "accept-version", Value: "1.2"},
		{Name: "heart-beat", Value: heartBeat},
	}})
	if err == nil {
		var connected stomp.Frame
		connected, err = s.await(func(f stomp.Frame) bool { return f.Command == stomp.Connected })
		s.secret = connected.Header.Get("session")
	}
	if err != nil {
		s.conn.Close()
		return nil, fmt.Errorf("connect as %s: %w", user, err)
	}
	return s, nil
}

func dial(ctx context.Context, target string) (*session, error) {
	dialer := ws.Dialer{Timeout: patience, Protocols: []string{"v12.stomp"}}
	conn, buffered, _, err := dialer.Dial(ctx, target)
	if err != nil {
		return nil, fmt.Errorf("open a WebSocket: %w", err)
	}
	s := &session{conn: conn}
	if buffered != nil {
		ahead, _ := buffered.Peek(buffered.Buffered())
		s.received = append(s.received, ahead...)
		ws.PutReader(buffered)
	}
	return s, nil
}

func (s *session) write(frame stomp.Frame) error {
	_, err := s.conn.Write(clientFrame(frame.Append(nil)))
	return err
}

// await reads until a frame matches. An ERROR frame, or a message of the errors
// queue, is an error.
func (s *session) await(match func(stomp.Frame) bool) (stomp.Frame, error) {
	s.conn.SetReadDeadline(time.Now().Add(patience))
	defer s.conn.SetReadDeadline(time.Time{})
	for {
		payload, err := s.nextPayload()
		if err != nil {
			return stomp.Frame{}, err
		}
		frame, _, err := stomp.Limits{}.Decode(payload)
		if err != nil {
			return stomp.Frame{}, err
		}
		if kindOf(payload) == refusalPayload {
			return stomp.Frame{}, fmt.Errorf("refused: %s", frame.Body)
		}
		if s.watch != nil {
			s.watch(frame)
		}
		if match(frame) {
			return frame, nil
		}
	}
}

func (s *session) nextPayload() ([]byte, error) {
	for {
		code, payload, rest, whole := cutFrame(s.received)
		if whole {
			s.received = rest
			if code == ws.OpClose {
				return nil, fmt.Errorf("the server closed the connection: %q", payload)
			}
			return payload, nil
		}
		chunk := make([]byte, 4096)
		n, err := s.conn.Read(chunk)
		if err != nil {
			return nil, err
		}
		s.received = append(s.received[:len(s.received):len(s.received)], chunk[:n]...)
	}
}

// subscribe waits for the receipts, after which every event arrives. The
// destinations are by subscription id; the frames go out at once, as an SDK's
// do.
func (s *session) subscribe(destinations ...subscription) error {
	mode := "auto"
	if s.acks {
		mode = "client-individual"
	}
	for _, wanted := range destinations {
		s.asked++
		err := s.write(stomp.Frame{Command: stomp.Subscribe, Header: stomp.Header{
			{Name: "id", Value: wanted.id},
			{Name: "receipt", Value: fmt.Sprintf("receipt-%d", s.asked)},
			{Name: "ack", Value: mode},
			{Name: "destination", Value: wanted.destination},
		}})
		if err != nil {
			return err
		}
	}
	for _, wanted := range destinations {
		if _, err := s.await(func(f stomp.Frame) bool { return f.Command == stomp.Receipt }); err != nil {
			return fmt.Errorf("subscribe to %s: %w", wanted.destination, err)
		}
	}
	return nil
}

type subscription struct{ id, destination string }

// unsubscribe does not wait: nothing confirms it but the receipts that follow.
func (s *session) unsubscribe(id string) error {
	return s.write(stomp.Frame{Command: stomp.Unsubscribe, Header: stomp.Header{{Name: "id", Value: id}}})
}

// listenForErrors makes refused actions visible. The errors queue gives no
// receipt.
func (s *session) listenForErrors() error {
	return s.write(stomp.Frame{Command: stomp.Subscribe, Header: stomp.Header{
		{Name: "id", Value: errorsID},
		{Name: "destination", Value: "/user/queue/v1/errors"},
	}})
}

// resource is the part of a resource that names what else there is.
type resource struct {
	Relays  map[string]string `json:"_relays"`
	Topics  map[string]string `json:"_topics"`
	Actions map[string]string `json:"_actions"`
}

// link returns one of a resource's strings, or an error that names it.
func link(of map[string]string, key string) (string, error) {
	if value := of[key]; value != "" {
		return value, nil
	}
	return "", fmt.Errorf("the server's resource has no %q", key)
}

func (s *session) relay(destination string) (resource, error) {
	answer, err := s.ask(destination)
	if err != nil {
		return resource{}, err
	}
	return resourceIn(answer.Body)
}

// ask reads what is at a destination.
func (s *session) ask(destination string) (stomp.Frame, error) {
	s.asked++
	id := fmt.Sprintf("relay-%d", s.asked)
	err := s.write(stomp.Frame{Command: stomp.Subscribe, Header: stomp.Header{
		{Name: "id", Value: id},
		{Name: "destination", Value: destination},
	}})
	if err != nil {
		return stomp.Frame{}, err
	}
	answer, err := s.await(func(f stomp.Frame) bool { return f.Header.Get("subscription") == id })
	if err != nil {
		return answer, fmt.Errorf("read %s: %w", destination, err)
	}
	return answer, nil
}

// act sends an action and returns the resource of the event that answers it.
func (s *session) act(destination string, body any) (resource, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return resource{}, err
	}
	s.asked++
	receipt := fmt.Sprintf("receipt-%d", s.asked)
	err = s.write(stomp.Frame{Command: stomp.Send, Body: text, Header: stomp.Header{
		{Name: "destination", Value: destination},
		{Name: "content-type", Value: "application/json;charset=UTF-8"},
		{Name: "receipt", Value: receipt},
	}})
	if err != nil {
		return resource{}, err
	}
	answer, err := s.await(func(f stomp.Frame) bool {
		return f.Command == stomp.Message && f.Header.Get("receipt-id") == receipt
	})
	if err != nil {
		return resource{}, fmt.Errorf("send to %s: %w", destination, err)
	}
	return resourceIn(answer.Body)
}

func resourceIn(body []byte) (resource, error) {
	var answer struct {
		Resource resource `json:"resource"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return resource{}, fmt.Errorf("read a resource: %w", err)
	}
	return answer.Resource, nil
}

const createChannelID = "creations"

// createChannel makes a private channel of the session's user and others. It
// leaves no subscription behind that events could arrive on.
func (s *session) createChannel(name string, others []string) (resource, error) {
	user, err := s.relay("/application/v1/user.relay")
	if err != nil {
		return resource{}, err
	}
	topic, errTopic := link(user.Topics, "channels")
	action, errAction := link(user.Actions, "createChannel")
	if err := cmp.Or(errTopic, errAction); err != nil {
		return resource{}, err
	}
	if err := s.subscribe(subscription{createChannelID, topic}); err != nil {
		return resource{}, err
	}
	type username struct {
		Username string `json:"username"`
	}
	members := make([]username, len(others))
	for i, other := range others {
		members[i].Username = other
	}
	channel, err := s.act(action, map[string]any{"type": "PRIVATE", "name": name, "members": members})
	if err != nil {
		return resource{}, err
	}
	return channel, s.unsubscribe(createChannelID)
}

// standingTopics is what chatkitty 2.1 listens to as long as its session lasts.
var standingTopics = []string{
	"self", "channels", "messages", "readReceipts", "notifications", "contacts",
	"participants", "users", "reactions", "threads", "calls",
}

// stand does what chatkitty 2.1 does at the start of a session.
func (s *session) stand() error {
	user, err := s.relay("/application/v1/user.relay")
	if err != nil {
		return err
	}
	s.topics = user.Topics
	if err := s.listenForErrors(); err != nil {
		return err
	}
	for _, grant := range []string{"write", "read"} {
		if _, err := s.relay("/application/v1/user." + grant + "_file_access_grant.relay"); err != nil {
			return err
		}
	}
	return s.listen()
}

// listen makes the standing subscriptions, or after a reconnect makes them again.
func (s *session) listen() error {
	standing := make([]subscription, len(standingTopics))
	for i, name := range standingTopics {
		topic, err := link(s.topics, name)
		if err != nil {
			return err
		}
		standing[i] = subscription{id: sdkID(i), destination: topic}
	}
	return s.subscribe(standing...)
}

// sdkID is a subscription id in the form that SDKs give it.
func sdkID(n int) string {
	return fmt.Sprintf("subscription-id-5f0c2a3e-0d1b-4c8f-9a7e-%012x", n)
}
