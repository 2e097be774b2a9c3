package engine

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"openkitty/internal/chat"
)

func TestAnAllowanceIsUsedUpAtOnceAndComesBackWithTime(t *testing.T) {
	t.Parallel()

	var a allowances[string]
	r := chat.Rate{Count: 10, Per: 5 * time.Second}
	now := time.Now()
	for i := range 10 {
		if wait := a.take("alice", r, now); wait != 0 {
			t.Fatalf("the %dth of ten has to wait for %v", i+1, wait)
		}
	}
	if wait := a.take("alice", r, now); wait != 500*time.Millisecond {
		t.Errorf("the eleventh has to wait for %v, want half a second", wait)
	}
	if wait := a.take("bob", r, now); wait != 0 {
		t.Errorf("somebody else has to wait for %v", wait)
	}
	if wait := a.take("alice", r, now.Add(500*time.Millisecond)); wait != 0 {
		t.Errorf("after half a second the wait is %v", wait)
	}
	if wait := a.take("alice", chat.Rate{Count: 11, Per: time.Second}, now); wait != 0 {
		t.Errorf("under a new rate the wait is %v", wait)
	}
	if wait := a.take("alice", chat.Rate{}, now); wait != 0 {
		t.Errorf("without a limit the wait is %v", wait)
	}
}

func TestWhoRestsIsForgottenAndNobodyIsLockedOutByACrowd(t *testing.T) {
	t.Parallel()

	var a allowances[int]
	r := chat.Rate{Count: 2, Per: 2 * time.Second}
	now := time.Now()
	for i := range 3 * allowancesMax {
		if wait := a.take(i, r, now); wait != 0 {
			t.Fatalf("newcomer %d has to wait for %v", i, wait)
		}
	}
	if len(a.of) != allowancesMax {
		t.Errorf("a crowd is remembered as %d", len(a.of))
	}
	a.take(-1, r, now.Add(time.Minute))
	if len(a.of) != 1 {
		t.Errorf("%d are remembered after the others rested", len(a.of))
	}
}

func TestAddressesOfOneIPv6NetworkShareTheirAllowance(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		rates, err := newRates(nil)
		if err != nil {
			t.Fatal(err)
		}
		e := &Engine{rates: rates, limits: Limits{AddressConnects: chat.Rate{Count: 1, Per: time.Minute}}}
		for _, step := range []struct {
			address string
			allowed bool
		}{
			{"203.0.113.1", true}, {"203.0.113.2", true}, {"::ffff:203.0.113.1", false},
			{"2001:db8::1", true}, {"2001:db8::ffff:1", false}, {"2001:db8:0:1::1", true},
		} {
			err := e.AllowAddress(netip.MustParseAddr(step.address))
			if (err == nil) != step.allowed {
				t.Errorf("%s: %v", step.address, err)
			}
			if err != nil && chat.AsError(err).CoolOff != time.Minute {
				t.Errorf("%s may come back after %v", step.address, chat.AsError(err).CoolOff)
			}
		}
		if err := e.AllowAddress(netip.Addr{}); err != nil {
			t.Errorf("a peer without an address: %v", err)
		}
	})
}

func BenchmarkAllowance(b *testing.B) {
	var a allowances[chat.UserID]
	r := chat.Rate{Count: 1_000_000_000, Per: time.Second}
	for i := 0; b.Loop(); i++ {
		a.take(chat.UserID(i%1000), r, time.Now())
	}
}
