package gateway

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/broker"
)

func TestASubscriptionHasGotWhatIsAcknowledgedOrAllThatCameByIfNothingIsOwed(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		follower follower
		sub      subscription
		want     int64
	}{
		"nothing was sent, and others' events came by": {follower{seen: 9}, subscription{ack: true, due: 3, sent: 3, acked: 3}, 9},
		"all that was sent is acknowledged":            {follower{seen: 9}, subscription{ack: true, sent: 7, acked: 7}, 9},
		"something is not acknowledged":                {follower{seen: 9}, subscription{ack: true, sent: 7, acked: 5}, 5},
		"it does not acknowledge":                      {follower{seen: 9}, subscription{sent: 7}, 9},
		"it is behind":                                 {follower{seen: 9}, subscription{ack: true, behind: true, due: 4, sent: 4, acked: 4}, 4},
		"it read the log further than events came":     {follower{seen: 9}, subscription{ack: true, due: 12, sent: 12, acked: 12}, 12},
	} {
		if got := test.follower.got(&test.sub); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
}

func TestEventIDsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()

	for id, want := range map[string]string{
		"c7-42": "c 7 42", "u5-3": "u 5 3", "c1125899906842624-1": "c 1125899906842624 1",
		"": "", "m1-2": "", "r1": "", "c7": "", "c7-": "", "c7-x": "", "c7-0": "", "c07-1": "", "c7--1": "",
		"c7-99999999999999999999": "", "undefined": "",
	} {
		got := ""
		if topic, sequence, ok := parseEventID(id); ok {
			got = fmt.Sprintf("%c %d %d", topic.Kind, topic.ID, sequence)
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", id, got, want)
		}
	}
}

func somePlaces() []place {
	long := make([]byte, 2*idMax)
	for i := range long {
		long[i] = 'x'
	}
	return []place{
		{broker.Topic{Kind: broker.Channel, ID: 1 << 50}, aspectMessages, newSubscriptionID("subscription-id-0f5c2a84-9d3e-4c58-8d60-3f1d1f6f3b11"), 1 << 40, false},
		{broker.Topic{Kind: broker.User, ID: 5}, aspectSelf, newSubscriptionID("1"), 0, false},
		{broker.Topic{Kind: broker.User, ID: 5}, aspectChannels, newSubscriptionID(string(long)), 7, false},
	}
}

var comparePlaces = cmp.Transformer("place", func(p place) string {
	return fmt.Sprint(p.topic, p.aspect, string(p.id.append(nil)), p.got)
})

func TestPlacesComeBackAsTheyWereWritten(t *testing.T) {
	t.Parallel()

	want := somePlaces()
	got, err := decodePlaces(encodePlaces(want))
	if diff := cmp.Diff(want, got, comparePlaces); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func FuzzDecodePlaces(f *testing.F) {
	whole := encodePlaces(somePlaces())
	for i := range whole {
		f.Add(whole[:i])
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		places, err := decodePlaces(text)
		if err != nil {
			return
		}
		again, err := decodePlaces(encodePlaces(places))
		if diff := cmp.Diff(places, again, comparePlaces); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

func TestASessionRemembersItsLatestRequests(t *testing.T) {
	t.Parallel()

	var r requests
	for i := range 2 * requestsMax {
		if _, again := r.begin(fmt.Sprint(i)); again {
			t.Errorf("request %d was not made before", i)
		}
	}
	if len(r.ring) != requestsMax {
		t.Errorf("%d requests are remembered", len(r.ring))
	}
	if _, again := r.begin(fmt.Sprint(requestsMax)); !again {
		t.Error("one of the latest is forgotten")
	}
	if _, again := r.begin("0"); again {
		t.Error("the oldest is remembered")
	}
	r.forget(fmt.Sprint(2*requestsMax - 1))
	if _, again := r.begin(fmt.Sprint(2*requestsMax - 1)); again {
		t.Error("one that failed can't be tried again")
	}
}

func TestARunIsCutAtTheEndOfAFrame(t *testing.T) {
	t.Parallel()

	var run []byte
	ends := []int{0}
	for _, length := range []int{1, 125, 126, 70_000} {
		run = append(appendTextHeader(run, length), make([]byte, length)...)
		ends = append(ends, len(run))
	}
	for i, end := range ends[1:] {
		if got := frameEnd(run, end); got != end {
			t.Errorf("between two frames, at %d: cut at %d", end, got)
		}
		if got := frameEnd(run, ends[i]+1); got != end {
			t.Errorf("in the frame that ends at %d: cut at %d", end, got)
		}
	}
}
