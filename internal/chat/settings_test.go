package chat_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"

	"github.com/google/go-cmp/cmp"
)

func TestSettingsAreReadFromTheTextThatTheyAreWrittenAs(t *testing.T) {
	t.Parallel()

	for name, texts := range map[string][]string{
		"guest_users":              {"ENABLED", "DISABLED"},
		"creatable_channel_types":  {"NONE", "DIRECT", "DIRECT,PRIVATE", "DIRECT,PUBLIC,PRIVATE"},
		"persistent_channel_types": {"PUBLIC"},
		"message_retention":        {"FOREVER", "1d", "36500d", "36h0m0s"},
		"change_retention":         {"30d", "1h0m0s"},
		"max_file_size":            {"0", "1099511627776"},
		"file_types":               {"ANY", "image/png", "image/*,application/pdf"},
		"max_chat_sessions":        {"1", "10000"},
		"sends_per_user":           {"UNLIMITED", "1/1ms", "300/10s", "5/1m", "7/24h", "9/1h30m"},
	} {
		for _, text := range texts {
			s := chat.DefaultSettings()
			if err := s.Set(name, text); err != nil {
				t.Errorf("%s=%s: %v", name, text, err)
			}
			if got := texted(s)[name]; got != text {
				t.Errorf("%s=%s is written as %s", name, text, got)
			}
			again, err := chat.ParseSettings(s.Changed())
			if diff := cmp.Diff(s, again); err != nil || diff != "" {
				t.Errorf("%s=%s, stored and read: %v\n%s", name, text, err, diff)
			}
		}
	}
}

func texted(s chat.Settings) map[string]string {
	all := map[string]string{}
	for _, setting := range chat.AllSettings() {
		all[setting.Name] = setting.Text(s)
	}
	return all
}

func TestSettingsOutOfTheirBoundsAreRefusedByName(t *testing.T) {
	t.Parallel()

	for name, texts := range map[string][]string{
		"guest_users":              {"", "enabled", "true"},
		"persistent_channel_types": {"", "OPEN", "DIRECT,", "DIRECT, PUBLIC"},
		"message_retention":        {"", "0", "59m", "-1d", "36501d", "99999999999999d", "1.5d", "forever"},
		"max_file_size":            {"-1", "1MB", "1099511627777"},
		"file_types":               {"", "image", "*/*", "image/png;q=1", "image/png, text/plain"},
		"max_chat_sessions":        {"0", "10001", "x"},
		"sends_per_user":           {"", "0/1s", "5", "5/s", "5/0s", "5/25h", "-1/1s", "1000000001/1s"},
	} {
		for _, text := range texts {
			s := chat.DefaultSettings()
			err := s.Set(name, text)
			if refused := chat.AsError(err); err == nil || refused.Name != "InvalidSettingError" || !strings.Contains(refused.Message, name) {
				t.Errorf("%s=%s: %v", name, text, err)
			}
			if diff := cmp.Diff(chat.DefaultSettings(), s); diff != "" {
				t.Errorf("%s=%s was refused, but left:\n%s", name, text, diff)
			}
		}
	}
	s := chat.DefaultSettings()
	if err := s.Set("unheard_of", "1"); err == nil || chat.AsError(err).Name != "UnknownSettingError" {
		t.Errorf("an unknown setting: %v", err)
	}
}

func TestTheDefaultsAreWithinTheBoundsAndNothingOfThemIsStored(t *testing.T) {
	t.Parallel()

	s := chat.DefaultSettings()
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if changed := s.Changed(); len(changed) > 0 {
		t.Errorf("the defaults are stored as %v", changed)
	}
	s.Rates.Sends.User = chat.Rate{Count: -1, Per: time.Second}
	if err := s.Check(); err == nil {
		t.Error("a negative rate passed")
	}
}

func TestSettingsSayWhatUsersMayCreateAndUpload(t *testing.T) {
	t.Parallel()

	s := chat.DefaultSettings()
	for text, want := range map[string]bool{"DIRECT": false, "PUBLIC": true} {
		if err := s.Set("creatable_channel_types", text); err != nil {
			t.Fatal(err)
		}
		if got := s.CheckCreate(chat.Public) == nil; got != want {
			t.Errorf("with %s, users may create public channels: %v", text, got)
		}
	}
	s.UserCreatedChannels = false
	if !chat.IsKind(s.CheckCreate(chat.Public), chat.Denied) {
		t.Error("users may create channels though they may not")
	}
	limits := chat.FileLimits{Allowed: chat.MediaTypes{"image/*", "text/plain"}}
	for mediaType, want := range map[string]bool{
		"image/png": true, "Text/Plain; charset=utf-8": true, "text/html": false, "": false, "imagesque/png": false,
	} {
		if got := limits.CheckType(mediaType) == nil; got != want {
			t.Errorf("%q is allowed: %v", mediaType, got)
		}
	}
}

func TestTheGuideListsTheSettingsThatThereAre(t *testing.T) {
	t.Parallel()

	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "guides", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range chat.AllSettings() {
		want = append(want, fmt.Sprintf("| `%s` | `%s` | %s |", e.Name, e.Text(chat.DefaultSettings()), e.Help))
	}
	got := regexp.MustCompile("(?m)^\\| `[a-z_]+` \\| `[^`]+` \\| .*$").FindAllString(string(guide), -1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings of an application that the guide lacks (-), and others (+):\n%s", diff)
	}
}
