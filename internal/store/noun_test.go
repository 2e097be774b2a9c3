package store_test

import (
	"fmt"
	"strings"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
)

func TestAUserIsCreatedOnceForAName(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		create := func(displayName string) (user chat.User, created bool) {
			update(t, s, func(tx *store.Tx) (err error) {
				user, created, err = tx.CreateUser(t.Context(), chat.User{
					Application: app.ID, Name: "émile", DisplayName: displayName, Picture: "https://example.com/e.png", Guest: true,
					Properties: `{"a":1}`, CreatedAt: now,
				})
				return err
			})
			return user, created
		}
		first, created := create("Émile")
		if !created {
			t.Error("the first user of a name was not created")
		}
		second, created := create("Somebody else")
		if created {
			t.Error("a second user of the name was created")
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("the holder of the name differs:\n%s", diff)
		}
		if got, err := s.User(t.Context(), app.ID, first.ID); err != nil || !cmp.Equal(first, got) {
			t.Errorf("the user, read again: %v\n%s", err, cmp.Diff(first, got))
		}
	})
}

func TestManyUsersAreReadAtOnceInWhateverNumber(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		app := newApplication(t, s, "app")
		users := people(t, s, app.ID, 300)
		for _, n := range []int{0, 1, 2, 3, 100, 128, 129, 300} {
			ids := []chat.UserID{1 << 40}
			names := []string{"nobody"}
			for _, u := range users[:n] {
				ids, names = append(ids, u.ID, u.ID), append(names, u.Name)
			}
			byID, err := s.Users(t.Context(), app.ID, ids)
			if err != nil || len(byID) != n {
				t.Errorf("%d users by id: got %d, %v", n, len(byID), err)
			}
			byName, err := s.UsersByName(t.Context(), app.ID, names)
			if err != nil || len(byName) != n {
				t.Errorf("%d users by name: got %d, %v", n, len(byName), err)
			}
		}
	})
}

func TestAChannelIsSeenWithItsPeopleAndLastMessage(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		h.direct.Sequence, h.direct.MessageCount, h.direct.PostedCount = 1, 1, 1
		h.direct.LastMessage, h.direct.ActiveAt = h.message.ID, h.message.CreatedAt
		want := chat.ChannelView{
			Channel:     h.direct,
			Viewer:      &chat.Membership{Channel: h.direct.ID, User: h.bob.ID, JoinedAt: now},
			CreatedBy:   &h.ann,
			Members:     []chat.User{h.ann, h.bob},
			LastMessage: &h.message,
		}
		got, err := s.ChannelView(t.Context(), h.app.ID, h.direct.ID, h.bob.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("as a member: %v\n%s", err, diff)
		}
		want.Viewer = nil
		got, err = s.ChannelView(t.Context(), h.app.ID, h.direct.ID, h.cid.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("as a stranger: %v\n%s", err, diff)
		}
		joined, err := s.JoinedChannels(t.Context(), h.app.ID, h.bob.ID, "", chat.PageRequest{})
		if err != nil || len(joined.Items) != 3 {
			t.Fatalf("joined channels: %d, %v", len(joined.Items), err)
		}
		want.Viewer = &chat.Membership{Channel: h.direct.ID, User: h.bob.ID, JoinedAt: now}
		if diff := cmp.Diff(want, joined.Items[0]); diff != "" {
			t.Errorf("in a page:\n%s", diff)
		}
	})
}

func TestAChannelNameAndASetOfUsersAreTakenOnce(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newHome(t, s)
		create := func(c chat.Channel) error {
			return s.Update(t.Context(), 0, func(tx *store.Tx) error {
				_, err := tx.CreateChannel(t.Context(), c)
				return err
			})
		}
		same := chat.Channel{Application: h.app.ID, Type: chat.Public, Name: "public", ActiveAt: now, CreatedAt: now}
		if refusal := chat.AsError(create(same)); refusal.Kind != chat.Conflict || refusal.Name != "ChannelNameTakenError" {
			t.Errorf("the second channel of a name: %v", refusal)
		}
		same.Type, same.Name, same.DirectKey = chat.Direct, "another", h.direct.DirectKey
		if refusal := chat.AsError(create(same)); refusal.Kind != chat.Conflict || refusal.Name != chat.DirectChannelExists {
			t.Errorf("the second channel of a set of users: %v", refusal)
		}
		if got, err := s.ChannelByDirectKey(t.Context(), h.app.ID, h.direct.DirectKey); err != nil || got.ID != h.direct.ID {
			t.Errorf("the direct channel by its key: %v, %v", got, err)
		}
		if _, err := s.ChannelByDirectKey(t.Context(), h.app.ID, ""); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("the empty key finds a channel: %v", err)
		}
	})
}

