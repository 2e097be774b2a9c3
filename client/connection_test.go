package client_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"openkitty/client"
	"openkitty/stomp"
)

// serveQuietly is a server that does its work, without heart-beats.
func serveQuietly(s *fakeConn) {
	if _, ok := s.accept("0,0", "first"); ok {
		s.serve()
	}
}

func TestConnectSaysWhoTheUserIs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var header record[stomp.Header]
		f := newFake(t, func(s *fakeConn) {
			if connect, ok := s.accept("0,0", "first"); ok {
				header.add(connect.Header)
				s.serve()
			}
		})
		c := f.connect(func(o *client.Options) { o.AuthParams = map[string]string{"token": "é🐈"} })

		want := stomp.Header{
			{Name: "StompX-User", Value: "alice"},
			{Name: "StompX-User-Agent", Value: "OpenKitty-Go/0.1.0"},
			{Name: "StompX-Auth-Params", Value: base64.StdEncoding.EncodeToString([]byte(`{"token":"\u00e9\ud83d\udc08"}`))},
			{Name: "accept-version", Value: "1.2"},
			{Name: "heart-beat", Value: "60000,10000"},
		}
		if diff := cmp.Diff([]stomp.Header{want}, header.all()); diff != "" {
			t.Errorf("CONNECT (-want +got):\n%s", diff)
		}
		if got := c.CurrentUser(); got.ID != 1 || got.Name != "alice" || string(got.Properties) != `{"a":[1]}` {
			t.Errorf("the current user is %+v", got)
		}
		if got := c.State(); got.Status != client.Connected || got.Reason != nil {
			t.Errorf("the state is %+v", got)
		}
	})
}

func TestASessionListensOnlyToWhatHasAHandler(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Subscribe] = subs.watch
			serveQuietly(s)
		})
		f.connect(func(o *client.Options) { o.Handlers.OnUserPresenceChanged = func(client.User) {} })
		want := []string{"1 /user/queue/errors", "3 /topic/users/1", "4 /topic/users/1.channels",
			"5 /topic/users/1.messages", "7 /topic/users/1.contacts"}
		if diff := cmp.Diff(want, subs.topics()); diff != "" {
			t.Errorf("subscriptions (-want +got):\n%s", diff)
		}
	})
}

func TestConnectRefusesOptionsThatCannotWork(t *testing.T) {
	t.Parallel()

	for name, change := range map[string]func(*client.Options){
		"no API key":                   func(o *client.Options) { o.APIKey = "" },
		"no username":                  func(o *client.Options) { o.Username = "" },
		"a line break in the username": func(o *client.Options) { o.Username = "a\nStompX-Auth-Params:x" },
		"no URL":                       func(o *client.Options) { o.URL = "" },
		"a URL of another scheme":      func(o *client.Options) { o.URL = "ftp://127.0.0.1" },
		"a URL that is none":           func(o *client.Options) { o.URL = "http://[::1" },
		"parameters without JSON":      func(o *client.Options) { o.AuthParams = func() {} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := client.Options{URL: "http://127.0.0.1:1", APIKey: "key", Username: "alice", Dial: func(context.Context, string, string) (net.Conn, error) {
				t.Error("it connected")
				return nil, errors.New("refused")
			}}
			change(&options)
			if c, err := client.Connect(t.Context(), options); err == nil {
				c.Close()
				t.Error("no error")
			}
		})
	}
}

func TestTheURLMayHaveAPathPrefix(t *testing.T) {
	t.Parallel()

	ours, theirs := net.Pipe()
	request := make(chan string, 1)
	go func() { // ends with the pipe
		defer theirs.Close()
		_, err := ws.Upgrader{OnRequest: func(uri []byte) error {
			request <- string(uri)
			return errors.New("seen enough")
		}}.Upgrade(theirs)
		_ = err
	}()
	_, err := client.Connect(t.Context(), client.Options{
		URL: "http://host:1/chat/", APIKey: "a b&c", Username: "alice",
		Dial: func(context.Context, string, string) (net.Conn, error) { return ours, nil },
	})
	if err == nil {
		t.Fatal("connected to a server that refused")
	}
	if got := <-request; got != "/chat/rtm/websocket?api-key=a+b%26c" {
		t.Errorf("asked for %s", got)
	}
}

func TestARefusedSessionIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(t, func(s *fakeConn) {
			if s.upgrade() {
				s.next()
				s.write(stomp.Frame{Command: stomp.Error, Body: []byte(`{"error":"AccessDeniedError","message":"the API key is unknown"}`)})
			}
		})
		_, err := client.Connect(t.Context(), f.options())
		var refusal *client.Error
		if !errors.As(err, &refusal) {
			t.Fatalf("got %v", err)
		}
		want := &client.Error{Name: "AccessDeniedError", Message: "the API key is unknown"}
		if diff := cmp.Diff(want, refusal); diff != "" {
			t.Errorf("refusal (-want +got):\n%s", diff)
		}
	})
}

func TestConnectEndsWithItsContext(t *testing.T) {
	for name, script := range map[string]func(*fakeConn){
		"a server that says nothing":         func(s *fakeConn) { s.in.Peek(1 << 16) },
		"a server that only upgrades":        func(s *fakeConn) { s.upgrade(); s.serveNothing() },
		"a server that never tells the user": func(s *fakeConn) { s.accept("0,0", "first"); s.serveNothing() },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				start := time.Now()
				_, err := client.Connect(ctx, newFake(t, script).options())
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second {
					t.Errorf("after %v: %v", time.Since(start), err)
				}
			})
		})
	}
}

// serveNothing reads and never answers.
func (s *fakeConn) serveNothing() {
	for {
		if _, ok := s.next(); !ok {
			return
		}
	}
}

func TestACallThatIsNotAnsweredEndsInTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Send] = func(stomp.Frame) bool { return true }
			serveQuietly(s)
		})
		c := f.connect(nil)
		channel := mustChannel(t, c)

		start := time.Now()
		_, err := c.SendMessage(t.Context(), channel, client.NewMessage{Body: "hello"})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 30*time.Second {
			t.Errorf("without a deadline, after %v: %v", time.Since(start), err)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		_, err = c.SendMessage(ctx, channel, client.NewMessage{Body: "hello"})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("with a deadline, after %v: %v", time.Since(start), err)
		}
	})
}

func TestRefusalsNameTheCallThatTheyAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		f := newFake(t, func(s *fakeConn) {
			refuse := func(name, field, id string) bool {
				return s.message(subs.id("/user/queue/errors"), `{"error":"`+name+`","message":"no"}`, stomp.Field{Name: field, Value: id})
			}
			s.intercept[stomp.Subscribe] = func(frame stomp.Frame) bool {
				subs.watch(frame)
				switch frame.Header.Get("destination") {
				case "/application/channels/8.relay":
					return refuse("ChannelNotFoundError", "subscription-id", frame.Header.Get("id"))
				case "/topic/channels/7":
					return refuse("TooManyChatSessionsError", "subscription-id", frame.Header.Get("id"))
				}
				return false
			}
			s.intercept[stomp.Send] = func(frame stomp.Frame) bool {
				return refuse("NotPermittedError", "receipt-id", frame.Header.Get("receipt"))
			}
			serveQuietly(s)
		})
		c := f.connect(nil)
		channel := mustChannel(t, c)

		_, err := c.Channel(t.Context(), 8)
		checkRefusal(t, err, "ChannelNotFoundError")
		_, err = c.StartChat(t.Context(), channel, client.ChatHandlers{})
		checkRefusal(t, err, "TooManyChatSessionsError")
		_, err = c.SendMessage(t.Context(), channel, client.NewMessage{Body: "hello"})
		checkRefusal(t, err, "NotPermittedError")
		checkRefusal(t, c.SendKeystrokes(t.Context(), channel, "h"), "NotPermittedError")
	})
}

