package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
)

// crowd is an application with 40 users, of whom many are equal in all but their
// names and ids, all of them members of a channel.
func crowd(t *testing.T, s *store.Store) (app chat.Application, channel chat.Channel, users []chat.User) {
	t.Helper()
	app = newApplication(t, s, "crowd")
	for i := range 40 {
		update(t, s, func(tx *store.Tx) error {
			u, _, err := tx.CreateUser(t.Context(), chat.User{
				Application: app.ID, Name: fmt.Sprintf("u%02d", i*17%40), DisplayName: strings.Repeat("Z", 1+i%4),
				CreatedAt: now.Add(time.Duration(i/7) * time.Second),
			})
			users = append(users, u)
			return err
		})
	}
	return app, newChannel(t, s, chat.Private, "room", users...), users
}

// pager reads a page and says which items it has.
type pager func(store.Reader, chat.NumberedPage) ([]int64, int64)

// pagers read users and members.
func pagers(t *testing.T, app chat.ApplicationID, channel chat.ChannelID) map[string]pager {
	ids := func(page chat.Page[chat.User], err error) (all []int64, total int64) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Items {
			all = append(all, int64(u.ID))
		}
		return all, page.Total
	}
	return map[string]pager{
		"users": func(r store.Reader, p chat.NumberedPage) ([]int64, int64) {
			return ids(r.UserPage(t.Context(), app, chat.UserSelection{}, p))
		},
		"members": func(r store.Reader, p chat.NumberedPage) ([]int64, int64) {
			return ids(r.MemberPage(t.Context(), app, channel, false, p))
		},
	}
}

// orders are orders of users, mixed ones among them.
var orders = [][]chat.Order{
	nil,
	{{By: "id", Descending: true}},
	{{By: "name"}},
	{{By: "name", Descending: true}},
	{{By: "display_name"}},
	{{By: "created_time", Descending: true}},
	{{By: "created_time", Descending: true}, {By: "display_name"}},
	{{By: "display_name"}, {By: "created_time", Descending: true}, {By: "name"}},
}

func TestALongListHasThePagesOfAShortOneWhereverOneGoes(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app, channel, _ := crowd(t, s)
		for name, read := range pagers(t, app.ID, channel.ID) {
			for _, sort := range orders {
				long := store.Remembering(s.Reader, 10)
				// Forwards, backwards, and from one place to another.
				for _, number := range []int{0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 5, 0, 2, 9, 1, 4, 1, 3, 6, 0} {
					for _, size := range []int{7, 5} {
						p := chat.NumberedPage{Number: number, Size: size, Sort: sort}
						want, all := read(s.Reader, p)
						got, total := read(long, p)
						if diff := cmp.Diff(want, got); diff != "" || total != all {
							t.Errorf("page %d of %d %s by %v, of %d and not %d:\n%s", number, size, name, sort, total, all, diff)
						}
					}
				}
				// From the end, with nothing known.
				p := chat.NumberedPage{Number: 5, Size: 7, Sort: sort}
				want, _ := read(s.Reader, p)
				got, _ := read(store.Remembering(s.Reader, 10), p)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the last page of %s by %v:\n%s", name, sort, diff)
				}
			}
		}
	})
}

