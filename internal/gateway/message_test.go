package gateway_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// say sends a text message and returns it.
func (p *peer) say(channel resource, body string) resource {
	p.t.Helper()
	return p.must(channel.link("_actions", "message"), fmt.Sprintf(`{"type":"TEXT","body":%q}`, body))
}

// must performs an action that must not be refused.
func (p *peer) must(destination, body string) resource {
	p.t.Helper()
	got, refused := p.act(destination, body)
	if refused.Error != "" {
		p.t.Fatalf("%s: %+v", destination, refused)
	}
	return got
}

// ask reads a relay that must not be refused.
func (p *peer) ask(destination string, headers ...string) resource {
	p.t.Helper()
	got, refused := p.read(destination, headers...)
	if refused.Error != "" {
		p.t.Fatalf("%s: %+v", destination, refused)
	}
	return got
}

// listed is the ids of a page of messages.
func listed(page resource) (ids []int64) {
	for _, message := range page.at("_embedded", "messages").([]any) {
		ids = append(ids, resource(message.(map[string]any)).id())
	}
	return ids
}

func TestAnEditReachesTheChannelAndAnswersItsAuthor(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		bob.enter(channel)
		message := alice.say(channel, "teh cat")
		edited := alice.must(message.link("_actions", "edit"), `{"body":"the cat, <@bob>"}`)
		if edited["body"] != "the cat, <@bob>" || edited["lastEditedTime"] == nil || edited.id() != message.id() {
			t.Errorf("alice got %v", edited)
		}
		got := bob.event(channel.link("_topics", "messages"), "channel.message.updated")
		if fmt.Sprint(got) != fmt.Sprint(edited) {
			t.Errorf("bob got %v, alice %v", got, edited)
		}
		described := alice.must(message.link("_actions", "updateProperties"), `{"properties":{"k":[1]}}`)
		if fmt.Sprint(described["properties"]) != "map[k:[1]]" || described["body"] != edited["body"] {
			t.Errorf("with properties: %v", described)
		}
		if again := bob.ask(message.link("_relays", "self")); fmt.Sprint(again) != fmt.Sprint(described) {
			t.Errorf("bob reads %v, want %v", again, described)
		}
	})
}

func TestADeletedMessageIsAnnouncedWithoutItsWordsAndLeavesTheLists(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.create(`{"type":"PUBLIC","name":"plaza","members":[{"username":"bob"}]}`)
		bob.enter(channel)
		kept, message := bob.say(channel, "kept"), bob.say(channel, "secret")
		deleted := alice.must(message.link("_actions", "delete"), `{}`) // its creator moderates
		got := bob.event(channel.link("_topics", "messages"), "channel.message.deleted")
		if got.id() != message.id() || got["body"] != "" || fmt.Sprint(got) != fmt.Sprint(deleted) {
			t.Errorf("bob heard of %v, alice of %v", got, deleted)
		}
		if ids := listed(alice.ask(channel.link("_relays", "messages"))); fmt.Sprint(ids) != fmt.Sprint([]int64{kept.id()}) {
			t.Errorf("alice lists %v, want %d alone", ids, kept.id())
		}
		if count := alice.ask(channel.link("_relays", "messagesCount"))["count"]; count != 1.0 {
			t.Errorf("alice counts %v", count)
		}
		last := resource(alice.ask(channel.link("_relays", "self")).at("lastReceivedMessage").(map[string]any))
		if last.id() != kept.id() {
			t.Errorf("the last message is %v", last)
		}
		for _, action := range []string{"edit", "delete", "deleteForMe", "reply", "react"} {
			body := `{"body":"x","type":"TEXT","emoji":"heart"}`
			if _, refused := bob.act(message.link("_actions", action), body); refused.Error != "MessageNotFoundError" {
				t.Errorf("%s of a deleted message: %+v", action, refused)
			}
		}
	})
}

func TestWhatOneDeletesForOneselfOthersStillSee(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		first, second := alice.say(channel, "first"), alice.say(channel, "second")
		bob.listen(bob.me().link("_topics", "messages"))
		for range 2 { // a second time changes nothing
			if hidden := bob.must(second.link("_actions", "deleteForMe"), `{}`); hidden.id() != second.id() {
				t.Errorf("bob got %v", hidden)
			}
		}
		for _, test := range []struct {
			p    *peer
			want []int64
		}{{alice, []int64{second.id(), first.id()}}, {bob, []int64{first.id()}}} {
			if ids := listed(test.p.ask(channel.link("_relays", "messages"))); fmt.Sprint(ids) != fmt.Sprint(test.want) {
				t.Errorf("listed %v, want %v", ids, test.want)
			}
			if count := test.p.ask(channel.link("_relays", "messagesCount"))["count"]; count != float64(len(test.want)) {
				t.Errorf("counted %v, want %d", count, len(test.want))
			}
			last := resource(test.p.ask(channel.link("_relays", "self")).at("lastReceivedMessage").(map[string]any))
			if last.id() != test.want[0] {
				t.Errorf("the last message is %d, want %d", last.id(), test.want[0])
			}
		}
	})
}

