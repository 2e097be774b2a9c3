package store_test

import (
	"fmt"
	"strings"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

// listed is a list of the Platform API, with the orders that it may be asked for.
// The order "" is that of a list for which none is.
type listed struct {
	orders []string
	read   func(store.Reader, chat.NumberedPage) (int, error)
}

// lists are all lists with numbered pages, with each filter that an index serves.
func (h home) lists(t *testing.T) map[string]listed {
	ctx, app := t.Context(), h.app.ID
	yes, no := true, false
	users := []string{"", "id", "name", "display_name", "created_time"}
	channels := []string{"", "id", "name", "display_name", "created_time", "type"}
	sessions := []string{"", "id", "created_time", "end_time"}
	ofUsers := func(f chat.UserSelection) func(store.Reader, chat.NumberedPage) (int, error) {
		return func(r store.Reader, p chat.NumberedPage) (int, error) { return size(r.UserPage(ctx, app, f, p)) }
	}
	ofChannels := func(f chat.ChannelSelection) func(store.Reader, chat.NumberedPage) (int, error) {
		return func(r store.Reader, p chat.NumberedPage) (int, error) { return size(r.ChannelPage(ctx, app, f, p)) }
	}
	ofSessions := func(s chat.SessionState) func(store.Reader, chat.NumberedPage) (int, error) {
		return func(r store.Reader, p chat.NumberedPage) (int, error) { return size(r.UserSessionPage(ctx, app, s, p)) }
	}
	ofChats := func(s chat.SessionState) func(store.Reader, chat.NumberedPage) (int, error) {
		return func(r store.Reader, p chat.NumberedPage) (int, error) { return size(r.ChatSessionPage(ctx, app, s, p)) }
	}
	ofJobs := func(running *bool) func(store.Reader, chat.NumberedPage) (int, error) {
		return func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.JobPage(ctx, app, chat.JobFilter{Running: running}, p))
		}
	}
	members := func(moderators bool) func(store.Reader, chat.NumberedPage) (int, error) {
		return func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.MemberPage(ctx, app, h.direct.ID, moderators, p))
		}
	}
	return map[string]listed{
		"users":               {users, ofUsers(chat.UserSelection{})},
		"users of a name":     {[]string{""}, ofUsers(chat.UserSelection{Name: "ann"})},
		"channels":            {channels, ofChannels(chat.ChannelSelection{})},
		"channels of a type":  {[]string{"", "id"}, ofChannels(chat.ChannelSelection{Type: chat.Direct})},
		"channels since":      {[]string{"", "created_time"}, ofChannels(chat.ChannelSelection{From: now.Add(-1), Until: now.Add(1)})},
		"channels of members": {[]string{"", "id"}, ofChannels(chat.ChannelSelection{Members: []chat.UserID{h.ann.ID, h.bob.ID}})},
		"channels of a user": {channels, func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.UserChannelPage(ctx, app, h.ann.ID, p))
		}},
		"members":    {users, members(false)},
		"moderators": {users, members(true)},
		"memberships": {users, func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.MembershipPage(ctx, app, h.direct.ID, p))
		}},
		"invites": {[]string{"", "id", "created_time"}, func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.InvitePage(ctx, app, h.public.ID, p))
		}},
		"reported messages": {[]string{"", "id", "created_time", "report_count"}, func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.ReportedMessages(ctx, app, h.direct.ID, p))
		}},
		"receipts": {[]string{"", "id", "created_time", "name"}, func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.ReceiptPage(ctx, app, h.message, p))
		}},
		"read summaries": {[]string{"", "channel", "user", "count"}, func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.ReadSummaries(ctx, app, p))
		}},
		"user sessions":        {sessions, ofSessions("")},
		"active user sessions": {[]string{"", "id"}, ofSessions(chat.ActiveSession)},
		"ended user sessions":  {[]string{"", "id"}, ofSessions(chat.EndedSession)},
		"chat sessions":        {sessions, ofChats("")},
		"active chat sessions": {[]string{"", "id"}, ofChats(chat.ActiveSession)},
		"ended chat sessions":  {[]string{"", "id"}, ofChats(chat.EndedSession)},
		"jobs":                 {[]string{"", "id", "created_time", "ended_time", "type", "state"}, ofJobs(nil)},
		"running jobs":         {[]string{"", "id"}, ofJobs(&yes)},
		"ended jobs":           {[]string{"", "id"}, ofJobs(&no)},
		"functions": {[]string{"", "id", "name", "created_time"}, func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.FunctionPage(ctx, app, p))
		}},
		"versions of a function": {[]string{"", "id", "created_time"}, func(r store.Reader, p chat.NumberedPage) (int, error) {
			return size(r.FunctionVersionPage(ctx, app, h.function.ID, p))
		}},
	}
}

