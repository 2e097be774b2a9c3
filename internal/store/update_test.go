package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

func TestUpdatesThatFailOrPanicLeaveTheirNeighboursAlone(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		author := newUser(t, s, app.ID, "author")
		channel := newChannel(t, s, chat.Public, "room", author)
		refusal := errors.New("changed my mind")

		var callers sync.WaitGroup
		errs := make([]error, 100)
		release := stall(t, s, channel)
		for i := range errs {
			callers.Go(func() {
				errs[i] = s.Update(t.Context(), int64(channel.ID), func(tx *store.Tx) error {
					_, err := tx.CreateMessage(t.Context(), chat.Message{
						Application: app.ID, Channel: channel.ID, Type: chat.Text, Author: &author,
						Body: fmt.Sprint("body ", i), CreatedAt: tx.Now(),
					})
					switch i {
					case 30:
						return refusal
					case 60:
						panic("on purpose")
					case 90: // a statement that fails, which the caller passes over
						_, _ = tx.CreateApplication(t.Context(), chat.Application{Name: "other", APIKey: app.APIKey}, nil)
					}
					return err
				})
			})
		}
		release(len(errs))
		callers.Wait()

		for i, err := range errs {
			switch i {
			case 30:
				if !errors.Is(err, refusal) {
					t.Errorf("the failing call got %v", err)
				}
			case 60:
				if err == nil || !strings.Contains(err.Error(), "on purpose") || !strings.Contains(err.Error(), "update_test.go") {
					t.Errorf("the panicking call got %v", err)
				}
			case 90:
				if err == nil {
					t.Error("the call with a failed statement got no error")
				}
			default:
				if err != nil {
					t.Errorf("call %d got %v", i, err)
				}
			}
		}
		checkStream(t, s, channel)
		bodies := map[string]bool{}
		for _, m := range allMessages(t, s, channel) {
			bodies[m.Body] = true
		}
		for i := range errs {
			if kept := bodies[fmt.Sprint("body ", i)]; kept != (errs[i] == nil) {
				t.Errorf("call %d: kept %v, error %v", i, kept, errs[i])
			}
		}
	})
}

// stall keeps a channel's lane busy, so that updates gather behind it. The
// function it returns lets go once so many wait.
func stall(t *testing.T, s *store.Store, channel chat.Channel) (release func(waiting int)) {
	t.Helper()
	started, finish := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var busy sync.WaitGroup
	busy.Go(func() {
		err := s.Update(context.Background(), int64(channel.ID), func(*store.Tx) error {
			once.Do(func() { close(started) })
			<-finish
			return nil
		})
		if err != nil {
			t.Errorf("the update that stalls its lane: %v", err)
		}
	})
	<-started
	return func(waiting int) {
		t.Helper()
		eventually(t, func() bool { return store.Waiting(s) >= waiting })
		close(finish)
		busy.Wait()
	}
}

func allMessages(t *testing.T, s *store.Store, channel chat.Channel) []chat.Message {
	t.Helper()
	var all []chat.Message
	for request := (chat.PageRequest{Size: chat.PageSizeMax}); ; {
		page, err := s.Messages(t.Context(), channel.Application, chat.Membership{Channel: channel.ID}, chat.MessageFilter{}, request)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Items...)
		if page.Next == "" {
			return all
		}
		request.After = page.Next
	}
}

func TestAnnouncementsComeInTheOrderOfSequences(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		authors := people(t, s, app.ID, 8)
		channels := []chat.Channel{
			newChannel(t, s, chat.Public, "one", authors...), newChannel(t, s, chat.Public, "two", authors...),
		}
		var mu sync.Mutex
		announced := map[chat.ChannelID][]chat.Message{}
		announce := func(m chat.Message) {
			mu.Lock()
			defer mu.Unlock()
			announced[m.Channel] = append(announced[m.Channel], m)
		}
		var senders sync.WaitGroup
		for i, author := range authors {
			senders.Go(func() {
				for range 50 {
					m, err := send(t.Context(), s, channels[i%2], author, "hello", announce)
					if err != nil {
						t.Errorf("send: %v", err)
						return
					}
					mu.Lock()
					told := announced[m.Channel]
					mu.Unlock()
					if int64(len(told)) < m.Sequence {
						t.Errorf("message %d was answered before it was announced", m.Sequence)
					}
				}
			})
		}
		senders.Wait()
		for _, c := range channels {
			told := announced[c.ID]
			if len(told) != 200 {
				t.Errorf("channel %d announced %d messages, not 200", c.ID, len(told))
			}
			for i, m := range told {
				if m.Sequence != int64(i+1) {
					t.Fatalf("channel %d announced sequence %d in place %d", c.ID, m.Sequence, i+1)
				}
				if i > 0 && !m.CreatedAt.After(told[i-1].CreatedAt) {
					t.Fatalf("message %d is not later than the one before", m.Sequence)
				}
			}
			checkStream(t, s, c)
		}
	})
}

