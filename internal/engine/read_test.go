package engine_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

func (w *world) say(actor chat.Actor, channel chat.ChannelID, body string) chat.Message {
	w.t.Helper()
	message, err := w.SendMessage(w.t.Context(), actor, text(channel, body))
	if err != nil {
		w.t.Fatal(err)
	}
	return message
}

// unread checks all four answers to how much an actor has not read, of which all
// is in one channel.
func (w *world) unread(what string, actor chat.Actor, channel chat.ChannelID, want int64) {
	w.t.Helper()
	channels := min(want, 1)
	in, err := w.CountUnread(w.t.Context(), actor, channel)
	if err != nil || in != want {
		w.t.Errorf("%s: %d unread in the channel, want %d; %v", what, in, want, err)
	}
	if all, err := w.CountAllUnread(w.t.Context(), actor); err != nil || all != want {
		w.t.Errorf("%s: %d unread in all, want %d; %v", what, all, want, err)
	}
	if n, err := w.CountUnreadChannels(w.t.Context(), actor, ""); err != nil || n != channels {
		w.t.Errorf("%s: %d channels counted, want %d; %v", what, n, channels, err)
	}
	page, err := w.UnreadChannels(w.t.Context(), actor, engine.ChannelFilter{}, chat.PageRequest{})
	if err != nil || page.Total != channels || int64(len(page.Items)) != channels {
		w.t.Errorf("%s: %d of %d channels listed, want %d; %v", what, len(page.Items), page.Total, channels, err)
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestWhatIsUnreadIsWhatOthersWroteSinceTheUserReadOrWrote(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Private, Members: []chat.UserRef{{ID: bob.User}}})
		var sent []chat.Message
		for i := range 5 {
			sent = append(sent, w.say(alice, channel, fmt.Sprint(i)))
		}
		w.unread("five were sent", bob, channel, 5)
		w.unread("one's own", alice, channel, 0)

		w.must(w.ReadMessage(ctx, bob, sent[1].ID))
		w.unread("two were read", bob, channel, 3)
		w.must(w.DeleteMessage(ctx, alice, sent[2].ID))
		w.must(w.DeleteMessage(ctx, alice, sent[0].ID))
		w.unread("an unread one and a read one were deleted", bob, channel, 2)
		if _, err := w.HideMessage(ctx, bob, sent[3].ID); err != nil {
			t.Fatal(err)
		}
		w.unread("one was hidden", bob, channel, 1)

		own := w.say(bob, channel, "I see")
		w.unread("bob wrote", bob, channel, 0)
		w.unread("bob wrote", alice, channel, 1)
		w.must(w.UnreadMessage(ctx, bob, sent[4].ID))
		w.unread("the last of the others is unread again", bob, channel, 1)
		w.must(w.UnreadMessage(ctx, bob, sent[1].ID))
		w.unread("two are unread again", bob, channel, 2)
		w.must(w.DeleteMessage(ctx, bob, own.ID))
		w.unread("one's own was deleted", bob, channel, 2)
		w.say(alice, channel, "one more")
		w.unread("one more", bob, channel, 3)
		w.must(w.ReadChannel(ctx, bob, channel))
		w.unread("all was read", bob, channel, 0)

		w.say(alice, channel, "cleared")
		w.must(w.ClearHistory(ctx, bob, channel))
		w.unread("the history was cleared", bob, channel, 0)
		carol := w.user("carol")
		if _, err := w.InviteUser(ctx, alice, channel, chat.UserRef{ID: carol.User}); err != nil {
			t.Fatal(err)
		}
		w.unread("what was written before the member came", carol, channel, 0)
		w.say(alice, channel, "welcome")
		w.unread("what was written since", carol, channel, 1)
	})
}

// receipts are those announced, as who of whose list: "102 read 7", "to 101".
func receipts(events []chat.Event) (found []string) {
	verb := map[bool]string{false: "read", true: "unread"}
	for _, event := range events {
		switch e := event.(type) {
		case chat.ReceiptChanged:
			found = append(found, fmt.Sprintf("%s %s %d", e.Receipt.User.Name, verb[e.Removed], e.Receipt.Message))
		case chat.UserReceiptChanged:
			found = append(found, fmt.Sprintf("to %d: %s %s %d", e.User, e.Receipt.User.Name, verb[e.Removed], e.Receipt.Message))
		}
	}
	return found
}

