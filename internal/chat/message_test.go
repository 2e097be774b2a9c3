package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
)

func TestWhoMayChangeAndDeleteAMessage(t *testing.T) {
	t.Parallel()

	author := chat.User{ID: 1}
	text := chat.Message{ID: 9, Type: chat.Text, Author: &author}
	system := chat.Message{ID: 9, Type: chat.SystemText}
	gone := chat.Message{ID: 9, Type: chat.Text, Author: &author, DeletedAt: time.Unix(1, 0)}
	for _, test := range []struct {
		what                   string
		message                chat.Message
		by                     chat.Membership
		edit, describe, delete string // the refusal, if any
	}{
		{"the author", text, chat.Membership{User: 1}, "", "", ""},
		{"another", text, chat.Membership{User: 2}, "NotPermittedError", "NotPermittedError", "NotPermittedError"},
		{"a moderator", text, chat.Membership{User: 2, Moderator: true}, "NotPermittedError", "NotPermittedError", ""},
		{"a moderator, of the system's", system, chat.Membership{User: 2, Moderator: true}, "NotPermittedError", "NotPermittedError", ""},
		{"a member, of the system's", system, chat.Membership{User: 2}, "NotPermittedError", "NotPermittedError", "NotPermittedError"},
		{"the author, of a deleted one", gone, chat.Membership{User: 1, Moderator: true}, "MessageNotFoundError", "MessageNotFoundError", "MessageNotFoundError"},
	} {
		got := []string{nameOf(test.message.CheckEdit(test.by.User)), nameOf(test.message.CheckChange(test.by.User)), nameOf(test.message.CheckDelete(test.by))}
		if diff := cmp.Diff([]string{test.edit, test.describe, test.delete}, got); diff != "" {
			t.Errorf("%s: edit, properties, delete:\n%s", test.what, diff)
		}
	}
}

func TestARepliesThreadIsThatOfItsParent(t *testing.T) {
	t.Parallel()

	if got := (chat.Message{ID: 9}).Thread(); got != 9 {
		t.Errorf("a message's thread is %d", got)
	}
	if got := (chat.Message{ID: 10, Parent: 9}).Thread(); got != 9 {
		t.Errorf("a reply's thread is %d", got)
	}
}

func TestMentionsAreNamesInAngleBrackets(t *testing.T) {
	t.Parallel()

	for body, want := range map[string][]string{
		"hi <@bob>":                     {"@bob 3-9"},
		"<@a@example.com>, <#général>!": {"@a@example.com 0-16", "#général 18-30"},
		"<@a b>":                        {"@a b 0-6"},
		"<@bob":                         nil,
		"<@>":                           nil,
		"<>":                            nil,
		"a < b, @bob>":                  nil,
		"<@a\nb>":                       nil,
		"<@x <@bob>":                    {"@bob 4-10"},
		"<<@bob>>":                      {"@bob 1-7"},
		"<@" + strings.Repeat("x", chat.NameMax+1) + ">": nil,
		"<": nil,
	} {
		var got []string
		for _, m := range chat.MentionedNames(body) {
			sign := "@"
			if m.Channel {
				sign = "#"
			}
			got = append(got, fmt.Sprintf("%s%s %d-%d", sign, m.Name, m.Start, m.End))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%.40q:\n%s", body, diff)
		}
	}
	if n := len(chat.MentionedNames(strings.Repeat("<@a>", 1000))); n != chat.MentionsMax {
		t.Errorf("%d of 1000 mentions count", n)
	}
}

func TestAMentionTellsNothingOfAPrivateChannelButItsName(t *testing.T) {
	t.Parallel()

	secret := chat.Channel{ID: 7, Type: chat.Private, Name: "plans", DisplayName: "World domination", Properties: `{"k":1}`}
	if got := secret.Mentioned(); got.DisplayName != "plans" || got.Properties != "" || got.ID != 7 {
		t.Errorf("a mention shows %+v", got)
	}
	if secret.MentionableBy(nil) || !secret.MentionableBy(&chat.Membership{}) {
		t.Error("others than members may mention a private channel, or members may not")
	}
	secret.Type = chat.Public
	if diff := cmp.Diff(secret, secret.Mentioned()); diff != "" || !secret.MentionableBy(nil) {
		t.Errorf("a public channel in a mention:\n%s", diff)
	}
}

