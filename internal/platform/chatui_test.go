package platform_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"openkitty/internal/servertest"

	"github.com/google/go-cmp/cmp"
)

const chatUI = "/application/chat-ui/"

func TestThePartsOfTheChatUIAreGivenBackAsTheyWereSetInBothFormats(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		owner := newBackEnd(t, s)
		other, secret := s.CreateCredentials("other")
		stranger := newBackEndWith(t, s, other.ClientID, secret, "")
		for part, c := range map[string]struct{ unset, set string }{
			"elements": {`{}`, `{"send_button":{"template":"<b>&</b>","classMaps":{"on_off":{"is_on":"a b"}}}}`},
			"features": {`{"$version":"0.0.2"}`, `{"$version":"0.0.2","channel":{"create":"enabled","profile":"disabled"},"emoji":{"picker":"enabled"},` +
				`"message":{"attachments":{"audio":"enabled","file":"disabled","image":"enabled","video":"enabled"},"links":{"preview":"disabled"},` +
				`"reactions":"enabled","read-receipts":"enabled","search":"disabled","threads":"enabled","typing":"disabled"},` +
				`"user":{"presence":"enabled","profile":"disabled"}}`},
			"styles": {`{"$version":"0.0.2","base-theme":"light"}`,
				`{"$version":"0.0.2","base-theme":"dark","stylesheet":"a > b {}","overrides":{"font_size":{"x_y":[1,null]}}}`},
		} {
			path := chatUI + part
			if diff := cmp.Diff(parsed(t, c.unset), owner.must("GET", path, "")); diff != "" {
				t.Errorf("the %s before they are set:\n%s", part, diff)
			}
			if diff := cmp.Diff(parsed(t, c.set), owner.must("PUT", path, c.set)); diff != "" {
				t.Errorf("the answer to the new %s:\n%s", part, diff)
			}
			for _, path := range []string{path, "/v1" + path} {
				if diff := cmp.Diff(parsed(t, c.set), owner.must("GET", path, "")); diff != "" {
					t.Errorf("%s:\n%s", path, diff)
				}
			}
			if diff := cmp.Diff(parsed(t, c.unset), stranger.must("GET", path, "")); diff != "" {
				t.Errorf("another application's %s:\n%s", part, diff)
			}
		}
	})
}

func TestWhatIsNoPartOfAChatUIIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	owner := newBackEnd(t, s)
	for _, c := range []struct{ part, body, reason string }{
		{"elements", `{"button":{"template":"x"}}`, "body.button: expected required property classMaps to be present"},
		{"elements", `{"button":{"template":7,"classMaps":{}}}`, "body.button.template: expected string"},
		{"elements", `{"button":{"template":"x","classMaps":{"m":{"k":1}}}}`, "body.button.classMaps.m.k: expected string"},
		{"elements", `{"button":{"template":"x","classMaps":{},"more":1}}`, "body.button.more: unexpected property"},
		{"elements", `{"a":{"template":"` + strings.Repeat("x", 128<<10) + `","classMaps":{}}}`, "the elements have 131108 bytes; at most 131072 are allowed"},
		{"features", `{}`, "body: expected required property $version to be present"},
		{"features", `{"$version":"0.0.1"}`, "body.$version: expected value to be one of"},
		{"features", `{"$version":"0.0.2","message":{"threads":true}}`, "body.message.threads: expected string"},
		{"features", `{"$version":"0.0.2","message":{"threads":"on"}}`, "body.message.threads: expected value to be one of"},
		{"features", `{"$version":"0.0.2","message":{"calls":"enabled"}}`, "body.message.calls: unexpected property"},
		{"features", `{"$version":"0.0.2","message":[]}`, "body.message: expected object"},
		{"styles", `{"$version":"0.0.2"}`, "body: expected required property base-theme to be present"},
		{"styles", `{"$version":"0.0.2","base-theme":"blue"}`, "body.base-theme: expected value to be one of"},
		{"styles", `{"$version":"0.0.2","base-theme":"dark","overrides":[]}`, "body.overrides: expected object"},
		{"styles", ``, "not valid JSON"},
	} {
		status, answer, _ := owner.send("PUT", chatUI+c.part, c.body, "Content-Type", "application/json")
		message, _ := answer["message"].(string)
		if status != http.StatusBadRequest || answer["error"] != "InvalidRequestError" || !strings.Contains(message, c.reason) {
			t.Errorf("%s %.60s: %d %v, want: %s", c.part, c.body, status, answer, c.reason)
		}
	}
	if diff := cmp.Diff(parsed(t, `{}`), owner.must("GET", chatUI+"elements", "")); diff != "" {
		t.Errorf("after all refusals:\n%s", diff)
	}
}

func parsed(t *testing.T, text string) (value map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}
