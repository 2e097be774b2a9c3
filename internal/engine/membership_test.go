package engine_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

// told are the kinds of changes that a user was told of, in order.
func told(events []chat.Event, user chat.UserID) (kinds []chat.ChangeKind) {
	for _, event := range events {
		switch e := event.(type) {
		case chat.UserChannelChanged:
			if e.User == user {
				kinds = append(kinds, e.Kind)
			}
		case chat.UserJoinedChannel:
			if e.User == user {
				kinds = append(kinds, chat.ChannelJoined)
			}
		}
	}
	return kinds
}

func (w *world) listed(actor chat.Actor) (ids []chat.ChannelID) {
	w.t.Helper()
	page, err := w.JoinedChannels(w.t.Context(), actor, engine.ChannelFilter{}, chat.PageRequest{})
	if err != nil || page.Total != int64(len(page.Items)) {
		w.t.Fatalf("%d of %d channels, %v", len(page.Items), page.Total, err)
	}
	for _, view := range page.Items {
		ids = append(ids, view.ID)
	}
	return ids
}

func TestMembersAreCountedRightHoweverManyComeAndGoAtOnce(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		const users, rounds = 8, 5
		var all sync.WaitGroup
		for i := range users {
			user := w.user(fmt.Sprint("user", i))
			// Each is two devices that do the same at once.
			for range 2 {
				all.Go(func() {
					for range rounds {
						if _, _, err := w.JoinChannel(ctx, user, channel); err != nil {
							t.Error(err)
						}
						if _, _, err := w.LeaveChannel(ctx, user, channel, nil); err != nil && !chat.IsKind(err, chat.Denied) {
							t.Error(err)
						}
					}
					if _, _, err := w.JoinChannel(ctx, user, channel); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		view, err := w.Channel(ctx, alice, channel)
		members, listing := w.Members(ctx, alice, channel, "", chat.PageRequest{Size: 100})
		if err != nil || listing != nil || view.MemberCount != users+1 || len(members.Items) != users+1 {
			t.Errorf("%d members are counted, and %d are there; %v, %v", view.MemberCount, len(members.Items), err, listing)
		}
		next := map[chat.UserID]int64{}
		for _, event := range w.take() {
			var user chat.UserID
			var sequence int64
			switch e := event.(type) {
			case chat.UserJoinedChannel:
				user, sequence = e.User, e.Sequence
			case chat.UserChannelChanged:
				user, sequence = e.User, e.Sequence
			default:
				continue
			}
			if next[user]++; sequence != next[user] {
				t.Fatalf("user %d was told change %d as number %d", user, sequence, next[user])
			}
		}
	})
}

func TestAHiddenChannelComesBackWithTheNextMessage(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice, bob := w.user("alice"), w.user("bob")
		request := chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{ID: bob.User}}}
		channel := w.channel(alice, request)
		hide := func() {
			t.Helper()
			w.take()
			if err := w.HideChannel(ctx, alice, channel); err != nil {
				t.Fatal(err)
			}
			if got := w.listed(alice); len(got) != 0 {
				t.Errorf("hidden, but alice's list has %v", got)
			}
			if n, err := w.CountChannels(ctx, alice, ""); err != nil || n != 0 {
				t.Errorf("hidden, but %d are counted, %v", n, err)
			}
			if got := w.listed(bob); len(got) != 1 {
				t.Errorf("alice hid the channel, and bob's list has %v", got)
			}
		}
		shown := func(how string) {
			t.Helper()
			if got := w.listed(alice); len(got) != 1 {
				t.Errorf("after %s alice's list has %v", how, got)
			}
			if diff := cmp.Diff([]chat.ChangeKind{chat.ChannelHidden, chat.ChannelUnhidden}, told(w.take(), alice.User)); diff != "" {
				t.Errorf("%s: alice was told:\n%s", how, diff)
			}
		}
		hide()
		if _, err := w.SendMessage(ctx, bob, text(channel, "still there?")); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SendMessage(ctx, bob, text(channel, "hello?")); err != nil {
			t.Fatal(err)
		}
		shown("two messages")
		hide()
		if again := w.channel(alice, request); again != channel {
			t.Errorf("alice got channel %d, not %d", again, channel)
		}
		shown("creating it again")
	})
}

func TestHidingTwiceIsUndoneByOneMessage(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "bob"}}})
		for range 2 {
			if err := w.HideChannel(t.Context(), alice, channel); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.SendMessage(t.Context(), alice, text(channel, "hi")); err != nil {
			t.Fatal(err)
		}
		view, err := w.Channel(t.Context(), alice, channel)
		if err != nil || view.HiddenCount != 0 || view.Viewer.Hidden {
			t.Errorf("%d still hide the channel: %+v, %v", view.HiddenCount, view.Viewer, err)
		}
	})
}