func TestLinksEndWhereTheSentenceGoesOn(t *testing.T) {
	t.Parallel()

	for body, want := range map[string][]string{
		"see https://example.com/a?b=c#d.":           {"https://example.com/a?b=c#d"},
		"http://a, (https://b/c), <https://d>":       {"http://a", "https://b/c", "https://d"},
		"https://en.wikipedia.org/wiki/Cat_(animal)": {"https://en.wikipedia.org/wiki/Cat_(animal)"},
		"\"https://a/b\" “https://c”":                {"https://a/b", "https://c"},
		"http://[::1]:8080/x":                        {"http://[::1]:8080/x"},
		"https://bücher.example/ü\nnext":             {"https://bücher.example/ü"},
		"xhttp://a":                                  nil,
		"http:// https:// http://. https://...":      nil,
		"httphttp://a http":                          nil,
		"ftp://example.com www.example.com":          nil,
		"https://a!?":                                {"https://a"},
		"[x](https://a/b)":                           {"https://a/b"},
	} {
		var got []string
		for _, l := range chat.Links(body) {
			if body[l.Start:l.End] != l.Source {
				t.Errorf("%q: %q is said to be at %d to %d", body, l.Source, l.Start, l.End)
			}
			got = append(got, l.Source)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q:\n%s", body, diff)
		}
	}
	if n := len(chat.Links(strings.Repeat("http://a ", 1000))); n != chat.LinksMax {
		t.Errorf("%d of 1000 links count", n)
	}
}

func FuzzPartsOfABodyLieWithinIt(f *testing.F) {
	for _, seed := range []string{"<@a> https://b/c) <#é>", "http://]", "<@\xff>", "https://a\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		last := 0
		for _, l := range chat.Links(body) {
			if l.Start < last || l.End <= l.Start || body[l.Start:l.End] != l.Source {
				t.Errorf("%q has the link %+v", body, l)
			}
			last = l.End
		}
		last = 0
		for _, m := range chat.MentionedNames(body) {
			if m.Start < last || body[m.Start+2:m.End-1] != m.Name {
				t.Errorf("%q has the mention %+v", body, m)
			}
			last = m.End
		}
	})
}

func TestAnEmojiIsACharacterOrAnAlias(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"👍": "👍", "thumbsup": "👍", ":+1:": "👍", "❤": "❤️", "❤️": "❤️", "heart": "❤️",
		"👍🏽": "👍🏽", "🏳️‍🌈": "🏳️‍🌈", "👩‍👩‍👧": "👩‍👩‍👧", "🇩🇪": "🇩🇪", "1️⃣": "1️⃣", "🏴\U000E0067\U000E0062\U000E007F": "🏴\U000E0067\U000E0062\U000E007F", "🦤": "🦤", "™️": "™️",
	} {
		if got, err := chat.ParseEmoji(text); err != nil || got.Character != want {
			t.Errorf("%q: got %q, %v", text, got.Character, err)
		}
	}
	for _, text := range []string{"", ":", "nonsense", "a", "1", "👍👍", "👍a", "🇩", "🇩🇪🇩", "👩‍", "‍👩", "é", "\xff", "<script>", strings.Repeat("👩‍", 20) + "👩"} {
		if got, err := chat.ParseEmoji(text); nameOf(err) != "UnknownEmojiError" {
			t.Errorf("%.20q: got %+v, %v", text, got, err)
		}
	}
	if got, _ := chat.ParseEmoji("tada"); got.Description != "party popper" || len(got.Tags) == 0 {
		t.Errorf("of tada is known %+v", got)
	}
}

func TestAMessageHasABoundedNumberOfDifferentEmojis(t *testing.T) {
	t.Parallel()

	m := chat.Message{ID: 9}
	for i := range chat.EmojisMax {
		e := chat.Emoji{Character: string(rune(0x1F600 + i))}
		if err := m.CheckReaction(e); err != nil {
			t.Fatalf("emoji %d: %v", i, err)
		}
		m.Reactions = append(m.Reactions, chat.ReactionSummary{Emoji: e, Count: 1})
	}
	if got := nameOf(m.CheckReaction(chat.Emoji{Character: "👍"})); got != "TooManyEmojisError" {
		t.Errorf("one more is refused with %q", got)
	}
	if err := m.CheckReaction(m.Reactions[0].Emoji); err != nil {
		t.Errorf("one that is there: %v", err)
	}
	m.DeletedAt = time.Unix(1, 0)
	if got := nameOf(m.CheckReaction(m.Reactions[0].Emoji)); got != "MessageNotFoundError" {
		t.Errorf("reacting to a deleted message is refused with %q", got)
	}
}
