package client_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/client"
	"openkitty/internal/servertest"
)

// line is a network that can be lost: its connections break, and no new one is
// made until it is mended.
type line struct {
	mu    sync.Mutex
	lost  bool
	conns []net.Conn
	deaf  bool // what the server answers no longer arrives
}

type lineConn struct {
	net.Conn
	line *line
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost {
		return nil, net.ErrClosed
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		l.conns = append(l.conns, conn)
		conn = lineConn{conn, l}
	}
	return conn, err
}

// Read loses what arrives while the line is deaf.
func (c lineConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.line.mu.Lock()
	defer c.line.mu.Unlock()
	if c.line.deaf && err == nil {
		return 0, net.ErrClosed
	}
	return n, err
}

func (l *line) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = true
	for _, conn := range l.conns {
		conn.Close()
	}
}

func (l *line) set(change func(*line)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// joinBy is join over a line.
func joinBy(t *testing.T, l *line, s *servertest.Server, username string, handlers client.UserHandlers) *client.Client {
	t.Helper()
	c := must[*client.Client](t)(client.Connect(t.Context(), client.Options{
		URL: s.URL, APIKey: s.APIKey(), Username: username, Handlers: handlers, Timeout: patience, Dial: l.dial,
		Backoff: client.Backoff{Min: 10 * time.Millisecond, Max: 100 * time.Millisecond},
	}))
	t.Cleanup(c.Close)
	return c
}

func TestAClientThatWasAwayCatchesUp(t *testing.T) {
	t.Parallel()

	var l line
	s := startServer(t)
	onState, states := hear[client.State]()
	onMessage, messages := hear[client.Message]()
	alice, bob := join(t, s, "alice", client.UserHandlers{}), joinBy(t, &l, s, "bob", client.UserHandlers{OnStateChanged: onState})
	channel := direct(t, alice, "bob")
	atBobs := must[*client.Channel](t)(bob.Channel(t.Context(), channel.ID))
	must[*client.Chat](t)(bob.StartChat(t.Context(), atBobs, client.ChatHandlers{OnMessage: onMessage}))
	await(t, states)
	l.lose()
	const missed = 100
	var want, got []string
	for i := range missed {
		want = append(want, fmt.Sprint(i))
		must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: want[i]}))
	}
	l.set(func(l *line) { l.lost = false })
	for _, wanted := range []client.Status{client.Reconnecting, client.CatchingUp, client.Connected} {
		state := await(t, states)
		if state.Status != wanted || wanted == client.CatchingUp && state.Behind != missed {
			t.Fatalf("the state is %+v, want %s", state, wanted)
		}
	}
	for range missed {
		got = append(got, await(t, messages).Body)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sent (-) and heard (+):\n%s", diff)
	}
	if state := bob.State(); state.Status != client.Connected || state.Behind != 0 {
		t.Errorf("in the end, the state is %+v", state)
	}
}

func TestAMessageWhoseAnswerWasLostIsSentAgainAndThereOnce(t *testing.T) {
	t.Parallel()

	for how, restart := range map[string]func(*servertest.Server){
		"the connection is lost": func(*servertest.Server) {},
		"the server is killed":   func(s *servertest.Server) { s.Kill(); s.Restart() },
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()

			var l line
			s := startServer(t)
			alice := joinBy(t, &l, s, "alice", client.UserHandlers{})
			bob := join(t, s, "bob", client.UserHandlers{})
			channel := direct(t, alice, "bob")
			atBobs := must[*client.Channel](t)(bob.Channel(t.Context(), channel.ID))
			onMessage, messages := hear[client.Message]()
			must[*client.Chat](t)(bob.StartChat(t.Context(), atBobs, client.ChatHandlers{OnMessage: onMessage}))

			l.set(func(l *line) { l.deaf, l.lost = true, true })
			answer := make(chan client.Message, 1)
			go func() {
				sent, err := alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "once"})
				if err != nil {
					t.Error(err)
				}
				answer <- sent
			}()
			first := await(t, messages)
			restart(s)
			l.set(func(l *line) { l.deaf, l.lost = false, false })
			if sent := await(t, answer); sent.ID != first.ID {
				t.Errorf("the answer is message %d, not %d", sent.ID, first.ID)
			}
			if after := must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "after"})); await(t, messages).ID != after.ID {
				t.Error("the message was made twice")
			}
		})
	}
}

func TestAClientThatWasAwayForTooLongIsTold(t *testing.T) {
	t.Parallel()

	var l line
	s := servertest.Start(t, servertest.Options{})
	s.Set(map[string]string{"change_retention": "1h"})
	onLost, losses := hear[client.EventsLost]()
	alice, bob := join(t, s, "alice", client.UserHandlers{}), joinBy(t, &l, s, "bob", client.UserHandlers{OnEventsLost: onLost})
	channel := direct(t, alice, "bob")
	atBobs := must[*client.Channel](t)(bob.Channel(t.Context(), channel.ID))
	must[*client.Chat](t)(bob.StartChat(t.Context(), atBobs, client.ChatHandlers{OnMessage: func(client.Message) {}}))
	l.lose()
	must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "missed"}))
	s.Sweep(time.Now().Add(90 * time.Minute))
	l.set(func(l *line) { l.lost = false })
	want := fmt.Sprintf("/topic/channels/%d.messages", channel.ID)
	for {
		if lost := await(t, losses); lost.Topic == want && lost.To >= lost.From {
			return
		}
	}
}
