package gateway

import (
	"testing"
	"time"

	"openkitty/internal/chat"
)

func TestAMessageShowsWhatBecameOfIt(t *testing.T) {
	t.Parallel()

	m := hello
	m.Body = "𝄞 <@bob> https://a.example"
	m.Parent, m.Replies, m.EditedAt = 5, 3, sometime.Add(time.Second)
	m.Mentions = []chat.Mention{{Start: 5, End: 11, User: &bob}}
	m.Reactions = []chat.ReactionSummary{{Emoji: chat.EmojiOf("👍"), Users: []chat.User{alice, bob}, Count: 12}}
	got := object(t, testRenderer().message(nil, &m))
	if got["nestedLevel"] != 1.0 || got["repliesCount"] != 3.0 || got["lastEditedTime"] != "2026-01-02T02:04:06.678Z" {
		t.Errorf("got %v", got)
	}
	if parent := got["_relays"].(map[string]any)["parent"]; parent != "/application/messages/9.parent.relay" {
		t.Errorf("the parent is at %v", parent)
	}
	mention := got["mentions"].([]any)[0].(map[string]any)
	if mention["tag"] != "<@bob>" || mention["startPosition"] != 3.0 || mention["endPosition"] != 9.0 {
		t.Errorf("the mention is %v", mention)
	}
	link := got["links"].([]any)[0].(map[string]any)
	if link["source"] != "https://a.example" || link["startPosition"] != 10.0 || link["endPosition"] != 27.0 {
		t.Errorf("the link is %v", link)
	}
	reaction := got["reactions"].([]any)[0].(map[string]any)
	if reaction["count"] != 12.0 || len(reaction["users"].([]any)) != 2 || reaction["emoji"].(map[string]any)["aliases"].([]any)[0] != "thumbsup" {
		t.Errorf("the reactions are %v", reaction)
	}
}

// BenchmarkRenderMessage measures the resource of a plain message, which should
// allocate nothing.
func BenchmarkRenderMessage(b *testing.B) {
	r := testRenderer()
	dst := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		dst = r.message(dst[:0], &hello)
	}
}
