package gateway

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
)

func FuzzStringsAreWrittenAsJSON(f *testing.F) {
	for _, seed := range []string{"", "plain", `"quotes" and \`, "\x00\x1f\n\r\t", "grüße 🐈", "\xff broken \xc3", "\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got string
		if err := json.Unmarshal(appendString(nil, text), &got); err != nil {
			t.Fatalf("%q is not JSON: %v", appendString(nil, text), err)
		}
		if want := strings.ToValidUTF8(text, "\ufffd"); utf8.ValidString(text) && got != want {
			t.Errorf("%q came back as %q", text, got)
		}
	})
}

var (
	sometime = time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600))
	alice    = chat.User{ID: 1, Application: 1, Name: "alice", DisplayName: `A"lice`, Guest: true, CreatedAt: sometime}
	bob      = chat.User{ID: 2, Application: 1, Name: "bob", DisplayName: "Bob", Picture: "https://pictures.example/b.png", Properties: `{"k":[1,2]}`}
	hello    = chat.Message{ID: 9, Application: 1, Channel: 7, Type: chat.Text, Author: &bob, Body: "hi\n", GroupTag: "g", Sequence: 3, CreatedAt: sometime}
)

func testRenderer() *renderer {
	return &renderer{
		online:   func(id chat.UserID) bool { return id == alice.ID },
		pictures: "https://chat.example/pictures/",
	}
}

// object reads what a renderer wrote.
func object(t *testing.T, text []byte) (o map[string]any) {
	t.Helper()
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatalf("%s is not JSON: %v", text, err)
	}
	return o
}

