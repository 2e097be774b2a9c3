package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"openkitty/client"
	"openkitty/stomp"
)

// twice is a server whose first connection ends as told, when the client sends
// keystrokes, and whose second one works.
func twice(t *testing.T, subs *subscriptions, end func(*fakeConn), second func(*fakeConn)) *fake {
	return newFake(t, func(s *fakeConn) {
		s.intercept[stomp.Subscribe] = subs.watch
		s.intercept[stomp.Send] = func(frame stomp.Frame) bool {
			if frame.Header.Get("destination") != "/act/keystrokes" {
				return false
			}
			end(s)
			return true
		}
		if _, ok := s.accept("10000,0", "first"); ok {
			s.serve()
		}
	}, second)
}

func vanish(s *fakeConn) { s.net.Close() }

func TestALostConnectionFailsWhatIsInFlightAndComesBack(t *testing.T) {
	for name, end := range map[string]func(*fakeConn){
		"the server vanishes": vanish,
		"the server vanishes inside a frame": func(s *fakeConn) {
			if err := ws.WriteHeader(s.net, ws.Header{Fin: true, OpCode: ws.OpText, Length: 1000}); err == nil {
				_, _ = s.net.Write([]byte("MESSAGE\nsubscr"))
			}
			s.net.Close()
		},
		"the server sends no frame":         func(s *fakeConn) { s.writeRaw([]byte("MESSAGE\nno colon\n\n\x00")) },
		"the server masks its frames":       func(s *fakeConn) { _ = ws.WriteFrame(s.net, ws.MaskFrame(ws.NewTextFrame([]byte("\n")))) },
		"the server sends an endless frame": func(s *fakeConn) { _ = ws.WriteHeader(s.net, ws.Header{Fin: true, OpCode: ws.OpText, Length: 1 << 40}) },
		"the server sends an endless ping":  func(s *fakeConn) { _ = ws.WriteHeader(s.net, ws.Header{Fin: true, OpCode: ws.OpPing, Length: 126}) },
		"the server says goodbye": func(s *fakeConn) {
			_ = ws.WriteFrame(s.net, ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusGoingAway, "restart")))
		},
		"the server sends an error": func(s *fakeConn) {
			s.write(stomp.Frame{Command: stomp.Error, Body: []byte(`{"error":"TryAgainError","message":"later"}`)})
		},
		"the server falls silent": func(*fakeConn) {},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var subs subscriptions
				var states record[client.Status]
				var sessions record[string]
				f := twice(t, &subs, end, func(s *fakeConn) {
					s.intercept[stomp.Subscribe] = subs.watch
					if connect, ok := s.accept("0,0", "second"); ok {
						sessions.add(connect.Header.Get("StompX-Auth-Session-ID"))
						s.serve()
					}
				})
				c := f.connect(func(o *client.Options) {
					o.Handlers.OnStateChanged = func(s client.State) { states.add(s.Status) }
				})
				channel := mustChannel(t, c)
				if _, err := c.StartChat(t.Context(), channel, client.ChatHandlers{OnMessage: func(client.Message) {}}); err != nil {
					t.Fatal(err)
				}
				before := subs.topics()

				start := time.Now()
				err := c.SendKeystrokes(t.Context(), channel, "x")
				if !errors.Is(err, client.ErrDisconnected) {
					t.Errorf("the call in flight got: %v", err)
				}
				if took := time.Since(start); took > 20*time.Second {
					t.Errorf("the loss was noticed after %v", took)
				}
				if state := c.State(); state.Status != client.Reconnecting || state.Reason == nil {
					t.Errorf("the state is %+v", state)
				}

				sent, err := c.SendMessage(t.Context(), channel, client.NewMessage{Body: "hello"})
				if err != nil || sent.ID != 99 {
					t.Errorf("the call after the loss got: %+v, %v", sent, err)
				}
				synctest.Wait()
				if diff := cmp.Diff(append(before, before...), subs.topics()); diff != "" {
					t.Errorf("subscriptions (-the same twice +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"first"}, sessions.all()); diff != "" {
					t.Errorf("session to resume (-want +got):\n%s", diff)
				}
				want := []client.Status{client.Connected, client.Reconnecting, client.Connected}
				if diff := cmp.Diff(want, states.all()); diff != "" {
					t.Errorf("states (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAFinalRefusalEndsTheClient(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		var states record[client.State]
		f := twice(t, &subs, vanish, func(s *fakeConn) {
			if s.upgrade() {
				s.next()
				s.write(stomp.Frame{Command: stomp.Error, Body: []byte(`{"error":"AccessDeniedError","message":"blocked"}`)})
			}
		})
		c := f.connect(func(o *client.Options) { o.Handlers.OnStateChanged = states.add })
		channel := mustChannel(t, c)
		_ = c.SendKeystrokes(t.Context(), channel, "x") // ends the connection

		_, err := c.SendMessage(t.Context(), channel, client.NewMessage{Body: "hello"})
		if !errors.Is(err, client.ErrClosed) {
			t.Errorf("a call got: %v", err)
		}
		checkRefusal(t, err, "AccessDeniedError")
		synctest.Wait()
		last := states.all()[len(states.all())-1]
		checkRefusal(t, last.Reason, "AccessDeniedError")
		if last.Status != client.Closed || c.State().Status != client.Closed {
			t.Errorf("the state is %v, then %v", last, c.State())
		}
		if len(f.dialed()) != 2 {
			t.Errorf("connected %d times", len(f.dialed()))
		}
		c.Close() // does nothing, and returns
	})
}

