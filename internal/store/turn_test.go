package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

func TestWhatHappensToAUserIsAnnouncedInOrderWhicheverLaneWritesIt(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		streams := []chat.Stream{{User: newUser(t, s, app.ID, "ann").ID}, {User: newUser(t, s, app.ID, "bob").ID}}
		var mu sync.Mutex
		announced := map[chat.Stream][]int64{}
		undone := errors.New("undone")
		var callers sync.WaitGroup
		for lane := range 8 {
			callers.Go(func() {
				for round := range 40 {
					err := s.Update(t.Context(), int64(lane), func(tx *store.Tx) error {
						for _, stream := range streams[round%2:] {
							sequence, err := tx.Record(t.Context(), app.ID, stream, chat.ChannelJoined, 1, now)
							if err != nil {
								return err
							}
							tx.AfterCommit(func() {
								mu.Lock()
								defer mu.Unlock()
								announced[stream] = append(announced[stream], sequence)
							})
						}
						if round%7 == 3 {
							return undone
						}
						return nil
					})
					if err != nil && !errors.Is(err, undone) {
						t.Errorf("lane %d: %v", lane, err)
					}
				}
			})
		}
		callers.Wait()
		for _, stream := range streams {
			got := announced[stream]
			latest, err := s.Sequence(t.Context(), app.ID, stream)
			if err != nil || !slices.IsSorted(got) || int64(len(got)) != latest {
				t.Errorf("of %d changes these were announced, in this order: %v (%v)", latest, got, err)
			}
		}
	})
}
