package client_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/client"
	"openkitty/stomp"
)

// chatServer is a server that, on keystrokes, does what a test says with the
// subscription to the messages of channel 7.
func chatServer(t *testing.T, subs *subscriptions, acks *record[string], then func(s *fakeConn, messages string)) *fake {
	return newFake(t, func(s *fakeConn) {
		s.intercept[stomp.Subscribe] = subs.watch
		s.intercept[stomp.Ack] = func(frame stomp.Frame) bool {
			acks.add(frame.Header.Get("subscription") + " " + frame.Header.Get("id"))
			return true
		}
		s.intercept[stomp.Send] = func(frame stomp.Frame) bool {
			if frame.Header.Get("destination") == "/act/keystrokes" {
				go then(s, subs.id("/topic/channels/7.messages")) // ends with the connection
			}
			return false
		}
		serveQuietly(s)
	})
}

func TestEventsAreAcknowledgedTogetherAfterTheirHandlers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		var acks record[string]
		f := chatServer(t, &subs, &acks, func(s *fakeConn, messages string) {
			for number := 1; number <= 3; number++ {
				s.post(messages, number)
			}
		})
		c := f.connect(nil)
		channel := mustChannel(t, c)
		if _, err := c.StartChat(t.Context(), channel, client.ChatHandlers{OnMessage: func(client.Message) {
			if len(acks.all()) > 0 {
				t.Error("acknowledged before all handlers ran")
			}
			time.Sleep(10 * time.Millisecond)
		}}); err != nil {
			t.Fatal(err)
		}
		if err := c.SendKeystrokes(t.Context(), channel, "x"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(31 * time.Millisecond)
		synctest.Wait()
		if got := acks.all(); len(got) != 0 {
			t.Errorf("at once acknowledged: %q", got)
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		var want []string
		for number := range 3 {
			want = append(want, fmt.Sprintf("%s first-%d", subs.id("/topic/channels/7.messages"), number+1))
		}
		if diff := cmp.Diff(want, acks.all()); diff != "" {
			t.Errorf("acknowledged (-want +got):\n%s", diff)
		}
	})
}

func TestAFullQueueStopsTheReading(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		var acks record[string]
		var posted record[int]
		f := chatServer(t, &subs, &acks, func(s *fakeConn, messages string) {
			for number := 1; number <= 20; number++ {
				if s.post(messages, number) {
					posted.add(number)
				}
			}
		})
		c := f.connect(func(o *client.Options) { o.QueueSize = 4 })
		channel := mustChannel(t, c)
		release := make(chan struct{})
		var heard record[client.MessageID]
		if _, err := c.StartChat(t.Context(), channel, client.ChatHandlers{OnMessage: func(m client.Message) {
			<-release
			heard.add(m.ID)
		}}); err != nil {
			t.Fatal(err)
		}
		if err := c.SendKeystrokes(t.Context(), channel, "x"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		// One is with its handler, four wait, one is with the reader.
		if got := len(posted.all()); got > 6 {
			t.Errorf("the server got rid of %d messages", got)
		}
		close(release)
		synctest.Wait()
		var want []client.MessageID
		for number := range 20 {
			want = append(want, client.MessageID(number+1))
		}
		if diff := cmp.Diff(want, heard.all()); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
	})
}

func TestAHandlerMayCallTheClient(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		var acks record[string]
		f := chatServer(t, &subs, &acks, func(s *fakeConn, messages string) {
			for number := 1; number <= 10; number++ {
				s.post(messages, number)
			}
		})
		c := f.connect(nil)
		channel := mustChannel(t, c)
		var replies record[string]
		var chat *client.Chat
		ready := make(chan struct{})
		chat, err := c.StartChat(t.Context(), channel, client.ChatHandlers{OnMessage: func(client.Message) {
			<-ready
			reply, err := chat.Send(t.Context(), client.NewMessage{Body: "echo"})
			if err != nil {
				t.Error(err)
			}
			replies.add(reply.Body)
		}})
		if err != nil {
			t.Fatal(err)
		}
		close(ready)
		if err := chat.SendKeystrokes(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := replies.all(); len(got) != 10 || got[9] != "sent" {
			t.Errorf("the handler's calls gave %q", got)
		}
	})
}

