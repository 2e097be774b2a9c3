package chat_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"openkitty/internal/chat"
)

// nameOf is the wire name of a refusal; empty if there is none.
func nameOf(err error) string {
	var refused *chat.Error
	if errors.As(err, &refused) {
		return refused.Name
	}
	return ""
}

func TestWhoMaySeeReadAndJoinAChannel(t *testing.T) {
	t.Parallel()

	member := &chat.Membership{}
	for _, test := range []struct {
		kind             chat.ChannelType
		viewer           *chat.Membership
		see, read, joins string // the refusal, if any; "joins" tells whether the link is there
	}{
		{chat.Direct, member, "", "", ""},
		{chat.Direct, nil, "ChannelNotFoundError", "ChannelNotFoundError", ""},
		{chat.Private, member, "", "", ""},
		{chat.Private, nil, "ChannelNotFoundError", "ChannelNotFoundError", ""},
		{chat.Public, member, "", "", ""},
		{chat.Public, nil, "", "NotPermittedError", "yes"},
	} {
		view := chat.ChannelView{Channel: chat.Channel{ID: 7, Type: test.kind}, Viewer: test.viewer}
		if got := nameOf(view.CheckView()); got != test.see {
			t.Errorf("%s, member %v: seeing is refused with %q, want %q", test.kind, test.viewer != nil, got, test.see)
		}
		if got := nameOf(view.CheckMember(test.viewer)); got != test.read {
			t.Errorf("%s, member %v: reading is refused with %q, want %q", test.kind, test.viewer != nil, got, test.read)
		}
		if got := view.JoinableBy(test.viewer); got != (test.joins == "yes") {
			t.Errorf("%s, member %v: joinable is %v", test.kind, test.viewer != nil, got)
		}
	}
}

func TestADirectKeyNamesASetOfUsers(t *testing.T) {
	t.Parallel()

	key := func(members ...chat.UserID) string {
		t.Helper()
		key, err := chat.DirectKey(members)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	if a, b := key(3, 1, 2), key(2, 3, 1, 3); a != b {
		t.Errorf("one set has the keys %q and %q", a, b)
	}
	if a, b := key(1, 23), key(12, 3); a == b {
		t.Errorf("two sets have the key %q", a)
	}
	var members []chat.UserID
	for id := chat.UserID(1); id <= chat.DirectMembersMax; id++ {
		members = append(members, id)
	}
	key(members...)
	for _, refused := range [][]chat.UserID{nil, {1}, {1, 1}, append(members, 99)} {
		if _, err := chat.DirectKey(refused); nameOf(err) != "DirectChannelMembersError" {
			t.Errorf("%v: got %v", refused, err)
		}
	}
}

func TestAMessageBodyIsBoundedInBytes(t *testing.T) {
	t.Parallel()

	const limit = 10
	for body, want := range map[string]string{
		"":                     "InvalidRequestError",
		"1234567890":           "",
		"12345678901":          "MessageTooLargeError",
		"ääääää":               "MessageTooLargeError", // 6 characters, 12 bytes
		"\xff":                 "InvalidRequestError",
		strings.Repeat("🐈", 2): "",
	} {
		if got := nameOf(chat.NewMessage{Type: chat.Text, Body: body}.Check(limit)); got != want {
			t.Errorf("%q: refused with %q, want %q", body, got, want)
		}
	}
}

func TestPropertiesAreAnObjectWithinBounds(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		``:                     `{}`,
		`null`:                 `{}`,
		` { } `:                `{}`,
		"{ \"a\" :\n[ 1, 2 ]}": `{"a":[1,2]}`,
	} {
		got, err := chat.ParseProperties([]byte(text))
		if err != nil || got.JSON() != want {
			t.Errorf("%q: got %s, %v", text, got.JSON(), err)
		}
	}
	for _, text := range []string{`[]`, `7`, `"x"`, `{`, `{"a":}`, `{} {}`, `{"a":"` + strings.Repeat("x", chat.PropertiesMax) + `"}`} {
		if got, err := chat.ParseProperties([]byte(text)); !chat.IsKind(err, chat.Invalid) {
			t.Errorf("%.20q: got %.20q, %v", text, got, err)
		}
	}
}

func FuzzPropertiesComeBackAsTheyWereStored(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":{"b":[1,null,"\u0000"]}}`, `null`, `{"a":1}x`, "{\"\xff\":1}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := chat.ParseProperties(text)
		if err != nil {
			return
		}
		again, err := chat.ParseProperties([]byte(first.JSON()))
		if err != nil || again != first {
			t.Errorf("%q became %q, and then %q, %v", text, first, again, err)
		}
	})
}

func TestUsernamesHaveNoControlCharactersAndAnEnd(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"jane.doe@example.com", "名前", "a b:c", strings.Repeat("ä", chat.NameMax)} {
		if err := chat.CheckUsername(name); err != nil {
			t.Errorf("%.20q is refused: %v", name, err)
		}
	}
	for _, name := range []string{"", "a\nb", "a\x00", "\xff", "\u0085", strings.Repeat("a", chat.NameMax+1)} {
		if err := chat.CheckUsername(name); !chat.IsKind(err, chat.Invalid) {
			t.Errorf("%.20q: got %v", name, err)
		}
	}
}

func TestInternalFailuresAreShownToNobody(t *testing.T) {
	t.Parallel()

	shown := chat.AsError(fmt.Errorf("read users: %w", errors.New("password of the database is hunter2")))
	if shown.Kind != chat.Internal || shown.Name != "InternalServerError" || strings.Contains(shown.Message, "hunter2") {
		t.Errorf("shown: %+v", shown)
	}
	refused := chat.NoChannel(7)
	if got := chat.AsError(fmt.Errorf("send: %w", refused)); got != refused {
		t.Errorf("a refusal was shown as %+v", got)
	}
}

func TestAPageHasADefaultSizeAndABound(t *testing.T) {
	t.Parallel()

	for size, want := range map[int]int{-1: chat.PageSizeDefault, 0: chat.PageSizeDefault, 7: 7, 1 << 30: chat.PageSizeMax} {
		if got := (chat.PageRequest{Size: size}).Limit(); got != want {
			t.Errorf("size %d: got %d items, want %d", size, got, want)
		}
	}
}
