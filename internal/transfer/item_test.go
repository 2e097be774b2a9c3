package transfer_test

import (
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/transfer"

	"github.com/google/go-cmp/cmp"
)

func TestUsersAreReadInEverySpelling(t *testing.T) {
	t.Parallel()

	want := transfer.User{
		Key: "k", Name: "jane", DisplayName: "Jane", Guest: true, Picture: "https://example.com/j.png",
		Properties: `{"displayName":1}`, CreatedAt: time.Date(2021, 9, 16, 20, 45, 33, 696_000_000, time.UTC),
	}
	for _, item := range []string{
		`{"idempotency_key":"k","name":"jane","display_name":"Jane","guest":true,"properties":{"displayName":1},
			"display_picture":{"url":"https://example.com/j.png","name":"j.png","content_type":"image/png","size":3},
			"created_time":"2021-09-16T20:45:33.696Z"}`,
		`{"idempotencyKey":"k","name":"jane","displayName":"Jane","isGuest":"true","properties":{ "displayName": 1 },
			"displayPicture":{"url":"https://example.com/j.png"},"createdTime":"2021-09-16T22:45:33.696000+02:00"}`,
	} {
		got, err := transfer.ParseUser([]byte(item))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", item, diff)
		}
	}
}

func TestItemsThatAreWrittenAreReadTheSame(t *testing.T) {
	t.Parallel()

	at := time.Date(2024, 1, 2, 3, 4, 5, 6000, time.UTC)
	user := transfer.User{Key: "<k>", Name: "a&b", DisplayName: "<A>", Picture: "https://example.com/a", Properties: `{"x":"<&>"}`, CreatedAt: at}
	channel := transfer.Channel{
		Type: chat.Private, Name: "n", DisplayName: "N", Creator: "a", Members: []string{"a", "b"}, Moderators: &[]string{}, CreatedAt: at,
	}
	message := transfer.Message{
		Key: "m", Type: chat.Text, ChannelName: "n", Parent: "p", User: "a", Body: "line\nline <@b>", GroupTag: "g",
		Properties: `{"y":[1]}`, CreatedAt: at,
	}
	text := transfer.Append(nil, user, true)
	text = transfer.Append(text, channel, false)
	text = transfer.End(transfer.Append(text, message, false), false)
	items, err := readAll(transfer.NewReader(strings.NewReader(string(text))))
	if err != nil || len(items) != 3 {
		t.Fatalf("%d items: %v", len(items), err)
	}
	gotUser, err := transfer.ParseUser([]byte(items[0].JSON))
	if diff := cmp.Diff(user, gotUser); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	gotChannel, err := transfer.ParseChannel([]byte(items[1].JSON))
	if diff := cmp.Diff(channel, gotChannel); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	gotMessage, err := transfer.ParseMessage([]byte(items[2].JSON), 100)
	if diff := cmp.Diff(message, gotMessage); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestAnItemOfAServerWhoseClockIsALittleAheadIsTaken(t *testing.T) {
	t.Parallel()

	soon := time.Now().Add(time.Minute).UTC().Truncate(time.Second)
	m, err := transfer.ParseMessage([]byte(`{"type":"TEXT","user":"a","channel_id":1,"body":"x","created_time":"`+soon.Format(time.RFC3339)+`"}`), 10)
	if err != nil || !m.CreatedAt.Equal(soon) {
		t.Errorf("%v, %v", m.CreatedAt, err)
	}
}

func TestItemsSayWhatIsWrongWithThem(t *testing.T) {
	t.Parallel()

	user := func(item []byte) error { _, err := transfer.ParseUser(item); return err }
	channel := func(item []byte) error { _, err := transfer.ParseChannel(item); return err }
	member := func(item []byte) error { _, err := transfer.ParseMember(item); return err }
	message := func(item []byte) error { _, err := transfer.ParseMessage(item, 10); return err }
	tomorrow := time.Now().AddDate(0, 0, 1).Format(time.RFC3339)
	for _, c := range []struct {
		parse      func([]byte) error
		item, want string
	}{
		{user, `{}`, "the username is empty"},
		{user, `{"name":{"x":1}}`, "name must be text"},
		{user, `{"name":"a","guest":"maybe"}`, "guest must be true or false"},
		{user, `{"name":"a","properties":[]}`, "the properties must be a JSON object"},
		{user, `{"name":"a","display_picture":{"url":"javascript:1"}}`, "the address of the picture must be"},
		{user, `{"name":"a","created_time":"yesterday"}`, "created_time must be a time"},
		{user, `{"name":"a","created_time":"1970-01-01T00:00:00+01:00"}`, "created_time must be a time"},
		{user, `{"name":"a","created_time":"` + tomorrow + `"}`, "created_time must not lie more than 5 minutes in the future"},
		{channel, `{"type":"PUBLIC","created_time":"9999-12-31T23:59:59-01:00"}`, "created_time must not lie more than 5 minutes in the future"},
		{message, `{"type":"TEXT","user":"a","channel_id":1,"body":"x","created_time":"` + tomorrow + `"}`, "created_time must not lie more than 5 minutes in the future"},
		{user, `{"name":"a","idempotency_key":"` + strings.Repeat("k", 256) + `"}`, "the idempotency key has 256 bytes"},
		{channel, `{"type":"OPEN","members":[]}`, "the channel type must be"},
		{channel, `{"type":"DIRECT","members":[]}`, "a direct channel needs at least one other member"},
		{channel, `{"type":"DIRECT","members":["a"],"incomplete":true}`, "only a direct channel with a name can be incomplete"},
		{channel, `{"type":"PUBLIC","name":"n","members":["a"],"incomplete":true}`, "only a direct channel with a name can be incomplete"},
		{channel, `{"type":"PUBLIC","members":[{"id":1}]}`, "members must be a list of usernames"},
		{channel, `{"type":"PUBLIC","members":["a","\u0000"]}`, "members must be a list of usernames"},
		{user, "{\"name\":\"a\",\"properties\":{\"a\":\"\xff\"}}", "the item is not valid UTF-8"},
		{message, "{\"type\":\"TEXT\",\"user\":\"a\",\"channel_id\":1,\"body\":\"\xff\"}", "the item is not valid UTF-8"},
		{member, `{"name":"a"}`, "the username is missing"},
		{message, `{"type":"FILE","channel_id":1,"user":"a","body":"x"}`, "the type must be TEXT or SYSTEM_TEXT"},
		{message, `{"type":"TEXT","channel_id":1,"body":"x"}`, "a message of type TEXT needs a user"},
		{message, `{"type":"SYSTEM_TEXT","user":"a","channel_id":1,"body":"x"}`, "a message of type SYSTEM_TEXT has no user"},
		{message, `{"type":"TEXT","user":"a","body":"x"}`, "the channel_id is missing"},
		{message, `{"type":"TEXT","user":"a","channel_id":-1,"body":"x"}`, "channel_id must be a positive whole number"},
		{message, `{"type":"TEXT","user":"a","channel_id":1,"body":"12345678901"}`, "the body has 11 bytes"},
		{message, `{"type":"TEXT","user":"a","channel_id":1}`, "a text message needs a body"},
	} {
		if err := c.parse([]byte(c.item)); !chat.IsKind(err, chat.Invalid) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.60s: %v, want %q", c.item, err, c.want)
		}
	}
}