func TestMembersAreCountedOnce(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		app := newApplication(t, s, "app")
		users := people(t, s, app.ID, 200)
		channel := newChannel(t, s, chat.Public, "room", users[0])
		var members []chat.Membership
		for i, u := range users {
			members = append(members, chat.Membership{User: u.ID, Moderator: i == 7, JoinedAt: now}, chat.Membership{User: u.ID, Moderator: i == 7, JoinedAt: now})
		}
		update(t, s, func(tx *store.Tx) error { return tx.AddMembers(ctx, app.ID, channel.ID, members) })
		if got, err := s.Channel(ctx, app.ID, channel.ID); err != nil || got.MemberCount != 200 {
			t.Errorf("the channel counts %d members (%v)", got.MemberCount, err)
		}
		if ids, err := s.MemberIDs(ctx, app.ID, channel.ID, 1000); err != nil || len(ids) != 200 {
			t.Errorf("the channel has %d members (%v)", len(ids), err)
		}
		m, err := s.Membership(ctx, app.ID, channel.ID, users[7].ID)
		want := &chat.Membership{Channel: channel.ID, User: users[7].ID, Moderator: true, JoinedAt: now}
		if diff := cmp.Diff(want, m); err != nil || diff != "" {
			t.Errorf("a moderator's membership: %v\n%s", err, diff)
		}
		if m, err = s.Membership(ctx, app.ID, channel.ID, users[0].ID); err != nil || !m.Moderator {
			t.Errorf("joining again changed the creator's membership: %v, %v", m, err)
		}
		err = s.Update(ctx, 0, func(tx *store.Tx) error {
			return tx.AddMembers(ctx, app.ID, channel.ID, []chat.Membership{{User: 1 << 40, JoinedAt: now}})
		})
		if !chat.IsKind(err, chat.NotFound) {
			t.Errorf("a member who does not exist: %v", err)
		}
	})
}

func TestSenderTellsWhatSendingNeeds(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		channel, member, user, err := s.Sender(ctx, h.app.ID, h.public.ID, h.bob.ID)
		if err != nil {
			t.Fatal(err)
		}
		needed := chat.Channel{ID: h.public.ID, Application: h.app.ID, Type: h.public.Type, Creator: h.public.Creator, MemberCount: h.public.MemberCount}
		if diff := cmp.Diff(needed, channel); diff != "" {
			t.Errorf("channel:\n%s", diff)
		}
		if diff := cmp.Diff(&chat.Membership{Channel: h.public.ID, User: h.bob.ID, Moderator: true}, member); diff != "" {
			t.Errorf("membership:\n%s", diff)
		}
		if diff := cmp.Diff(h.bob, user); diff != "" {
			t.Errorf("user:\n%s", diff)
		}
		if _, member, _, err := s.Sender(ctx, h.app.ID, h.public.ID, h.cid.ID); err != nil || member != nil {
			t.Errorf("of a stranger: %v, %v", member, err)
		}
		if _, _, _, err := s.Sender(ctx, h.app.ID, 1<<40, h.bob.ID); chat.AsError(err).Name != "ChannelNotFoundError" {
			t.Errorf("to no channel: %v", err)
		}
		if _, _, _, err := s.Sender(ctx, h.app.ID, h.public.ID, 1<<40); chat.AsError(err).Name != "UserNotFoundError" {
			t.Errorf("of nobody: %v", err)
		}
	})
}

