package client

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// plainMessage is a Message as encoding/json reads it.
type plainMessage struct {
	ID          MessageID       `json:"id"`
	Type        MessageType     `json:"type"`
	ChannelID   ChannelID       `json:"channelId"`
	Body        string          `json:"body"`
	User        *plainUser      `json:"user"`
	GroupTag    string          `json:"groupTag"`
	Properties  json.RawMessage `json:"properties"`
	CreatedTime time.Time       `json:"createdTime"`
}

type plainUser struct {
	ID          UserID `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	Picture     string `json:"displayPictureUrl"`
	IsGuest     bool   `json:"isGuest"`
	Presence    struct {
		Status string `json:"status"`
		Online bool   `json:"online"`
	} `json:"presence"`
	Properties json.RawMessage `json:"properties"`
}

func (u *plainUser) user() *User {
	if u == nil {
		return nil
	}
	return &User{u.ID, u.Name, u.DisplayName, u.Picture, u.IsGuest, Presence(u.Presence), u.Properties}
}

func (m plainMessage) message() Message {
	return Message{
		ID: m.ID, Type: m.Type, ChannelID: m.ChannelID, Body: m.Body, User: m.User.user(), GroupTag: m.GroupTag,
		Properties: m.Properties, CreatedTime: m.CreatedTime,
	}
}

// onlyPlain leaves out what plainMessage does not have.
var onlyPlain = cmp.Options{
	cmpopts.IgnoreUnexported(Message{}),
	cmpopts.IgnoreFields(Message{}, "LastEditedTime", "NestedLevel", "RepliesCount", "Mentions", "Links", "Reactions"),
}

// FuzzReadMessage checks the reader against encoding/json: it never panics, and
// reads what that reads, wherever names are spelt as the server spells them.
func FuzzReadMessage(f *testing.F) {
	f.Add([]byte(`{"id":9,"type":"TEXT","channelId":7,"body":"hi \u00e9\n\ud83d\udc08 日本","user":{"id":1,"name":"alice",` +
		`"presence":{"status":"AVAILABLE","online":true},"properties":{},"_relays":{"self":"/a"}},"groupTag":"g",` +
		`"createdTime":"2026-01-02T03:04:05.678Z","properties":{"a":[1,{"b":"}\""}]},"links":[],"_actions":{}}`))
	f.Add([]byte(`{"user":null,"body":null,"id":null,"properties":null,"createdTime":null}`))
	f.Add([]byte(` { "id" : -1 , "x" : [ [ ] , { } ] , "body" : "" } `))
	f.Add([]byte(`{"body":"\`))
	f.Add([]byte(`{"id":1e3}`))
	f.Add([]byte(`[[[[`))
	f.Add([]byte("{\"body\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var got Message
		err := read(text, &got)
		var want plainMessage
		if json.Unmarshal(text, &want) != nil || !spelt(text) {
			return // what is skipped is not checked
		}
		if err != nil && hasMore(text) {
			return // of a kind that plainMessage does not look at
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want.message(), got, cmpopts.EquateEmpty(), onlyPlain); diff != "" {
			t.Fatalf("%q (-encoding/json +ours):\n%s", text, diff)
		}
	})
}

// hasMore reports whether a message has a member that plainMessage does not have.
func hasMore(text []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return false
	}
	for _, name := range []string{"lastEditedTime", "nestedLevel", "repliesCount", "mentions", "links", "reactions"} {
		if _, ok := members[name]; ok {
			return true
		}
	}
	return false
}

// spelt reports whether a JSON text avoids what we read otherwise on purpose:
// names in another case, with escapes, or repeated; and an array or object for
// the whole.
func spelt(text []byte) bool {
	plain := true
	c := cursor{text: text}
	var value func()
	value = func() {
		switch c.next() {
		case '{':
			seen := map[string]bool{}
			c.object(func(key []byte) {
				for _, b := range key {
					plain = plain && b != '\\' && (b < 'A' || b > 'Z') && b < 0x80
				}
				name := string(key)
				plain = plain && !seen[name]
				seen[name] = true
				value()
			})
		case '[':
			c.array(value)
		default:
			c.skip()
		}
	}
	value()
	return plain
}

func TestResourcesReadLikeEncodingJSON(t *testing.T) {
	t.Parallel()

	text := []byte(`{"id":9007199254740991,"user":{"isGuest":false,"name":"a\"b"},"body":"\u0041","properties": {"k": [1, 2]} ,"createdTime":"2026-01-02T03:04:05+01:00"}`)
	var got Message
	if err := read(text, &got); err != nil {
		t.Fatal(err)
	}
	want := Message{
		ID: 9007199254740991, User: &User{Name: `a"b`}, Body: "A", Properties: json.RawMessage(`{"k": [1, 2]}`),
		CreatedTime: time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Message{})); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

func TestWhatIsReadOutlivesItsText(t *testing.T) {
	t.Parallel()

	text := []byte(`{"body":"hello","properties":{"a":1}}`)
	var got Message
	if err := read(text, &got); err != nil {
		t.Fatal(err)
	}
	clear(text)
	if got.Body != "hello" || string(got.Properties) != `{"a":1}` {
		t.Errorf("it became %+v", got)
	}
}

func TestBrokenJSONIsAnError(t *testing.T) {
	t.Parallel()

	for _, text := range []string{
		``, `7`, `"`, `{`, `{"`, `{"id"`, `{"id":`, `{"id":}`, `{"id":1`, `{"id":1,`, `{"id":1 "x":2}`, `{"id":1.5}`, `{"id":"1"}`,
		`{"body":7}`, `{"body":"`, `{"body":"\x"}`, "{\"body\":\"\n\"}", `{"x":[}`, `{"x":{`, `{"x":`, `{"createdTime":"today"}`,
		`{"user":[]}`, `{"user":{"isGuest":1}}`,
	} {
		if err := read([]byte(text), new(Message)); err == nil {
			t.Errorf("%s was read", text)
		}
	}
}

// messageText is a message as the server sends it.
const messageText = `{"id":9,"type":"TEXT","channelId":7,"nestedLevel":0,"body":"hi bob, how are you doing?","links":[],"user":{"id":1,"name":"alice",` +
	`"displayName":"Alice","displayPictureUrl":"https://chat.example/p/1.png","isGuest":false,"presence":{"status":"AVAILABLE","online":true},` +
	`"properties":{},"_relays":{"self":"/application/users/1.relay","channelMember":"/application/users/1.channel_member.relay"},` +
	`"_actions":{"block":"/application/users/1.block","delete":"/application/users/1.delete"}},"createdTime":"2026-01-02T03:04:05.678Z",` +
	`"properties":{},"reactions":[],"repliesCount":0,"_relays":{"self":"/application/messages/9.relay","channel":"/application/channels/7.relay",` +
	`"readReceipts":"/application/messages/9.read_receipts.relay.size..sort.","repliesCount":"/application/messages/9.replies_count.relay",` +
	`"replies":"/application/messages/9.replies.relay.size..sort.","reactions":"/application/messages/9.reactions.relay.size..sort."},` +
	`"_actions":{"read":"/application/messages/9.read","unread":"/application/messages/9.unread","reply":"/application/messages/9.reply",` +
	`"deleteForMe":"/application/messages/9.delete_for_me","delete":"/application/messages/9.delete","react":"/application/messages/9.react"},` +
	`"_streams":{"replies":"/rtm-streams/messages/9/replies"}}`

func BenchmarkReadMessage(b *testing.B) {
	text := []byte(messageText)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := read(text, new(Message)); err != nil {
			b.Fatal(err)
		}
	}
}