func TestAMessageHasWhatTheSDKsReadAndNothingThatBreaksThem(t *testing.T) {
	t.Parallel()

	got := object(t, testRenderer().message(nil, &hello))
	for _, name := range []string{"_relays", "_actions", "_streams"} {
		if links, _ := got[name].(map[string]any); len(links) == 0 {
			t.Errorf("the message has no %s", name)
		}
		delete(got, name)
	}
	author := got["user"].(map[string]any)
	delete(author, "_relays")
	delete(author, "_actions")
	want := map[string]any{
		"id": 9.0, "type": "TEXT", "channelId": 7.0, "nestedLevel": 0.0, "body": "hi\n", "groupTag": "g",
		"links": []any{}, "mentions": []any{}, "reactions": []any{}, "repliesCount": 0.0, "reportCount": 0.0,
		"createdTime": "2026-01-02T02:04:05.678Z", "properties": map[string]any{},
		"user": map[string]any{
			"id": 2.0, "name": "bob", "displayName": "Bob", "isGuest": false,
			"displayPictureUrl": "https://pictures.example/b.png",
			"presence":          map[string]any{"status": "UNAVAILABLE", "online": false},
			"properties":        map[string]any{"k": []any{1.0, 2.0}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestASystemMessageHasNoUser(t *testing.T) {
	t.Parallel()

	system := hello
	system.Author, system.Type = nil, chat.SystemText
	if _, present := object(t, testRenderer().message(nil, &system))["user"]; present {
		t.Error("SDKs tell system messages by the missing user, but there is one")
	}
}

func TestACurrentUserHasEveryTopicOfTheNewestGeneration(t *testing.T) {
	t.Parallel()

	got := object(t, testRenderer().currentUser(nil, &alice))
	topics := got["_topics"].(map[string]any)
	if len(topics) != userTopics {
		t.Errorf("there are %d topics, want %d", len(topics), userTopics)
	}
	for name, topic := range topics {
		parsed, a, ok := parseTopic(topic.(string))
		if !ok || parsed != toUser(alice.ID) {
			t.Errorf("the topic %s, %s, can't be subscribed to", name, topic)
		}
		if name != "self" && aspectNames[a] != name {
			t.Errorf("the topic %s is understood as %s", name, aspectNames[a])
		}
	}
	if got["displayPictureUrl"] != "https://chat.example/pictures/1.png" {
		t.Errorf("the picture is at %v", got["displayPictureUrl"])
	}
}

// An SDK that finds one of these links takes it for a permission.
func TestTheLinksOfAChannelAreThoseItsViewerMayUse(t *testing.T) {
	t.Parallel()

	member, moderator := &chat.Membership{}, &chat.Membership{Moderator: true}
	for name, test := range map[string]struct {
		kind   chat.ChannelType
		viewer *chat.Membership
		want   []string
	}{
		"a stranger in a public channel":    {chat.Public, nil, []string{"join"}},
		"a member of a public channel":      {chat.Public, member, []string{"leave", "invite"}},
		"a moderator of a public channel":   {chat.Public, moderator, []string{"leave", "invite", "addModerator", "deleteModerator"}},
		"a member of a private channel":     {chat.Private, member, []string{"leave", "invite"}},
		"a member of a direct channel":      {chat.Direct, member, nil},
		"a stranger to a private channel":   {chat.Private, nil, nil},
		"a moderator of a private channel":  {chat.Private, moderator, []string{"leave", "invite", "addModerator", "deleteModerator"}},
		"a so-called moderator of a direct": {chat.Direct, moderator, nil},
	} {
		view := chat.ChannelView{Channel: chat.Channel{ID: 7, Type: test.kind}, Viewer: test.viewer}
		actions := object(t, testRenderer().channel(nil, &view))["_actions"].(map[string]any)
		got := map[string]bool{}
		for _, permission := range []string{"join", "leave", "invite", "addModerator", "deleteModerator"} {
			if _, present := actions[permission]; present {
				got[permission] = true
			}
		}
		want := map[string]bool{}
		for _, permission := range test.want {
			want[permission] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Every link of every resource leads somewhere: at worst to a refusal by name.
func TestEveryLinkOfAResourceIsKnown(t *testing.T) {
	t.Parallel()

	r := testRenderer()
	moderated := chat.ChannelView{
		Channel:   chat.Channel{ID: 7, Type: chat.Public},
		Viewer:    &chat.Membership{Moderator: true},
		CreatedBy: &alice, LastMessage: &hello,
	}
	joinable := chat.ChannelView{Channel: chat.Channel{ID: 8, Type: chat.Public}}
	direct := chat.ChannelView{Channel: chat.Channel{ID: 9, Type: chat.Direct}, Viewer: &chat.Membership{}, Members: []chat.User{alice, bob}}
	s := &session{actor: chat.Actor{User: alice.ID}}
	for _, text := range [][]byte{
		r.user(nil, &bob), r.currentUser(nil, &alice), r.message(nil, &hello),
		r.channel(nil, &moderated), r.channel(nil, &joinable), r.channel(nil, &direct),
	} {
		walkLinks(object(t, text), func(kind, name, link string) {
			switch kind {
			case "_relays":
				at, _, _, err := s.locate(link, true)
				if _, known := relays[at]; err != nil || !known {
					t.Errorf("the relay %s, %s, leads nowhere: %v", name, link, err)
				}
			case "_actions":
				at, _, _, err := s.locate(link, false)
				if _, known := actions[at]; err != nil || !known {
					t.Errorf("the action %s, %s, leads nowhere: %v", name, link, err)
				}
			case "_topics":
				if _, _, ok := parseTopic(link); !ok {
					t.Errorf("the topic %s, %s, can't be subscribed to", name, link)
				}
			}
		})
	}
}

func walkLinks(value any, visit func(kind, name, link string)) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			walkLinks(item, visit)
		}
	case map[string]any:
		for kind, part := range value {
			if links, ok := part.(map[string]any); ok && strings.HasPrefix(kind, "_") {
				for name, link := range links {
					visit(kind, name, link.(string))
				}
			} else {
				walkLinks(part, visit)
			}
		}
	}
}
