package chat_test

import (
	"strings"
	"testing"

	"openkitty/internal/chat"
)

func TestOthersSeeTheInvisibleOfflineAndTheyThemselvesDoNot(t *testing.T) {
	t.Parallel()

	offline := chat.Presence{Status: chat.Unavailable}
	for _, test := range []struct {
		status       chat.Status
		connected    bool
		others, self chat.Presence
	}{
		{"", true, chat.Presence{Status: chat.Available, Online: true}, chat.Presence{Status: chat.Available, Online: true}},
		{chat.DoNotDisturb, true, chat.Presence{Status: chat.DoNotDisturb, Online: true}, chat.Presence{Status: chat.DoNotDisturb, Online: true}},
		{chat.Invisible, true, offline, chat.Presence{Status: chat.Invisible, Online: true}},
		{"", false, offline, offline},
		{chat.DoNotDisturb, false, offline, offline},
		{chat.Invisible, false, offline, offline},
	} {
		user := chat.User{Status: test.status}
		if got := user.Presence(test.connected); got != test.others {
			t.Errorf("%q, connected %v: others see %v", test.status, test.connected, got)
		}
		if got := user.OwnPresence(test.connected); got != test.self {
			t.Errorf("%q, connected %v: the user sees %v", test.status, test.connected, got)
		}
	}
}

func TestAChangeOfAUserIsWithinBounds(t *testing.T) {
	t.Parallel()

	name := func(s string) chat.UserChange { return chat.UserChange{DisplayName: &s} }
	picture := func(s string) chat.UserChange { return chat.UserChange{Picture: &s} }
	status := func(s chat.Status) chat.UserChange { return chat.UserChange{Status: &s} }
	for _, change := range []chat.UserChange{
		{}, name("Zoë"), picture(""), picture("http://e.com"), picture("https://e.com:8443/a.png?x=1#y"),
		picture("https://e.com/" + strings.Repeat("x", chat.PictureURLMax-14)),
		status(chat.Available), status(chat.DoNotDisturb), status(chat.Invisible),
	} {
		if err := change.Check(); err != nil {
			t.Errorf("%+v: %v", change, err)
		}
	}
	for what, change := range map[string]chat.UserChange{
		"an empty name":         name(""),
		"a line feed":           name("a\nb"),
		"a long name":           name(strings.Repeat("x", chat.NameMax+1)),
		"a script":              picture("javascript:alert(1)"),
		"a file":                picture("file:///etc/passwd"),
		"data":                  picture("data:image/png;base64,AAAA"),
		"a path":                picture("/pictures/1.png"),
		"no host":               picture("https:///a.png"),
		"a space":               picture("https://e.com/a b.png"),
		"a line feed in a path": picture("https://e.com/a\nb.png"),
		"invalid UTF-8":         picture("https://e.com/\xff"),
		"a long address":        picture("https://e.com/" + strings.Repeat("x", chat.PictureURLMax-13)),
		"offline":               status(chat.Unavailable),
		"no status":             status(""),
		"another status":        status("away"),
	} {
		if err := change.Check(); !chat.IsKind(err, chat.Invalid) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func TestAChangeLeavesWhatItDoesNotName(t *testing.T) {
	t.Parallel()

	before := chat.User{ID: 7, Name: "a", DisplayName: "A", Picture: "https://e.com", Properties: `{"a":1}`, Status: chat.Invisible}
	if got := (chat.UserChange{}).Apply(before); got != before {
		t.Errorf("nothing was to change: %+v", got)
	}
	available := chat.Available
	if got := (chat.UserChange{Status: &available}).Apply(before); got.Status != "" || got.DisplayName != "A" {
		t.Errorf("available is stored as %+v", got)
	}
}

func TestOnlyDirectChannelsWithABlockAskWhoIsBlocked(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		channel chat.Channel
		want    bool
	}{
		{chat.Channel{Type: chat.Direct, Blocks: 1}, true},
		{chat.Channel{Type: chat.Direct}, false},
		{chat.Channel{Type: chat.Private, Blocks: 1}, false},
	} {
		if got := test.channel.MayConcernBlocks(); got != test.want {
			t.Errorf("%s with %d blocks: %v", test.channel.Type, test.channel.Blocks, got)
		}
	}
	if err := chat.CheckBlock(1, 1); !chat.IsKind(err, chat.Invalid) {
		t.Errorf("blocking oneself: %v", err)
	}
	actor := chat.Actor{User: 1}
	if err := actor.CheckDelete(2); !chat.IsKind(err, chat.Denied) || actor.CheckDelete(1) != nil {
		t.Errorf("deleting another: %v", err)
	}
}
