package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// group makes a channel of a type with other users in it, as its creator sees it.
func (p *peer) group(kind string, others ...string) resource {
	p.t.Helper()
	members := make([]string, len(others))
	for i, other := range others {
		members[i] = fmt.Sprintf(`{"username":%q}`, other)
	}
	return p.create(fmt.Sprintf(`{"type":%q,"members":[%s]}`, kind, strings.Join(members, ",")))
}

// see returns a channel as the peer sees it.
func (p *peer) see(channel resource) resource {
	p.t.Helper()
	seen, refused := p.read(channel.link("_relays", "self"))
	if refused.Error != "" {
		p.t.Fatalf("read channel %d: %+v", channel.id(), refused)
	}
	return seen
}

// do performs an action that must not be refused.
func (p *peer) do(of resource, action, body string) resource {
	p.t.Helper()
	got, refused := p.act(of.link("_actions", action), body)
	if refused.Error != "" {
		p.t.Fatalf("%s: %+v", action, refused)
	}
	return got
}

// watch subscribes to the topics of a channel on which memberships are told.
func (p *peer) watch(channel resource) {
	p.t.Helper()
	p.enter(channel)
	for _, topic := range []string{"members", "moderators"} {
		p.listen(channel.link("_topics", topic))
	}
}

func (p *peer) watchOwn() string {
	p.t.Helper()
	topic := p.me().link("_topics", "channels")
	p.listen(topic)
	return topic
}

// silent reports every event of a channel's topics that has arrived.
func (p *peer) silent(channel resource) {
	p.t.Helper()
	p.settle()
	prefix := channel.link("_topics", "self")
	for _, frame := range p.got {
		if strings.HasPrefix(frame.Header.Get("destination"), prefix) {
			p.t.Errorf("got %s", frame.Body)
		}
	}
}

func TestAPublicChannelIsJoinedAndLeft(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		plaza := alice.group("PUBLIC")
		alice.watch(plaza)
		own := bob.watchOwn()
		members := plaza.link("_topics", "members")

		before := bob.see(plaza)
		joined := bob.do(before, "join", `{"channel":{"id":1}}`)
		if joined.id() != plaza.id() || joined.link("_actions", "leave") == "" || joined.link("_actions", "join") != "" {
			t.Errorf("bob joined %v", joined)
		}
		if got := alice.event(members, "channel.member.joined"); got["name"] != "bob" {
			t.Errorf("%v joined", got["name"])
		}
		if again := bob.do(before, "join", `{}`); again.id() != plaza.id() {
			t.Errorf("bob joined again, and got %v", again)
		}
		bob.do(joined, "leave", `{"channel":{"id":1}}`)
		left := bob.event(own, "me.channel.left")
		if left.link("_actions", "join") == "" || left.link("_actions", "leave") != "" {
			t.Errorf("left with the actions %v", left["_actions"])
		}
		if got := alice.event(members, "channel.member.left"); got["name"] != "bob" {
			t.Errorf("%v left", got["name"])
		}
	})
}

// On every connection: the membership ends, not the session that ended it.
func TestWhoLosesAMembershipHearsNothingMore(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, phone, laptop := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "bob")
		club := alice.group("PRIVATE", "bob")
		alice.watch(club)
		phone.watch(club)
		laptop.watch(club)
		own := laptop.watchOwn()
		participants := club.link("_topics", "participants")
		alice.event(participants, "channel.participant.active")

		alice.do(club, "leave", `{"user":{"username":"bob"}}`)
		alice.event(participants, "channel.participant.inactive")
		laptop.event(own, "user.channel.left")
		for _, device := range []*peer{phone, laptop} {
			if got := device.event(club.link("_topics", "members"), "channel.member.left"); got["name"] != "bob" {
				t.Errorf("%v left", got["name"])
			}
			device.got = nil
		}
		alice.do(club, "message", `{"type":"TEXT","body":"he is gone"}`)
		for _, device := range []*peer{phone, laptop} {
			device.silent(club)
			device.listen(club.link("_topics", "messages"))
			if _, refused := device.act(club.link("_actions", "keystrokes"), `{"keys":"x"}`); refused.Error != "NotPermittedError" {
				t.Errorf("typing: %+v", refused)
			}
		}
		alice.do(club, "message", `{"type":"TEXT","body":"still gone"}`)
		phone.silent(club)

		// Back again, everything is as before.
		alice.do(club, "invite", `{"user":{"username":"bob"}}`)
		laptop.event(own, "user.channel.joined")
		phone.enter(club)
		alice.do(club, "message", `{"type":"TEXT","body":"welcome back"}`)
		if got := phone.event(club.link("_topics", "messages"), "channel.message.created"); got["body"] != "welcome back" {
			t.Errorf("bob heard %v", got["body"])
		}
	})
}