func checkRefusal(t *testing.T, err error, name string) {
	t.Helper()
	var refusal *client.Error
	if !errors.As(err, &refusal) || refusal.Name != name {
		t.Errorf("got %v, want %s", err, name)
	}
}

func TestWhatTheServerDoesNotOfferIsNotAsked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := newFake(t, serveQuietly).connect(nil)
		if _, err := c.SendMessage(t.Context(), &client.Channel{ID: 7}, client.NewMessage{Body: "hello"}); !errors.Is(err, client.ErrNotOffered) {
			t.Errorf("send a message: %v", err)
		}
		if _, err := c.StartChat(t.Context(), &client.Channel{ID: 7}, client.ChatHandlers{}); !errors.Is(err, client.ErrNotOffered) {
			t.Errorf("start a chat: %v", err)
		}
	})
}

func TestTheClientSendsHeartBeats(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var beats record[time.Duration]
		f := newFake(t, func(s *fakeConn) {
			start := time.Now()
			s.intercept[heartBeat] = func(stomp.Frame) bool {
				beats.add(time.Since(start))
				return true
			}
			if _, ok := s.accept("0,90000", "first"); ok {
				s.serve()
			}
		})
		f.connect(nil)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		want := []time.Duration{90 * time.Second, 180 * time.Second, 270 * time.Second}
		if diff := cmp.Diff(want, beats.all()); diff != "" {
			t.Errorf("heart-beats (-want +got):\n%s", diff)
		}
	})
}

func TestAPingIsAnswered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		pong := make(chan string, 1)
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Send] = func(stomp.Frame) bool {
				if err := ws.WriteFrame(s.net, ws.NewPingFrame([]byte("are you there"))); err != nil {
					return true
				}
				frame, err := ws.ReadFrame(s.in)
				if err == nil && frame.Header.OpCode == ws.OpPong {
					pong <- string(ws.UnmaskFrameInPlace(frame).Payload)
				}
				return true
			}
			serveQuietly(s)
		})
		c := f.connect(nil)
		channel := mustChannel(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = c.SendKeystrokes(ctx, channel, "x") // makes the server ping
		if got := <-pong; got != "are you there" {
			t.Errorf("the pong says %q", got)
		}
	})
}

func TestAMessageInFragmentsIsJoined(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Subscribe] = func(frame stomp.Frame) bool {
				if frame.Header.Get("destination") != "/application/channels/7.relay" {
					return false
				}
				message := stomp.Frame{Command: stomp.Message, Header: stomp.Header{{Name: "subscription", Value: frame.Header.Get("id")}},
					Body: []byte(`{"resource":` + channelResource + `}`)}.Append(nil)
				for _, part := range []ws.Frame{
					ws.NewFrame(ws.OpText, false, message[:10]),
					ws.NewPingFrame(nil),
					ws.NewFrame(ws.OpContinuation, false, message[10:200]),
					ws.NewFrame(ws.OpContinuation, true, message[200:]),
				} {
					if err := ws.WriteFrame(s.net, part); err != nil {
						return true
					}
				}
				return true
			}
			serveQuietly(s)
		})
		if got := mustChannel(t, f.connect(nil)); got.Name != "seven" {
			t.Errorf("the channel is %+v", got)
		}
	})
}

func TestASecondLookAtTheUserAsksTheServer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		users := 0
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Subscribe] = func(frame stomp.Frame) bool {
				if frame.Header.Get("destination") != "/application/user.relay" {
					return false
				}
				if users++; users == 1 {
					return false
				}
				return s.message(frame.Header.Get("id"), `{"resource":`+strings.Replace(aliceResource, `"Alice"`, `"Alicia"`, 1)+`}`)
			}
			serveQuietly(s)
		})
		c := f.connect(nil)
		user, err := c.RetrieveCurrentUser(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if user.DisplayName != "Alicia" || c.CurrentUser().DisplayName != "Alicia" {
			t.Errorf("retrieved %q, kept %q", user.DisplayName, c.CurrentUser().DisplayName)
		}
	})
}