func TestBackOffGrowsWithinItsBounds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(t, func(s *fakeConn) { s.accept("0,0", "first"); s.serveOnce() },
			refuseDial, refuseDial, refuseDial, refuseDial, refuseDial, refuseDial, serveQuietly)
		c := f.connect(func(o *client.Options) {
			o.Backoff = client.Backoff{Min: time.Second, Max: 10 * time.Second}
			o.Timeout = time.Hour
		})
		channel, err := c.Channel(t.Context(), 7) // waits for the connection
		if errors.Is(err, client.ErrDisconnected) {
			channel, err = c.Channel(t.Context(), 7)
		}
		if err != nil || channel.ID != 7 {
			t.Fatalf("after the server came back: %+v, %v", channel, err)
		}
		dials := f.dialed()
		for i, most := range []time.Duration{1, 2, 4, 8, 10, 10, 10} {
			most *= time.Second
			if wait := dials[i+1].Sub(dials[i]); wait < most/2 || wait > most {
				t.Errorf("wait %d was %v, want between %v and %v", i, wait, most/2, most)
			}
		}
	})
}

// serveOnce serves the start of a session and then vanishes.
func (s *fakeConn) serveOnce() {
	for {
		frame, ok := s.next()
		if !ok || frame.Header.Get("destination") == "/application/channels/7.relay" {
			return
		}
		s.answer(frame)
	}
}

func TestACallThatFindsNoConnectionEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(t, func(s *fakeConn) { s.accept("0,0", "first"); s.serveOnce() }, refuseDial)
		c := f.connect(nil)
		_, err := c.Channel(t.Context(), 7) // ends the connection
		if !errors.Is(err, client.ErrDisconnected) {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, err = c.Channel(ctx, 7)
		if !errors.Is(err, client.ErrDisconnected) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("it took %v, want the 30 s that bound every call", took)
		}
	})
}