// sortedLists are the orders that no index has, each with its reason. Those of long
// lists take turns.
var sortedLists = map[string]string{
	"channels of a user by name":             "a user's own channels",
	"channels of a user by display_name":     "a user's own channels",
	"channels of a user by created_time":     "a user's own channels",
	"channels of a user by type":             "a user's own channels",
	"members by name":                        "the members of one channel; memberships don't hold usernames",
	"memberships by name":                    "as members",
	"moderators by name":                     "as members",
	"receipts":                               "the members of one channel; an index would be written with whatever anybody reads",
	"receipts by id":                         "as receipts",
	"receipts by created_time":               "as receipts",
	"receipts by name":                       "as receipts",
	"read summaries by user":                 "all summaries are found by a walk",
	"read summaries by count":                "all summaries are found by a walk",
	"jobs by type":                           "the jobs of 90 days",
	"jobs by state":                          "the jobs of 90 days",
	"functions by name":                      "an application has few",
	"functions by created_time":              "an application has few",
	"versions of a function by created_time": "a function has few",
	"versions of a function by id":           "a function has few",
}

// isWalk reports whether a line of a plan is a walk of a table, or a sort: of more
// than what belongs to the few items of a page.
func isWalk(text, line string) bool {
	if strings.Contains(text, " IN ($") || line == "SCAN counted" {
		return false
	}
	return strings.HasPrefix(line, "SCAN") || strings.Contains(line, "TEMP B-TREE")
}

func TestListsFindTheirPagesInAnIndexOrAreListedWithTheReason(t *testing.T) {
	t.Parallel()

	s := open(t, store.Options{Directory: storetest.SQLite(t)})
	h := newBusyHome(t, s)
	sorts := map[string]bool{}
	for name, l := range h.lists(t) {
		for _, by := range l.orders {
			title, sort := name, []chat.Order(nil)
			if by != "" {
				title, sort = name+" by "+by, []chat.Order{{By: by}}
			}
			explained := store.Explaining(s, func(text string, plan []string) {
				for _, line := range plan {
					if !isWalk(text, line) {
						continue
					}
					sorts[title] = true
					if sortedLists[title] == "" || strings.HasPrefix(line, "SCAN") {
						t.Errorf("%s: %s\nin: %s", title, line, text)
					}
				}
			})
			// As a short list, and as a long one, of which the second page begins at a key.
			for _, r := range []store.Reader{explained, store.Remembering(explained, 0)} {
				for number := range 2 {
					for _, descending := range []bool{false, true}[:1+len(sort)] {
						if by != "" {
							sort[0].Descending = descending
						}
						if _, err := l.read(r, chat.NumberedPage{Number: number, Size: 1, Sort: sort}); err != nil {
							t.Errorf("%s: %v", title, err)
						}
					}
				}
			}
		}
	}
	for title := range sortedLists {
		if !sorts[title] {
			t.Errorf("%s are not sorted, or no list", title)
		}
	}
}

func TestWhatNoIndexServesTakesTurnsOnceThereIsMuchToLookAt(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx, h := t.Context(), newBusyHome(t, s)
		app := h.app.ID
		update(t, s, func(tx *store.Tx) error {
			return errorOf(tx.CreateUserSession(ctx, chat.UserSession{Application: app, User: h.bob, CreatedAt: now}))
		})
		by := func(names ...string) (p chat.NumberedPage) {
			for _, name := range names {
				p.Sort = append(p.Sort, chat.Order{By: name})
			}
			return p
		}
		users := func(f chat.UserSelection, p chat.NumberedPage) func(store.Reader) error {
			return func(r store.Reader) error { return errorOf(r.UserPage(ctx, app, f, p)) }
		}
		channels := func(f chat.ChannelSelection, p chat.NumberedPage) func(store.Reader) error {
			return func(r store.Reader) error { return errorOf(r.ChannelPage(ctx, app, f, p)) }
		}
		messages := func(f chat.MessageSelection) func(store.Reader) error {
			return func(r store.Reader) error {
				return errorOf(r.MessageSlice(ctx, app, f, chat.SliceRequest{Uncounted: true}))
			}
		}
		for name, l := range map[string]struct {
			takesTurn bool
			read      func(store.Reader) error
		}{
			"users with properties":         {true, users(chat.UserSelection{Properties: `{"no":1}`}, by())},
			"users with something unread":   {true, users(chat.UserSelection{Unread: true}, by())},
			"users in two orders":           {true, users(chat.UserSelection{}, by("display_name", "created_time"))},
			"a user by name":                {false, users(chat.UserSelection{Name: "ann"}, by())},
			"channels with properties":      {true, channels(chat.ChannelSelection{Properties: `{"no":1}`}, by())},
			"channels of a type by name":    {true, channels(chat.ChannelSelection{Type: chat.Direct}, by("name"))},
			"channels since, by name":       {true, channels(chat.ChannelSelection{From: now}, by("name"))},
			"channels of a member":          {false, channels(chat.ChannelSelection{Members: []chat.UserID{h.cid.ID}}, by())},
			"messages with a text":          {true, messages(chat.MessageSelection{Text: "nowhere"})},
			"messages of a user":            {false, messages(chat.MessageSelection{Author: h.ann.ID})},
			"messages of a channel":         {false, messages(chat.MessageSelection{Channel: h.direct.ID})},
			"messages of a user in a group": {true, messages(chat.MessageSelection{Channel: h.direct.ID, Author: h.cid.ID})},
			"what is unread": {true, func(r store.Reader) error {
				return errorOf(r.ReadSummaries(ctx, app, chat.NumberedPage{}))
			}},
			"members by name": {true, func(r store.Reader) error {
				return errorOf(r.MemberPage(ctx, app, h.direct.ID, false, by("name")))
			}},
			"ended sessions by time": {true, func(r store.Reader) error {
				return errorOf(r.UserSessionPage(ctx, app, chat.EndedSession, by("created_time")))
			}},
		} {
			crowded := store.Crowded(s, 1, app)
			if err := l.read(crowded); chat.IsKind(err, chat.Limited) != l.takesTurn || err != nil && !l.takesTurn {
				t.Errorf("%s: while others wait for their turns: %v", name, err)
			}
			if err := l.read(store.Crowded(s, 1000, app)); err != nil {
				t.Errorf("%s: where there is little to look at: %v", name, err)
			}
		}
	})
}