func TestWhoPagesThroughALongListSeesWhatStaysOnce(t *testing.T) {
	t.Parallel()

	for name, backwards := range map[string]bool{"forwards": false, "backwards": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			forEachEngine(t, func(t *testing.T, s *store.Store) {
				app, channel, users := crowd(t, s)
				read := pagers(t, app.ID, channel.ID)["users"]
				long := store.Remembering(s.Reader, 10)
				numbers := []int{0, 1, 2, 3, 4, 5}
				if backwards {
					slices.Reverse(numbers)
				}
				slices.SortFunc(users, func(a, b chat.User) int { return strings.Compare(a.Name, b.Name) })
				if backwards {
					slices.Reverse(users)
				}
				var seen []int64
				for i, number := range numbers {
					got, _ := read(long, chat.NumberedPage{Number: number, Size: 7, Sort: []chat.Order{{By: "name"}}})
					seen = append(seen, got...)
					// Some of those who were seen go, and more of their kind come.
					update(t, s, func(tx *store.Tx) error {
						_, err := tx.DeleteUser(t.Context(), app.ID, users[i].ID, fmt.Sprint("gone", i))
						return err
					})
					for n := range 1 + i%3*2 {
						newUser(t, s, app.ID, fmt.Sprintf("%s-%d-%d", users[i].Name, i, n))
					}
				}
				for _, u := range users {
					if n := countOf(seen, int64(u.ID)); n != 1 {
						t.Errorf("%s was seen %d times", u.Name, n)
					}
				}
			})
		})
	}
}

func countOf(list []int64, wanted int64) (n int) {
	for _, item := range list {
		if item == wanted {
			n++
		}
	}
	return n
}

func TestTheEndOfALongListIsWhereItIs(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app, channel, users := crowd(t, s)
		read := pagers(t, app.ID, channel.ID)["users"]
		long := store.Remembering(s.Reader, 10)
		page := func(number int) ([]int64, int64) { return read(long, chat.NumberedPage{Number: number, Size: 10}) }
		for number := range 3 {
			page(number)
		}
		newUser(t, s, app.ID, "late")
		if got, total := page(3); len(got) != 10 || total != 41 {
			t.Errorf("the page that was the last has %d of %d users", len(got), total)
		}
		if got, total := page(4); len(got) != 1 || total != 41 {
			t.Errorf("the page that was added has %d of %d users", len(got), total)
		}
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.DeleteUser(t.Context(), app.ID, users[39].ID, "gone")
			return err
		})
		page(3)
		if got, total := page(4); len(got) != 0 || total != 40 {
			t.Errorf("the page after the end has %d of %d users", len(got), total)
		}
		if got, _ := page(chat.PageNumberMax + 1); len(got) != 0 {
			t.Errorf("a page that no list can have has %d users", len(got))
		}
	})
}

func TestWhatIsKnownOfALongListIsOfOneApplicationAndOneFilter(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app, channel, _ := crowd(t, s)
		other := newApplication(t, s, "other")
		theirs := people(t, s, other.ID, 12)
		long := store.Remembering(s.Reader, 10)
		read := pagers(t, app.ID, channel.ID)["users"]
		for number := range 3 {
			read(long, chat.NumberedPage{Number: number, Size: 4})
		}
		got, total := pagers(t, other.ID, 0)["users"](long, chat.NumberedPage{Number: 1, Size: 4})
		want := []int64{int64(theirs[4].ID), int64(theirs[5].ID), int64(theirs[6].ID), int64(theirs[7].ID)}
		if diff := cmp.Diff(want, got); diff != "" || total != 12 {
			t.Errorf("of another application, of %d:\n%s", total, diff)
		}
		page, err := long.UserPage(t.Context(), app.ID, chat.UserSelection{Name: "u07"}, chat.NumberedPage{Size: 4})
		if err != nil || page.Total != 1 || len(page.Items) != 1 {
			t.Errorf("with a filter there are %d of %d (%v)", len(page.Items), page.Total, err)
		}
	})
}

