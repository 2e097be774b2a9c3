package store_test

import (
	"context"
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
