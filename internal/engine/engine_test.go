package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

var testLimits = engine.Limits{
	MessageSize: 1000, TypingTimeout: 5 * time.Second, Grace: 30 * time.Second,
	Files: chat.FileLimits{Size: 1 << 20}, ImportSize: 1 << 20,
}

// world is an engine with an application, and what it announced.
type world struct {
	*engine.Engine
	t       *testing.T
	app     chat.Application
	options store.Options
	db      *store.Store
	data    string // the directory of data

	mu     sync.Mutex
	events []chat.Event
	pages  map[string]chat.LinkPreview // what links lead to
}

// preview is the web.
func (w *world) preview(_ context.Context, link string) (chat.LinkPreview, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	preview, found := w.pages[link]
	if !found {
		return preview, errors.New("there is no such page")
	}
	return preview, nil
}

func newWorld(t *testing.T, database string) *world {
	t.Helper()
	data := t.TempDir()
	if database == "" {
		data = storetest.SQLite(t)
	}
	w := &world{
		t: t, options: store.Options{Directory: data, Database: database}, data: data, pages: map[string]chat.LinkPreview{},
	}
	w.open(true)
	t.Cleanup(w.stop)
	var err error
	if w.app, _, err = w.CreateApplication(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	return w
}

// open opens the engine on its database. One that does not serve notifies nobody.
func (w *world) open(serving bool) {
	w.t.Helper()
	var err error
	if w.db, err = store.Open(context.Background(), w.options); err != nil {
		w.t.Fatal(err)
	}
	kept, err := engine.OpenFiles(context.Background(), "", w.data)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Engine, err = engine.New(context.Background(), engine.Options{
		Store: w.db, Directory: w.data, Files: kept, Limits: testLimits, Log: slog.New(slog.DiscardHandler), Previewer: w.preview,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if serving {
		w.AnnounceTo(func(events ...chat.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, events...)
		})
	}
}

func (w *world) stop() {
	w.Close()
	if err := w.db.Close(); err != nil {
		w.t.Error(err)
	}
}

// restart stops the engine and opens it again on the same data.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.open(true)
}

// forEachEngine runs a test on SQLite and on PostgreSQL.
func forEachEngine(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, newWorld(t, "")) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, newWorld(t, storetest.Postgres(t))) })
}

// user starts a session.
func (w *world) user(name string) chat.Actor {
	w.t.Helper()
	user, err := w.StartSession(context.Background(), w.app.APIKey, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return chat.Actor{Application: user.Application, User: user.ID}
}

func (w *world) channel(actor chat.Actor, request chat.NewChannel) chat.ChannelID {
	w.t.Helper()
	view, _, err := w.CreateChannel(context.Background(), actor, request)
	if err != nil {
		w.t.Fatal(err)
	}
	return view.ID
}

// take returns what was announced since it was last called.
func (w *world) take() []chat.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	events := w.events
	w.events = nil
	return events
}

func text(channel chat.ChannelID, body string) chat.NewMessage {
	return chat.NewMessage{Channel: channel, Type: chat.Text, Body: body}
}

func TestMessagesAreAnnouncedInTheOrderOfTheirSequence(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		w.take()
		const senders, each = 16, 20
		var all sync.WaitGroup
		for range senders {
			all.Go(func() {
				for i := range each {
					if _, err := w.SendMessage(t.Context(), alice, text(channel, fmt.Sprint(i))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		last := int64(0)
		events := w.take()
		for _, event := range events {
			posted := event.(chat.MessagePosted)
			if posted.Message.Sequence != last+1 && last != 0 {
				t.Fatalf("message %d was announced behind message %d", posted.Message.Sequence, last)
			}
			last = posted.Message.Sequence
		}
		if len(events) != senders*each {
			t.Errorf("%d messages were announced, want %d", len(events), senders*each)
		}
	})
}

func TestAMessageIsAnnouncedBeforeItIsAcknowledged(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		w.take()
		alice.Cause = chat.Cause{Session: "s", Receipt: "r"}
		sent, err := w.SendMessage(t.Context(), alice, text(channel, "hello"))
		if err != nil {
			t.Fatal(err)
		}
		events := w.take()
		if len(events) != 1 {
			t.Fatalf("announced: %v", events)
		}
		if posted := events[0].(chat.MessagePosted); posted.Message.ID != sent.ID || posted.Cause != alice.Cause {
			t.Errorf("announced: %+v", posted)
		}
	})
}

// So that the quick start works, in which one side opens a conversation before
// the other first connects.
func TestNamingAMemberCreatesAGuest(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		view, created, err := w.CreateChannel(t.Context(), alice, chat.NewChannel{
			Type: chat.Direct, Members: []chat.UserRef{{Name: "bob"}, {Name: "bob"}},
		})
		if err != nil || !created || len(view.Members) != 2 {
			t.Fatalf("got %+v, %v, %v", view, created, err)
		}
		bob := w.user("bob")
		if seen, err := w.Channel(t.Context(), bob, view.ID); err != nil || seen.Viewer == nil {
			t.Errorf("bob sees %+v, %v", seen, err)
		}
		joined := 0
		for _, event := range w.take() {
			if e, ok := event.(chat.UserJoinedChannel); ok {
				joined++
				if e.Sequence != 1 {
					t.Errorf("the change has number %d in the stream of user %d", e.Sequence, e.User)
				}
			}
		}
		if joined != 2 {
			t.Errorf("%d users were told that they joined", joined)
		}
	})
}

// Two users who open a conversation with each other at once share it.
func TestADirectChannelOpenedFromBothSidesAtOnceIsOne(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		for round := range 10 {
			third := chat.UserRef{Name: fmt.Sprint("third", round)}
			var ids [2]chat.ChannelID
			var both sync.WaitGroup
			both.Go(func() {
				ids[0] = w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{ID: bob.User}, third}})
			})
			both.Go(func() {
				ids[1] = w.channel(bob, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{ID: alice.User}, third}})
			})
			both.Wait()
			if ids[0] != ids[1] {
				t.Fatalf("alice got channel %d, bob %d", ids[0], ids[1])
			}
		}
	})
}

func TestAFailedCreationLeavesNothing(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		w.channel(alice, chat.NewChannel{Type: chat.Public, Name: "plaza"})
		w.take()
		_, _, err := w.CreateChannel(t.Context(), alice, chat.NewChannel{
			Type: chat.Public, Name: "plaza", Members: []chat.UserRef{{Name: "ghost"}},
		})
		if !chat.IsKind(err, chat.Conflict) {
			t.Fatalf("got %v", err)
		}
		if events := w.take(); len(events) != 0 {
			t.Errorf("announced: %v", events)
		}
		page, err := w.JoinedChannels(t.Context(), alice, engine.ChannelFilter{}, chat.PageRequest{})
		if err != nil || page.Total != 1 {
			t.Errorf("alice is in %d channels, %v", page.Total, err)
		}
	})
}

func TestAGrantOfAUserWhoIsGoneIsRefused(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	alice := w.user("alice")
	if got, err := w.CheckGrant(t.Context(), w.IssueGrant(alice, chat.ReadFiles), chat.ReadFiles); err != nil || got.User != alice.User {
		t.Errorf("got %+v, %v", got, err)
	}
	ghost := chat.Actor{Application: alice.Application, User: 999999}
	if _, err := w.CheckGrant(t.Context(), w.IssueGrant(ghost, chat.ReadFiles), chat.ReadFiles); !chat.IsKind(err, chat.NotFound) {
		t.Errorf("got %v", err)
	}
}
