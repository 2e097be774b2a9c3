package gateway

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

func TestDestinationsMeanTheSameInBothDialects(t *testing.T) {
	t.Parallel()

	s := &session{actor: chat.Actor{User: 5}}
	for destination, want := range map[string]struct {
		at      route
		id      int64
		options string
	}{
		"/application/user.relay":                                   {route{ofUser, ""}, 5, ""},
		"/application/v1/user.relay":                                {route{ofUser, ""}, 5, ""},
		"/application/v1/users/me.relay":                            {route{ofUser, ""}, 5, ""},
		"/application/v1/users/me.read_file_access_grant.relay":     {route{ofUser, "read_file_access_grant"}, 5, ""},
		"/application/channels/7.messages.relay.size..sort.":        {route{ofChannel, "messages"}, 7, ".size..sort."},
		"/application/v1/channels/7.members.relay.size..sort.a.b,c": {route{ofChannel, "members"}, 7, ".size..sort.a.b,c"},
	} {
		at, id, options, err := s.locate(destination, true)
		if err != nil || at != want.at || id != want.id || options != want.options {
			t.Errorf("%s: got %v %d %q %v", destination, at, id, options, err)
		}
	}
}

func TestPageOptionsAreReadAsClientsFillThemIn(t *testing.T) {
	t.Parallel()

	type want struct {
		limit  int
		after  chat.Cursor
		before chat.Cursor
		number int64
	}
	for text, want := range map[string]want{
		"":                                     {limit: 25},
		".size..sort.":                         {limit: 25},
		".size.10.sort.":                       {limit: 10},
		".size.10.sort.name,asc":               {limit: 10},
		".size.1000.sort.user.displayName,asc": {limit: 100},
		".size.-3.sort.":                       {limit: 25},
		".size.ten.sort.":                      {limit: 25},
		".after.abc.number.2.size.25.sort.":    {limit: 25, after: "abc", number: 2},
		".before.abc.number.-7.size.7.sort.a.b.c": {limit: 7, before: "abc"},
		"....": {limit: 25},
	} {
		o := parseOptions(text)
		got := want
		got.limit, got.after, got.before, got.number = o.Limit(), o.After, o.Before, o.number
		if got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

func FuzzDestinations(f *testing.F) {
	for _, seed := range []string{
		"", "/", "/application/", "/application/v1/", "/application/user.relay", "/application/channels/7.message",
		"/application/v1/users/me.relay.relay", "/application/channels/07.relay", "/application/channels/-1.relay",
		"/application/channels/1.messages.relay.after.x.number.9.size.25.sort.", "undefined",
		"/topic/users/1", "/topic/users/1.channels", "/topic/channels/9223372036854775808", "/topic/channels/1.",
	} {
		f.Add(seed)
	}
	s := &session{actor: chat.Actor{User: 5}}
	f.Fuzz(func(t *testing.T, destination string) {
		for _, isRelay := range []bool{true, false} {
			if _, id, options, err := s.locate(destination, isRelay); err == nil {
				if id <= 0 {
					t.Errorf("%q has the id %d", destination, id)
				}
				if o := parseOptions(options); o.number < 0 || o.Limit() < 1 || o.Limit() > chat.PageSizeMax {
					t.Errorf("%q asks for page %d of %d items", destination, o.number, o.Limit())
				}
			}
		}
		if topic, a, ok := parseTopic(destination); ok && string(appendTopic(nil, topic, a)) != destination {
			t.Errorf("%q was understood as %s", destination, appendTopic(nil, topic, a))
		}
	})
}

func TestGenerationsAreToldByEndpointAndUserAgent(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		endpoint, agent string
		want            generation
	}{
		{"stompx", "", gen1x1},
		{"stompx", "ChatKitty-JS/1.27.0", gen1x27},
		{"stompx", "ChatKitty-JS/1.40.1", gen1x40},
		{"stompx", "ChatKitty-JS/1.50.0", gen1x50},
		{"rtm", "ChatKitty-JS/1.58.2", gen1x58},
		{"rtm", "ChatKitty-JS-Core/0.0.0-semantic-release", gen1x58},
		{"rtm", "ChatKitty-ChatUI/2.40.0", gen1x58},
		{"rtm", "ChatKitty-ChatUI/2.60.0", gen2x5},
		{"rtm", "ChatKitty-ChatUI/2.106.2", gen2x106},
		{"rtm", "", gen2x106},
		{"rtm", "OpenKitty-Go/1", gen2x106},
		{"rtm", "ChatKitty-JS/9", gen2x106},
	} {
		if got := generationOf(test.endpoint, test.agent); got != test.want {
			t.Errorf("%s %q: got %d, want %d", test.endpoint, test.agent, got, test.want)
		}
	}
}

func TestAnEventHasTheNameThatAGenerationListensFor(t *testing.T) {
	t.Parallel()

	g := &Gateway{}
	for _, test := range []struct {
		event      eventType
		generation generation
		want       string
	}{
		{messageCreated, gen1x1, "thread.message.created"},
		{messageCreated, gen1x27, "thread.message.created"},
		{messageCreated, gen1x40, "channel.message.created"},
		{messageCreated, gen2x106, "channel.message.created"},
		{channelJoined, gen1x50, "me.channel.joined"},
		{channelJoined, gen1x58, "user.channel.joined"},
		{typingStarted, gen1x1, "thread.typing.started"},
		{typingStarted, gen2x106, "thread.typing.started"},
		{channelLeft, gen1x50, "me.channel.left"},
		{channelLeft, gen2x106, "user.channel.left"},
		{channelLeftAgain, gen2x106, "me.channel.left"},
		{channelChanged, gen1x27, "me.channel.updated"},
		{channelChanged, gen1x58, "user.channel.updated"},
	} {
		p := g.publication(broker.Topic{Kind: broker.Channel, ID: 7}, test.event, position{"c", 7, 42})
		p.Resource = []byte(`{}`)
		e := &event{Publication: p}
		want := "destination:/topic/channels/7." + aspectNames[test.event.aspect] + "\nmessage-id:c7-42\nsequence:42\n" +
			"content-type:application/json\ncontent-length:" + strconv.Itoa(len(bodyOf(test.want))) + "\n\n" + bodyOf(test.want) + "\x00"
		if diff := cmp.Diff(want, string(e.tail(test.generation, 0))); diff != "" {
			t.Errorf("generation %d: %s", test.generation, diff)
		}
	}
}

func bodyOf(name string) string {
	return `{"type":"` + name + `","version":"1.0","resource":{}}`
}
