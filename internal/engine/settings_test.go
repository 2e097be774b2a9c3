package engine_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
	"openkitty/internal/store"
)

func TestSettingsAreInForceAtOnceWhereTheyAreChanged(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		if s, err := w.Settings(t.Context(), w.app.ID); err != nil || !s.GuestUsers {
			t.Fatalf("the settings are %+v (%v)", s, err)
		}
		changed, err := w.UpdateSettings(t.Context(), w.app.ID, func(s *chat.Settings) error {
			return s.Set("guest_users", "DISABLED")
		})
		if err != nil || changed.GuestUsers {
			t.Errorf("the change answers %+v (%v)", changed, err)
		}
		if s, err := w.Settings(t.Context(), w.app.ID); err != nil || s.GuestUsers {
			t.Errorf("after the change the settings are %+v (%v)", s, err)
		}
		if _, err := w.StartSession(t.Context(), w.app.APIKey, "stranger"); err == nil || chat.AsError(err).Name != "AccessDeniedError" {
			t.Errorf("a guest is answered %v", err)
		}
		_, err = w.UpdateSettings(t.Context(), w.app.ID, func(s *chat.Settings) error {
			s.MaxChatSessions = -1
			return nil
		})
		if !chat.IsKind(err, chat.Invalid) {
			t.Errorf("a setting out of its bounds: %v", err)
		}
		if _, err := w.Settings(t.Context(), 1); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("the settings of no application: %v", err)
		}
	})
}

func TestSettingsThatAnotherNodeChangedAreInForceWithinFiveSeconds(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), store.Options{Directory: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		node := func() *engine.Engine {
			e, err := engine.New(t.Context(), engine.Options{Store: db, Limits: testLimits, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		one, other := node(), node()
		defer one.Close()
		defer other.Close()
		app, _, err := one.CreateApplication(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Settings(t.Context(), app.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := one.UpdateSettings(t.Context(), app.ID, func(s *chat.Settings) error {
			s.MaxChatSessions = 3
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second) // of the bubble's clock
		if s, err := other.Settings(t.Context(), app.ID); err != nil || s.MaxChatSessions != 3 {
			t.Errorf("after five seconds another node goes by %+v (%v)", s, err)
		}
	})
}