func TestRepliesFormAThreadOfTwoLevels(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		alice.enter(channel)
		messages := channel.link("_topics", "messages")
		parent := alice.say(channel, "who comes?")
		bob.listen(bob.me().link("_topics", "messages"))
		reply := bob.must(parent.link("_actions", "reply"), `{"type":"TEXT","body":"I do"}`)
		got := alice.event(messages, "channel.message.created")
		if got.id() != reply.id() || got["nestedLevel"] != 1.0 || got["channelId"] != parent["channelId"] {
			t.Errorf("alice got %v", got)
		}
		if changed := alice.event(messages, "channel.message.updated"); changed.id() != parent.id() || changed["repliesCount"] != 1.0 {
			t.Errorf("of the parent alice heard %v", changed)
		}
		if found := alice.ask(got.link("_relays", "parent")); found.id() != parent.id() || found["nestedLevel"] != 0.0 || found.link("_relays", "parent") != "" {
			t.Errorf("the parent is %v", found)
		}
		second := alice.must(reply.link("_actions", "reply"), `{"type":"TEXT","body":"great"}`)
		if found := bob.ask(second.link("_relays", "parent")); found.id() != parent.id() {
			t.Errorf("a reply to the reply replies to %v", found)
		}
		if ids := listed(bob.ask(parent.link("_relays", "replies"))); fmt.Sprint(ids) != fmt.Sprint([]int64{second.id(), reply.id()}) {
			t.Errorf("the replies are %v", ids)
		}
		for thread, want := range map[string]int{"true": 1, "false": 3, "undefined": 3} {
			page := bob.ask(channel.link("_relays", "messages"), "mainThread", thread)
			if len(listed(page)) != want || page.at("page", "totalElements") != float64(want) {
				t.Errorf("mainThread %s lists %v", thread, listed(page))
			}
		}
		alice.must(parent.link("_actions", "delete"), `{}`)
		if found := bob.ask(reply.link("_relays", "parent")); found.id() != parent.id() || found["body"] != "" {
			t.Errorf("the deleted parent is %v", found)
		}
		bob.must(reply.link("_actions", "delete"), `{}`)
		if count := bob.ask(parent.link("_relays", "repliesCount"))["count"]; count != 1.0 {
			t.Errorf("%v replies are left", count)
		}
	})
}

func TestReactionsAreHeardListedAndTakenBack(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		reactions := channel.link("_topics", "reactions")
		alice.enter(channel)
		alice.listen(reactions)
		bob.listen(bob.me().link("_topics", "reactions"))
		message := alice.say(channel, "cake!")
		for range 2 { // a second time is no second reaction
			reaction := bob.must(message.link("_actions", "react"), `{"emoji":":tada:"}`)
			if reaction.at("emoji", "character") != "🎉" || reaction.at("user", "name") != "bob" {
				t.Errorf("bob got %v", reaction)
			}
		}
		first := alice.event(reactions, "message.reaction.created")
		if first.at("user", "name") != "bob" || first.at("emoji", "description") != "party popper" {
			t.Errorf("alice heard of %v", first)
		}
		alice.must(message.link("_actions", "react"), `{"emoji":"🎉"}`)
		got := alice.ask(first.link("_relays", "message"))
		summary := got["reactions"].([]any)[0].(map[string]any)
		if len(got["reactions"].([]any)) != 1 || summary["count"] != 2.0 || len(summary["users"].([]any)) != 2 {
			t.Errorf("the message has the reactions %v", got["reactions"])
		}
		page := bob.ask(message.link("_relays", "reactions"))
		if items := page.at("_embedded", "reactions").([]any); len(items) != 2 || resource(items[0].(map[string]any)).at("user", "name") != "bob" {
			t.Errorf("listed %v", items)
		}
		bob.must(message.link("_actions", "removeReaction"), `{"emoji":"tada"}`)
		if gone := alice.event(reactions, "message.reaction.removed"); gone.at("user", "name") != "bob" {
			t.Errorf("alice heard that %v was taken back", gone)
		}
		if _, refused := bob.act(message.link("_actions", "removeReaction"), `{"emoji":"tada"}`); refused.Error != "ReactionNotFoundError" {
			t.Errorf("taking it back again: %+v", refused)
		}
	})
}

