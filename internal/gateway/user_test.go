package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"openkitty/internal/servertest"
	"openkitty/stomp"
)

func TestAnUpdateTakesTheWholeUserAndAppliesWhatTheUserDecides(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, second, bob := connect(t, s, "alice"), connect(t, s, "alice"), connect(t, s, "bob")
		alice.direct("bob")
		me := alice.me()
		self, contacts := me.link("_topics", "self"), bob.me().link("_topics", "contacts")
		alice.listen(self)
		second.listen(self)
		bob.listen(contacts)

		generated := me["displayPictureUrl"]
		body := fmt.Sprintf(`{"id":1,"name":"mallory","isGuest":false,"displayName":"Alice","properties":{"a":[1]},"displayPictureUrl":%q,
			"presence":{"status":"UNAVAILABLE","online":false},"_relays":{"self":"x"},"_actions":{}}`, generated)
		got, refused := alice.act(me.link("_actions", "update"), body)
		if refused.Error != "" || got.id() != me.id() || got["name"] != "alice" || got["displayName"] != "Alice" || got["isGuest"] != true ||
			fmt.Sprint(got["properties"]) != "map[a:[1]]" || got["displayPictureUrl"] != generated ||
			got.at("presence", "status") != "AVAILABLE" || got.link("_actions", "createChannel") == "" {
			t.Errorf("updated to %v, %+v", got, refused)
		}
		frame := second.await("the update", with(stomp.Message, "subscription", self))
		if frame.Header.Get("receipt-id") != "" || frame.Header.Get("sequence") == "" {
			t.Errorf("the other connection got the header %v", frame.Header)
		}
		if seen := bob.event(contacts, "contact.user.updated"); seen["displayName"] != "Alice" || seen.link("_relays", "channels") != "" {
			t.Errorf("bob saw %v", seen)
		}
		got, _ = alice.act(me.link("_actions", "update"), `{"displayPictureUrl":"http://example.com/a.png"}`)
		if got["displayName"] != "Alice" || got["displayPictureUrl"] != "http://example.com/a.png" {
			t.Errorf("with a picture: %v", got)
		}
		got, _ = alice.act(me.link("_actions", "update"), `{"displayPictureUrl":"","properties":null}`)
		if got["displayPictureUrl"] != generated || fmt.Sprint(got["properties"]) != "map[]" {
			t.Errorf("without it: %v", got)
		}
	})
}

func TestUpdatesOfUsersThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	update, picture := alice.me().link("_actions", "update"), alice.me().link("_actions", "updateDisplayPicture")
	for _, test := range []struct{ destination, body, want string }{
		{update, `[]`, "InvalidRequestError"},
		{update, `{"displayName":5}`, "InvalidRequestError"},
		{update, `{"displayName":""}`, "InvalidRequestError"},
		{update, `{"displayName":"a\nb"}`, "InvalidRequestError"},
		{update, `{"displayName":"` + strings.Repeat("x", 256) + `"}`, "InvalidRequestError"},
		{update, `{"properties":[]}`, "InvalidRequestError"},
		{update, `{"properties":{"x":"` + strings.Repeat("x", 17<<10) + `"}}`, "InvalidRequestError"},
		{update, `{"presence":"away"}`, "InvalidRequestError"},
		{update, `{"presence":{"status":"away"}}`, "InvalidRequestError"},
		{update, `{"displayPictureUrl":"javascript:alert(1)"}`, "InvalidRequestError"},
		{picture, `{}`, "InvalidRequestError"},
		{picture, `{"url":5}`, "InvalidRequestError"},
		{picture, `{"url":"/etc/passwd"}`, "InvalidRequestError"},
		{picture, `{"url":"data:image/png;base64,AAAA"}`, "InvalidRequestError"},
		{picture, `{"url":"https://e.com/` + strings.Repeat("x", 2048) + `"}`, "InvalidRequestError"},
		{bob.me().link("_actions", "update"), `{"displayName":"x"}`, "NotPermittedError"},
		{bob.me().link("_actions", "updateDisplayPicture"), `{"url":"https://e.com/x"}`, "NotPermittedError"},
		{"/application/users/999.update", `{}`, "NotPermittedError"},
		{"/application/users/999.delete", `{}`, "UserNotFoundError"},
		{bob.me().link("_actions", "delete"), `{}`, "NotPermittedError"},
	} {
		if _, refused := alice.act(test.destination, test.body); refused.Error != test.want || refused.Message == "" {
			t.Errorf("%s %.60s: got %+v, want %s", test.destination, test.body, refused, test.want)
		}
	}
	if me := alice.me(); me["displayName"] != "alice" {
		t.Errorf("a refused update was applied: %v", me)
	}
}

