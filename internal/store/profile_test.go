package store_test

import (
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
)

func TestARenamedUserIsListedAndFoundUnderTheNewNameEverywhere(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		name, properties, picture, status := "Zoë", chat.Properties(`{"a":1}`), "https://example.com/z.png", chat.DoNotDisturb
		change := chat.UserChange{DisplayName: &name, Properties: &properties, Picture: &picture, Status: &status}
		var changed chat.User
		update(t, s, func(tx *store.Tx) (err error) {
			changed, err = tx.ChangeUser(ctx, h.app.ID, h.ann.ID, change)
			return err
		})
		want := change.Apply(h.ann)
		read, err := s.User(ctx, h.app.ID, h.ann.ID)
		if err != nil || !cmp.Equal(want, changed) || !cmp.Equal(want, read) {
			t.Errorf("read again (%v):\n%s%s", err, cmp.Diff(want, changed), cmp.Diff(want, read))
		}
		// Behind bob: the members are in the order of the copied name.
		members, err := s.Members(ctx, h.app.ID, h.private.ID, "", chat.PageRequest{})
		if err != nil || len(members.Items) != 2 || members.Items[1].DisplayName != name {
			t.Errorf("the members are %v (%v)", members.Items, err)
		}
		for filter, found := range map[chat.UserFilter]int{
			{DisplayName: "ZOË"}: 1, {DisplayName: "Ann"}: 0, {Name: "ann"}: 1, {Name: "zoë"}: 0, {Name: "an", DisplayName: "zo"}: 1,
			{Name: "ann\nzo"}: 0,
		} {
			users, err := s.UserList(ctx, h.app.ID, h.bob.ID, filter, chat.PageRequest{})
			if err != nil || len(users.Items) != found || users.Total != int64(found) {
				t.Errorf("%+v finds %d of %d users (%v), want %d", filter, len(users.Items), users.Total, err, found)
			}
		}
	})
}

func TestUsersAreListedByWhetherTheyAreOnline(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		app, other := newApplication(t, s, "app"), newApplication(t, s, "other")
		me := newUser(t, s, app.ID, "me")
		users := people(t, s, app.ID, 10)
		var ids []chat.UserID
		for _, u := range users[:4] {
			ids = append(ids, u.ID)
		}
		set := func(ids []chat.UserID, online bool) {
			update(t, s, func(tx *store.Tx) error { return tx.SetOnline(ctx, app.ID, ids, online) })
		}
		count := func(online bool) int64 {
			t.Helper()
			p, err := s.UserList(ctx, app.ID, me.ID, chat.UserFilter{Online: &online}, chat.PageRequest{Size: 2})
			if err != nil || len(p.Items) != int(min(p.Total, 2)) {
				t.Errorf("online %v: %d users on a page, of %d (%v)", online, len(p.Items), p.Total, err)
			}
			return p.Total
		}
		set(append(ids, me.ID), true)
		set(ids[:1], true)
		set(ids[:1], false)
		update(t, s, func(tx *store.Tx) error { return tx.SetOnline(ctx, other.ID, ids, false) })
		if here, away := count(true), count(false); here != 3 || away != 7 {
			t.Errorf("%d are online and %d are not, want 3 and 7", here, away)
		}
		update(t, s, func(tx *store.Tx) error { return tx.ClearOnline(ctx) })
		if here, away := count(true), count(false); here != 0 || away != 10 {
			t.Errorf("afterwards %d are online and %d are not", here, away)
		}
	})
}

func TestOfADeletedUserOnlyWhatWasSaidRemains(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.DeleteUser(ctx, h.app.ID, h.ann.ID, "deleted-1")
			return err
		})
		if _, err := s.User(ctx, h.app.ID, h.ann.ID); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("the user by id: %v", err)
		}
		for _, name := range []string{"ann", "deleted-1"} {
			if _, err := s.UserByName(ctx, h.app.ID, name); !chat.IsKind(err, chat.NotFound) {
				t.Errorf("the user by the name %s: %v", name, err)
			}
		}
		said, err := s.Message(ctx, h.app.ID, h.message.ID)
		if err != nil || said.Body != "hello" || said.Author == nil || said.Author.DisplayName != chat.DeletedDisplayName {
			t.Errorf("the message: %+v, %v", said, err)
		}
		private, err := s.Channel(ctx, h.app.ID, h.private.ID)
		if err != nil || private.MemberCount != 1 || private.Sequence != h.private.Sequence+1 {
			t.Errorf("the private channel counts %d members, at change %d (%v)", private.MemberCount, private.Sequence, err)
		}
		changes, err := s.Changes(ctx, h.app.ID, chat.Stream{Channel: h.private.ID}, 0, 9)
		if err != nil || len(changes) != 1 || changes[0].Kind != chat.MemberDeleted || changes[0].Subject != int64(h.ann.ID) {
			t.Errorf("the private channel's changes: %+v (%v)", changes, err)
		}
		quarrel, err := s.Channel(ctx, h.app.ID, h.quarrel.ID)
		if err != nil || quarrel.Blocks != 0 {
			t.Errorf("the channel with the blocked user counts %d blocks (%v)", quarrel.Blocks, err)
		}
		again := newUser(t, s, h.app.ID, "ann")
		if again.ID == h.ann.ID {
			t.Error("the name leads to the deleted user")
		}
	})
}