func TestMentionsAndLinksAreFoundAtTheirPlaces(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		bob.create(`{"type":"PRIVATE","name":"secret"}`)
		alice.create(`{"type":"PUBLIC","name":"plaza"}`)
		sent := alice.say(channel, "🐈é <@bob> <#plaza> <@nobody> <#secret> https://example.com/🐈.")
		for what, message := range map[string]resource{"sent": sent, "read": bob.ask(sent.link("_relays", "self"))} {
			mentions := message["mentions"].([]any)
			if len(mentions) != 2 {
				t.Fatalf("%s: the mentions are %v", what, mentions)
			}
			user, plaza := resource(mentions[0].(map[string]any)), resource(mentions[1].(map[string]any))
			if user["type"] != "USER" || user["tag"] != "<@bob>" || user["startPosition"] != 4.0 || user["endPosition"] != 10.0 ||
				user.at("user", "name") != "bob" {
				t.Errorf("%s: bob is mentioned by %v", what, user)
			}
			if plaza["type"] != "CHANNEL" || plaza["tag"] != "<#plaza>" || plaza["startPosition"] != 11.0 || plaza.at("channel", "name") != "plaza" {
				t.Errorf("%s: the channel is mentioned by %v", what, plaza)
			}
			link := resource(message["links"].([]any)[0].(map[string]any))
			if link["source"] != "https://example.com/🐈" || link["startPosition"] != 40.0 || link["endPosition"] != 62.0 {
				t.Errorf("%s: the link is %v", what, link)
			}
		}
	})
}

func TestEventsOfAChannelComeInTheOrderOfTheirSequence(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	channel := alice.direct("bob")
	bob.enter(channel)
	bob.listen(channel.link("_topics", "reactions"))
	for i := range 5 {
		message := alice.say(channel, fmt.Sprint(i))
		alice.must(message.link("_actions", "react"), `{"emoji":"heart"}`)
		alice.must(message.link("_actions", "edit"), `{"body":"x"}`)
		reply := alice.must(message.link("_actions", "reply"), `{"type":"TEXT","body":"re"}`)
		alice.must(reply.link("_actions", "delete"), `{}`)
	}
	bob.settle()
	want := 0
	for _, frame := range bob.got {
		sequence := frame.Header.Get("sequence")
		if frame.Command != stomp.Message || sequence == "" {
			continue
		}
		if want == 0 {
			fmt.Sscan(sequence, &want)
		}
		if sequence != fmt.Sprint(want) {
			t.Fatalf("event %s came when %d was due: %s", sequence, want, frame.Body)
		}
		want++
	}
	if want < 35 {
		t.Errorf("only %d events came", want)
	}
}

func TestMessagesAreRefusedToOthersByName(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob, eve := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "eve")
	stranger := connectTo(t, s, s.CreateApplication("other").APIKey, "alice")
	channel := alice.direct("bob")
	message := alice.say(channel, "hello")
	bodies := map[string]string{
		"edit": `{"body":"x"}`, "updateProperties": `{"properties":{}}`, "delete": `{}`, "deleteForMe": `{}`,
		"reply": `{"type":"TEXT","body":"x"}`, "react": `{"emoji":"heart"}`, "removeReaction": `{"emoji":"heart"}`,
	}
	for action, body := range bodies {
		for who, p := range map[string]*peer{"eve": eve, "an application's": stranger} {
			if _, got := p.act(message.link("_actions", action), body); got.Error != "MessageNotFoundError" {
				t.Errorf("%s by %s: %+v", action, who, got)
			}
		}
		for _, id := range []string{"999999", "undefined"} {
			destination := strings.Replace(message.link("_actions", action), fmt.Sprint(message.id()), id, 1)
			if _, got := alice.act(destination, body); got.Error != "MessageNotFoundError" {
				t.Errorf("%s of %s: %+v", action, id, got)
			}
		}
	}
	for _, relay := range []string{"self", "replies", "repliesCount", "reactions", "channel"} {
		for who, p := range map[string]*peer{"eve": eve, "an application's": stranger} {
			if _, got := p.read(message.link("_relays", relay)); got.Error != "MessageNotFoundError" {
				t.Errorf("%s by %s: %+v", relay, who, got)
			}
		}
	}
	for _, action := range []string{"edit", "updateProperties", "delete"} {
		if _, got := bob.act(message.link("_actions", action), bodies[action]); got.Error != "NotPermittedError" {
			t.Errorf("%s by another member: %+v", action, got)
		}
	}
}