func TestAnEndedChatHearsNothingMore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		var acks record[string]
		var ended record[string]
		f := chatServer(t, &subs, &acks, func(s *fakeConn, messages string) {
			s.intercept[stomp.Unsubscribe] = func(frame stomp.Frame) bool {
				ended.add(frame.Header.Get("id"))
				return true
			}
			for number := 1; number <= 10; number++ {
				s.post(messages, number)
			}
		})
		c := f.connect(nil)
		channel := mustChannel(t, c)
		var heard record[client.MessageID]
		var chat *client.Chat
		ready := make(chan struct{})
		chat, err := c.StartChat(t.Context(), channel, client.ChatHandlers{
			OnTypingStarted: func(client.User) {},
			OnMessage: func(m client.Message) {
				<-ready
				if heard.add(m.ID); m.ID == 2 {
					chat.End()
					chat.End()
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		close(ready)
		if err := c.SendKeystrokes(t.Context(), channel, "x"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if diff := cmp.Diff([]client.MessageID{1, 2}, heard.all()); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		want := []string{subs.id("/topic/channels/7.typing"), subs.id("/topic/channels/7.messages"), subs.id("/topic/channels/7")}
		if diff := cmp.Diff(want, ended.all()); diff != "" {
			t.Errorf("unsubscribed (-want +got):\n%s", diff)
		}
	})
}

func TestACallIsAnsweredThoughItsChatEndedMeanwhile(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		asked, answer := make(chan struct{}), make(chan struct{})
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Subscribe] = subs.watch
			s.intercept[stomp.Send] = func(frame stomp.Frame) bool {
				close(asked)
				<-answer
				return s.message(subs.id("/topic/channels/7.messages"), sentEvent,
					stomp.Field{Name: "receipt-id", Value: frame.Header.Get("receipt")})
			}
			serveQuietly(s)
		})
		c := f.connect(nil)
		chat, err := c.StartChat(t.Context(), mustChannel(t, c), client.ChatHandlers{OnMessage: func(client.Message) {}})
		if err != nil {
			t.Fatal(err)
		}
		go func() { // ends when the chat has
			<-asked
			chat.End()
			close(answer)
		}()
		if sent, err := chat.Send(t.Context(), client.NewMessage{Body: "bye"}); err != nil || sent.ID != 99 {
			t.Errorf("got %+v, %v", sent, err)
		}
	})
}

func TestAfterCloseNoHandlerStarts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var subs subscriptions
		var acks record[string]
		f := chatServer(t, &subs, &acks, func(s *fakeConn, messages string) {
			for number := 1; number <= 10; number++ {
				s.post(messages, number)
			}
		})
		var states record[client.Status]
		c := f.connect(func(o *client.Options) {
			o.Handlers.OnStateChanged = func(s client.State) { states.add(s.Status) }
		})
		channel := mustChannel(t, c)
		var heard record[client.MessageID]
		if _, err := c.StartChat(t.Context(), channel, client.ChatHandlers{OnMessage: func(m client.Message) {
			if heard.add(m.ID); m.ID == 2 {
				c.Close() // a handler may
			}
		}}); err != nil {
			t.Fatal(err)
		}
		if err := c.SendKeystrokes(t.Context(), channel, "x"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if diff := cmp.Diff([]client.MessageID{1, 2}, heard.all()); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]client.Status{client.Connected, client.Closed}, states.all()); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

func TestCloseDoesNotWaitLongForAFarewell(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Disconnect] = func(stomp.Frame) bool {
				s.serveNothing()
				return true
			}
			serveQuietly(s)
		})
		c := f.connect(nil)
		start := time.Now()
		c.Close()
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("it took %v", took)
		}
		if _, err := c.Channel(t.Context(), 7); err == nil || !strings.Contains(err.Error(), client.ErrClosed.Error()) {
			t.Errorf("a call afterwards got: %v", err)
		}
	})
}

func TestCloseDuringAReconnectReturns(t *testing.T) {
	t.Parallel()

	for range 50 { // the moment is a matter of luck
		synctest.Test(t, func(t *testing.T) {
			var subs subscriptions
			again := make(chan struct{})
			c := twice(t, &subs, vanish, func(s *fakeConn) {
				if _, ok := s.accept("0,0", "second"); ok {
					close(again)
					s.serve()
				}
			}).connect(nil)
			channel := mustChannel(t, c)
			_ = c.SendKeystrokes(t.Context(), channel, "x") // ends the connection
			<-again
			c.Close()
			if got := c.State(); got.Status != client.Closed || got.Reason != nil {
				t.Errorf("the state is %+v", got)
			}
		})
	}
}

