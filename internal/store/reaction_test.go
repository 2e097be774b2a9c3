package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
)

// mustReply stores a reply, and counts it.
func mustReply(t testing.TB, s *store.Store, parent chat.Message, author chat.User, body string) (reply chat.Message) {
	t.Helper()
	update(t, s, func(tx *store.Tx) (err error) {
		reply, err = tx.CreateMessage(t.Context(), chat.Message{
			Application: parent.Application, Channel: parent.Channel, Parent: parent.ID, Type: chat.Text, Author: &author,
			Body: body, CreatedAt: tx.Now(),
		})
		if err != nil {
			return err
		}
		return tx.CountReply(t.Context(), parent, 1)
	})
	return reply
}

// mustReact stores a reaction.
func mustReact(t testing.TB, s *store.Store, m chat.Message, user chat.User, emoji string) (added bool) {
	t.Helper()
	update(t, s, func(tx *store.Tx) (err error) {
		_, added, err = tx.AddReaction(t.Context(), m.Application, chat.Reaction{
			Message: m.ID, Emoji: chat.EmojiOf(emoji), User: user, CreatedAt: tx.Now(),
		})
		return err
	})
	return added
}

// summary writes the reactions to a message as "👍2:ann,bob".
func summary(m chat.Message) string {
	var parts []string
	for _, r := range m.Reactions {
		var names []string
		for _, u := range r.Users {
			names = append(names, u.Name)
		}
		parts = append(parts, fmt.Sprintf("%s%d:%s", r.Emoji.Character, r.Count, strings.Join(names, ",")))
	}
	return strings.Join(parts, " ")
}

func TestReactionsAreCountedOncePerUserAndEmoji(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		m := mustSend(t, s, h.direct, h.ann, "x")
		show := func() string {
			t.Helper()
			got, err := s.Message(t.Context(), h.app.ID, m.ID)
			if err != nil {
				t.Fatal(err)
			}
			return summary(got)
		}
		remove := func(user chat.User, emoji string) error {
			return s.Update(t.Context(), 0, func(tx *store.Tx) error {
				_, err := tx.RemoveReaction(t.Context(), h.app.ID, chat.Reaction{Message: m.ID, Emoji: chat.EmojiOf(emoji), User: user})
				return err
			})
		}
		for _, r := range []struct {
			user  chat.User
			emoji string
			added bool
		}{{h.bob, "🔥", true}, {h.ann, "👍", true}, {h.ann, "🔥", true}, {h.bob, "🔥", false}} {
			if added := mustReact(t, s, m, r.user, r.emoji); added != r.added {
				t.Errorf("%s of %s: added is %v", r.emoji, r.user.Name, added)
			}
		}
		if got, want := show(), "🔥2:bob,ann 👍1:ann"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if err := remove(h.ann, "👍"); err != nil {
			t.Error(err)
		}
		if err := remove(h.ann, "👍"); chat.AsError(err).Name != "ReactionNotFoundError" {
			t.Errorf("removing it again: %v", err)
		}
		if got, want := show(), "🔥2:bob,ann"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestASummaryNamesTheFirstWhoReactedAndTheNextWhenOneIsGone(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "crowd")
		users := people(t, s, app.ID, chat.ReactorsShown+3)
		m := mustSend(t, s, newChannel(t, s, chat.Private, "room", users...), users[0], "x")
		for _, user := range users {
			mustReact(t, s, m, user, "👍")
		}
		for _, gone := range []int{2, chat.ReactorsShown + 1} {
			update(t, s, func(tx *store.Tx) error {
				_, err := tx.RemoveReaction(t.Context(), app.ID, chat.Reaction{Message: m.ID, Emoji: chat.EmojiOf("👍"), User: users[gone]})
				return err
			})
		}
		got, err := s.Message(t.Context(), app.ID, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := append(append([]chat.User{}, users[:2]...), users[3:chat.ReactorsShown+1]...)
		if diff := cmp.Diff(want, got.Reactions[0].Users); diff != "" || got.Reactions[0].Count != chat.ReactorsShown+1 {
			t.Errorf("of %d reactions:\n%s", got.Reactions[0].Count, diff)
		}
	})
}

