package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
)

// lister reads one page of some list and names its items.
type lister func(p chat.PageRequest) (names []string, total int64, prev, next chat.Cursor, err error)

func listing[T any](name func(T) string, read func(p chat.PageRequest) (chat.Page[T], error)) lister {
	return func(p chat.PageRequest) ([]string, int64, chat.Cursor, chat.Cursor, error) {
		page, err := read(p)
		names := make([]string, 0, len(page.Items))
		for _, item := range page.Items {
			names = append(names, name(item))
		}
		return names, page.Total, page.Prev, page.Next, err
	}
}

// everyList makes lists of 23 items with many equal keys, one of each kind, as
// the first user sees them, with what they must contain in order.
func everyList(t *testing.T, s *store.Store) (lists map[string]lister, want map[string][]string) {
	ctx := t.Context()
	app := newApplication(t, s, "app")
	me := newUser(t, s, app.ID, "me")
	other := newUser(t, s, app.ID, "other")
	want = map[string][]string{}
	var members []chat.User
	for i := range 23 {
		var u chat.User
		update(t, s, func(tx *store.Tx) (err error) {
			u, _, err = tx.CreateUser(ctx, chat.User{
				Application: app.ID, Name: fmt.Sprintf("u%02d", i), DisplayName: strings.Repeat("Z", 1+i/8), CreatedAt: now,
			})
			return err
		})
		members = append(members, u)
		want["members"] = append(want["members"], fmt.Sprint(u.ID))
	}
	room := newChannel(t, s, chat.Private, "room", members...)
	for i := range 23 {
		mine := newChannel(t, s, chat.Private, fmt.Sprintf("mine%02d", i), me)
		theirs := newChannel(t, s, chat.Public, fmt.Sprintf("theirs%02d", i), other)
		want["joined"] = append(want["joined"], fmt.Sprint(mine.ID))
		want["joinable"] = append(want["joinable"], fmt.Sprint(theirs.ID))
		update(t, s, func(tx *store.Tx) error {
			m, err := tx.CreateMessage(ctx, chat.Message{
				Application: app.ID, Channel: room.ID, Type: chat.Text, Author: &members[0], Body: "x",
				CreatedAt: now.Add(time.Duration(i/8) * time.Second),
			})
			want["messages"] = append(want["messages"], fmt.Sprint(m.ID))
			return err
		})
	}
	thread := mustSend(t, s, newChannel(t, s, chat.Private, "threads", other), other, "a thread")
	for i, member := range members {
		update(t, s, func(tx *store.Tx) error {
			reply, err := tx.CreateMessage(ctx, chat.Message{
				Application: app.ID, Channel: thread.Channel, Parent: thread.ID, Type: chat.Text, Author: &member, Body: "x",
				CreatedAt: now.Add(time.Duration(i/8) * time.Second),
			})
			if err != nil {
				return err
			}
			want["replies"] = append(want["replies"], fmt.Sprint(reply.ID))
			if err := tx.CountReply(ctx, thread, 1); err != nil {
				return err
			}
			want["reactions"] = append(want["reactions"], fmt.Sprint(member.ID))
			_, _, err = tx.AddReaction(ctx, app.ID, chat.Reaction{
				Message: thread.ID, Emoji: chat.EmojiOf("👍"), User: member, CreatedAt: now.Add(time.Duration(i/8) * time.Second),
			})
			return err
		})
	}
	for _, list := range []string{"joined", "joinable", "messages", "replies"} {
		slices.Reverse(want[list])
	}
	want["users"] = want["members"]

	user := func(u chat.User) string { return fmt.Sprint(u.ID) }
	channel := func(v chat.ChannelView) string { return fmt.Sprint(v.ID) }
	message := func(m chat.Message) string { return fmt.Sprint(m.ID) }
	return map[string]lister{
		"members": listing(user, func(p chat.PageRequest) (chat.Page[chat.User], error) {
			return s.Members(ctx, app.ID, room.ID, "", p)
		}),
		"users": listing(user, func(p chat.PageRequest) (chat.Page[chat.User], error) {
			return s.UserList(ctx, app.ID, me.ID, chat.UserFilter{Name: "U", DisplayName: "z"}, p)
		}),
		"joined": listing(channel, func(p chat.PageRequest) (chat.Page[chat.ChannelView], error) {
			return s.JoinedChannels(ctx, app.ID, me.ID, "", p)
		}),
		"joinable": listing(channel, func(p chat.PageRequest) (chat.Page[chat.ChannelView], error) {
			return s.JoinableChannels(ctx, app.ID, me.ID, "", p)
		}),
		"messages": listing(message, func(p chat.PageRequest) (chat.Page[chat.Message], error) {
			return s.Messages(ctx, app.ID, chat.Membership{Channel: room.ID, User: me.ID}, chat.MessageFilter{}, p)
		}),
		"replies": listing(message, func(p chat.PageRequest) (chat.Page[chat.Message], error) {
			return s.Replies(ctx, app.ID, thread.ID, me.ID, p)
		}),
		"reactions": listing(func(r chat.Reaction) string { return fmt.Sprint(r.User.ID) }, func(p chat.PageRequest) (chat.Page[chat.Reaction], error) {
			return s.Reactions(ctx, app.ID, thread.ID, p)
		}),
	}, want
}

