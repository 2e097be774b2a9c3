package gateway_test

import (
	"fmt"
	"testing"

	"openkitty/internal/servertest"
	"openkitty/stomp"
)

func blockOf(user resource) string { return fmt.Sprintf("/application/v1/users/%d.block", user.id()) }

func TestABlockKeepsBothFromTheDirectChannelAndNobodyFromGroups(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		group := alice.create(`{"type":"PRIVATE","members":[{"username":"bob"}]}`)
		alice.enter(channel)
		bob.enter(channel)
		const hello = `{"type":"TEXT","body":"hello"}`
		if _, refused := alice.act(blockOf(bob.me()), `{}`); refused.Error != "" {
			t.Fatal(refused)
		}
		bob.listen(bob.me().link("_topics", "channels"))
		for who, p := range map[string]*peer{"alice": alice, "bob": bob} {
			for destination, body := range map[string]string{
				channel.link("_actions", "message"):      hello,
				channel.link("_actions", "keystrokes"):   `{"keys":"h"}`,
				p.me().link("_actions", "createChannel"): fmt.Sprintf(`{"type":"DIRECT","members":[{"id":%d},{"id":%d}]}`, alice.me().id(), bob.me().id()),
			} {
				if _, refused := p.act(destination, body); refused.Error != "UserBlockedError" {
					t.Errorf("%s: %s got %+v", who, destination, refused)
				}
			}
			if _, refused := p.act(group.link("_actions", "message"), hello); refused.Error != "" {
				t.Errorf("%s can't write in a group: %+v", who, refused)
			}
			if _, refused := p.read(channel.link("_relays", "messages")); refused.Error != "" {
				t.Errorf("%s can't read what was said: %+v", who, refused)
			}
		}
		if _, refused := alice.act(fmt.Sprintf("/application/users/%d.unblock", bob.me().id()), `{}`); refused.Error != "" {
			t.Fatal(refused)
		}
		for who, p := range map[string]*peer{"alice": alice, "bob": bob} {
			if _, refused := p.act(channel.link("_actions", "message"), hello); refused.Error != "" {
				t.Errorf("afterwards %s still can't write: %+v", who, refused)
			}
		}
	})
}

func TestABlockIsAnsweredWithTheUserBeforeItIsToldAsARecord(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		me, user := alice.me(), bob.me()
		users := me.link("_topics", "users")
		alice.listen(users)
		type event struct {
			Type     string
			Resource resource
		}
		ask := func(destination string) (stomp.Frame, event) {
			t.Helper()
			receipt := "for " + destination
			alice.send(stomp.Send, []byte(`{}`), "destination", destination, "receipt", receipt)
			frame := alice.await(destination, with(stomp.Message, "subscription", users))
			if frame.Header.Get("receipt-id") != receipt {
				t.Errorf("%s: the first event answers %q", destination, frame.Header.Get("receipt-id"))
			}
			return frame, decode[event](t, frame.Body)
		}
		if _, answer := ask(blockOf(user)); answer.Type == "user.user_blocklist_item.created" || answer.Resource["name"] != "bob" {
			t.Errorf("the answer is %+v", answer)
		}
		frame := alice.await("the record", with(stomp.Message, "subscription", users))
		told := decode[event](t, frame.Body)
		if frame.Header.Get("receipt-id") != "" || told.Type != "user.user_blocklist_item.created" || told.Resource.at("user", "name") != "bob" {
			t.Errorf("told %+v with %v", told, frame.Header)
		}
		// Once more changes nothing, and is answered.
		if again, refused := alice.act(blockOf(user), `{}`); refused.Error != "" || again["name"] != "bob" {
			t.Errorf("blocked again: %v, %+v", again, refused)
		}
		for _, relay := range []string{"userBlockListItems", "userBlockedRecords"} {
			page, _ := alice.read(me.link("_relays", relay), "name", "B", "displayName", "undefined", "online", "undefined")
			items := page.at("_embedded", "items").([]any)
			if len(items) != 1 || page.at("page", "totalElements") != 1.0 {
				t.Fatalf("%s has %v", relay, items)
			}
			item := resource(items[0].(map[string]any))
			if item.at("user", "name") != "bob" || item["createdTime"] == nil || item.link("_actions", "delete") != told.Resource.link("_actions", "delete") {
				t.Errorf("%s lists %v", relay, item)
			}
		}
		if page, _ := alice.read(me.link("_relays", "contacts")); page.at("page", "totalElements") != 0.0 {
			t.Errorf("the blocked user is among the contacts")
		}
		if _, answer := ask(told.Resource.link("_actions", "delete")); answer.Type != "user.user.unblocked" || answer.Resource["name"] != "bob" {
			t.Errorf("the answer is %+v", answer)
		}
		if again, refused := alice.act(told.Resource.link("_actions", "delete"), `{}`); refused.Error != "" || again["name"] != "bob" {
			t.Errorf("unblocked again: %v, %+v", again, refused)
		}
	})
}

func TestBlocksOfOneselfOrOfNobodyAreRefused(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	for destination, want := range map[string]string{
		blockOf(alice.me()):                      "InvalidRequestError",
		"/application/users/999.block":           "UserNotFoundError",
		"/application/users/999.unblock":         "UserNotFoundError",
		"/application/v1/users/undefined.block":  "UserNotFoundError",
		"/application/v1/users/undefined.delete": "UserNotFoundError",
	} {
		if _, refused := alice.act(destination, `{}`); refused.Error != want {
			t.Errorf("%s: got %+v, want %s", destination, refused, want)
		}
	}
	if _, refused := alice.read(bob.me().link("_relays", "userBlockListItems")); refused.Error != "NotPermittedError" {
		t.Errorf("another's block list: %+v", refused)
	}
}

func TestUsersOfAnotherApplicationCannotBeActedOn(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		other := s.CreateApplication("other")
		alice := connect(t, s, "alice")
		eve := connectTo(t, s, other.APIKey, "eve")
		id := alice.me().id()
		for _, action := range []string{"block", "unblock", "delete"} {
			if got, refused := eve.act(fmt.Sprintf("/application/users/%d.%s", id, action), `{}`); refused.Error != "UserNotFoundError" {
				t.Errorf("%s: got %v, %+v", action, got, refused)
			}
		}
		if page, _ := eve.read(eve.me().link("_relays", "contacts")); page.at("page", "totalElements") != 0.0 {
			t.Errorf("eve has the contacts %v", page)
		}
	})
}