func TestClearingTheHistoryHidesWhatWasSaidFromOneMember(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{ID: bob.User}}})
		var old chat.Message
		for i := range 5 {
			var err error
			if old, err = w.SendMessage(ctx, bob, text(channel, fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		sees := func(who chat.Actor, want int64) {
			t.Helper()
			page, err := w.Messages(ctx, who, channel, chat.MessageFilter{}, chat.PageRequest{})
			count, counting := w.CountMessages(ctx, who, channel)
			if err != nil || counting != nil || int64(len(page.Items)) != want || page.Total != want || count != want {
				t.Errorf("%d messages are listed, %d in total, %d are counted, want %d; %v, %v", len(page.Items), page.Total, count, want, err, counting)
			}
			view, err := w.Channel(ctx, who, channel)
			if err != nil || (view.LastMessage != nil) != (want > 0) {
				t.Errorf("the last message is %v, %v", view.LastMessage, err)
			}
		}
		if err := w.ClearHistory(ctx, alice, channel); err != nil {
			t.Fatal(err)
		}
		sees(alice, 0)
		sees(bob, 5)
		if _, err := w.Message(ctx, alice, old.ID); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("alice reads a message that she cleared: %v", err)
		}
		if _, err := w.SendMessage(ctx, bob, text(channel, "new")); err != nil {
			t.Fatal(err)
		}
		sees(alice, 1)
		sees(bob, 6)
		if err := w.MuteChannel(ctx, alice, channel, true); err != nil {
			t.Fatal(err)
		}
		sees(alice, 1)
		view, err := w.Channel(ctx, alice, channel)
		if err != nil || !view.Viewer.Muted {
			t.Errorf("alice's place is %+v, %v", view.Viewer, err)
		}
	})
}

func TestADeletedChannelIsNowhere(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice, bob := w.user("alice"), w.user("bob")
		plaza := chat.NewChannel{Type: chat.Public, Name: "plaza", Members: []chat.UserRef{{ID: bob.User}}}
		channel := w.channel(alice, plaza)
		message, err := w.SendMessage(ctx, bob, text(channel, "hello"))
		if err != nil {
			t.Fatal(err)
		}
		w.take()
		if err := w.DeleteChannel(ctx, alice, channel); err != nil {
			t.Fatal(err)
		}
		events := w.take()
		if removed, ok := events[0].(chat.ChannelRemoved); !ok || removed.Sequence != message.Sequence+1 {
			t.Errorf("first announced: %+v", events[0])
		}
		for _, user := range []chat.Actor{alice, bob} {
			if diff := cmp.Diff([]chat.ChangeKind{chat.ChannelLost}, told(events, user.User)); diff != "" {
				t.Errorf("user %d was told:\n%s", user.User, diff)
			}
			if got := w.listed(user); len(got) != 0 {
				t.Errorf("user %d still lists %v", user.User, got)
			}
			_, viewing := w.Channel(ctx, user, channel)
			_, reading := w.Message(ctx, user, message.ID)
			_, listing := w.Messages(ctx, user, channel, chat.MessageFilter{}, chat.PageRequest{})
			_, sending := w.SendMessage(ctx, user, text(channel, "hello?"))
			_, _, joining := w.JoinChannel(ctx, user, channel)
			for what, err := range map[string]error{
				"viewing": viewing, "reading": reading, "listing": listing, "sending": sending, "joining": joining,
				"chatting": w.StartChat(ctx, user, channel), "deleting": w.DeleteChannel(ctx, user, channel),
			} {
				if !chat.IsKind(err, chat.NotFound) {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
		if again := w.channel(bob, plaza); again == channel {
			t.Error("the new channel of the name is the old one")
		}
	})
}

func TestADirectChannelCanBeOpenedAnewAfterItsDeletion(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		request := chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{ID: bob.User}}}
		first := w.channel(alice, request)
		if err := w.DeleteChannel(t.Context(), bob, first); err != nil {
			t.Fatal(err)
		}
		if second := w.channel(alice, request); second == first {
			t.Error("the deleted channel came back")
		}
	})
}