func TestPagesLeadThroughAListAndBack(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		lists, want := everyList(t, s)
		for name, read := range lists {
			for _, size := range []int{1, 4, 23, 100} {
				walk(t, fmt.Sprintf("%s by %d", name, size), read, size, want[name])
			}
		}
	})
}

// walk follows a list to its end and back to its beginning.
func walk(t *testing.T, what string, read lister, size int, want []string) {
	t.Helper()
	request := chat.PageRequest{Size: size}
	var forward []string
	for first := true; ; first = false {
		names, total, prev, next, err := read(request)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if total != int64(len(want)) {
			t.Errorf("%s: the total is %d", what, total)
		}
		if (prev == "") != first {
			t.Errorf("%s: first page %v has the previous page %q", what, first, prev)
		}
		forward = append(forward, names...)
		if next == "" {
			request.After, request.Before = "", prev
			back(t, what, read, request, names, want)
			break
		}
		request.After = next
	}
	if diff := cmp.Diff(want, forward); diff != "" {
		t.Errorf("%s, forward:\n%s", what, diff)
	}
}

// back follows a list from its last page to its beginning.
func back(t *testing.T, what string, read lister, request chat.PageRequest, last, want []string) {
	t.Helper()
	backward := last
	for request.Before != "" {
		names, _, prev, next, err := read(request)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if next == "" {
			t.Errorf("%s: a page before the last has no next page", what)
		}
		backward = append(slices.Clone(names), backward...)
		request.Before = prev
	}
	if diff := cmp.Diff(want, backward); diff != "" {
		t.Errorf("%s, backward:\n%s", what, diff)
	}
}

func TestAPageTakesAsManyStatementsWhateverItsSize(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		for i := range 30 {
			friend := newUser(t, s, h.app.ID, fmt.Sprint("friend", i))
			mustSend(t, s, newChannel(t, s, chat.Direct, fmt.Sprint("with", i), h.ann, friend), friend, "hi")
		}
		for name, read := range map[string]func(r store.Reader, p chat.PageRequest) (int, error){
			"joined channels": func(r store.Reader, p chat.PageRequest) (int, error) {
				page, err := r.JoinedChannels(ctx, h.app.ID, h.ann.ID, "", p)
				return len(page.Items), err
			},
			"users": func(r store.Reader, p chat.PageRequest) (int, error) {
				page, err := r.UserList(ctx, h.app.ID, h.ann.ID, chat.UserFilter{}, p)
				return len(page.Items), err
			},
		} {
			var one, thirty int
			if n, err := read(store.Counting(s, &one), chat.PageRequest{Size: 1}); n != 1 || err != nil {
				t.Fatalf("%s: %d, %v", name, n, err)
			}
			if n, err := read(store.Counting(s, &thirty), chat.PageRequest{Size: 30}); n != 30 || err != nil {
				t.Fatalf("%s: %d, %v", name, n, err)
			}
			if one != thirty || one > 5 {
				t.Errorf("%s: a page of 1 took %d statements, of 30 %d", name, one, thirty)
			}
		}
	})
}

// hostileCursors are what no list has given out, with what could be taken for a
// cursor of another kind.
var hostileCursors = []chat.Cursor{
	"-", "1-", "-1", "--", "x", "0-1", "1-1-1", "z-", "1-AAA=", "1-/w", "1-_w", "1-AA", "é-1", "1-1 ", "%00-1",
	"9223372036854775808-1", "1y2p0ij32e8e8-1", "1-1y2p0ij32e8e8", "1-9223372036854775807", "1'; DROP TABLE message; --",
	chat.Cursor("1-" + strings.Repeat("A", 5000)),
}

func TestAHostileCursorIsRefusedOrAPlaceInTheList(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		lists, _ := everyList(t, s)
		for name, read := range lists {
			refused := 0
			for _, c := range hostileCursors {
				for _, request := range []chat.PageRequest{{After: c}, {Before: c}} {
					_, _, _, _, err := read(request)
					if chat.IsKind(err, chat.Invalid) {
						refused++
					} else if err != nil {
						t.Errorf("%s at %.50q: %v", name, c, err)
					}
				}
			}
			if refused < len(hostileCursors) {
				t.Errorf("%s refused only %d of %d", name, refused, 2*len(hostileCursors))
			}
		}
	})
}

// FuzzCursor looks for cursors that reach SQL as an error.
func FuzzCursor(f *testing.F) {
	for _, c := range hostileCursors {
		f.Add(string(c))
	}
	f.Add("2s-0")
	f.Add("2s-aGVsbG8")
	s := open(f, store.Options{Directory: f.TempDir()})
	ctx := f.Context()
	var app chat.Application
	err := s.Update(ctx, 0, func(tx *store.Tx) (err error) {
		app, err = tx.CreateApplication(ctx, chat.Application{Name: "app", APIKey: "k", ClientID: "c", Settings: chat.DefaultSettings(), CreatedAt: now}, []byte{1})
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		for _, request := range []chat.PageRequest{{After: chat.Cursor(cursor)}, {Before: chat.Cursor(cursor)}} {
			if _, err := s.UserList(t.Context(), app.ID, 0, chat.UserFilter{}, request); err != nil && !chat.IsKind(err, chat.Invalid) {
				t.Errorf("users: %v", err)
			}
			if _, err := s.JoinedChannels(t.Context(), app.ID, 1, "", request); err != nil && !chat.IsKind(err, chat.Invalid) {
				t.Errorf("channels: %v", err)
			}
		}
	})
}
