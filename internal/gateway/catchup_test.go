package gateway

import (
	"testing"

	"openkitty/internal/engine"
)

// Who subscribes while a page is on its way to others has the whole of it to come:
// what it would be sent of this one lacks the beginning.
func TestASubscriptionThatComesDuringAPageWaitsForTheNext(t *testing.T) {
	t.Parallel()

	s := &session{}
	f := &follower{session: s, seen: 30, subscriptions: []subscription{{behind: true, due: 10}}}
	s.open(f, 10)
	f.subscriptions = append(f.subscriptions, subscription{behind: true, due: 10})
	first, second := &f.subscriptions[0], &f.subscriptions[1]
	if !first.missed(15) || second.missed(15) {
		t.Errorf("the page is sent to the first: %t, to the second: %t", first.missed(15), second.missed(15))
	}
	s.advance(f, engine.Replay{Last: 20})
	if first.due != 20 || second.due != 10 {
		t.Errorf("they are taken to have all up to %d and %d", first.due, second.due)
	}
	s.severed = true
	s.open(f, 10)
	s.advance(f, engine.Replay{Last: 30})
	if first.due != 20 || second.due != 10 {
		t.Errorf("after the connection ended they are taken to have all up to %d and %d", first.due, second.due)
	}
	s.open(f, 10)
	if first.missed(15) || !second.missed(15) || !first.missed(25) {
		t.Error("the next page does not begin where each of them is")
	}
}
