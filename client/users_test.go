package client_test

import (
	"context"
	"errors"
	"testing"

	"openkitty/client"
)

func TestAChangedUserIsSeenByTheUserAndByOthers(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onUpdated, updated := hear[client.User]()
	onPresence, presence := hear[client.User]()
	onSelf, self := hear[client.CurrentUser]()
	alice := join(t, s, "alice", client.UserHandlers{})
	second := join(t, s, "alice", client.UserHandlers{OnCurrentUserChanged: onSelf})
	direct(t, alice, "bob")
	bob := join(t, s, "bob", client.UserHandlers{OnUserUpdated: onUpdated, OnUserPresenceChanged: onPresence})

	got := must[client.CurrentUser](t)(alice.UpdateCurrentUser(t.Context(), client.UserChange{
		DisplayName: "Alice", DisplayPictureURL: "https://example.com/a.png", Properties: []byte(`{"a":1}`), Status: client.Invisible,
	}))
	if got.DisplayName != "Alice" || got.DisplayPictureURL != "https://example.com/a.png" || string(got.Properties) != `{"a":1}` ||
		got.Presence != (client.Presence{Status: client.Invisible, Online: true}) || alice.CurrentUser().DisplayName != "Alice" {
		t.Errorf("alice is now %+v", got)
	}
	if other := await(t, updated); other.Name != "alice" || other.DisplayName != "Alice" {
		t.Errorf("bob heard of %+v", other)
	}
	for seen := await(t, presence); seen.Name != "alice" || seen.Presence.Online; seen = await(t, presence) {
	}
	for seen := await(t, self); seen.DisplayName != "Alice"; seen = await(t, self) {
	}
	if second.CurrentUser().DisplayName != "Alice" {
		t.Errorf("the second session has %+v", second.CurrentUser())
	}
	if kept := must[client.CurrentUser](t)(bob.UpdateCurrentUser(t.Context(), client.UserChange{})); kept.DisplayName != "bob" {
		t.Errorf("an empty change made %+v", kept)
	}
}

func TestUsersAreListedCountedAndLookedUp(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice := join(t, s, "alice", client.UserHandlers{})
	channel := direct(t, alice, "bob", "carol")
	page := must[*client.Page[client.User]](t)(alice.Users(t.Context(), client.UserFilter{Name: "O"}))
	if len(page.Items) != 2 || page.Total != 2 || page.Items[0].Name != "bob" || page.Items[1].Name != "carol" {
		t.Errorf("users with an o: %+v", page.Items)
	}
	if n := must[int64](t)(alice.UsersCount(t.Context(), client.UserFilter{DisplayName: "carol"})); n != 1 {
		t.Errorf("counted %d carols", n)
	}
	online := true
	if n := must[int64](t)(alice.UsersCount(t.Context(), client.UserFilter{Online: &online})); n != 0 {
		t.Errorf("%d others are online", n)
	}
	bob := must[client.User](t)(alice.User(t.Context(), channel.Members[1].ID))
	if !must[bool](t)(alice.IsMember(t.Context(), bob.ID, channel)) {
		t.Errorf("%s is no member", bob.Name)
	}
	var refused *client.Error
	if _, err := alice.User(t.Context(), 999); !errors.As(err, &refused) || refused.Name != "UserNotFoundError" {
		t.Errorf("user 999: %v", err)
	}
}

func TestBlockedUsersCannotWriteUntilUnblocked(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onBlocked, blocked := hear[client.UserBlock]()
	onUnblocked, unblocked := hear[client.User]()
	alice := join(t, s, "alice", client.UserHandlers{OnUserBlocked: onBlocked, OnUserUnblocked: onUnblocked})
	bob := join(t, s, "bob", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	send := func() error {
		_, err := bob.SendMessage(context.Background(), channel, client.NewMessage{Body: "hello?"})
		return err
	}
	if err := alice.BlockUser(t.Context(), bob.CurrentUser().ID); err != nil {
		t.Fatal(err)
	}
	if heard := await(t, blocked); heard.User.Name != "bob" || heard.CreatedTime.IsZero() {
		t.Errorf("heard of the block of %+v", heard)
	}
	var refused *client.Error
	if err := send(); !errors.As(err, &refused) || refused.Name != "UserBlockedError" {
		t.Errorf("bob's message: %v", err)
	}
	list := must[*client.Page[client.UserBlock]](t)(alice.UserBlocks(t.Context(), client.UserFilter{}))
	if len(list.Items) != 1 || list.Items[0].User.Name != "bob" {
		t.Fatalf("blocked are %+v", list.Items)
	}
	if err := alice.UnblockUser(t.Context(), list.Items[0]); err != nil {
		t.Fatal(err)
	}
	if heard := await(t, unblocked); heard.Name != "bob" {
		t.Errorf("heard of the end for %+v", heard)
	}
	if err := send(); err != nil {
		t.Errorf("bob's message afterwards: %v", err)
	}
}

func TestADeletedUserHasNoSession(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onState, states := hear[client.State]()
	alice := join(t, s, "alice", client.UserHandlers{OnStateChanged: onState})
	if err := alice.DeleteCurrentUser(t.Context()); err != nil {
		t.Fatal(err)
	}
	for state := await(t, states); state.Status != client.Closed; state = await(t, states) {
		if state.Status == client.Reconnecting {
			t.Error("the client tries to come back as a new user")
		}
	}
}
