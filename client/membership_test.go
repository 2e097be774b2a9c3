package client_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/client"
)

func TestMembersComeAndGo(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onJoined, joined := hear[client.User]()
	onLeft, left := hear[client.User]()
	onMine, mine := hear[client.Channel]()
	alice := join(t, s, "alice", client.UserHandlers{OnChannelLeft: func(client.Channel) {
		t.Error("alice is told that she left, who removed somebody else")
	}})
	bob := join(t, s, "bob", client.UserHandlers{OnChannelLeft: onMine})
	plaza := must[*client.Channel](t)(alice.CreateChannel(t.Context(), client.NewChannel{Type: client.Public, Name: "plaza"}))
	must[*client.Chat](t)(alice.StartChat(t.Context(), plaza, client.ChatHandlers{OnMemberJoined: onJoined, OnMemberLeft: onLeft}))

	seen := must[*client.Channel](t)(bob.Channel(t.Context(), plaza.ID))
	if !seen.CanJoin() || seen.CanLeave() || seen.CanInvite() {
		t.Errorf("a stranger may do: %+v", seen)
	}
	if _, err := bob.LeaveChannel(t.Context(), seen); !errors.Is(err, client.ErrNotOffered) {
		t.Errorf("a stranger leaves: %v", err)
	}
	member := must[*client.Channel](t)(bob.JoinChannel(t.Context(), seen))
	if got := await(t, joined); got.Name != "bob" || member.CanJoin() || !member.CanLeave() || member.CanModerate() {
		t.Errorf("%s joined, and may do %+v", got.Name, member)
	}
	if got := must[client.User](t)(bob.InviteUser(t.Context(), member, client.UserRef{Username: "carol"})); got.Name != "carol" {
		t.Errorf("bob invited %+v", got)
	}
	await(t, joined)
	checkRefusal(t, bob.RemoveMember(t.Context(), member, client.UserRef{Username: "carol"}), "NotPermittedError")
	if err := alice.RemoveMember(t.Context(), plaza, client.UserRef{Username: "carol"}); err != nil {
		t.Fatal(err)
	}
	if got := await(t, left); got.Name != "carol" {
		t.Errorf("%s left", got.Name)
	}
	outside := must[*client.Channel](t)(bob.LeaveChannel(t.Context(), member))
	if got := await(t, mine); got.ID != plaza.ID || !outside.CanJoin() {
		t.Errorf("bob left %d, and may do %+v", got.ID, outside)
	}
}

func TestModeratorsRunAGroup(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onAdded, added := hear[client.User]()
	onDeleted, deleted := hear[client.User]()
	onUpdated, updated := hear[client.Channel]()
	onGone, gone := hear[client.Channel]()
	alice := join(t, s, "alice", client.UserHandlers{})
	bob := join(t, s, "bob", client.UserHandlers{OnChannelUpdated: onUpdated, OnChannelDeleted: onGone})
	club := must[*client.Channel](t)(alice.CreateChannel(t.Context(), client.NewChannel{Type: client.Private, Members: client.Usernames("bob")}))
	must[*client.Chat](t)(alice.StartChat(t.Context(), club, client.ChatHandlers{OnModeratorAdded: onAdded, OnModeratorDeleted: onDeleted}))

	if err := alice.AddChannelModerator(t.Context(), club, client.UserRef{Username: "bob"}); err != nil {
		t.Fatal(err)
	}
	if got := await(t, added); got.Name != "bob" {
		t.Errorf("%s was added", got.Name)
	}
	atBobs := await(t, updated)
	if !atBobs.CanModerate() {
		t.Error("bob may not moderate")
	}
	page := must[*client.Page[client.User]](t)(bob.Moderators(t.Context(), &atBobs))
	if page.Total != 2 {
		t.Errorf("there are %d moderators", page.Total)
	}
	name := "The Club"
	got := must[*client.Channel](t)(bob.UpdateChannel(t.Context(), &atBobs, client.ChannelUpdate{
		DisplayName: &name, Properties: json.RawMessage(`{"k":1}`),
	}))
	if diff := cmp.Diff([]string{name, club.Name, `{"k":1}`}, []string{got.DisplayName, got.Name, string(got.Properties)}); diff != "" {
		t.Error(diff)
	}
	await(t, updated)
	if err := alice.DeleteChannelModerator(t.Context(), club, client.UserRef{Username: "bob"}); err != nil {
		t.Fatal(err)
	}
	await(t, deleted)
	checkRefusal(t, bob.DeleteChannel(t.Context(), &atBobs), "NotPermittedError")
	if err := alice.DeleteChannel(t.Context(), club); err != nil {
		t.Fatal(err)
	}
	if got := await(t, gone); got.ID != club.ID {
		t.Errorf("channel %d was deleted", got.ID)
	}
	_, err := alice.Channel(t.Context(), club.ID)
	checkRefusal(t, err, "ChannelNotFoundError")
}

func TestAChannelIsMutedHiddenAndCleared(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onHidden, hidden := hear[client.Channel]()
	onShown, shown := hear[client.Channel]()
	alice := join(t, s, "alice", client.UserHandlers{OnChannelHidden: onHidden, OnChannelUnhidden: onShown})
	bob := join(t, s, "bob", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	must[client.Message](t)(bob.SendMessage(t.Context(), channel, client.NewMessage{Body: "hi"}))
	for what, do := range map[string]func() error{
		"mute":   func() error { return alice.MuteChannel(t.Context(), channel) },
		"unmute": func() error { return alice.UnmuteChannel(t.Context(), channel) },
		"clear":  func() error { return alice.ClearChannelHistory(t.Context(), channel) },
		"hide":   func() error { return alice.HideChannel(t.Context(), channel) },
	} {
		if err := do(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	await(t, hidden)
	if page := must[*client.Page[client.Channel]](t)(alice.Channels(t.Context(), client.ChannelFilter{})); len(page.Items) != 0 {
		t.Errorf("hidden, but listed: %+v", page.Items)
	}
	if page := must[*client.Page[client.Message]](t)(alice.Messages(t.Context(), channel)); len(page.Items) != 0 {
		t.Errorf("cleared, but there is %v", bodies(page))
	}
	must[client.Message](t)(bob.SendMessage(t.Context(), channel, client.NewMessage{Body: "still there?"}))
	if got := await(t, shown); got.LastReceivedMessage == nil || got.LastReceivedMessage.Body != "still there?" {
		t.Errorf("shown again: %+v", got)
	}
}