func TestTheNextPageOfALongListIsNeitherCountedNorCountedOff(t *testing.T) {
	t.Parallel()

	s := open(t, store.Options{Directory: t.TempDir()})
	app, channel, users := crowd(t, s)
	for i, u := range users[:9] {
		newChannel(t, s, chat.Public, fmt.Sprint("room", i), u)
		update(t, s, func(tx *store.Tx) error {
			session := chat.UserSession{Application: app.ID, User: u, CreatedAt: now}
			var err error
			if session.ID, err = tx.CreateUserSession(t.Context(), session); err != nil {
				return err
			}
			_, err = tx.CreateChatSession(t.Context(), chat.ChatSession{Session: session, Channel: channel.ID, CreatedAt: now})
			return err
		})
	}
	var texts []string
	reader := store.Remembering(store.Explaining(s, func(text string, plan []string) {
		texts = append(texts, text)
		for _, line := range plan {
			if strings.HasPrefix(line, "SCAN") && line != "SCAN counted" || strings.Contains(line, "TEMP B-TREE") {
				t.Errorf("%s\nin: %s", line, text)
			}
		}
		if strings.Contains(text, ") > (") && !strings.Contains(plan[0], ">") {
			t.Errorf("%s does not begin at the place\nin: %s", plan[0], text)
		}
	}), 5)
	lists := pagers(t, app.ID, channel.ID)
	lists["channels"] = func(r store.Reader, p chat.NumberedPage) ([]int64, int64) {
		page, err := r.ChannelPage(t.Context(), app.ID, chat.ChannelSelection{}, p)
		return make([]int64, len(page.Items)), must(t, page.Total, err)
	}
	lists["sessions"] = func(r store.Reader, p chat.NumberedPage) ([]int64, int64) {
		page, err := r.UserSessionPage(t.Context(), app.ID, chat.ActiveSession, p)
		return make([]int64, len(page.Items)), must(t, page.Total, err)
	}
	lists["chat sessions"] = func(r store.Reader, p chat.NumberedPage) ([]int64, int64) {
		page, err := r.ChatSessionPage(t.Context(), app.ID, "", p)
		return make([]int64, len(page.Items)), must(t, page.Total, err)
	}
	for name, orders := range map[string][]string{
		"users": {"id", "created_time", "name", "display_name"}, "members": {"id", "created_time", "display_name"},
		"channels": {"id", "created_time"}, "sessions": {"id"}, "chat sessions": {"id"},
	} {
		for _, by := range orders {
			p := chat.NumberedPage{Size: 4, Sort: []chat.Order{{By: by}}}
			lists[name](reader, p)
			texts = nil
			p.Number = 1
			items, _ := lists[name](reader, p)
			if len(items) != 4 || strings.Contains(texts[0], "COUNT") || !strings.Contains(texts[0], ") > (") {
				t.Errorf("the second page of %s by %s has %d items, and took first: %s", name, by, len(items), texts[0])
			}
		}
	}
}

func must[T any](t *testing.T, value T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestOneLongListOfAnApplicationIsCountedAtATime(t *testing.T) {
	t.Parallel()

	turns := store.NewLongReads()
	end, err := turns(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	waiting, stop := context.WithCancel(t.Context())
	refused, served := make(chan error), make(chan error)
	for range 20 {
		go func() {
			_, err := turns(waiting, 1)
			refused <- err
		}()
	}
	for range 5 {
		if err := <-refused; !chat.IsKind(err, chat.Limited) {
			t.Errorf("one too many got %v", err)
		}
	}
	if endOther, err := turns(t.Context(), 2); err != nil {
		t.Errorf("another application waits as well: %v", err)
	} else {
		endOther()
	}
	endThird, err := turns(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := turns(ended(t), 4); err != context.Canceled {
		t.Errorf("more than two applications take their turns at once: %v", err)
	}
	endThird()
	stop()
	for range 15 {
		if err := <-refused; err != context.Canceled {
			t.Errorf("who gave up got %v", err)
		}
	}
	go func() {
		_, err := turns(t.Context(), 1)
		served <- err
	}()
	end()
	if err := <-served; err != nil {
		t.Errorf("who waited got %v", err)
	}
}

// ended is a context that has ended.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestTheTotalOfMessagesIsWhatIsListed(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newBusyHome(t, s)
		gone := mustSend(t, s, h.public, h.bob, "gone")
		gone.DeletedAt = now
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.DeleteMessage(t.Context(), gone)
			return err
		})
		main, err := s.MainThread(t.Context(), h.app.ID, h.private.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]chat.MessageSelection{
			"all": {}, "of a channel": {Channel: h.private.ID}, "of a channel with imports": {Channel: h.public.ID},
			"by a user": {Author: h.bob.ID}, "with a text": {Text: "h"}, "of a thread": {Channel: h.private.ID, Thread: &h.thread},
			"of a main thread": {Channel: h.private.ID, Thread: &main},
		} {
			slice, err := s.MessageSlice(t.Context(), h.app.ID, f, chat.SliceRequest{Size: chat.PageSizeMax})
			if err != nil || len(slice.Items) == 0 || int(slice.Total) != len(slice.Items) {
				t.Errorf("%s: %d of %d (%v)", name, len(slice.Items), slice.Total, err)
			}
		}
	})
}