func TestAPageOfMessagesTakesTheSameQueriesHoweverMuchHangsOnThem(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "busy")
		users := people(t, s, app.ID, 12)
		room := newChannel(t, s, chat.Public, "room", users...)
		const messages = 50
		queries := func() int {
			t.Helper()
			n := 0
			page, err := store.Counting(s, &n).Messages(t.Context(), app.ID, chat.Membership{Channel: room.ID, User: users[0].ID}, chat.MessageFilter{MainThread: true},
				chat.PageRequest{Size: messages})
			if err != nil {
				t.Fatal(err)
			}
			if want := min(int(room.MessageCount), messages); len(page.Items) != want {
				t.Fatalf("the page has %d messages, want %d", len(page.Items), want)
			}
			return n
		}
		var sent []chat.Message
		for range messages {
			sent = append(sent, mustSend(t, s, room, users[0], "<@user000> <#room>"))
		}
		room.MessageCount = messages
		if n := queries(); n != 2 {
			t.Errorf("plain messages take %d queries", n)
		}
		for i, m := range sent {
			m.Mentions = []chat.Mention{{Start: 0, End: 10, User: &users[i%12]}, {Start: 11, End: 18, Channel: &room}}
			update(t, s, func(tx *store.Tx) error { return tx.SetBody(t.Context(), m) })
			mustReply(t, s, m, users[1], "re")
			for j := range 1 + i%3 {
				mustReact(t, s, m, users[(i+j)%12], "👍")
				mustReact(t, s, m, users[(i+2*j)%12], "🔥")
			}
		}
		if n := queries(); n != 6 {
			t.Errorf("messages with reactions, replies and mentions take %d queries", n)
		}
		for i := range messages / 2 {
			file := mustSendFile(t, s, room, users[i%12], hosted(chat.Digest(fmt.Sprint("d", i))))
			mustReact(t, s, file, users[0], "👍")
			m := mustSend(t, s, room, users[i%12], "https://a.example <@user000> <#room>")
			mustReact(t, s, m, users[0], "👍")
			m.Mentions = []chat.Mention{{Start: 18, End: 28, User: &users[i%12]}, {Start: 29, End: 36, Channel: &room}}
			update(t, s, func(tx *store.Tx) error {
				if err := tx.SetBody(t.Context(), m); err != nil {
					return err
				}
				return tx.AddPreview(t.Context(), m, chat.LinkPreview{Source: "https://a.example", URL: "https://a.example/"})
			})
		}
		if n := queries(); n != 8 {
			t.Errorf("messages with files, previews, reactions and mentions take %d queries", n)
		}
	})
}

func TestADeletedMessageLeavesAPlaceWithoutWords(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newBusyHome(t, s)
		m := h.message
		m.DeletedAt = now.Add(time.Hour)
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.DeleteMessage(ctx, m)
			return err
		})
		got, err := s.Message(ctx, h.app.ID, m.ID)
		want := chat.Message{ID: m.ID, Application: h.app.ID, Channel: h.direct.ID, Type: chat.Text, Author: &h.ann,
			Sequence: m.Sequence, Number: m.Number, CreatedAt: m.CreatedAt, EditedAt: got.EditedAt, DeletedAt: m.DeletedAt, Replies: 1}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("by id: %v\n%s", err, diff)
		}
		page, err := s.Messages(ctx, h.app.ID, chat.Membership{Channel: h.direct.ID, User: h.ann.ID}, chat.MessageFilter{}, chat.PageRequest{})
		if err != nil || len(page.Items) != 1 || page.Items[0].ID != h.reply.ID || page.Total != 1 {
			t.Errorf("listed: %v, %+v", err, page)
		}
		changes, err := s.Changes(ctx, h.app.ID, chat.Stream{Channel: h.direct.ID}, 2, 9)
		if err != nil || len(changes) != 1 || changes[0].Kind != chat.MessageDeleted || changes[0].Sequence != 3 {
			t.Errorf("recorded: %v, %v", err, changes)
		}
	})
}

func TestAHiddenMessageIsHiddenFromOneUserAlone(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newBusyHome(t, s) // bob has hidden the reply, the last message of the channel
		for _, test := range []struct {
			viewer         chat.User
			last           chat.MessageID
			count, replies int64
		}{{h.ann, h.reply.ID, 2, 1}, {h.bob, h.message.ID, 1, 0}} {
			view, err := s.ChannelView(ctx, h.app.ID, h.direct.ID, test.viewer.ID)
			if err != nil || view.LastMessage == nil || view.LastMessage.ID != test.last {
				t.Errorf("%s: the last message is %+v, %v; want %d", test.viewer.Name, view.LastMessage, err, test.last)
			}
			page, err := s.Messages(ctx, h.app.ID, chat.Membership{Channel: h.direct.ID, User: test.viewer.ID}, chat.MessageFilter{}, chat.PageRequest{})
			if err != nil || page.Total != test.count || int64(len(page.Items)) != test.count {
				t.Errorf("%s: the list has %d of %d, %v; want %d", test.viewer.Name, len(page.Items), page.Total, err, test.count)
			}
			main, err := s.CountMessages(ctx, h.app.ID, chat.Membership{Channel: h.direct.ID, User: test.viewer.ID}, chat.MessageFilter{MainThread: true})
			if err != nil || main != 1 {
				t.Errorf("%s: the main thread has %d, %v", test.viewer.Name, main, err)
			}
			replies, err := s.Replies(ctx, h.app.ID, h.message.ID, test.viewer.ID, chat.PageRequest{})
			if err != nil || replies.Total != test.replies || int64(len(replies.Items)) != test.replies {
				t.Errorf("%s: %d of %d replies, %v; want %d", test.viewer.Name, len(replies.Items), replies.Total, err, test.replies)
			}
		}
	})
}

func TestAChannelsLastMessageFollowsDeletions(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newBusyHome(t, s)
		for _, want := range []*chat.Message{&h.message, nil} {
			view, err := s.ChannelView(t.Context(), h.app.ID, h.direct.ID, h.ann.ID)
			if err != nil {
				t.Fatal(err)
			}
			last := *view.LastMessage
			last.DeletedAt = now
			update(t, s, func(tx *store.Tx) error {
				_, err := tx.DeleteMessage(t.Context(), last)
				return err
			})
			view, err = s.ChannelView(t.Context(), h.app.ID, h.direct.ID, h.ann.ID)
			if err != nil || (view.LastMessage == nil) != (want == nil) || want != nil && view.LastMessage.ID != want.ID {
				t.Errorf("the last message is %+v, %v; want %+v", view.LastMessage, err, want)
			}
		}
	})
}