func TestUndoneUpdatesAnnounceNothing(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		var announced []string
		err := s.Update(t.Context(), 0, func(tx *store.Tx) error {
			tx.AfterCommit(func() { announced = append(announced, "undone") })
			return errors.New("no")
		})
		if err == nil {
			t.Error("the failing update got no error")
		}
		update(t, s, func(tx *store.Tx) error {
			tx.AfterCommit(func() { panic("in an announcement") })
			tx.AfterCommit(func() { announced = append(announced, "kept") })
			return nil
		})
		if got := strings.Join(announced, " "); got != "kept" {
			t.Errorf("announced: %q", got)
		}
	})
}

// contexts are those that errors were logged with.
type contexts struct {
	slog.Handler
	logged chan context.Context
}

func (c contexts) Handle(ctx context.Context, _ slog.Record) error {
	c.logged <- ctx
	return nil
}

func TestWhatPanicsAfterACommitIsLoggedWithItsContext(t *testing.T) {
	t.Parallel()

	log := contexts{slog.NewTextHandler(t.Output(), nil), make(chan context.Context, 1)}
	s := open(t, store.Options{Directory: storetest.SQLite(t), Log: slog.New(log)})
	type request struct{}
	err := s.Update(context.WithValue(t.Context(), request{}, "mine"), 0, func(tx *store.Tx) error {
		tx.AfterCommit(func() { panic("in an announcement") })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if ctx := <-log.logged; ctx.Value(request{}) != "mine" {
		t.Error("the line does not say what request it belongs to")
	}
}

func TestAnUpdateWhoseContextEndedDoesNotRun(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		channel := newChannel(t, s, chat.Public, "room", newUser(t, s, app.ID, "author"))
		release := stall(t, s, channel)
		ctx, cancel := context.WithCancel(t.Context())
		answer := make(chan error, 1)
		go func() {
			answer <- s.Update(ctx, int64(channel.ID), func(*store.Tx) error {
				t.Error("an update ran after its context had ended")
				return nil
			})
		}()
		eventually(t, func() bool { return store.Waiting(s) == 1 })
		cancel()
		release(1)
		if err := <-answer; !errors.Is(err, context.Canceled) {
			t.Errorf("the update got %v", err)
		}
	})
}

func TestAContextThatEndsDuringAnUpdateHarmsNoOther(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		author := newUser(t, s, app.ID, "author")
		channel := newChannel(t, s, chat.Public, "room", author)
		release := stall(t, s, channel)
		var callers sync.WaitGroup
		for i := range 10 {
			callers.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err := s.Update(ctx, int64(channel.ID), func(tx *store.Tx) error {
					m := chat.Message{Application: app.ID, Channel: channel.ID, Type: chat.Text, Author: &author, Body: "x", CreatedAt: tx.Now()}
					if _, err := tx.CreateMessage(ctx, m); err != nil {
						return err
					}
					if i == 5 {
						cancel()
					}
					_, err := tx.Channel(ctx, app.ID, channel.ID)
					return err
				})
				if i == 5 && !errors.Is(err, context.Canceled) || i != 5 && err != nil {
					t.Errorf("update %d got %v", i, err)
				}
			})
		}
		release(10)
		callers.Wait()
		checkStream(t, s, channel)
		if n := len(allMessages(t, s, channel)); n != 9 {
			t.Errorf("%d messages were kept, not 9", n)
		}
	})
}

func TestAFullQueueMakesUpdatesWaitUntilTheirContextEnds(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		channel := newChannel(t, s, chat.Public, "room", newUser(t, s, app.ID, "author"))
		release := stall(t, s, channel)
		var callers sync.WaitGroup
		for range store.QueueMax {
			callers.Go(func() {
				if err := s.Update(t.Context(), int64(channel.ID), func(*store.Tx) error { return nil }); err != nil {
					t.Errorf("a waiting update got %v", err)
				}
			})
		}
		eventually(t, func() bool { return store.Waiting(s) == store.QueueMax })
		ctx, cancel := context.WithCancel(t.Context())
		answer := make(chan error, 1)
		go func() { answer <- s.Update(ctx, int64(channel.ID), func(*store.Tx) error { return nil }) }()
		cancel()
		if err := <-answer; !errors.Is(err, context.Canceled) {
			t.Errorf("the update without room got %v", err)
		}
		release(store.QueueMax)
		callers.Wait()
	})
}

func TestCloseFinishesWhatWasAcceptedAndRefusesTheRest(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		author := newUser(t, s, app.ID, "author")
		channel := newChannel(t, s, chat.Public, "room", author)
		release := stall(t, s, channel)
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				if _, err := send(context.Background(), s, channel, author, "accepted", nil); err != nil {
					t.Errorf("an accepted update got %v", err)
				}
			})
		}
		var closing sync.WaitGroup
		eventually(t, func() bool { return store.Waiting(s) == 50 })
		closing.Go(func() {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		release(50)
		callers.Wait()
		closing.Wait()
		if _, err := send(t.Context(), s, channel, author, "late", nil); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("an update after Close got %v", err)
		}
	})
}
