package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
)

// newThread makes a thread that stands alone.
func newThread(t testing.TB, s *store.Store, channel chat.Channel) (thread chat.Thread) {
	t.Helper()
	update(t, s, func(tx *store.Tx) (err error) {
		thread, err = tx.CreateThread(t.Context(), chat.Thread{
			Application: channel.Application, Channel: channel.ID, Name: "aside", Properties: `{"a":1}`, CreatedAt: now,
		})
		return err
	})
	return thread
}

// sendAside stores a message in a thread that stands alone, and counts it.
func sendAside(t testing.TB, s *store.Store, thread chat.Thread, author chat.User) (m chat.Message) {
	t.Helper()
	update(t, s, func(tx *store.Tx) (err error) {
		m, err = tx.CreateMessage(t.Context(), chat.Message{
			Application: thread.Application, Channel: thread.Channel, InThread: thread.ID, Type: chat.Text, Author: &author,
			Body: "aside", CreatedAt: tx.Now(),
		})
		if err != nil {
			return err
		}
		return tx.CountInThread(t.Context(), m, 1)
	})
	return m
}

func idsOf(messages []chat.Message) (ids []chat.MessageID) {
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestAThreadHoldsItsMessagesAndTheMainThreadTheOthers(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		ann := chat.Membership{Channel: h.direct.ID, User: h.ann.ID}
		thread := newThread(t, s, h.direct)
		if got, err := s.Thread(t.Context(), h.app.ID, thread.ID); err != nil || !cmp.Equal(thread, got) {
			t.Errorf("the thread, read again: %v\n%s", err, cmp.Diff(thread, got))
		}
		first, second := sendAside(t, s, thread, h.ann), sendAside(t, s, thread, h.bob)
		list := func(member chat.Membership) []chat.MessageID {
			t.Helper()
			page, err := s.ThreadMessages(t.Context(), h.app.ID, thread.ID, member, chat.PageRequest{})
			if err != nil || page.Total != int64(len(page.Items)) {
				t.Fatalf("listed %d of %d, %v", len(page.Items), page.Total, err)
			}
			return idsOf(page.Items)
		}
		if diff := cmp.Diff([]chat.MessageID{second.ID, first.ID}, list(ann)); diff != "" {
			t.Errorf("the thread:\n%s", diff)
		}
		main, err := s.Messages(t.Context(), h.app.ID, ann, chat.MessageFilter{MainThread: true}, chat.PageRequest{})
		if diff := cmp.Diff([]chat.MessageID{h.message.ID}, idsOf(main.Items)); err != nil || diff != "" || main.Total != 1 {
			t.Errorf("the main thread, of %d: %v\n%s", main.Total, err, diff)
		}
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.HideMessage(t.Context(), second, h.ann.ID)
			return err
		})
		if diff := cmp.Diff([]chat.MessageID{first.ID}, list(ann)); diff != "" {
			t.Errorf("with one hidden:\n%s", diff)
		}
		if main, err = s.Messages(t.Context(), h.app.ID, ann, chat.MessageFilter{MainThread: true}, chat.PageRequest{}); err != nil || main.Total != 1 {
			t.Errorf("the main thread counts %d, %v", main.Total, err)
		}
		cleared := chat.Membership{Channel: h.direct.ID, User: h.bob.ID, ClearedAt: first.CreatedAt}
		if diff := cmp.Diff([]chat.MessageID{second.ID}, list(cleared)); diff != "" {
			t.Errorf("for one who cleared the first:\n%s", diff)
		}
	})
}