func TestMessagesComeBackAsTheyWereStored(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		for _, m := range []chat.Message{
			{Type: chat.Text, Author: &h.bob, Body: "é😀 '\"\\ $1 ?1 :x --", GroupTag: "g", Properties: `{"k":[1,"\u0000"]}`},
			{Type: chat.Text, Author: &h.bob, Body: strings.Repeat("ab\n", 30000)},
			{Type: chat.SystemText, Body: "ann joined"},
		} {
			m.Application, m.Channel, m.CreatedAt = h.app.ID, h.public.ID, now
			var stored chat.Message
			update(t, s, func(tx *store.Tx) (err error) {
				stored, err = tx.CreateMessage(ctx, m)
				return err
			})
			m.ID, m.Sequence, m.Number = stored.ID, stored.Sequence, stored.Sequence
			if diff := cmp.Diff(m, stored); diff != "" {
				t.Errorf("as created:\n%s", diff)
			}
			got, err := s.Message(ctx, h.app.ID, m.ID)
			if diff := cmp.Diff(m, got); err != nil || diff != "" {
				t.Errorf("as read: %v\n%s", err, diff)
			}
		}
	})
}

func TestTextThatAnEngineCouldNotKeepIsRefused(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		for _, bad := range []string{"a\x00b", "a\xffb"} {
			if _, err := send(ctx, s, h.public, h.bob, bad, nil); !chat.IsKind(err, chat.Invalid) {
				t.Errorf("a body of %q: %v", bad, err)
			}
			if _, err := s.UserByName(ctx, h.app.ID, bad); !chat.IsKind(err, chat.Invalid) {
				t.Errorf("a user named %q: %v", bad, err)
			}
			if _, err := s.UsersByName(ctx, h.app.ID, []string{"ann", bad}); !chat.IsKind(err, chat.Invalid) {
				t.Errorf("users named %q: %v", bad, err)
			}
			if page, err := s.JoinedChannels(ctx, h.app.ID, h.bob.ID, bad, chat.PageRequest{}); err != nil && !chat.IsKind(err, chat.Invalid) || len(page.Items) > 0 {
				t.Errorf("a filter of %q: %v, %v", bad, page.Items, err)
			}
		}
		checkStream(t, s, h.public)
	})
}

func TestStreamsAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		record := func(stream chat.Stream, kind chat.ChangeKind, subject int64) {
			update(t, s, func(tx *store.Tx) error {
				_, err := tx.Record(ctx, h.app.ID, stream, kind, subject, now)
				return err
			})
		}
		channel, user := chat.Stream{Channel: h.public.ID}, chat.Stream{User: h.bob.ID}
		record(channel, chat.ChannelCreated, int64(h.public.ID))
		record(user, chat.ChannelJoined, int64(h.public.ID))
		m := mustSend(t, s, h.public, h.bob, "hello")
		record(channel, chat.MemberJoined, int64(h.ann.ID))
		record(user, chat.ChannelJoined, int64(h.private.ID))

		got, err := s.Changes(ctx, h.app.ID, channel, 0, 10)
		want := []chat.Change{
			{Stream: channel, Sequence: 1, Kind: chat.ChannelCreated, Subject: int64(h.public.ID), At: now},
			{Stream: channel, Sequence: 2, Kind: chat.MessageCreated, Subject: int64(m.ID), At: m.CreatedAt},
			{Stream: channel, Sequence: 3, Kind: chat.MemberJoined, Subject: int64(h.ann.ID), At: now},
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("the channel's changes: %v\n%s", err, diff)
		}
		got, err = s.Changes(ctx, h.app.ID, channel, 1, 1)
		if diff := cmp.Diff(want[1:2], got); err != nil || diff != "" {
			t.Errorf("one change after the first: %v\n%s", err, diff)
		}
		got, err = s.Changes(ctx, h.app.ID, user, 0, 10)
		if err != nil || len(got) != 2 || got[1].Sequence != 2 || got[1].Stream != user {
			t.Errorf("the user's changes: %v, %v", got, err)
		}
	})
}

func TestContactsShareASmallChannel(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		app := newApplication(t, s, "app")
		users := people(t, s, app.ID, 8)
		newChannel(t, s, chat.Private, "one", users[0], users[1], users[2])
		newChannel(t, s, chat.Private, "two", users[2], users[0], users[3])
		newChannel(t, s, chat.Private, "large", users[0], users[1], users[4], users[5])
		newChannel(t, s, chat.Private, "elsewhere", users[5], users[6])
		for _, c := range []struct {
			sizeMax, limit int
			want           []chat.UserID
		}{
			{3, 10, []chat.UserID{users[1].ID, users[2].ID, users[3].ID}},
			{3, 2, []chat.UserID{users[1].ID, users[2].ID}},
			{4, 10, []chat.UserID{users[1].ID, users[2].ID, users[3].ID, users[4].ID, users[5].ID}},
			{2, 10, nil},
		} {
			got, err := s.Contacts(ctx, app.ID, users[0].ID, c.sizeMax, c.limit)
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("channels of up to %d: %v\n%s", c.sizeMax, err, diff)
			}
		}
	})
}

