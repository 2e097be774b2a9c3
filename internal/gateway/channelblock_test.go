package gateway_test

import (
	"fmt"
	"testing"

	"openkitty/internal/servertest"
)

func TestABlockedUserIsOutOfTheChannelUntilUnblocked(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.create(`{"type":"PUBLIC","members":[{"username":"bob"},{"username":"carol"}]}`)
		alice.enter(channel)
		records, members := channel.link("_topics", "blockRecords"), channel.link("_topics", "members")
		alice.listen(records)
		alice.listen(members)
		bob.enter(channel)
		bob.listen(bob.me().link("_topics", "channels"))
		ref := fmt.Sprintf(`{"id":%d}`, bob.me().id())
		record, refused := alice.act(channel.link("_actions", "block"), ref)
		if refused.Error != "" || record.at("user", "name") != "bob" || record["createdTime"] == nil {
			t.Fatalf("blocked %v, %+v", record, refused)
		}
		if told := alice.event(records, "channel.block_record.created"); told.at("user", "name") != "bob" {
			t.Errorf("told %v", told)
		}
		alice.event(members, "channel.member.left")
		bob.event(bob.me().link("_topics", "channels"), "user.channel.left")
		if again, refused := alice.act(channel.link("_actions", "block"), ref); refused.Error != "" || again.link("_actions", "delete") != record.link("_actions", "delete") {
			t.Errorf("blocked again: %v, %+v", again, refused)
		}
		seen, _ := bob.read(fmt.Sprintf("/application/channels/%d.relay", channel.id()))
		if seen.link("_actions", "join") != "" {
			t.Error("bob may join")
		}
		if joinable := bob.items(bob.me().link("_relays", "joinableChannels"), "channels", "id"); len(joinable) != 0 {
			t.Errorf("bob may join %v", joinable)
		}
		base := fmt.Sprintf("/application/channels/%d", channel.id())
		for destination, want := range map[string]string{
			base + ".join":    "BlockedInChannelError",
			base + ".message": "NotPermittedError",
		} {
			if _, refused := bob.act(destination, `{"type":"TEXT","body":"let me in"}`); refused.Error != want {
				t.Errorf("bob, %s: %+v", destination, refused)
			}
		}
		if _, refused := alice.act(base+".invite", `{"user":{"username":"bob"}}`); refused.Error != "BlockedInChannelError" {
			t.Errorf("inviting bob: %+v", refused)
		}
		list := channel.link("_relays", "blockRecords") + "user.displayName,asc"
		for filter, want := range map[string]int{"BO": 1, "nobody": 0, "undefined": 1} {
			if got := alice.items(list, "records", "createdTime", "displayName", filter); len(got) != want {
				t.Errorf("%q lists %v", filter, got)
			}
		}
		removed, refused := alice.act(record.link("_actions", "delete"), `{}`)
		if refused.Error != "" || removed.at("user", "name") != "bob" {
			t.Errorf("unblocked %v, %+v", removed, refused)
		}
		if told := alice.event(records, "channel.block_record.deleted"); told.at("user", "name") != "bob" {
			t.Errorf("told %v", told)
		}
		if joined, refused := bob.act(base+".join", `{}`); refused.Error != "" || joined.link("_actions", "leave") == "" {
			t.Errorf("joined %v, %+v", joined, refused)
		}
	})
}

func TestOnlyManagersBlockAndOnlyMembersRead(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		other := s.CreateApplication("other")
		alice, bob, carol := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "carol")
		mallory := connectTo(t, s, other.APIKey, "mallory")
		channel := alice.create(`{"type":"PUBLIC","members":[{"username":"bob"}]}`)
		direct := alice.direct("bob")
		base := fmt.Sprintf("/application/channels/%d", channel.id())
		record, refused := alice.act(base+".block", `{"username":"carol"}`)
		if refused.Error != "" {
			t.Fatalf("a user who is no member is not blocked: %+v", refused)
		}
		for _, test := range []struct {
			who         *peer
			destination string
			body, want  string
		}{
			{bob, base + ".block", `{"username":"carol"}`, "NotPermittedError"},
			{carol, base + ".block", `{"username":"bob"}`, "NotPermittedError"},
			{mallory, base + ".block", `{"username":"bob"}`, "ChannelNotFoundError"},
			{alice, base + ".block", `{"username":"alice"}`, "NotPermittedError"},
			{alice, base + ".block", `{"username":"nobody"}`, "UserNotFoundError"},
			{alice, base + ".block", `{}`, "InvalidRequestError"},
			{alice, base + ".block", `{"id":"x"}`, "InvalidRequestError"},
			{alice, base + ".block", fmt.Sprintf(`{"id":%d}`, mallory.me().id()), "UserNotFoundError"},
			{alice, direct.link("_actions", "block"), `{"username":"bob"}`, "DirectChannelMembersError"},
			{bob, record.link("_actions", "delete"), `{}`, "NotPermittedError"},
			{carol, record.link("_actions", "delete"), `{}`, "BlockRecordNotFoundError"},
			{mallory, record.link("_actions", "delete"), `{}`, "BlockRecordNotFoundError"},
			{alice, "/application/block_records/999.delete", `{}`, "BlockRecordNotFoundError"},
		} {
			if _, refused := test.who.act(test.destination, test.body); refused.Error != test.want {
				t.Errorf("%s %s: %+v, want %s", test.destination, test.body, refused, test.want)
			}
		}
		list := channel.link("_relays", "blockRecords")
		if got := bob.items(list, "records", "createdTime"); len(got) != 1 {
			t.Errorf("a member lists %v", got)
		}
		if _, refused := carol.read(list); refused.Error != "NotPermittedError" {
			t.Errorf("a stranger lists them: %+v", refused)
		}
		if _, refused := mallory.read(list); refused.Error != "ChannelNotFoundError" {
			t.Errorf("another application lists them: %+v", refused)
		}
	})
}
