package platform

import (
	"testing"
	"testing/synctest"
	"time"

	"openkitty/internal/chat"
)

// A command line asks for a token before each of its calls.
func TestAskingWhetherALimitIsExhaustedCountsNothing(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		l := newLimiters[string](0.5, 2)
		for range 100 {
			if wait := l.exhausted("address"); wait != 0 {
				t.Fatalf("wait %v though nothing was counted", wait)
			}
			time.Sleep(time.Nanosecond)
		}
		l.take("address")
		l.take("address")
		if wait := l.exhausted("address"); wait <= time.Second || wait > 2*time.Second {
			t.Errorf("wait %v, want the two seconds that one takes", wait)
		}
		time.Sleep(2 * time.Second)
		if wait := l.exhausted("address"); wait != 0 {
			t.Errorf("wait %v after two seconds", wait)
		}
	})
}

func TestARefusalForATimeSaysForHowLong(t *testing.T) {
	t.Parallel()

	for want, err := range map[time.Duration]error{
		90 * time.Second: chat.RateLimited(90*time.Second, "too fast"),
		time.Second:      chat.Errorf(chat.Limited, "too much"), // for nobody knows how long
		0:                chat.Errorf(chat.Conflict, "there already"),
	} {
		if got := problemOf(err).retryAfter; got != want {
			t.Errorf("%v: try again after %v, want %v", err, got, want)
		}
	}
}
