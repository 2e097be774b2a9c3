package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// notified are the notifications that were announced, as "bob 4 of 131".
func notified(events []chat.Event) (found []string) {
	for _, event := range events {
		if e, ok := event.(chat.NotificationCreated); ok {
			n := e.Notification
			text := fmt.Sprintf("%s: %d of %q", n.Recipient.Name, n.Kind, n.Message.Body)
			if n.Muted {
				text += ", muted"
			}
			found = append(found, text)
		}
	}
	return found
}

// hear waits until nobody is left to notify, and returns the notifications that
// were announced, sorted.
func (w *world) hear() []string {
	w.t.Helper()
	w.until("everybody is notified", func() bool {
		walks, err := w.db.Walks(w.t.Context(), 0, 1)
		return err == nil && len(walks) == 0
	})
	for lane := range int64(8) { // an update is answered after what its lane committed before is announced
		w.must(w.db.Update(w.t.Context(), lane, func(*store.Tx) error { return nil }))
	}
	found := notified(w.take())
	slices.Sort(found)
	return found
}

func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); {
		if time.Now().After(end) {
			w.t.Fatalf("waited in vain until %s", what)
		}
		<-time.After(time.Millisecond)
	}
}

func TestWhoIsAwayIsNotifiedForTheMostSpecificReason(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		users := map[string]chat.Actor{}
		for _, name := range []string{"alice", "bob", "carol", "dave", "erin"} {
			users[name] = w.user(name)
			w.Connected(users[name])
			defer w.Disconnected(users[name], true)
		}
		alice, bob, carol, dave := users["alice"], users["bob"], users["carol"], users["dave"]
		members := []chat.UserRef{{Name: "bob"}, {Name: "carol"}, {Name: "dave"}}
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public, Name: "plaza", Members: members})
		w.channel(alice, chat.NewChannel{Type: chat.Public, Name: "team", Members: []chat.UserRef{{Name: "erin"}, {Name: "carol"}}})
		closed := w.channel(alice, chat.NewChannel{Type: chat.Private, Name: "closed", Members: members[:1]})
		for _, actor := range []chat.Actor{alice, dave} {
			w.must(w.StartChat(ctx, actor, channel))
		}
		w.must(w.MuteChannel(ctx, carol, channel, true))
		parent := w.say(bob, channel, "a question")
		w.hear()

		w.say(alice, channel, "plain")
		if diff := cmp.Diff([]string{`bob: 4 of "plain"`, `carol: 4 of "plain", muted`}, w.hear()); diff != "" {
			t.Errorf("who is away:\n%s", diff)
		}
		_, err := w.ReplyToMessage(ctx, alice, parent.ID, text(0, "reply"))
		w.must(err)
		if diff := cmp.Diff([]string{`bob: 3 of "reply"`, `carol: 4 of "reply", muted`}, w.hear()); diff != "" {
			t.Errorf("of a reply:\n%s", diff)
		}
		w.say(alice, channel, "<@bob> <@bob> <@erin> <@alice> <@dave>")
		want := []string{
			`bob: 1 of "<@bob> <@bob> <@erin> <@alice> <@dave>"`,
			`carol: 4 of "<@bob> <@bob> <@erin> <@alice> <@dave>", muted`,
			`erin: 1 of "<@bob> <@bob> <@erin> <@alice> <@dave>"`, // who could read it
		}
		if diff := cmp.Diff(want, w.hear()); diff != "" {
			t.Errorf("of mentions:\n%s", diff)
		}
		w.say(alice, channel, "<#team>")
		if diff := cmp.Diff([]string{`bob: 4 of "<#team>"`, `carol: 2 of "<#team>", muted`, `erin: 2 of "<#team>"`}, w.hear()); diff != "" {
			t.Errorf("of a channel's mention:\n%s", diff)
		}
		w.say(alice, closed, "<#team> <@erin>")
		if diff := cmp.Diff([]string{`bob: 4 of "<#team> <@erin>"`}, w.hear()); diff != "" {
			t.Errorf("of mentions where others can't read:\n%s", diff)
		}
		busy := chat.DoNotDisturb
		_, err = w.UpdateUser(ctx, bob, chat.UserChange{Status: &busy})
		w.must(err)
		if _, _, err := w.BlockUser(ctx, carol, alice.User); err != nil {
			t.Fatal(err)
		}
		w.EndChat(dave, channel)
		w.say(alice, channel, "later")
		if diff := cmp.Diff([]string{`bob: 4 of "later", muted`, `dave: 4 of "later"`}, w.hear()); diff != "" {
			t.Errorf("after a block, and the end of a chat session:\n%s", diff)
		}
	})
}

func TestNobodyIsNotifiedWhereAllChat(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{ID: bob.User}}})
		w.must(w.StartChat(ctx, bob, channel))
		w.say(alice, channel, "hello")
		walks, err := w.db.Walks(ctx, 0, 1)
		rows, reading := w.db.Notifications(ctx, w.app.ID, bob.User, 0, 10)
		if err != nil || reading != nil || len(walks) != 0 || len(rows) != 0 {
			t.Errorf("%d walks, %d notifications, %v, %v", len(walks), len(rows), err, reading)
		}
	})
}

// Whether the server ends in good order or not: what is done stands in the same
// transaction as what is left.
func TestEveryMemberIsNotifiedOnceHoweverOftenTheServerEnds(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		const members, messages = 300, 5
		var actors []chat.Actor
		for i := range members {
			actor := w.user(fmt.Sprint("member", i))
			if _, _, err := w.JoinChannel(ctx, actor, channel); err != nil {
				t.Fatal(err)
			}
			actors = append(actors, actor)
		}
		for i := range messages {
			w.say(alice, channel, fmt.Sprint("message ", i))
			w.restart()
		}
		w.hear()
		for _, actor := range actors {
			rows, err := w.db.Notifications(ctx, w.app.ID, actor.User, 0, 2*messages)
			if err != nil || len(rows) != messages {
				t.Fatalf("user %d has %d notifications, %v", actor.User, len(rows), err)
			}
			changes, err := w.db.Changes(ctx, w.app.ID, chat.Stream{User: actor.User}, rows[0].Sequence-1, 2*messages)
			if err != nil || len(changes) != messages {
				t.Fatalf("user %d has %d changes, %v", actor.User, len(changes), err)
			}
			for i, row := range rows {
				if c := changes[i]; c.Kind != chat.Notified || c.Sequence != row.Sequence || c.Subject != int64(row.Message) {
					t.Fatalf("notification %+v is change %+v", row, c)
				}
			}
		}
	})
}

func TestOfALongBacklogOnlyTheLatestMessagesAreToldToAll(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	ctx := t.Context()
	alice, bob := w.user("alice"), w.user("bob")
	channel := w.channel(alice, chat.NewChannel{Type: chat.Private, Members: []chat.UserRef{{ID: bob.User}}})
	w.stop() // what is sent from here on waits
	w.open(false)
	w.say(alice, channel, "<@bob>")
	for i := range chat.NotifiedLatestMax + 50 {
		w.say(alice, channel, fmt.Sprint(i))
	}
	w.restart()
	w.hear()
	rows, err := w.db.Notifications(ctx, w.app.ID, bob.User, 0, 1000)
	if err != nil || len(rows) != 1+chat.NotifiedLatestMax || rows[0].Kind != chat.MentionedUser || rows[1].Kind != chat.MessageSent {
		t.Errorf("%d notifications, %v", len(rows), err)
	}
}
