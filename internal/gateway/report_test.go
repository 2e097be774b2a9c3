package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"openkitty/internal/servertest"

	"github.com/google/go-cmp/cmp"
)

func TestAReportIsStoredAndReadByManagers(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob, carol := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "carol")
		channel := alice.create(`{"type":"PRIVATE","members":[{"username":"bob"}]}`)
		bob.listen(bob.me().link("_topics", "messages"))
		message, _ := alice.act(channel.link("_actions", "message"), `{"type":"TEXT","body":"buy this"}`)
		if message["reportCount"] != 0.0 {
			t.Errorf("a new message has %v reports", message["reportCount"])
		}
		report := message.link("_actions", "report")
		got, refused := bob.act(report, `{"reason":"spam","properties":{"k":1}}`)
		if refused.Error != "" || got["reason"] != "spam" || got.at("user", "name") != "bob" || got.at("properties", "k") != 1.0 || got["createdTime"] == nil {
			t.Fatalf("reported %v, %+v", got, refused)
		}
		if again, refused := bob.act(report, `{"reason":"fraud"}`); refused.Error != "" || again["reason"] != "fraud" {
			t.Errorf("reported again: %v, %+v", again, refused)
		}
		if diff := cmp.Diff([]any{"fraud"}, alice.items(message.link("_relays", "reports"), "reports", "reason")); diff != "" {
			t.Error(diff)
		}
		if count, _ := bob.read(message.link("_relays", "reportCount")); count["count"] != 1.0 {
			t.Errorf("counted %v", count)
		}
		if _, refused := bob.read(message.link("_relays", "reports")); refused.Error != "NotPermittedError" {
			t.Errorf("a member reads the reports: %+v", refused)
		}
		for what, test := range map[string]struct {
			who                     *peer
			destination, body, want string
		}{
			"one's own message": {alice, report, `{"reason":"x"}`, "NotPermittedError"},
			"by a stranger":     {carol, report, `{"reason":"x"}`, "MessageNotFoundError"},
			"without a reason":  {bob, report, `{}`, "InvalidRequestError"},
			"a long reason":     {bob, report, fmt.Sprintf(`{"reason":%q}`, strings.Repeat("x", 1001)), "InvalidRequestError"},
			"bad properties":    {bob, report, `{"reason":"x","properties":7}`, "InvalidRequestError"},
			"a wrong type":      {bob, report, `{"reason":7}`, "InvalidRequestError"},
			"no message":        {bob, "/application/messages/999.report", `{"reason":"x"}`, "MessageNotFoundError"},
		} {
			if _, refused := test.who.act(test.destination, test.body); refused.Error != test.want {
				t.Errorf("%s: %+v, want %s", what, refused, test.want)
			}
		}
		if left, refused := bob.act(message.link("_actions", "removeReport"), `{}`); refused.Error != "" || left["reportCount"] != 0.0 {
			t.Errorf("taken back: %v, %+v", left, refused)
		}
		if _, refused := bob.act(message.link("_actions", "removeReport"), `{}`); refused.Error != "ReportNotFoundError" {
			t.Errorf("taken back twice: %+v", refused)
		}
		if _, refused := alice.act(message.link("_actions", "delete"), `{}`); refused.Error != "" {
			t.Fatal(refused)
		}
		if _, refused := bob.act(report, `{"reason":"x"}`); refused.Error != "MessageNotFoundError" {
			t.Errorf("a deleted message: %+v", refused)
		}
	})
}
