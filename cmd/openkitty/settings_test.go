package main

import (
	"strings"
	"testing"
)

func TestSettingsOfAnApplicationAreShownAndChanged(t *testing.T) {
	t.Parallel()

	onEachEngine(t, func(t *testing.T, storage []string) {
		answer[description](t, storage, "app", "create", "shop")
		before := answer[map[string]string](t, storage, "app", "settings", "shop")
		if before["guest_users"] != "ENABLED" || before["change_retention"] != "30d" {
			t.Errorf("a new application has the settings %v", before)
		}
		changed := answer[map[string]string](t, storage,
			"app", "settings", "shop", "guest_users=DISABLED", "message_retention=90d", "sends_per_user=5/1s")
		after := answer[map[string]string](t, storage, "app", "settings", "shop")
		for name, want := range map[string]string{
			"guest_users": "DISABLED", "message_retention": "90d", "sends_per_user": "5/1s", "link_previews": "ENABLED",
		} {
			if changed[name] != want || after[name] != want {
				t.Errorf("%s: was answered %q and is %q, want %q", name, changed[name], after[name], want)
			}
		}
		reset := answer[map[string]string](t, storage, "app", "settings", "shop", "guest_users=")
		if reset["guest_users"] != "ENABLED" || reset["message_retention"] != "90d" {
			t.Errorf("going back to one default made %v", reset)
		}
	})
}

func TestWrongSettingsChangeNothingAndAreNamed(t *testing.T) {
	t.Parallel()

	storage := []string{"--data=" + t.TempDir()}
	answer[description](t, storage, "app", "create", "shop")
	for change, want := range map[string]string{
		"guests=DISABLED":       "no setting",
		"guest_users=false":     "ENABLED or DISABLED",
		"max_chat_sessions=0":   "from 1 to",
		"sends_per_user=5":      "300/10s",
		"message_retention=1m":  "FOREVER",
		"file_types=everything": "image/*",
	} {
		got := openkitty(t, append([]string{"app", "settings", "shop", "link_previews=DISABLED", change}, storage...)...)
		if got.Status != exitFailed || !strings.Contains(got.Err, want) {
			t.Errorf("%s: status %d, error %q; want one that says %q", change, got.Status, got.Err, want)
		}
	}
	if now := answer[map[string]string](t, storage, "app", "settings", "shop"); now["link_previews"] != "ENABLED" {
		t.Error("a refused change left a part of it")
	}
	if got := openkitty(t, append([]string{"app", "settings", "shop", "link_previews"}, storage...)...); got.Status != exitUsage {
		t.Errorf("a setting without a value: status %d", got.Status)
	}
}
