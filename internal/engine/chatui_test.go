package engine_test

import (
	"strings"
	"testing"

	"openkitty/internal/chat"

	"github.com/google/go-cmp/cmp"
)

func TestAPartOfTheChatUIIsReplacedAndAnnouncedWithItsVersion(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx, app := t.Context(), w.app.ID
		unset, err := w.ChatUI(ctx, app, chat.ChatUIStyles)
		if err != nil || unset.Version != 0 || unset.JSON != `{"$version":"0.0.2","base-theme":"light"}` {
			t.Errorf("before all: %+v, %v", unset, err)
		}
		w.take()
		for version := range int64(2) {
			want := chat.ChatUI{Application: app, Part: chat.ChatUIStyles, Version: version + 1, JSON: `{"base-theme":"dark"}`}
			set, err := w.SetChatUI(ctx, app, want.Part, want.JSON)
			if diff := cmp.Diff(want, set); diff != "" || err != nil {
				t.Errorf("what was set (%v):\n%s", err, diff)
			}
			if diff := cmp.Diff([]chat.Event{chat.ChatUIChanged{ChatUI: want}}, w.take()); diff != "" {
				t.Errorf("what was announced:\n%s", diff)
			}
			if stored, err := w.ChatUI(ctx, app, want.Part); err != nil || stored != want {
				t.Errorf("what is stored: %+v, %v", stored, err)
			}
		}
		if other, err := w.ChatUI(ctx, app, chat.ChatUIElements); err != nil || other.Version != 0 || other.JSON != "{}" {
			t.Errorf("another part: %+v, %v", other, err)
		}
	})
}

func TestAPartOfTheChatUIThatIsTooLargeChangesNothing(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		body := func(size int) string { return `{"x":"` + strings.Repeat("x", size-len(`{"x":""}`)) + `"}` }
		if _, err := w.SetChatUI(t.Context(), w.app.ID, chat.ChatUIElements, body(chat.ChatUIMax)); err != nil {
			t.Errorf("the largest: %v", err)
		}
		w.take()
		_, err := w.SetChatUI(t.Context(), w.app.ID, chat.ChatUIElements, body(chat.ChatUIMax+1))
		if want := "the elements have 131073 bytes; at most 131072 are allowed"; !chat.IsKind(err, chat.Invalid) || chat.AsError(err).Message != want {
			t.Errorf("one larger: %v", err)
		}
		if events := w.take(); len(events) > 0 {
			t.Errorf("announced: %v", events)
		}
	})
}