func TestChannelsAreCountedByWhetherTheUserIsIn(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		for kind, want := range map[chat.ChannelType]int64{"": 3, chat.Direct: 1, chat.Public: 1, chat.Private: 1} {
			if n, err := s.CountJoinedChannels(ctx, h.app.ID, h.bob.ID, kind); err != nil || n != want {
				t.Errorf("bob is in %d channels of type %q, not %d (%v)", n, kind, want, err)
			}
		}
		for user, want := range map[chat.UserID]int64{h.ann.ID: 1, h.bob.ID: 0, h.cid.ID: 1} {
			if page, err := s.JoinableChannels(ctx, h.app.ID, user, "", chat.PageRequest{}); err != nil || page.Total != want {
				t.Errorf("user %d can join %d channels, not %d (%v)", user, page.Total, want, err)
			}
		}
		if ids, err := s.PresenceChannels(ctx, h.app.ID, h.bob.ID, 2); err != nil || len(ids) != 2 {
			t.Errorf("two of bob's channels: %v, %v", ids, err)
		}
	})
}

func TestFiltersFindNamesInAnyCaseAndTakeNoPatterns(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		app := newApplication(t, s, "app")
		var users []chat.User
		for _, name := range []string{"100% émile", "under_score", `back\slash`, "plain"} {
			users = append(users, newUser(t, s, app.ID, name))
		}
		channel := newChannel(t, s, chat.Public, "All Ümläute", users...)
		outsider := newUser(t, s, app.ID, "outsider")
		for filter, want := range map[string]int{"ÉMILE": 1, "%": 1, "_": 1, `\`: 1, "l": 3, "": 4, "zzz": 0} {
			members, err := s.Members(ctx, app.ID, channel.ID, filter, chat.PageRequest{})
			if err != nil || len(members.Items) != want || members.Total != int64(want) {
				t.Errorf("members like %q: %d of %d (%v)", filter, len(members.Items), members.Total, err)
			}
			for _, f := range []chat.UserFilter{{Name: filter}, {DisplayName: filter}} {
				all, err := s.UserList(ctx, app.ID, outsider.ID, f, chat.PageRequest{})
				if err != nil || len(all.Items) != want || all.Total != int64(want) {
					t.Errorf("users like %+v: %d of %d (%v)", f, len(all.Items), all.Total, err)
				}
			}
		}
		for filter, want := range map[string]int{"üML": 1, "all ": 1, "%": 0} {
			joined, err := s.JoinedChannels(ctx, app.ID, users[0].ID, filter, chat.PageRequest{})
			if err != nil || len(joined.Items) != want || joined.Total != int64(want) {
				t.Errorf("joined channels like %q: %d of %d (%v)", filter, len(joined.Items), joined.Total, err)
			}
			joinable, err := s.JoinableChannels(ctx, app.ID, outsider.ID, filter, chat.PageRequest{})
			if err != nil || len(joinable.Items) != want || joinable.Total != int64(want) {
				t.Errorf("joinable channels like %q: %d of %d (%v)", filter, len(joinable.Items), joinable.Total, err)
			}
		}
	})
}

func TestATransactionSeesItsOwnWritesAndOthersDoNot(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		app := newApplication(t, s, "app")
		update(t, s, func(tx *store.Tx) error {
			if _, _, err := tx.CreateUser(ctx, chat.User{Application: app.ID, Name: "ann", CreatedAt: now}); err != nil {
				return err
			}
			if _, err := tx.UserByName(ctx, app.ID, "ann"); err != nil {
				return fmt.Errorf("inside: %w", err)
			}
			if _, err := s.UserByName(ctx, app.ID, "ann"); !chat.IsKind(err, chat.NotFound) {
				return fmt.Errorf("outside: %v", err)
			}
			return nil
		})
		if _, err := s.UserByName(ctx, app.ID, "ann"); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
