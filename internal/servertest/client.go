package servertest

import (
	"testing"

	"openkitty/client"
	"openkitty/internal/chat"
	"openkitty/internal/config"
	"openkitty/internal/engine"
	"openkitty/internal/server"
)

// OpenEngine is an engine on a database of its own that no server has, until the
// test ends.
func OpenEngine(t testing.TB) *engine.Engine {
	t.Helper()
	settings := config.Default()
	settings.Data = dataFor(t, "")
	e, closeEngine, err := server.OpenEngine(t.Context(), settings, settings.Logger(t.Output()))
	if err != nil {
		t.Fatalf("open an engine: %v", err)
	}
	t.Cleanup(func() { _ = closeEngine() }) // nothing is lost with what the test wrote
	return e
}

// User is a user who is connected until the test ends, or Leave.
type User struct {
	t      testing.TB
	client *client.Client
}

// Connect connects a user of the application.
func (s *Server) Connect(username string) *User {
	s.t.Helper()
	c, err := client.Connect(s.t.Context(), client.Options{URL: s.URL, APIKey: s.APIKey(), Username: username})
	if err != nil {
		s.t.Fatalf("connect %s: %v", username, err)
	}
	s.t.Cleanup(c.Close)
	return &User{s.t, c}
}

// Chat starts a chat session in a channel of the user's, and returns what ends it.
func (u *User) Chat(channel chat.ChannelID) (end func()) {
	u.t.Helper()
	page, err := u.client.Channels(u.t.Context(), client.ChannelFilter{})
	if err != nil {
		u.t.Fatalf("list the user's channels: %v", err)
	}
	for i := range page.Items {
		if page.Items[i].ID != client.ChannelID(channel) {
			continue
		}
		session, err := u.client.StartChat(u.t.Context(), &page.Items[i], client.ChatHandlers{})
		if err != nil {
			u.t.Fatalf("start to chat: %v", err)
		}
		return session.End
	}
	u.t.Fatalf("the user has no channel %d", channel)
	return nil
}

// Leave ends the connection politely.
func (u *User) Leave() { u.client.Close() }

// Answered asks for the user as who it is connected, and fails if the connection
// is gone for good.
func (u *User) Answered() error {
	_, err := u.client.RetrieveCurrentUser(u.t.Context())
	return err
}
