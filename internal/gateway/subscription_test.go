package gateway

import (
	"testing"

	"pgregory.net/rapid"
)

func TestASubscriptionIDComesBackAsTheClientWroteIt(t *testing.T) {
	t.Parallel()

	for _, id := range []string{
		"subscription-id-5f0c2a3e-0d1b-4c8f-9a7e-00ff10203040",
		"subscription-id-5F0C2A3E-0d1b-4c8f-9a7e-00ff10203040",
		"subscription-id-5f0c2a3e-0d1b-4c8f-9a7e-00ff1020304",
		"subscription-id-5f0c2a3e-0d1b-4c8f-9a7e-00ff1020304g",
		"subscription-id-5f0c2a3e00d1b-4c8f-9a7e-00ff10203040",
		"sub-0", "0", "errors",
	} {
		if got := newSubscriptionID(id); string(got.append(nil)) != id || got.length() != len(id) {
			t.Errorf("%s came back as %s, of length %d", id, got.append(nil), got.length())
		}
	}
	if got := newSubscriptionID("a:b"); string(got.append(nil)) != `a\cb` || got.length() != 4 {
		t.Errorf("a:b came back as %s, of length %d", got.append(nil), got.length())
	}
}

func TestSubscriptionIDsAreEqualExactlyIfTheirTextsAre(t *testing.T) {
	t.Parallel()

	texts := rapid.OneOf(
		rapid.StringMatching(`subscription-id-[0-9a-f]{8}-0d1b-4c8f-9a7e-00ff1020304[0-9a-fA-F]`),
		rapid.StringN(1, 5, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		a, b := texts.Draw(t, "a"), texts.Draw(t, "b")
		if got, want := newSubscriptionID(a).equal(newSubscriptionID(b)), a == b; got != want {
			t.Errorf("%q equals %q: %v", a, b, got)
		}
		if !newSubscriptionID(a).equal(newSubscriptionID(a)) {
			t.Errorf("%q does not equal itself", a)
		}
	})
}