// Messages are walked from cursors.
func TestMessagesAreWalkedByAnIndex(t *testing.T) {
	t.Parallel()

	s := open(t, store.Options{Directory: storetest.SQLite(t)})
	h := newBusyHome(t, s)
	main, err := s.MainThread(t.Context(), h.app.ID, h.direct.ID)
	if err != nil {
		t.Fatal(err)
	}
	replies := chat.Thread{Type: chat.MessageThread, Message: h.message.ID}
	for name, f := range map[string]chat.MessageSelection{
		"all": {}, "of a channel": {Channel: h.direct.ID}, "of a user": {Author: h.ann.ID},
		"of a user in a channel": {Author: h.ann.ID, Channel: h.direct.ID},
		"of a text":              {Text: "x"}, "of a text in a channel": {Text: "x", Channel: h.direct.ID},
		"of the main thread": {Channel: h.direct.ID, Thread: &main}, "of replies": {Channel: h.direct.ID, Thread: &replies},
		"of a thread": {Channel: h.private.ID, Thread: &h.thread},
	} {
		reader := store.Explaining(s, func(text string, plan []string) {
			for _, line := range plan {
				if isWalk(text, line) {
					t.Errorf("messages %s: %s\nin: %s", name, line, text)
				}
			}
		})
		for _, p := range []chat.SliceRequest{{}, {At: int64(h.message.ID)}, {At: int64(h.message.ID), Backwards: true}} {
			if _, err := reader.MessageSlice(t.Context(), h.app.ID, f, p); err != nil {
				t.Error(fmt.Errorf("messages %s: %w", name, err))
			}
		}
	}
}

// What was deleted leaves its place, and is not walked over where there is much
// of it.
func TestListsOfMessagesStepOverNothingThatWasDeleted(t *testing.T) {
	t.Parallel()

	s := open(t, store.Options{Directory: storetest.SQLite(t)})
	h := newBusyHome(t, s)
	present := map[string]bool{}
	update(t, s, func(tx *store.Tx) error {
		names, err := store.Ask(tx, `SELECT group_concat(name) FROM sqlite_schema WHERE type = 'index' AND sql LIKE '%deleted_at = 0%'`)
		for _, name := range strings.Split(names, ",") {
			present[name] = true
		}
		return err
	})
	reads := 0
	reader := store.Explaining(s, func(text string, plan []string) {
		for _, line := range plan {
			_, index, found := strings.Cut(line, "SEARCH t USING INDEX ")
			if !found {
				_, index, found = strings.Cut(line, "SEARCH t USING COVERING INDEX ")
			}
			if name, _, _ := strings.Cut(index, " "); found && strings.Contains(text, "ORDER BY t.created_at") {
				reads++
				if !present[name] {
					t.Errorf("%s\nin: %s", line, text)
				}
			}
		}
	})
	all := h.reads(t.Context(), reader)
	for _, name := range []string{"Messages", "MessagesAfter", "Stretch", "UserMessages", "NextMessage", "MessageBefore", "LastVisible", "MessagesToErase"} {
		if _, err := all[name](h.app.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if reads < 8 {
		t.Errorf("only %d reads were explained", reads)
	}
}