func TestChangesOfMessagesThatBreakARuleFailByName(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	message := alice.say(alice.direct("bob"), "hello")
	for name, test := range map[string]struct{ action, body, want string }{
		"no body":                       {"edit", `{}`, "InvalidRequestError"},
		"an empty body":                 {"edit", `{"body":""}`, "InvalidRequestError"},
		"a number for a body":           {"edit", `{"body":7}`, "InvalidRequestError"},
		"no JSON":                       {"edit", `body`, "InvalidRequestError"},
		"a body of 100 KB":              {"edit", `{"body":"` + strings.Repeat("x", 100<<10) + `"}`, "MessageTooLargeError"},
		"a body with U+0000":            {"edit", `{"body":"a\u0000"}`, "InvalidRequestError"},
		"no properties":                 {"updateProperties", `{}`, "InvalidRequestError"},
		"properties that are a list":    {"updateProperties", `{"properties":[]}`, "InvalidRequestError"},
		"properties without end":        {"updateProperties", `{"properties":{"k":"` + strings.Repeat("x", 17<<10) + `"}}`, "InvalidRequestError"},
		"a reply of another type":       {"reply", `{"type":"SYSTEM_TEXT","body":"x"}`, "NotSupportedError"},
		"a reply without a body":        {"reply", `{"type":"TEXT"}`, "InvalidRequestError"},
		"no emoji":                      {"react", `{}`, "UnknownEmojiError"},
		"an unknown alias":              {"react", `{"emoji":"nonsense"}`, "UnknownEmojiError"},
		"a list for an emoji":           {"react", `{"emoji":["heart"]}`, "InvalidRequestError"},
		"an emoji without end":          {"react", `{"emoji":"` + strings.Repeat("👍", 1000) + `"}`, "UnknownEmojiError"},
		"removing an unknown alias":     {"removeReaction", `{"emoji":"nonsense"}`, "UnknownEmojiError"},
		"removing what was never there": {"removeReaction", `{"emoji":"heart"}`, "ReactionNotFoundError"},
	} {
		if _, got := alice.act(message.link("_actions", test.action), test.body); got.Error != test.want || got.Message == "" {
			t.Errorf("%s: got %+v, want %s", name, got, test.want)
		}
	}
	if _, got := alice.read(fmt.Sprintf("/application/messages/%d.parent.relay", message.id())); got.Error != "ParentNotFoundError" {
		t.Errorf("the parent of what is no reply: %+v", got)
	}
}

func TestEachGenerationHearsOfAnEditAsItListens(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	for i, test := range []struct{ endpoint, agent, want string }{
		{"stompx", "", "thread.message.updated"},
		{"stompx", "ChatKitty-JS/1.27.0", "thread.message.updated"},
		{"stompx", "ChatKitty-JS/1.40.1", "thread.message.updated"},
		{"stompx", "ChatKitty-JS/1.50.0", "thread.message.updated"},
		{"rtm", "ChatKitty-JS/1.58.2", "channel.message.updated"},
		{"rtm", "ChatKitty-JS-Core/1.11.0", "channel.message.updated"},
		{"rtm", "ChatKitty-ChatUI/2.40.0", "channel.message.updated"},
		{"rtm", "ChatKitty-ChatUI/2.106.2", "channel.message.updated"},
	} {
		name := fmt.Sprint("reader", i)
		p := dial(t, s, "/"+test.endpoint+"/websocket", url.Values{"api_key": {s.APIKey()}, "stompx_user": {name}})
		p.text("CONNECT\nStompX-User:" + name + "\nStompX-User-Agent:" + test.agent + "\naccept-version:1.2\n\n\x00")
		p.next()
		p.send(stomp.Subscribe, nil, "id", "errors", "destination", "/user/queue/errors")
		channel := alice.direct(name)
		p.enter(channel)
		message := alice.say(channel, "first words")
		alice.must(message.link("_actions", "edit"), `{"body":"second thoughts"}`)
		edited := p.await(test.want, func(f stomp.Frame) bool { return strings.HasSuffix(bodyType(t, f), ".updated") })
		if got := bodyType(t, edited); got != test.want {
			t.Errorf("%q on /%s heard %s, want %s", test.agent, test.endpoint, got, test.want)
		}
	}
}

// bodyType is the name of the event that a frame carries, if any.
func bodyType(t *testing.T, f stomp.Frame) string {
	t.Helper()
	if f.Command != stomp.Message {
		return ""
	}
	return decode[struct{ Type string }](t, f.Body).Type
}