func TestAnInvitationIsAnsweredWithTheUser(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		own := bob.watchOwn()
		club := alice.group("PRIVATE")
		for range 2 {
			if got := alice.do(club, "invite", fmt.Sprintf(`{"user":{"id":%d}}`, bob.me().id())); got["name"] != "bob" {
				t.Errorf("alice invited %v", got)
			}
		}
		got := bob.event(own, "user.channel.joined")
		if got.link("_actions", "invite") == "" || got.link("_actions", "addModerator") != "" {
			t.Errorf("bob got the actions %v", got["_actions"])
		}
		bob.do(got, "invite", `{"user":{"username":"carol"}}`)
		page, _ := bob.read(got.link("_relays", "members"))
		if total := page.at("page", "totalElements"); total != 3.0 {
			t.Errorf("there are %v members, want 3", total)
		}
	})
}

func TestModeratorsAreNamedListedAndDismissed(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		club := alice.group("PRIVATE", "bob", "carol")
		alice.watch(club)
		own := bob.watchOwn()
		moderators := club.link("_topics", "moderators")
		list := func() string {
			page, refused := bob.read(club.link("_relays", "moderators") + "user.displayName,asc")
			if refused.Error != "" {
				t.Fatal(refused)
			}
			var names []string
			for _, user := range page.at("_embedded", "users").([]any) {
				names = append(names, user.(map[string]any)["name"].(string))
			}
			return fmt.Sprint(names, page.at("page", "totalElements"))
		}

		if got := alice.do(club, "addModerator", `{"username":"bob"}`); got["type"] != "PRIVATE" {
			t.Errorf("the answer is no channel: %v", got)
		}
		if got := alice.event(moderators, "channel.moderator.added"); got["name"] != "bob" {
			t.Errorf("%v was added", got["name"])
		}
		if got := bob.event(own, "user.channel.updated"); got.link("_actions", "deleteModerator") == "" {
			t.Errorf("bob got the actions %v", got["_actions"])
		}
		if got := list(); got != "[alice bob] 2" {
			t.Errorf("the moderators are %s", got)
		}
		alice.do(club, "deleteModerator", fmt.Sprintf(`{"id":%d,"name":"whatever"}`, bob.me().id()))
		alice.event(moderators, "channel.moderator.deleted")
		if got := bob.event(own, "user.channel.updated"); got.link("_actions", "deleteModerator") != "" {
			t.Errorf("bob got the actions %v", got["_actions"])
		}
		if got := list(); got != "[alice] 1" {
			t.Errorf("the moderators are %s", got)
		}
	})
}

func TestAnUpdateShowsEachTheirOwnLinks(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		club := alice.group("PRIVATE", "bob")
		alice.enter(club)
		bob.enter(club)
		topics := map[*peer]string{bob: bob.watchOwn()}

		// SDKs send the whole channel, with everything in it.
		whole := fmt.Sprintf(`{"id":1,"type":"DIRECT","name":"club","displayName":"Club","properties":{"k":[1]},
			"creator":{"id":7,"name":"eve"},"_relays":{"self":%q},"lastReceivedMessage":{"body":%q}}`,
			club.link("_relays", "self"), strings.Repeat("x", 60<<10))
		second := connect(t, s, "alice")
		topics[second] = second.watchOwn()
		second.enter(club)
		got := alice.do(club, "update", whole)
		if got["name"] != "club" || got["displayName"] != "Club" || got["type"] != "PRIVATE" || fmt.Sprint(got["properties"]) != "map[k:[1]]" ||
			got.at("creator", "name") != "alice" {
			t.Errorf("updated to %v", got)
		}
		for device, own := range topics {
			inside := device.event(club.link("_topics", "self"), "channel.self.updated")
			outside := device.event(own, "user.channel.updated")
			for _, got := range []resource{inside, outside} {
				if (got.link("_actions", "addModerator") != "") != (device != bob) || got["displayName"] != "Club" {
					t.Errorf("bob %v: got %v with the actions %v", device == bob, got["displayName"], got["_actions"])
				}
			}
		}
		bob.do(bob.direct("alice"), "update", `{"properties":{"theme":"dark"},"name":"ours"}`)
	})
}

