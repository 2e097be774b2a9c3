package store_test

import (
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
)

func TestAPlaceInAChannelComesBackAsItWasSet(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		want := chat.Membership{
			Channel: h.direct.ID, User: h.bob.ID, Moderator: true, Muted: true, Hidden: true, JoinedAt: now,
			ClearedAt: h.message.CreatedAt, ClearedCount: 1,
		}
		update(t, s, func(tx *store.Tx) error {
			if _, err := tx.SetPlace(ctx, h.app.ID, want); err != nil {
				return err
			}
			_, err := tx.Hide(ctx, h.app.ID, h.direct.ID, h.bob.ID)
			return err
		})
		alone, err := s.Membership(ctx, h.app.ID, h.direct.ID, h.bob.ID)
		if diff := cmp.Diff(&want, alone); err != nil || diff != "" {
			t.Errorf("alone: %v\n%s", err, diff)
		}
		channel, sender, _, err := s.Sender(ctx, h.app.ID, h.direct.ID, h.bob.ID)
		needed := want
		needed.Muted, needed.Hidden, needed.JoinedAt = false, false, time.Time{}
		if diff := cmp.Diff(&needed, sender); err != nil || diff != "" || channel.HiddenCount != 1 {
			t.Errorf("as a sender's: %d hide the channel, %v\n%s", channel.HiddenCount, err, diff)
		}
		view, err := s.ChannelView(ctx, h.app.ID, h.direct.ID, h.bob.ID)
		if diff := cmp.Diff(&want, view.Viewer); err != nil || diff != "" || view.LastMessage != nil {
			t.Errorf("as a viewer's: the last message is %v, %v\n%s", view.LastMessage, err, diff)
		}
		all, err := s.Memberships(ctx, h.app.ID, h.direct.ID, 10)
		if err != nil || len(all) != 2 || !cmp.Equal(all[1], want) {
			t.Errorf("among all: %+v, %v", all, err)
		}
	})
}

func TestADeletedChannelIsFoundByNoRead(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newHome(t, s)
		update(t, s, func(tx *store.Tx) error { return tx.DeleteChannel(ctx, h.app.ID, h.direct.ID) })
		reads := h.reads(ctx, s.Reader)
		for _, name := range []string{
			"Channel", "ChannelByDirectKey", "ChannelView", "Membership", "Members", "Moderators", "ManagerIDs",
			"Memberships", "MemberIDs", "Sender", "Messages",
		} {
			if n, err := reads[name](h.app.ID); n != 0 || err != nil && !chat.IsKind(err, chat.NotFound) {
				t.Errorf("%s finds %d things (%v)", name, n, err)
			}
		}
		channels, err := s.PresenceChannels(ctx, h.app.ID, h.bob.ID, 10)
		if diff := cmp.Diff([]chat.ChannelID{h.public.ID, h.private.ID}, channels); err != nil || diff != "" {
			t.Errorf("bob's channels: %v\n%s", err, diff)
		}
		if n, err := s.CountJoinedChannels(ctx, h.app.ID, h.bob.ID, ""); err != nil || n != 2 {
			t.Errorf("%d channels of bob's are counted, %v", n, err)
		}
		err = s.Update(ctx, 0, func(tx *store.Tx) error { return tx.DeleteChannel(ctx, h.app.ID, h.direct.ID) })
		if !chat.IsKind(err, chat.NotFound) {
			t.Errorf("deleted again: %v", err)
		}
	})
}
