package chat_test

import (
	"testing"
	"time"

	"openkitty/internal/chat"
)

func TestWhoMayDoWhatInAChannel(t *testing.T) {
	t.Parallel()

	const (
		creator chat.UserID = 1
		other   chat.UserID = 2
	)
	actors := map[string]*chat.Membership{
		"stranger":  nil,
		"member":    {User: 3},
		"moderator": {User: 4, Moderator: true},
		"creator":   {User: creator}, // whom somebody took the moderator's rights from
	}
	const (
		ok     = ""
		denied = "NotPermittedError"
		absent = "ChannelNotFoundError"
		closed = "DirectChannelMembersError"
		in     = "AlreadyMemberError"
	)
	type verdicts struct{ join, leave, invite, removeOther, removeCreator, moderators, change, hide string }
	for _, test := range []struct {
		kind  chat.ChannelType
		actor string
		want  verdicts
	}{
		{chat.Public, "stranger", verdicts{ok, denied, denied, denied, denied, denied, denied, denied}},
		{chat.Public, "member", verdicts{in, ok, ok, denied, denied, denied, denied, denied}},
		{chat.Public, "moderator", verdicts{in, ok, ok, ok, denied, ok, ok, denied}},
		{chat.Public, "creator", verdicts{in, ok, ok, ok, ok, ok, ok, denied}},
		{chat.Private, "stranger", verdicts{absent, absent, absent, absent, absent, absent, absent, absent}},
		{chat.Private, "member", verdicts{in, ok, ok, denied, denied, denied, denied, denied}},
		{chat.Private, "moderator", verdicts{in, ok, ok, ok, denied, ok, ok, denied}},
		{chat.Private, "creator", verdicts{in, ok, ok, ok, ok, ok, ok, denied}},
		{chat.Direct, "stranger", verdicts{absent, absent, absent, absent, absent, absent, absent, absent}},
		{chat.Direct, "member", verdicts{closed, closed, closed, closed, closed, denied, ok, ok}},
		{chat.Direct, "moderator", verdicts{closed, closed, closed, closed, closed, denied, ok, ok}},
		{chat.Direct, "creator", verdicts{closed, closed, closed, closed, closed, denied, ok, ok}},
	} {
		c, m := chat.Channel{ID: 7, Type: test.kind, Creator: creator}, actors[test.actor]
		got := verdicts{
			nameOf(c.CheckJoin(m)), nameOf(c.CheckLeave(m)), nameOf(c.CheckInvite(m)), nameOf(c.CheckRemove(m, other)),
			nameOf(c.CheckRemove(m, creator)), nameOf(c.CheckModerators(m)), nameOf(c.CheckChange(m)), nameOf(c.CheckHide(m)),
		}
		if got != test.want {
			t.Errorf("%s, %s:\ngot  %q\nwant %q", test.kind, test.actor, got, test.want)
		}
		// A link is there exactly where the action is not refused.
		if c.JoinableBy(m) != (got.join == ok) || c.LeavableBy(m) != (got.leave == ok) ||
			c.InvitableBy(m) != (got.invite == ok) || c.ManagedBy(m) != (got.moderators == ok) {
			t.Errorf("%s, %s: the links do not say what is allowed", test.kind, test.actor)
		}
		if m != nil {
			if got := nameOf(c.CheckRemove(m, m.User)); got != nameOf(c.CheckLeave(m)) {
				t.Errorf("%s, %s: removing oneself is refused with %q", test.kind, test.actor, got)
			}
		}
	}
}

func TestAChannelWithoutACreatorIsManagedByModeratorsOnly(t *testing.T) {
	t.Parallel()

	c := chat.Channel{Type: chat.Public}
	if c.ManagedBy(&chat.Membership{}) || !c.ManagedBy(&chat.Membership{Moderator: true}) {
		t.Error("the zero user is taken for the creator")
	}
}

func TestAClearedHistoryIsHiddenFromItsMemberOnly(t *testing.T) {
	t.Parallel()

	cleared := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	last := chat.Message{CreatedAt: cleared}
	view := chat.ChannelView{Channel: chat.Channel{MessageCount: 10}, LastMessage: &last}
	who := &chat.Membership{ClearedAt: cleared, ClearedCount: 8}
	if view.For(who).LastMessage != nil || view.MessagesSeen(*who) != 2 {
		t.Error("the member still sees the last message, or its number")
	}
	if view.For(&chat.Membership{}).LastMessage == nil || view.MessagesSeen(chat.Membership{}) != 10 {
		t.Error("another member does not see the messages")
	}
	if view.For(nil).LastMessage != nil {
		t.Error("a stranger sees the last message")
	}
	last.CreatedAt = cleared.Add(time.Microsecond)
	if view.For(who).LastMessage == nil {
		t.Error("the member does not see the next message")
	}
}

func TestAnUpdateChangesWhatItNames(t *testing.T) {
	t.Parallel()

	text := func(s string) *string { return &s }
	properties := chat.Properties(`{"k":1}`)
	group := chat.Channel{Type: chat.Public, Name: "plaza", DisplayName: "Plaza", Properties: `{"a":1}`}
	direct := group
	direct.Type = chat.Direct
	for name, test := range map[string]struct {
		channel chat.Channel
		update  chat.ChannelUpdate
		want    chat.Channel
		refused string
	}{
		"nothing":         {channel: group, want: group},
		"properties":      {group, chat.ChannelUpdate{Properties: &properties}, chat.Channel{Type: chat.Public, Name: "plaza", DisplayName: "Plaza", Properties: properties}, ""},
		"both names":      {group, chat.ChannelUpdate{Name: text("a"), DisplayName: text("b")}, chat.Channel{Type: chat.Public, Name: "a", DisplayName: "b", Properties: `{"a":1}`}, ""},
		"no display name": {group, chat.ChannelUpdate{DisplayName: text("")}, chat.Channel{Type: chat.Public, Name: "plaza", DisplayName: "plaza", Properties: `{"a":1}`}, ""},
		"no name":         {group, chat.ChannelUpdate{Name: text("")}, chat.Channel{}, "InvalidRequestError"},
		"a direct one":    {direct, chat.ChannelUpdate{Name: text("a"), DisplayName: text("b"), Properties: &properties}, chat.Channel{Type: chat.Direct, Name: "plaza", DisplayName: "Plaza", Properties: properties}, ""},
	} {
		got, err := test.update.Apply(test.channel)
		if nameOf(err) != test.refused || err == nil && got != test.want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestWhoMayBlockWhomInAChannel(t *testing.T) {
	t.Parallel()

	member, manager := &chat.Membership{User: 2}, &chat.Membership{User: 3, Moderator: true}
	for _, test := range []struct {
		kind  chat.ChannelType
		actor *chat.Membership
		user  chat.UserID
		want  string
	}{
		{chat.Public, manager, 9, ""},
		{chat.Private, manager, 2, ""},
		{chat.Public, manager, 3, "NotPermittedError"}, // themselves
		{chat.Public, manager, 1, "NotPermittedError"}, // the creator
		{chat.Public, member, 9, "NotPermittedError"},
		{chat.Public, nil, 9, "NotPermittedError"},
		{chat.Private, nil, 9, "ChannelNotFoundError"},
		{chat.Direct, member, 9, "DirectChannelMembersError"},
	} {
		channel := chat.Channel{ID: 7, Type: test.kind, Creator: 1}
		if got := nameOf(channel.CheckBlocking(test.actor, test.user)); got != test.want {
			t.Errorf("%s, %+v blocks %d: refused with %q, want %q", test.kind, test.actor, test.user, got, test.want)
		}
	}
}