func TestADeletedChannelEndsForAll(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		plaza := alice.group("PUBLIC", "bob")
		alice.enter(plaza)
		bob.enter(plaza)
		own := bob.watchOwn()
		sent := alice.do(plaza, "message", `{"type":"TEXT","body":"the last word"}`)
		alice.do(plaza, "delete", `{}`)
		if got := bob.event(own, "user.channel.deleted"); got.id() != plaza.id() {
			t.Errorf("deleted: %v", got)
		}
		for _, device := range []*peer{alice, bob} {
			device.event(plaza.link("_topics", "self"), "channel.self.deleted")
			device.got = nil
		}
		for destination, want := range map[string]string{
			plaza.link("_relays", "self"):       "ChannelNotFoundError",
			plaza.link("_relays", "messages"):   "ChannelNotFoundError",
			plaza.link("_relays", "members"):    "ChannelNotFoundError",
			plaza.link("_relays", "moderators"): "ChannelNotFoundError",
			sent.link("_relays", "self"):        "MessageNotFoundError",
		} {
			if got, refused := bob.read(destination); refused.Error != want {
				t.Errorf("%s: got %v %+v, want %s", destination, got, refused, want)
			}
		}
		bob.silent(plaza)
	})
}

func TestMutingHidingAndClearingAreAnsweredWithTheChannel(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		own := alice.me().link("_topics", "channels")
		bob.watchOwn()
		bob.do(channel, "message", `{"type":"TEXT","body":"hi"}`)
		for _, state := range []string{"ON", "OFF"} {
			if got := alice.do(channel, "mute", `{"state":"`+state+`"}`); got.at("lastReceivedMessage", "body") != "hi" {
				t.Errorf("%s: got %v", state, got)
			}
		}
		if got := alice.do(channel, "clearHistory", `{}`); got["lastReceivedMessage"] != nil {
			t.Errorf("cleared, but there is %v", got["lastReceivedMessage"])
		}
		if page, _ := alice.read(channel.link("_relays", "messages")); page.at("page", "totalElements") != 0.0 {
			t.Errorf("cleared, but there are %v", page["page"])
		}
		tablet := connect(t, s, "alice")
		tablet.listen(own)
		alice.do(channel, "hide", `{}`)
		tablet.event(own, "user.channel.hidden")
		bob.do(channel, "message", `{"type":"TEXT","body":"are you there?"}`)
		if got := alice.event(own, "user.channel.unhidden"); got.at("lastReceivedMessage", "body") != "are you there?" {
			t.Errorf("shown again: %v", got)
		}
	})
}