func TestThreadsAreListedAsTheyBegan(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		reply := mustReply(t, s, h.message, h.bob, "hi")
		update(t, s, func(tx *store.Tx) error { return tx.BeginThread(t.Context(), reply) })
		update(t, s, func(tx *store.Tx) error { return tx.BeginThread(t.Context(), reply) })
		aside := newThread(t, s, h.direct)
		types := func(f chat.ThreadFilter) (types []chat.ThreadType) {
			t.Helper()
			page, err := s.Threads(t.Context(), h.app.ID, h.direct.ID, f, chat.PageRequest{})
			if err != nil || page.Total != int64(len(page.Items)) {
				t.Fatalf("%+v: listed %d of %d, %v", f, len(page.Items), page.Total, err)
			}
			for _, thread := range page.Items {
				types = append(types, thread.Type)
			}
			return types
		}
		for _, test := range []struct {
			filter chat.ThreadFilter
			want   []chat.ThreadType
		}{
			// The thread of the test is as old as its channel; the reply is new.
			{chat.ThreadFilter{}, []chat.ThreadType{chat.MainThread, chat.StandaloneThread, chat.MessageThread}},
			{chat.ThreadFilter{WithoutMain: true}, []chat.ThreadType{chat.StandaloneThread, chat.MessageThread}},
			{chat.ThreadFilter{Standalone: true}, []chat.ThreadType{chat.StandaloneThread}},
		} {
			if diff := cmp.Diff(test.want, types(test.filter)); diff != "" {
				t.Errorf("%+v:\n%s", test.filter, diff)
			}
		}
		first, err := s.Threads(t.Context(), h.app.ID, h.direct.ID, chat.ThreadFilter{}, chat.PageRequest{Size: 1})
		if err != nil || first.Items[0].Type != chat.MainThread {
			t.Fatalf("the first page has %+v, %v", first.Items, err)
		}
		second, err := s.Threads(t.Context(), h.app.ID, h.direct.ID, chat.ThreadFilter{}, chat.PageRequest{Size: 1, After: first.Next})
		if err != nil || second.Items[0].ID != aside.ID {
			t.Errorf("the second page has %+v, %v", second.Items, err)
		}
	})
}

func TestAThreadIsUnreadWhileAnotherHasTheLastWord(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		thread := newThread(t, s, h.direct)
		ann := chat.Membership{Channel: h.direct.ID, User: h.ann.ID}
		check := func(when string, want bool) {
			t.Helper()
			if got, err := s.ThreadUnread(t.Context(), h.app.ID, thread, ann); err != nil || got != want {
				t.Errorf("%s: unread is %v, %v", when, got, err)
			}
		}
		read := func() { update(t, s, func(tx *store.Tx) error { return tx.ReadThread(t.Context(), thread, ann) }) }
		read()
		check("empty", false)
		sendAside(t, s, thread, h.bob)
		check("bob wrote", true)
		read()
		check("ann read it", false)
		sendAside(t, s, thread, h.bob)
		check("bob wrote again", true)
		sendAside(t, s, thread, h.ann)
		check("ann answered", false)
	})
}

func TestReportsAreCountedOncePerUser(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		report := func(user chat.User, reason string, at time.Time) chat.Report {
			r := chat.Report{Message: h.message.ID, User: user, Reason: reason, Properties: `{"k":1}`, CreatedAt: at}
			update(t, s, func(tx *store.Tx) (err error) {
				r, err = tx.PutReport(t.Context(), h.app.ID, r)
				return err
			})
			return r
		}
		report(h.bob, "rude", now)
		want := []chat.Report{report(h.bob, "very rude", now.Add(time.Hour)), report(h.cid, "spam", now.Add(time.Second))}
		page, err := s.Reports(t.Context(), h.app.ID, h.message.ID, chat.PageRequest{})
		if diff := cmp.Diff(want, page.Items); err != nil || diff != "" || page.Total != 2 || !want[0].CreatedAt.Equal(now) {
			t.Errorf("of %d: %v\n%s", page.Total, err, diff)
		}
		remove := func() error {
			return s.Update(t.Context(), 0, func(tx *store.Tx) error {
				return tx.RemoveReport(t.Context(), h.app.ID, h.message.ID, h.bob.ID)
			})
		}
		if err := remove(); err != nil {
			t.Error(err)
		}
		if err := remove(); chat.AsError(err).Name != "ReportNotFoundError" {
			t.Errorf("removed twice: %v", err)
		}
		if m, err := s.Message(t.Context(), h.app.ID, h.message.ID); err != nil || m.Reports != 1 {
			t.Errorf("the message counts %d reports, %v", m.Reports, err)
		}
	})
}