func TestAnUpdateReachesEachMemberWithTheirOwnLinks(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Private, Members: []chat.UserRef{{ID: bob.User}}})
		w.channel(alice, chat.NewChannel{Type: chat.Public, Name: "taken"})
		w.take()
		name, taken := "plaza", "taken"
		if err := w.UpdateChannel(ctx, bob, channel, chat.ChannelUpdate{Name: &name}); !chat.IsKind(err, chat.Denied) {
			t.Errorf("a plain member: %v", err)
		}
		if err := w.UpdateChannel(ctx, alice, channel, chat.ChannelUpdate{Name: &taken}); chat.AsError(err).Name != "ChannelNameTakenError" {
			t.Errorf("a taken name: %v", err)
		}
		if err := w.UpdateChannel(ctx, alice, channel, chat.ChannelUpdate{Name: &name}); err != nil {
			t.Fatal(err)
		}
		events := w.take()
		if len(events) != 3 {
			t.Fatalf("announced: %v", events)
		}
		updated := events[0].(chat.ChannelUpdated)
		rights := map[chat.UserID]bool{}
		for _, event := range events[1:] {
			told := event.(chat.UserChannelChanged)
			if told.Kind != chat.ChannelRenewed || told.Sequence == 0 || told.Channel.Name != name {
				t.Errorf("a member was told %+v", told)
			}
			rights[told.User] = told.Channel.Viewer.Moderator
		}
		if diff := cmp.Diff(map[chat.UserID]bool{alice.User: true, bob.User: false}, rights); diff != "" {
			t.Error(diff)
		}
		view, err := w.Channel(ctx, bob, channel)
		if err != nil || view.Name != name || view.Sequence != updated.Sequence {
			t.Errorf("bob sees %+v, %v", view.Channel, err)
		}
		page, err := w.JoinedChannels(ctx, bob, engine.ChannelFilter{Name: "PLAZ"}, chat.PageRequest{})
		if err != nil || len(page.Items) != 1 {
			t.Errorf("by its new name %d channels are found, %v", len(page.Items), err)
		}
	})
}

func TestOfTwoChannelsThatTakeANameAtOnceOneGetsIt(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		for round := range 10 {
			name := fmt.Sprint("name", round)
			errs := make([]error, 4)
			var all sync.WaitGroup
			for i := range errs {
				channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
				all.Go(func() { errs[i] = w.UpdateChannel(t.Context(), alice, channel, chat.ChannelUpdate{Name: &name}) })
			}
			all.Wait()
			got := 0
			for _, err := range errs {
				if err == nil {
					got++
				} else if chat.AsError(err).Name != "ChannelNameTakenError" {
					t.Error(err)
				}
			}
			if got != 1 {
				t.Fatalf("%d channels got the name", got)
			}
		}
	})
}

// What is deleted, by anybody or for oneself, from before or after a cleared
// history, is counted as it is listed.
func TestCountsAgreeWithListsHoweverMessagesDisappear(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public, Members: []chat.UserRef{{ID: bob.User}}})
		var sent []chat.Message
		send := func(parent chat.MessageID) {
			t.Helper()
			request := text(channel, "x")
			request.Parent = parent
			message, err := w.SendMessage(ctx, alice, request)
			if err != nil {
				t.Fatal(err)
			}
			sent = append(sent, message)
		}
		agree := func(when string, want ...int64) {
			t.Helper()
			for i, who := range []chat.Actor{alice, bob} {
				for j, filter := range []chat.MessageFilter{{}, {MainThread: true}} {
					page, err := w.Messages(ctx, who, channel, filter, chat.PageRequest{})
					if err != nil {
						t.Fatal(err)
					}
					if listed := int64(len(page.Items)); listed != want[2*i+j] || page.Total != listed {
						t.Errorf("%s, user %d, %+v: %d are listed and %d counted, want %d", when, i, filter, listed, page.Total, want[2*i+j])
					}
				}
			}
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			send(0)
		}
		send(sent[0].ID)
		agree("at first", 4, 3, 4, 3)
		_, err := w.HideMessage(ctx, bob, sent[1].ID)
		must(err)
		agree("bob hid one", 4, 3, 3, 2)
		must(w.ClearHistory(ctx, bob, channel))
		agree("bob cleared all", 4, 3, 0, 0)
		send(0)
		send(sent[0].ID)
		agree("two more", 6, 4, 2, 1)
		must(w.DeleteMessage(ctx, alice, sent[2].ID))
		agree("one of before is deleted", 5, 3, 2, 1)
		_, err = w.HideMessage(ctx, bob, sent[0].ID)
		must(err)
		agree("bob hid one of before", 5, 3, 2, 1)
		must(w.DeleteMessage(ctx, alice, sent[4].ID))
		agree("one of after is deleted", 4, 2, 1, 0)
	})
}