func TestReadingIsToldToTheReaderTheAuthorAndTheChannelOnce(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{ID: bob.User}}})
		first, second := w.say(alice, channel, "first"), w.say(alice, channel, "second")
		told := func(verb string, message chat.Message) []string {
			return []string{
				fmt.Sprintf("to %d: bob %s %d", bob.User, verb, message.ID),
				fmt.Sprintf("bob %s %d", verb, message.ID),
				fmt.Sprintf("to %d: bob %s %d", alice.User, verb, message.ID),
			}
		}
		for _, step := range []struct {
			name string
			do   func() error
			want []string
		}{
			{"read the first", func() error { return w.ReadMessage(ctx, bob, first.ID) }, told("read", first)},
			{"read it again", func() error { return w.ReadMessage(ctx, bob, first.ID) }, nil},
			{"read all", func() error { return w.ReadChannel(ctx, bob, channel) }, told("read", second)},
			{"read all again", func() error { return w.ReadChannel(ctx, bob, channel) }, nil},
			{"read the first, late", func() error { return w.ReadMessage(ctx, bob, first.ID) }, nil},
			{"unread the second", func() error { return w.UnreadMessage(ctx, bob, second.ID) }, told("unread", second)},
			{"unread it again", func() error { return w.UnreadMessage(ctx, bob, second.ID) }, nil},
			{"read one's own", func() error { return w.ReadMessage(ctx, alice, second.ID) },
				[]string{fmt.Sprintf("to %d: alice read %d", alice.User, second.ID)}},
		} {
			w.take()
			w.must(step.do())
			if diff := cmp.Diff(step.want, receipts(w.take())); diff != "" {
				t.Errorf("%s:\n%s", step.name, diff)
			}
		}
		page, err := w.ReadReceipts(ctx, alice, first.ID, chat.PageRequest{})
		if err != nil || page.Total != 1 || len(page.Items) != 1 || page.Items[0].User.ID != bob.User || page.Items[0].Message != first.ID {
			t.Errorf("the receipts of the first: %+v, %v", page, err)
		}
		if page, err := w.ReadReceipts(ctx, alice, second.ID, chat.PageRequest{}); err != nil || page.Total != 0 || len(page.Items) != 0 {
			t.Errorf("the receipts of the second: %+v, %v", page, err)
		}
		if last, found, err := w.LastReadMessage(ctx, alice, channel, "bob"); err != nil || !found || last.ID != first.ID {
			t.Errorf("bob last read %v %v, %v", found, last.ID, err)
		}
		w.must(w.DeleteMessage(ctx, alice, first.ID))
		if last, found, err := w.LastReadMessage(ctx, alice, channel, "bob"); err != nil || found {
			t.Errorf("bob last read the deleted %v, %v", last.ID, err)
		}
	})
}

func TestInALargeChannelReadingIsToldToTheReaderAlone(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice, bob := w.user("alice"), w.user("bob")
		request := chat.NewChannel{Type: chat.Public, Members: []chat.UserRef{{ID: bob.User}}}
		for i := range chat.IntimateMax - 2 {
			request.Members = append(request.Members, chat.UserRef{Name: fmt.Sprint("member", i)})
		}
		channel := w.channel(alice, request)
		if _, _, err := w.JoinChannel(ctx, w.user("one too many"), channel); err != nil {
			t.Fatal(err)
		}
		message := w.say(alice, channel, "hello, all")
		w.take()
		w.must(w.ReadMessage(ctx, bob, message.ID))
		if diff := cmp.Diff([]string{fmt.Sprintf("to %d: bob read %d", bob.User, message.ID)}, receipts(w.take())); diff != "" {
			t.Error(diff)
		}
		// All members read it, and the pages show each of them once.
		for i := range chat.IntimateMax - 2 {
			w.must(w.ReadChannel(ctx, w.user(fmt.Sprint("member", i)), channel))
		}
		seen := map[chat.UserID]bool{}
		var page chat.Page[chat.ReadReceipt]
		for pages := 0; pages == 0 || page.Next != ""; pages++ {
			var err error
			if page, err = w.ReadReceipts(ctx, alice, message.ID, chat.PageRequest{Size: 30, After: page.Next}); err != nil || pages > 4 {
				t.Fatalf("page %d: %v", pages, err)
			}
			for _, receipt := range page.Items {
				seen[receipt.User.ID] = true
			}
		}
		if len(seen) != chat.IntimateMax-1 || page.Total != chat.IntimateMax-1 {
			t.Errorf("%d receipts are listed, and %d counted", len(seen), page.Total)
		}
	})
}