func TestTheMessagesOfAllChannelsAreOneList(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		ann, bob := newUser(t, s, app.ID, "ann"), newUser(t, s, app.ID, "bob")
		var channels []chat.Channel
		for i := range 7 {
			channels = append(channels, newChannel(t, s, chat.Private, fmt.Sprint("room", i), ann, bob))
		}
		foreign := newChannel(t, s, chat.Private, "foreign", bob)
		var want []chat.MessageID
		write := func(channel chat.Channel, second int) (m chat.Message) {
			update(t, s, func(tx *store.Tx) (err error) {
				m, err = tx.CreateMessage(t.Context(), chat.Message{
					Application: app.ID, Channel: channel.ID, Type: chat.Text, Author: &bob, Body: "x",
					CreatedAt: now.Add(time.Duration(second) * time.Second),
				})
				return err
			})
			return m
		}
		for i := range 60 {
			// Some channels have much to say in a row, and one says nothing.
			want = append(want, write(channels[i*i/7%6], i).ID)
			write(foreign, i)
		}
		hidden := write(channels[0], 60)
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.HideMessage(t.Context(), hidden, ann.ID)
			return err
		})
		slices.Reverse(want)
		for _, size := range []int{1, 3, 7, 25, 100} {
			var got, back []chat.MessageID
			request := chat.PageRequest{Size: size}
			for {
				page, err := s.UserMessages(t.Context(), app.ID, ann.ID, request)
				if err != nil || page.Total != 60 {
					t.Fatalf("pages of %d: of %d, %v", size, page.Total, err)
				}
				got = append(got, idsOf(page.Items)...)
				if page.Next == "" {
					request = chat.PageRequest{Size: size, Before: page.Prev}
					break
				}
				request.After = page.Next
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("pages of %d:\n%s", size, diff)
			}
			for request.Before != "" {
				page, err := s.UserMessages(t.Context(), app.ID, ann.ID, request)
				if err != nil {
					t.Fatal(err)
				}
				back = append(idsOf(page.Items), back...)
				request.Before = page.Prev
			}
			if diff := cmp.Diff(want[:len(back)], back); len(back) > 0 && diff != "" {
				t.Errorf("pages of %d, turned back:\n%s", size, diff)
			}
		}
	})
}

func TestAStretchLiesBetweenTwoMessages(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		var sent []chat.Message
		for range 6 {
			sent = append(sent, mustSend(t, s, h.public, h.bob, "x"))
		}
		member := chat.Membership{Channel: h.public.ID, User: h.bob.ID}
		for _, test := range []struct {
			newest, oldest int // indexes, or -1
			limit          int
			want           []int
		}{
			{-1, -1, 3, []int{5, 4, 3}},
			{4, -1, 3, []int{4, 3, 2}},
			{-1, 1, 3, []int{3, 2, 1}},
			{4, 2, 9, []int{4, 3, 2}},
			{4, 0, 2, []int{4, 3}},
		} {
			end := func(i int) *chat.Message {
				if i < 0 {
					return nil
				}
				return &sent[i]
			}
			var want []chat.MessageID
			for _, i := range test.want {
				want = append(want, sent[i].ID)
			}
			got, err := s.Stretch(t.Context(), h.app.ID, member, end(test.newest), end(test.oldest), test.limit)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%+v: %v\n%s", test, err, diff)
			}
		}
	})
}

func TestABlockListIsFilteredAndKeepsUsersFromJoinableChannels(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		block := func(user chat.User) (added bool) {
			update(t, s, func(tx *store.Tx) (err error) {
				added, err = tx.AddChannelBlock(t.Context(), h.app.ID, h.public.ID, user.ID)
				return err
			})
			return added
		}
		if !block(h.cid) || block(h.cid) || !block(h.eve) {
			t.Error("a block is not new once")
		}
		for filter, want := range map[string]int{"": 2, "CI": 1, "nobody": 0, "x\ny": 0} {
			page, err := s.ChannelBlocks(t.Context(), h.app.ID, h.public.ID, filter, chat.PageRequest{})
			if err != nil || len(page.Items) != want || page.Total != int64(want) {
				t.Errorf("%q: %d of %d, %v", filter, len(page.Items), page.Total, err)
			}
		}
		for _, user := range []chat.User{h.cid, h.ann} {
			view, err := s.ChannelView(t.Context(), h.app.ID, h.public.ID, user.ID)
			joinable, err2 := s.JoinableChannels(t.Context(), h.app.ID, user.ID, "", chat.PageRequest{})
			barred := user.ID == h.cid.ID
			if err != nil || err2 != nil || view.Barred != barred || (joinable.Total == 0) != barred || (len(joinable.Items) == 0) != barred {
				t.Errorf("%s: barred %v, %d joinable, %v, %v", user.Name, view.Barred, joinable.Total, err, err2)
			}
		}
	})
}
