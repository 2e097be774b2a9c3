package platform_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/platform"
	"openkitty/internal/servertest"
)

func TestACredentialThatAsksTooFastIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()

	limits := platform.DefaultLimits
	limits.Rate, limits.Burst = 1.0/3600, 2
	_, b := newAPI(t, limits)
	b.must("GET", "/users", "")
	b.must("GET", "/users", "")
	header := b.wants(http.StatusTooManyRequests, "RateLimitedError", "GET", "/users", "")
	if got := header.Get("Retry-After"); got != "3600" && got != "3599" {
		t.Errorf("it may come back after %q seconds, want those of an hour", got)
	}
}

func TestWhatWaitingDoesNotEndIsNoRate(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	b := newBackEnd(t, s)
	var members []string
	for n := range chat.ModeratorsMax + 1 {
		user := b.must("POST", "/users", fmt.Sprintf(`{"name":"user %d","display_name":"User"}`, n))
		members = append(members, fmt.Sprintf(`{"id":%.0f}`, user["id"]))
	}
	channel := b.must("POST", "/channels", `{"type":"PUBLIC","members":[`+strings.Join(members[1:], ",")+`]}`)
	b.must("POST", fmt.Sprintf("/channels/%.0f/members", channel["id"]), members[0])
	moderators := fmt.Sprintf("/channels/%.0f/moderators", channel["id"])
	for _, member := range members[:chat.ModeratorsMax] {
		b.must("POST", moderators, member)
	}
	header := b.wants(http.StatusBadRequest, "TooManyModeratorsError", "POST", moderators, members[chat.ModeratorsMax])
	if after := header.Get("Retry-After"); after != "" {
		t.Errorf("it is to be tried again after %s s", after)
	}
}