func TestListsThatAreWalkedBeginAtTheCursor(t *testing.T) {
	t.Parallel()

	s := open(t, store.Options{Directory: t.TempDir()})
	h := newBusyHome(t, s)
	var plans []string
	reader := store.Explaining(s, func(text string, plan []string) {
		if strings.Contains(text, "LIMIT") && strings.Contains(text, "ORDER BY") {
			plans = append(plans, strings.Join(plan, "; "))
		}
	})
	replies := chat.Thread{Type: chat.MessageThread, Channel: h.direct.ID, Message: h.message.ID}
	main := chat.Thread{Type: chat.MainThread, Channel: h.direct.ID}
	for _, list := range []struct {
		f    chat.MessageSelection
		want string
	}{
		{chat.MessageSelection{}, "message_by_application (<expr>=? AND created_at<?)"},
		{chat.MessageSelection{Text: "h"}, "message_by_application (<expr>=? AND created_at<?)"},
		{chat.MessageSelection{Channel: h.direct.ID}, "message_by_time (channel_id=? AND created_at<?)"},
		{chat.MessageSelection{Channel: h.direct.ID, Text: "h"}, "message_by_time (channel_id=? AND created_at<?)"},
		{chat.MessageSelection{Author: h.bob.ID}, "message_by_author_time (author_id=? AND created_at<?)"},
		{chat.MessageSelection{Channel: h.direct.ID, Thread: &main}, "message_by_time (channel_id=? AND created_at<?)"},
		{chat.MessageSelection{Channel: h.direct.ID, Thread: &replies}, "message_by_parent (parent_id=? AND created_at<?)"},
		{chat.MessageSelection{Channel: h.private.ID, Thread: &h.thread}, "message_by_thread (thread_id=? AND created_at<?)"},
	} {
		plans = nil
		_, err := reader.MessageSlice(t.Context(), h.app.ID, list.f, chat.SliceRequest{At: int64(h.aside.ID)})
		if err != nil || !strings.Contains(plans[0], list.want) || strings.Contains(plans[0], "TEMP B-TREE") {
			t.Errorf("%+v is read by %s (%v)", list.f, plans[0], err)
		}
	}
	plans = nil
	_, err := reader.NotificationSlice(t.Context(), h.app.ID, h.bob, chat.SliceRequest{})
	if err != nil || !strings.Contains(plans[0], "notification_by_user (user_id=? AND sequence<?)") || strings.Contains(plans[0], "TEMP B-TREE") {
		t.Errorf("notifications are read by %s (%v)", plans[0], err)
	}
}

func TestManyPageThroughALongListAtOnce(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app, _, users := crowd(t, s)
		long := store.Remembering(s.Reader, 10)
		var group errgroup.Group
		for reader := range 8 {
			group.Go(func() error {
				seen := map[chat.UserID]bool{}
				for number := range 6 {
					if reader%2 == 1 {
						number = 5 - number
					}
					page, err := long.UserPage(t.Context(), app.ID, chat.UserSelection{}, chat.NumberedPage{Number: number, Size: 7})
					if err != nil {
						return err
					}
					for _, u := range page.Items {
						seen[u.ID] = true
					}
				}
				if len(seen) != len(users) {
					return fmt.Errorf("reader %d has seen %d of %d users", reader, len(seen), len(users))
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
	})
}