func TestUnreadableEventsAreSkippedAndAcknowledged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		bodies := []string{
			`not JSON`, `{}`, `{"type":7,"resource":{}}`, `{"type":"channel.message.created"}`,
			`{"type":"channel.message.created","resource":null}`,
			`{"type":"channel.message.created","resource":{"id":"seven"}}`,
			`{"type":"channel.message.created","resource":{"id":7,"createdTime":"yesterday"}}`,
			`{"type":"channel.message.created","resource":{"id":7`,
			`{"type":"channel.something.else","resource":{"id":7}}`,
		}
		var subs subscriptions
		var acks record[string]
		f := chatServer(t, &subs, &acks, func(s *fakeConn, messages string) {
			for number, body := range bodies {
				s.message(messages, body, stomp.Field{Name: "ack", Value: fmt.Sprint(number)})
			}
			s.post(messages, 99)
		})
		c := f.connect(nil)
		channel := mustChannel(t, c)
		var heard record[client.MessageID]
		if _, err := c.StartChat(t.Context(), channel, client.ChatHandlers{OnMessage: func(m client.Message) { heard.add(m.ID) }}); err != nil {
			t.Fatal(err)
		}
		if err := c.SendKeystrokes(t.Context(), channel, "x"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]client.MessageID{99}, heard.all()); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		if got := acks.all(); len(got) != len(bodies)+1 {
			t.Errorf("acknowledged %d events: %q", len(got), got)
		}
	})
}

func TestEveryHandlerHearsItsEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const bob = `{"id":2,"name":"bob"}`
		events := []struct{ topic, event, resource string }{
			{"/topic/channels/7.messages", "channel.message.created", `{"id":1,"body":"hi","groupTag":"g","user":` + bob + `}`},
			{"/topic/channels/7.keystrokes", "thread.keystrokes.created", `{"username":"bob","keys":"he"}`},
			{"/topic/channels/7.typing", "thread.typing.started", bob},
			{"/topic/channels/7.typing", "thread.typing.stopped", bob},
			{"/topic/channels/7.participants", "channel.participant.active", bob},
			{"/topic/channels/7.participants", "channel.participant.inactive", bob},
			{"/topic/channels/7.participants", "participant.presence.changed", `{"id":2,"name":"bob","presence":{"online":true}}`},
			{"/topic/users/1", "user.self.updated", strings.Replace(aliceResource, `"Alice"`, `"Alicia"`, 1)},
			{"/topic/users/1.channels", "user.channel.joined", channelResource},
			{"/topic/users/1.contacts", "contact.presence.changed", bob},
			{"/topic/users/1.participants", "participant.typing.started", bob},
			{"/topic/users/1.participants", "participant.typing.stopped", bob},
			{"/topic/users/1.notifications", "user.notification.created",
				`{"id":3,"title":"t","body":"b","channel":` + channelResource + `,"data":{"type":"USER:SENT:MESSAGE"},"muted":true}`},
		}
		var subs subscriptions
		f := newFake(t, func(s *fakeConn) {
			s.intercept[stomp.Subscribe] = subs.watch
			s.intercept[stomp.Send] = func(stomp.Frame) bool {
				for _, e := range events {
					s.message(subs.id(e.topic), `{"type":"`+e.event+`","version":"1.0","resource":`+e.resource+`}`)
				}
				return false
			}
			serveQuietly(s)
		})
		var heard record[string]
		note := func(what string) func(client.User) {
			return func(u client.User) { heard.add(what + " " + u.Name) }
		}
		c := f.connect(func(o *client.Options) {
			o.Handlers = client.UserHandlers{
				OnCurrentUserChanged:       func(u client.CurrentUser) { heard.add("user " + u.DisplayName) },
				OnChannelJoined:            func(ch client.Channel) { heard.add("joined " + ch.Name) },
				OnUserPresenceChanged:      note("presence"),
				OnParticipantStartedTyping: note("somewhere typing"),
				OnParticipantStoppedTyping: note("somewhere paused"),
				OnNotificationReceived: func(n client.Notification) {
					heard.add(fmt.Sprintf("notification %d %s %s %s %s %v", n.ID, n.Title, n.Body, n.Channel.Name, n.Data, n.Muted))
				},
			}
		})
		chat, err := c.StartChat(t.Context(), mustChannel(t, c), client.ChatHandlers{
			OnMessage:            func(m client.Message) { heard.add("message " + m.Body + m.GroupTag + " " + m.User.Name) },
			OnKeystrokes:         func(k client.Keystrokes) { heard.add("keys " + k.Keys + " " + k.Username) },
			OnTypingStarted:      note("typing"),
			OnTypingStopped:      note("paused"),
			OnParticipantEntered: note("entered"),
			OnParticipantLeft:    note("left"),
			OnPresenceChanged:    func(u client.User) { heard.add(fmt.Sprint("online ", u.Presence.Online)) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := chat.SendKeystrokes(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		want := []string{
			"user Alice", "message hig bob", "keys he bob", "typing bob", "paused bob", "entered bob", "left bob", "online true",
			"user Alicia", "joined seven", "presence bob", "somewhere typing bob", "somewhere paused bob",
			`notification 3 t b seven {"type":"USER:SENT:MESSAGE"} true`,
		}
		if diff := cmp.Diff(want, heard.all()); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
		if c.CurrentUser().DisplayName != "Alicia" {
			t.Errorf("the current user is %+v", c.CurrentUser())
		}
	})
}