func TestInvisibleUsersAreOfflineToOthersAndOnlineToThemselves(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
	alice.direct("bob")
	contacts := bob.me().link("_topics", "contacts")
	bob.listen(contacts)
	update := alice.me().link("_actions", "update")
	for _, step := range []struct{ chosen, seen string }{
		{"DO_NOT_DISTURB", "DO_NOT_DISTURB true"}, {"INVISIBLE", "UNAVAILABLE false"}, {"AVAILABLE", "AVAILABLE true"},
	} {
		own, refused := alice.act(update, `{"presence":{"status":"`+step.chosen+`"}}`)
		if refused.Error != "" || own.at("presence", "status") != step.chosen || own.at("presence", "online") != true {
			t.Errorf("%s: alice is %v to herself, %+v", step.chosen, own["presence"], refused)
		}
		bob.await(step.seen, func(f stomp.Frame) bool {
			if f.Header.Get("subscription") != contacts {
				return false
			}
			e := decode[struct {
				Type     string
				Resource resource
			}](t, f.Body)
			seen := fmt.Sprint(e.Resource.at("presence", "status"), " ", e.Resource.at("presence", "online"))
			return e.Type == "contact.presence.changed" && seen == step.seen
		})
	}
}

func TestContactsAreFilteredByEachOfTheirNamesAndPresence(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, bob := connect(t, s, "alice"), connect(t, s, "bob")
		alice.direct("carol") // who never connects
		bob.listen(bob.me().link("_topics", "self"))
		bob.act(bob.me().link("_actions", "update"), `{"displayName":"Robert"}`)
		me := alice.me()
		names := func(headers ...string) string {
			page, refused := alice.read(me.link("_relays", "contacts"), headers...)
			count, _ := alice.read(me.link("_relays", "contactsCount"), headers...)
			if refused.Error != "" {
				return refused.Error
			}
			users := page.at("_embedded", "users").([]any)
			if count["count"] != float64(len(users)) || page.at("page", "totalElements") != float64(len(users)) {
				t.Errorf("%v: %d users, counted as %v and %v", headers, len(users), count["count"], page["page"])
			}
			var all []string
			for _, user := range users {
				all = append(all, resource(user.(map[string]any))["name"].(string))
			}
			return strings.Join(all, " ")
		}
		for headers, want := range map[string]string{
			"": "bob carol", "name:BO": "bob", "displayName:rob": "bob", "displayName:bob": "", "name:robert": "",
			"online:maybe": "InvalidRequestError", "online:undefined": "bob carol",
		} {
			name, value, given := strings.Cut(headers, ":")
			fields := []string{name, value}
			if !given {
				fields = nil
			}
			if got := names(fields...); got != want {
				t.Errorf("%s: got %q, want %q", headers, got, want)
			}
		}
		eventually(t, "bob alone is online", func() bool { return names("online", "true") == "bob" && names("online", "false") == "carol" })
	})
}

func TestADeletedUserIsGoneAndItsSessionsEndForGood(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, second, bob := connect(t, s, "alice"), connect(t, s, "alice"), connect(t, s, "bob")
		channel := alice.direct("bob")
		if _, refused := alice.act(channel.link("_actions", "message"), `{"type":"TEXT","body":"remember me"}`); refused.Error != "" {
			t.Fatal(refused)
		}
		me := alice.me()
		alice.listen(me.link("_topics", "self"))
		alice.send(stomp.Send, []byte(`{}`), "destination", me.link("_actions", "delete"), "receipt", "goodbye")
		frame := alice.await("the answer", with(stomp.Message, "receipt-id", "goodbye"))
		answer := decode[struct {
			Type     string
			Resource resource
		}](t, frame.Body)
		if answer.Type != "user.self.deleted" || answer.Resource.id() != me.id() || answer.Resource["displayName"] != "Deleted user" {
			t.Errorf("the answer is %+v", answer)
		}
		for _, p := range []*peer{alice, second} {
			// On any other error the SDKs would come back as a new user of the name.
			if got, _ := p.end(); got.Error != "AccessDeniedError" {
				t.Errorf("a session ended with %+v", got)
			}
		}
		if _, refused := bob.read(fmt.Sprintf("/application/users/%d.relay", me.id())); refused.Error != "UserNotFoundError" {
			t.Errorf("bob reads the deleted user: %+v", refused)
		}
		page, _ := bob.read(channel.link("_relays", "messages"))
		said := resource(page.at("_embedded", "messages").([]any)[0].(map[string]any))
		if said["body"] != "remember me" || said.at("user", "displayName") != "Deleted user" || said.at("user", "name") == "alice" {
			t.Errorf("what alice said is %v", said)
		}
		if again := connect(t, s, "alice").me(); again.id() == me.id() {
			t.Error("the name leads to the deleted user")
		}
	})
}
