package gateway_test

import (
	"testing"

	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// Whatever comes first, the question whether a user may listen or the end of the
// membership, no follower is left over.
func TestEnteringWhileBeingRemovedLeavesNoListener(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice := connect(t, s, "alice")
		club := alice.group("PRIVATE", "bob")
		alice.watch(club)
		self, messages := club.link("_topics", "self"), club.link("_topics", "messages")
		for range 20 {
			bob := connect(t, s, "bob")
			for _, topic := range []string{self, messages} {
				bob.send(stomp.Subscribe, nil, "id", topic, "destination", topic)
			}
			alice.do(club, "leave", `{"user":{"username":"bob"}}`) // at the same time
			bob.settle()
			bob.got = nil
			sent := alice.do(club, "message", `{"type":"TEXT","body":"secret"}`)
			if next := alice.do(club, "message", `{"type":"TEXT","body":"secret"}`); next.id() <= sent.id() {
				t.Fatal("messages are out of order")
			}
			bob.settle()
			for _, frame := range bob.got {
				if frame.Header.Get("destination") == messages {
					t.Fatalf("bob is no member, and got %s", frame.Body)
				}
			}
			bob.conn.Close()
			alice.do(club, "invite", `{"user":{"username":"bob"}}`)
			alice.got = nil
		}
	})
}
