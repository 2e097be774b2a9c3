package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
)

// note is an update that notes that it ran.
func note(ran *[]string, name string) func(*store.Tx) error {
	return func(*store.Tx) error {
		*ran = append(*ran, name)
		return nil
	}
}

func TestWorkInTheBackgroundRunsBehindThoseWhoWait(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		author := newUser(t, s, newApplication(t, s, "app").ID, "author")
		channel := newChannel(t, s, chat.Public, "room", author)
		var ran []string // the lane's
		var callers sync.WaitGroup
		release := stall(t, s, channel)
		for range 3 {
			callers.Go(func() {
				if err := s.UpdateBehind(t.Context(), int64(channel.ID), note(&ran, "behind")); err != nil {
					t.Error(err)
				}
			})
		}
		eventually(t, func() bool { return store.Waiting(s) == 3 })
		for range 5 {
			callers.Go(func() {
				if err := s.Update(t.Context(), int64(channel.ID), note(&ran, "waits")); err != nil {
					t.Error(err)
				}
			})
		}
		release(8)
		callers.Wait()
		want := slices.Concat(slices.Repeat([]string{"waits"}, 5), slices.Repeat([]string{"behind"}, 3))
		if diff := cmp.Diff(want, ran); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWorkInTheBackgroundGoesOnHoweverManyWait(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		author := newUser(t, s, newApplication(t, s, "app").ID, "author")
		channel := newChannel(t, s, chat.Public, "room", author)
		var callers sync.WaitGroup
		var ended atomic.Bool
		for range 8 {
			callers.Go(func() {
				for !ended.Load() {
					if _, err := send(context.Background(), s, channel, author, "again", nil); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for range 50 {
			if err := s.UpdateBehind(t.Context(), int64(channel.ID), func(*store.Tx) error { return nil }); err != nil {
				t.Error(err)
			}
		}
		ended.Store(true)
		callers.Wait()
	})
}

func TestHowLongCommitsTakeIsKnownFromThoseWhoWait(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		for range 100 {
			if err := s.UpdateBehind(t.Context(), 7, func(*store.Tx) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if took := s.CommitTime(7); took != 0 {
			t.Errorf("commits took %v, and there were none but of the background", took)
		}
		if err := s.Update(t.Context(), 7, func(*store.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if s.CommitTime(7) <= 0 {
			t.Error("it is not known how long a commit took")
		}
	})
}

func TestCloseAnswersTheBackgroundToo(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		author := newUser(t, s, newApplication(t, s, "app").ID, "author")
		channel := newChannel(t, s, chat.Public, "room", author)
		release := stall(t, s, channel)
		var callers, closing sync.WaitGroup
		for range 4 {
			callers.Go(func() {
				if err := s.UpdateBehind(context.Background(), int64(channel.ID), func(*store.Tx) error { return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		eventually(t, func() bool { return store.Waiting(s) == 4 })
		closing.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		release(4)
		callers.Wait()
		closing.Wait()
		if err := s.UpdateBehind(context.Background(), 0, func(*store.Tx) error { return nil }); err == nil {
			t.Error("a closed store took an update")
		}
	})
}

func TestWhoComesWhileTheBackgroundRunsSharesItsCommit(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app, refusal := newApplication(t, s, "app").ID, errors.New("changed my mind")
		var callers sync.WaitGroup
		var submitted sync.Once
		behind := func(tx *store.Tx) error {
			submitted.Do(func() {
				callers.Go(func() {
					if err := s.Update(t.Context(), 0, func(tx *store.Tx) error {
						if _, err := tx.UserByName(t.Context(), app, "imported"); err != nil {
							t.Errorf("who came later does not see what the background wrote: %v", err)
						}
						if _, err := s.UserByName(t.Context(), app, "imported"); !chat.IsKind(err, chat.NotFound) {
							t.Errorf("the background was committed before who came while it ran: %v", err)
						}
						return nil
					}); err != nil {
						t.Error(err)
					}
				})
				callers.Go(func() { // fails after it wrote, alone
					if err := s.Update(t.Context(), 0, func(tx *store.Tx) error {
						if _, _, err := tx.CreateUser(t.Context(), chat.User{Application: app, Name: "refused", CreatedAt: now}); err != nil {
							t.Error(err)
						}
						return refusal
					}); !errors.Is(err, refusal) {
						t.Errorf("who was refused was told %v", err)
					}
				})
				eventually(t, func() bool { return store.Waiting(s) == 2 })
			})
			_, _, err := tx.CreateUser(t.Context(), chat.User{Application: app, Name: "imported", CreatedAt: now})
			return err
		}
		if err := s.UpdateBehind(t.Context(), 0, behind); err != nil {
			t.Error(err)
		}
		callers.Wait()
		if _, err := s.UserByName(t.Context(), app, "imported"); err != nil {
			t.Errorf("what the background wrote was lost with who was refused: %v", err)
		}
		if _, err := s.UserByName(t.Context(), app, "refused"); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("what was refused was kept: %v", err)
		}
	})
}