func TestMembershipsThatBreakARuleFailByName(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob, eve := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "eve")
	plaza, club, direct := alice.group("PUBLIC", "bob"), alice.group("PRIVATE", "bob"), alice.direct("bob")
	alice.do(plaza, "update", `{"name":"plaza"}`)
	foreign := connectTo(t, s, s.CreateApplication("other").APIKey, "mallory")
	their := foreign.me().id()
	at := func(channel resource, action string) string {
		return strings.TrimSuffix(channel.link("_relays", "self"), "relay") + action
	}
	const (
		denied  = "NotPermittedError"
		absent  = "ChannelNotFoundError"
		closed  = "DirectChannelMembersError"
		invalid = "InvalidRequestError"
		noUser  = "UserNotFoundError"
	)
	carol := `{"user":{"username":"carol"}}`
	for _, test := range []struct {
		who                 *peer
		channel             resource
		action, body, wants string
	}{
		{eve, club, "join", `{}`, absent},
		{bob, direct, "join", `{}`, closed},
		{eve, direct, "join", `{}`, absent},
		{eve, plaza, "leave", `{}`, denied},
		{eve, club, "leave", `{}`, absent},
		{bob, direct, "leave", `{}`, closed},
		{bob, plaza, "leave", `{"user":{"username":"alice"}}`, denied},
		{alice, plaza, "leave", `{"user":{"username":"eve"}}`, "MemberNotFoundError"},
		{alice, plaza, "leave", `{"user":{"username":"nobody"}}`, noUser},
		{alice, plaza, "leave", `{"user":{}}`, invalid},
		{alice, plaza, "leave", `{"user":7}`, invalid},
		{eve, plaza, "invite", carol, denied},
		{eve, club, "invite", carol, absent},
		{bob, direct, "invite", carol, closed},
		{bob, club, "invite", `{}`, invalid},
		{bob, club, "invite", `[]`, invalid},
		{bob, club, "invite", `{"user":{"id":"x"}}`, invalid},
		{bob, club, "invite", `{"user":{"id":999999}}`, noUser},
		{bob, club, "invite", fmt.Sprintf(`{"user":{"id":%d}}`, their), noUser},
		{bob, club, "invite", `{"user":{"username":"` + strings.Repeat("x", 256) + `"}}`, invalid},
		{bob, club, "add_moderator", `{"username":"bob"}`, denied},
		{eve, club, "add_moderator", `{"username":"eve"}`, absent},
		{eve, plaza, "add_moderator", `{"username":"eve"}`, denied},
		{bob, direct, "add_moderator", `{"username":"alice"}`, denied},
		{alice, club, "add_moderator", `{"username":"eve"}`, "MemberNotFoundError"},
		{alice, club, "add_moderator", `{"username":"nobody"}`, noUser},
		{alice, club, "add_moderator", fmt.Sprintf(`{"id":%d}`, their), noUser},
		{alice, club, "add_moderator", `{}`, invalid},
		{bob, club, "delete_moderator", `{"username":"alice"}`, denied},
		{alice, club, "delete_moderator", `{"username":"eve"}`, "MemberNotFoundError"},
		{eve, plaza, "mute", `{"state":"ON"}`, denied},
		{bob, plaza, "mute", `{"state":"LOUD"}`, invalid},
		{bob, plaza, "mute", `{}`, invalid},
		{bob, plaza, "mute", `{"state":true}`, invalid},
		{eve, plaza, "clear_history", `{}`, denied},
		{eve, club, "clear_history", `{}`, absent},
		{bob, plaza, "hide", `{}`, denied},
		{eve, direct, "hide", `{}`, absent},
		{bob, plaza, "update", `{"name":"x"}`, denied},
		{eve, club, "update", `{"name":"x"}`, absent},
		{alice, club, "update", `{"name":"plaza"}`, "ChannelNameTakenError"},
		{alice, club, "update", `{"name":""}`, invalid},
		{alice, club, "update", `{"name":"a\nb"}`, invalid},
		{alice, club, "update", `{"name":7}`, invalid},
		{alice, club, "update", `{"displayName":"` + strings.Repeat("x", 256) + `"}`, invalid},
		{alice, club, "update", `{"properties":[]}`, invalid},
		{alice, club, "update", `{"properties":{"k":"` + strings.Repeat("x", 17<<10) + `"}}`, invalid},
		{bob, plaza, "delete", `{}`, denied},
		{eve, club, "delete", `{}`, absent},
		{foreign, plaza, "join", `{}`, absent},
		{foreign, plaza, "delete", `{}`, absent},
		{foreign, plaza, "mute", `{"state":"ON"}`, absent},
	} {
		got, refused := test.who.act(at(test.channel, test.action), test.body)
		if refused.Error != test.wants || refused.Message == "" {
			t.Errorf("%s %.60s: got %v %+v, want %s", at(test.channel, test.action), test.body, got, refused, test.wants)
		}
	}
	for _, action := range []string{"join", "leave", "invite", "add_moderator", "delete_moderator", "mute", "clear_history", "hide", "update", "delete"} {
		body := `{"state":"ON","user":{"username":"bob"},"username":"bob"}`
		if _, refused := alice.act("/application/channels/999999."+action, body); refused.Error != absent {
			t.Errorf("%s in no channel: %+v", action, refused)
		}
	}
	if _, refused := foreign.read(plaza.link("_relays", "moderators")); refused.Error != absent {
		t.Errorf("moderators of another application's channel: %+v", refused)
	}
}

func TestEachGenerationHearsOfALeftChannelAsItListens(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	for agent, want := range map[string]string{
		"ChatKitty-JS/1.50.0":       "me.channel.left",
		"ChatKitty-JS/1.58.2":       "user.channel.left",
		"ChatKitty-ChatUI/2.106.2":  "me.channel.left user.channel.left",
		"ChatKitty-JS-Core/1.11.0":  "user.channel.left",
		"ChatKitty-ChatUI/2.60.0":   "user.channel.left",
		"OpenKitty-Go/whatever.1.0": "me.channel.left user.channel.left",
	} {
		p := dial(t, s, "/rtm/websocket", key(s.APIKey()))
		p.text("CONNECT\nStompX-User:zoe\nStompX-User-Agent:" + agent + "\naccept-version:1.2\n\n\x00")
		p.next()
		p.send(stomp.Subscribe, nil, "id", "errors", "destination", "/user/queue/errors")
		p.do(p.group("PRIVATE"), "leave", `{}`)
		// The answer was taken out of what arrived; it is one of the names.
		var others []string
		for _, frame := range p.got {
			if frame.Command != stomp.Message {
				continue
			}
			if name := decode[struct{ Type string }](t, frame.Body).Type; strings.HasSuffix(name, ".left") {
				others = append(others, name)
			}
		}
		if got, wanted := len(others), strings.Count(want, " "); got != wanted || wanted == 1 && others[0] != "me.channel.left" {
			t.Errorf("%s: beside the answer came %v, want %s in all", agent, others, want)
		}
	}
}
