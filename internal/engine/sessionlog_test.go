package engine_test

import (
	"sync/atomic"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

// The list is written behind what happens: who reads it at once may be faster
// than who keeps it.
func TestASessionCanBeEndedAsSoonAsItIsListed(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		actor := w.user("alice")
		ended := map[chat.UserSessionID]bool{}
		for range 10 {
			var cut atomic.Int32
			var begun []*engine.Session
			for range 8 {
				begun = append(begun, w.BeginSession(actor, "", func() { cut.Add(1) }))
			}
			for before := len(ended); len(ended) < before+len(begun); {
				page, err := w.UserSessionPage(t.Context(), actor, chat.ActiveSession, chat.NumberedPage{Sort: []chat.Order{{By: "id", Descending: true}}})
				if err != nil {
					t.Fatal(err)
				}
				for _, listed := range page.Items {
					if ended[listed.ID] {
						continue
					}
					ended[listed.ID] = true
					if now, err := w.EndSession(t.Context(), actor, listed.ID); err != nil || now.EndedAt.IsZero() {
						t.Errorf("a session that was just listed does not end: %v, %v", now, err)
					}
				}
			}
			if int(cut.Load()) != len(begun) {
				t.Fatalf("%d of %d sessions were cut", cut.Load(), len(begun))
			}
			for _, session := range begun {
				session.End()
			}
		}
	})
}
