package server_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"openkitty/client"
	"openkitty/internal/servertest"
)

// connect starts a session of a user, who comes back quickly.
func connect(t *testing.T, s *servertest.Server, username string) *client.Client {
	t.Helper()
	c, err := client.Connect(t.Context(), client.Options{
		URL:      s.URL,
		APIKey:   s.APIKey(),
		Username: username,
		Backoff:  client.Backoff{Min: time.Millisecond, Max: 50 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// direct opens the channel of a user with another.
func direct(t *testing.T, c *client.Client, other string) *client.Channel {
	t.Helper()
	channel, err := c.CreateChannel(t.Context(), client.NewChannel{Type: client.Direct, Members: client.Usernames(other)})
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

func TestSessionsComeBackAfterARestart(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		heard := make(chan string, 1)
		_, err := bob.StartChat(t.Context(), direct(t, bob, "alice"), client.ChatHandlers{
			OnMessage: func(m client.Message) { heard <- m.Body },
		})
		if err != nil {
			t.Fatal(err)
		}
		channel := direct(t, alice, "bob")
		s.Restart()

		// Each waits for a connection, and so for the end of the restart.
		if _, err := bob.RetrieveCurrentUser(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "back again"}); err != nil {
			t.Fatal(err)
		}
		select {
		case body := <-heard:
			if body != "back again" {
				t.Errorf("bob heard %q", body)
			}
		case <-time.After(30 * time.Second):
			t.Error("bob heard nothing")
		}
	})
}

// However the server ends, and whatever it is doing: what it acknowledged is
// there afterwards, once.
func TestAcknowledgedMessagesSurviveTheEndOfTheServer(t *testing.T) {
	t.Parallel()

	for name, end := range map[string]func(*servertest.Server){
		"stop": (*servertest.Server).Stop,
		"kill": (*servertest.Server).Kill,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
				acknowledged := sendUntil(t, s, func() { end(s) })
				s.Restart()
				stored := bodies(t, connect(t, s, "reader"))
				for _, body := range acknowledged {
					if stored[body] != 1 {
						t.Errorf("%s was acknowledged, and is there %d times", body, stored[body])
					}
				}
			})
		})
	}
}

// sendUntil has several users send to the reader, ends the server once some
// messages were acknowledged, and returns all that were.
func sendUntil(t *testing.T, s *servertest.Server, end func()) (acknowledged []string) {
	t.Helper()
	const senders, enough = 4, 20
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sent := make(chan string)
	var sending sync.WaitGroup
	for sender := range senders {
		c := connect(t, s, fmt.Sprintf("sender-%d", sender))
		channel := direct(t, c, "reader")
		sending.Go(func() {
			for i := 0; ; i++ {
				body := fmt.Sprintf("%d-%d", sender, i)
				if _, err := c.SendMessage(ctx, channel, client.NewMessage{Body: body}); err != nil {
					return
				}
				sent <- body
			}
		})
	}
	go func() {
		sending.Wait()
		close(sent)
	}()

	ended := make(chan struct{})
	for body := range sent {
		if acknowledged = append(acknowledged, body); len(acknowledged) == enough {
			go func() {
				end()
				cancel() // of the senders that wait for the server to come back
				close(ended)
			}()
		}
	}
	if len(acknowledged) < enough {
		t.Fatalf("only %d messages were acknowledged", len(acknowledged))
	}
	<-ended
	return acknowledged
}

// bodies counts the messages in all of a user's channels by what they say.
func bodies(t *testing.T, c *client.Client) map[string]int {
	t.Helper()
	stored := map[string]int{}
	channels, err := c.Channels(t.Context(), client.ChannelFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, channel := range channels.Items {
		messages, err := c.Messages(t.Context(), &channel)
		for ; err == nil; messages, err = messages.Next(t.Context()) {
			for _, message := range messages.Items {
				stored[message.Body]++
			}
		}
		if !errors.Is(err, client.ErrNoPage) {
			t.Fatal(err)
		}
	}
	return stored
}
