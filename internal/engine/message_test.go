package engine_test

import (
	"fmt"
	"sync"
	"testing"

	"openkitty/internal/chat"
)

// sequenceOf is the place of a durable event in the stream of its channel.
func sequenceOf(event chat.Event) int64 {
	switch e := event.(type) {
	case chat.MessagePosted:
		return e.Message.Sequence
	case chat.MessageChanged:
		return e.Sequence
	case chat.MessageWithdrawn:
		return e.Sequence
	case chat.ReactionChanged:
		return e.Sequence
	}
	return 0
}

func TestChangesMadeAtOnceAreAnnouncedInTheOrderOfTheirSequence(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		alice := w.user("alice")
		const members = 12
		request := chat.NewChannel{Type: chat.Private}
		for i := range members {
			request.Members = append(request.Members, chat.UserRef{Name: fmt.Sprint("member", i)})
		}
		channel := w.channel(alice, request)
		thread, err := w.SendMessage(ctx, alice, text(channel, "hello"))
		if err != nil {
			t.Fatal(err)
		}
		w.take()
		var all sync.WaitGroup
		for i := range members {
			member := w.user(fmt.Sprint("member", i))
			all.Go(func() {
				if _, _, err := w.React(ctx, member, thread.ID, "heart"); err != nil {
					t.Error(err)
				}
				if _, err := w.ReplyToMessage(ctx, member, thread.ID, text(0, "a reply")); err != nil {
					t.Error(err)
				}
				own, err := w.SendMessage(ctx, member, text(channel, "<@alice>"))
				if err != nil {
					t.Error(err)
				}
				if err := w.EditMessage(ctx, member, own.ID, "edited"); err != nil {
					t.Error(err)
				}
				if err := w.DeleteMessage(ctx, member, own.ID); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		events := w.take()
		if want := members * 6; len(events) != want {
			t.Errorf("%d events were announced, want %d", len(events), want)
		}
		for i, event := range events {
			if got := sequenceOf(event); got != thread.Sequence+1+int64(i) {
				t.Fatalf("event %d has sequence %d: %+v", i, got, event)
			}
		}
		got, err := w.Message(ctx, alice, thread.ID)
		if err != nil || got.Replies != members || len(got.Reactions) != 1 || got.Reactions[0].Count != members ||
			len(got.Reactions[0].Users) != chat.ReactorsShown {
			t.Errorf("the thread is %+v, %v", got, err)
		}
	})
}

func TestAMentionOfAHiddenChannelIsText(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		w.channel(bob, chat.NewChannel{Type: chat.Private, Name: "plans", DisplayName: "World domination"})
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public, Members: []chat.UserRef{{Name: "bob"}}})
		for _, test := range []struct {
			author chat.Actor
			want   int
		}{{alice, 0}, {bob, 1}} {
			sent, err := w.SendMessage(t.Context(), test.author, text(channel, "<#plans>"))
			if err != nil || len(sent.Mentions) != test.want {
				t.Fatalf("got %+v, %v; want %d mentions", sent.Mentions, err, test.want)
			}
			read, err := w.Message(t.Context(), alice, sent.ID)
			if err != nil || len(read.Mentions) != test.want || test.want == 1 && read.Mentions[0].Channel.DisplayName != "plans" {
				t.Errorf("read %+v, %v", read.Mentions, err)
			}
		}
	})
}
