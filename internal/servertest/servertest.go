// Package servertest runs a whole server inside a test: real sockets on
// 127.0.0.1, a real database, everything that the program has but its command
// line. A start takes milliseconds on SQLite.
package servertest

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/config"
	"openkitty/internal/engine"
	"openkitty/internal/server"
	"openkitty/internal/store/storetest"
)

// Options say how a server differs from the default. The zero value is one on
// SQLite in a directory of the test.
type Options struct {
	Database string              // a postgres:// address; empty for SQLite
	Change   func(*config.Serve) // changes settings before the start
	Log      io.Writer           // gets the log; nil for the test's own output
}

// Server is a running server, stopped when its test ends.
type Server struct {
	URL         string           // where it listens, the same after a restart
	Application chat.Application // made by the first start
	Secret      string           // of the application

	t        testing.TB
	settings config.Serve
	log      *slog.Logger

	mu     sync.Mutex
	server *server.Server // nil while stopped
	end    context.CancelFunc
	ended  chan error // what Run returned
}

// Start runs a server until the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	settings := config.Default()
	settings.Data = dataFor(t, o.Database)
	settings.Database = o.Database
	settings.Listen = "127.0.0.1:0"
	settings.LogLevel = "debug"
	settings.LinkPreviews = "off" // tests reach no other machine
	if o.Change != nil {
		o.Change(&settings)
	}
	if o.Log == nil {
		o.Log = t.Output()
	}
	s := &Server{t: t, settings: settings, log: settings.Logger(o.Log)}
	t.Cleanup(s.Stop)
	s.start()
	s.Application, s.Secret = s.server.Application()
	return s
}

// dataFor is a data directory, with a database in it if none is elsewhere.
func dataFor(t testing.TB, database string) string {
	t.Helper()
	if database != "" {
		return t.TempDir()
	}
	return storetest.SQLite(t)
}

// ForEachEngine runs a test on a server with SQLite and on one with PostgreSQL.
func ForEachEngine(t *testing.T, test func(*testing.T, *Server)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, Start(t, Options{}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Start(t, Options{Database: storetest.Postgres(t)}))
	})
}

// APIKey is the key of the application.
func (s *Server) APIKey() string { return s.Application.APIKey }

// Stop ends the server in good order, as on SIGTERM. It does nothing if the
// server is stopped.
func (s *Server) Stop() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return
	}
	s.end()
	if err := <-s.ended; err != nil {
		s.t.Errorf("stop the server: %v", err)
	}
	s.server = nil
}

// Kill ends the server without any grace: connections break, and nothing is
// said to clients. What was acknowledged must have been kept.
func (s *Server) Kill() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	atOnce, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.server.Stop(atOnce) // it says that there was no time
	<-s.ended
	s.end()
	s.server = nil
}

// Restart stops the server, unless it is stopped, and runs it again on the same
// data and address.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	s.start()
}

// start opens the server and serves. Its goroutine ends with Stop or Kill.
func (s *Server) start() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	opened, err := server.Open(s.t.Context(), s.settings, s.log)
	if err != nil {
		s.t.Fatalf("start the server: %v", err)
	}
	s.server, s.URL, s.ended = opened, opened.URL(), make(chan error, 1)
	s.settings.Listen = opened.Addr().String()
	ctx, end := context.WithCancel(context.Background())
	s.end = end
	go func() { s.ended <- opened.Run(ctx) }()
}

// CreateApplication makes another application beside the first, as the command
// line does it: in the database, while the server runs.
func (s *Server) CreateApplication(name string) chat.Application {
	s.t.Helper()
	app, _ := s.CreateCredentials(name)
	return app
}

// CreateCredentials is CreateApplication for those who need the secret too.
func (s *Server) CreateCredentials(name string) (app chat.Application, secret string) {
	s.t.Helper()
	s.operate(func(ctx context.Context, e *engine.Engine) (err error) {
		app, secret, err = e.CreateApplication(ctx, name)
		return err
	})
	return app, secret
}

// ExpiredToken is a token of the first application that no longer works.
func (s *Server) ExpiredToken() string {
	s.t.Helper()
	var token engine.Token
	s.operate(func(ctx context.Context, e *engine.Engine) (err error) {
		token, err = e.IssueToken(ctx, s.Application.ClientID, s.Secret, nil, -time.Hour)
		return err
	})
	return token.Text
}

// SavedSessions is how many sessions of a user the database knows.
func (s *Server) SavedSessions(username string) (count int) {
	s.t.Helper()
	s.operate(func(ctx context.Context, e *engine.Engine) error {
		user, err := e.StartSession(ctx, s.APIKey(), username)
		if err != nil {
			return err
		}
		records, err := e.SavedSessions(ctx, chat.Actor{Application: user.Application, User: user.ID})
		count = len(records)
		return err
	})
	return count
}

// Sweep removes what is past its retention at a time.
func (s *Server) Sweep(at time.Time) {
	s.t.Helper()
	s.operate(func(ctx context.Context, e *engine.Engine) error { return e.Sweep(ctx, at) })
}

// Set changes settings of the application, as the command line does it. The server
// goes by them at once if nobody has used the application yet, and otherwise
// within five seconds.
func (s *Server) Set(settings map[string]string) {
	s.t.Helper()
	s.operate(func(ctx context.Context, e *engine.Engine) error {
		_, err := e.UpdateSettings(ctx, s.Application.ID, func(to *chat.Settings) error {
			for name, text := range settings {
				if err := to.Set(name, text); err != nil {
					return err
				}
			}
			return nil
		})
		return err
	})
}

// Read has a user of the application read a message.
func (s *Server) Read(username string, message int64) {
	s.t.Helper()
	s.operate(func(ctx context.Context, e *engine.Engine) error {
		actor := chat.Actor{Application: s.Application.ID}
		user, err := e.FindUser(ctx, actor, chat.UserRef{Name: username})
		if err != nil {
			return err
		}
		actor.User = user.ID
		return e.ReadMessage(ctx, actor, chat.MessageID(message))
	})
}

// SendSystemMessage says something in a channel in the name of the first
// application.
func (s *Server) SendSystemMessage(channel chat.ChannelID, body string) chat.Message {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	message, err := s.server.Engine().SendSystemMessage(s.t.Context(), chat.Actor{Application: s.Application.ID}, chat.NewMessage{
		Channel: channel, Type: chat.Text, Body: body,
	})
	if err != nil {
		s.t.Fatalf("send a system message: %v", err)
	}
	return message
}

// SetChatUI replaces a part of an application's chat UI: "elements", "features"
// or "styles".
func (s *Server) SetChatUI(app chat.ApplicationID, part, json string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.server.Engine().SetChatUI(s.t.Context(), app, chat.ChatUIPart(part), json); err != nil {
		s.t.Fatalf("set the %s of the chat UI: %v", part, err)
	}
}

func (s *Server) operate(operation func(context.Context, *engine.Engine) error) {
	s.t.Helper()
	e, closeEngine, err := server.OpenEngine(s.t.Context(), s.settings, s.log)
	if err != nil {
		s.t.Fatalf("open the database beside the server: %v", err)
	}
	if err := operation(s.t.Context(), e); err != nil {
		s.t.Errorf("operate beside the server: %v", err)
	}
	if err := closeEngine(); err != nil {
		s.t.Errorf("close the database beside the server: %v", err)
	}
}