func TestARepeatedEventIsHandledOnceAndAcknowledgedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		var acks, heard record[string]
		noteAck := func(frame stomp.Frame) bool {
			acks.add(frame.Header.Get("id"))
			return true
		}
		f := twice(t, &subs, func(s *fakeConn) {
			for number := 1; number <= 3; number++ {
				s.post(subs.id("/topic/channels/7.messages"), number)
			}
			time.Sleep(time.Second) // the acknowledgements come
			go s.net.Close()
		}, func(s *fakeConn) {
			s.intercept[stomp.Ack] = noteAck
			s.intercept[stomp.Subscribe] = func(frame stomp.Frame) bool {
				s.answer(frame)
				if frame.Header.Get("destination") == "/topic/channels/7.messages" {
					for number := 2; number <= 5; number++ {
						s.post(frame.Header.Get("id"), number)
					}
				}
				return true
			}
			if _, ok := s.accept("0,0", "second"); ok {
				s.serve()
			}
		})
		c := f.connect(nil)
		channel := mustChannel(t, c)
		if _, err := c.StartChat(t.Context(), channel, client.ChatHandlers{OnMessage: func(m client.Message) { heard.add(m.Body) }}); err != nil {
			t.Fatal(err)
		}
		_ = c.SendKeystrokes(t.Context(), channel, "x") // makes the server post and vanish
		time.Sleep(time.Minute)
		synctest.Wait()

		want := []string{"message 1", "message 2", "message 3", "message 4", "message 5"}
		if diff := cmp.Diff(want, heard.all()); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"second-2", "second-3", "second-4", "second-5"}, acks.all()); diff != "" {
			t.Errorf("acknowledged on the second connection (-want +got):\n%s", diff)
		}
	})
}

func TestASubscriptionThatIsRefusedLaterIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		f := twice(t, &subs, vanish, func(s *fakeConn) {
			errorsID := ""
			s.intercept[stomp.Subscribe] = func(frame stomp.Frame) bool {
				switch frame.Header.Get("destination") {
				case "/user/queue/errors":
					errorsID = frame.Header.Get("id")
				case "/topic/channels/7.messages":
					return s.message(errorsID, `{"error":"NotPermittedError","message":"no member"}`,
						stomp.Field{Name: "subscription-id", Value: frame.Header.Get("id")})
				}
				return false
			}
			if _, ok := s.accept("0,0", "second"); ok {
				s.serve()
			}
		})
		var states record[client.Status]
		c := f.connect(func(o *client.Options) {
			o.Handlers.OnStateChanged = func(s client.State) { states.add(s.Status) }
		})
		channel := mustChannel(t, c)
		if _, err := c.StartChat(t.Context(), channel, client.ChatHandlers{OnMessage: func(client.Message) {}}); err != nil {
			t.Fatal(err)
		}
		_ = c.SendKeystrokes(t.Context(), channel, "x") // ends the connection
		time.Sleep(time.Minute)
		synctest.Wait()
		want := []client.Status{client.Connected, client.Reconnecting, client.Connected}
		if diff := cmp.Diff(want, states.all()); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

func TestAServerThatStopsReadingIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Send] = func(stomp.Frame) bool {
				<-t.Context().Done() // reads nothing
				return true
			}
			serveQuietly(s)
		}, serveQuietly)
		c := f.connect(func(o *client.Options) { o.Timeout = time.Hour })
		channel := mustChannel(t, c)
		failures := make(chan error)
		for range 2 { // the first is read, the second fills the pipe
			go func() { // ends when the connection is lost
				failures <- c.SendKeystrokes(t.Context(), channel, "x")
			}()
			synctest.Wait()
		}
		start := time.Now()
		for range 2 {
			if err := <-failures; !errors.Is(err, client.ErrDisconnected) {
				t.Errorf("got %v", err)
			}
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("the client gave up after %v, want 10 s", took)
		}
	})
}

func TestCallsWaitForRoomNoLongerThanTheirContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Send] = func(stomp.Frame) bool {
				<-t.Context().Done() // reads nothing
				return true
			}
			serveQuietly(s)
		})
		c := f.connect(nil)
		channel := mustChannel(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		failures := make(chan error)
		for range 8 {
			go func() { // ends with ctx
				_, err := c.SendMessage(ctx, channel, client.NewMessage{Body: fmt.Sprintf("%100000d", 1)})
				failures <- err
			}()
		}
		for range 8 {
			if err := <-failures; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
