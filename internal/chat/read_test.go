package chat_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
)

var readAt, unreadAt = time.Unix(1000, 0), time.Unix(2000, 0)

// numbered is the message of a number, as far as positions have to do with it.
func numbered(n int64) chat.Message { return chat.Message{Number: n, CreatedAt: sentAt(n)} }

func sentAt(number int64) time.Time { return time.Unix(number, 0) }

func TestAPositionMovesForwardByReadingAndBackByUnreading(t *testing.T) {
	t.Parallel()

	came := chat.Position{Seen: 3, SentFrom: 3} // a member who joined after three messages
	read := chat.Position{Read: 5, Message: 105, ReadAt: readAt, Seen: 5, SentFrom: 5}
	for _, test := range []struct {
		name    string
		move    func() (chat.Position, bool)
		want    chat.Position
		moved   bool
		reached int64
	}{
		{"reading", func() (chat.Position, bool) { return came.ReadTo(5, 105, readAt) }, read, true, 5},
		{"reading again", func() (chat.Position, bool) { return read.ReadTo(5, 105, readAt.Add(1)) }, read, false, 5},
		{"reading what came before", func() (chat.Position, bool) { return read.ReadTo(4, 104, readAt) }, read, false, 5},
		{"reading what was seen", func() (chat.Position, bool) { return came.ReadTo(2, 102, readAt) },
			chat.Position{Read: 2, Message: 102, ReadAt: readAt, Seen: 3, SentFrom: 3}, true, 3},
		{"clearing", func() (chat.Position, bool) { return read.SeenTo(9), true },
			chat.Position{Read: 5, Message: 105, ReadAt: readAt, Seen: 9, SentFrom: 9}, true, 9},
		{"unreading what was read", func() (chat.Position, bool) { return read.UnreadFrom(numbered(4), 103, 9, unreadAt) },
			chat.Position{Read: 3, Message: 103, ReadAt: readAt, Seen: 3, SentFrom: 9, UnreadSince: sentAt(4), UnreadUntil: unreadAt}, true, 3},
		{"unreading the first", func() (chat.Position, bool) { return read.UnreadFrom(numbered(1), 0, 9, unreadAt) },
			chat.Position{SentFrom: 9, UnreadSince: sentAt(1), UnreadUntil: unreadAt}, true, 0},
		{"unreading what was only seen", func() (chat.Position, bool) { return came.UnreadFrom(numbered(3), 102, 9, unreadAt) },
			chat.Position{Seen: 2, SentFrom: 9, UnreadSince: sentAt(3), UnreadUntil: unreadAt}, true, 2},
		{"unreading what is unread", func() (chat.Position, bool) { return read.UnreadFrom(numbered(6), 105, 9, unreadAt) }, read, false, 5},
	} {
		got, moved := test.move()
		if diff := cmp.Diff(test.want, got); diff != "" || moved != test.moved || got.Reached() != test.reached {
			t.Errorf("%s: moved %v, reached %d\n%s", test.name, moved, got.Reached(), diff)
		}
	}
}

func TestWhoeverWritesHasSeenWhatCameBefore(t *testing.T) {
	t.Parallel()

	p := chat.Position{Seen: 3, SentFrom: 3, LastSent: 7}
	if p.Reached() != 7 {
		t.Errorf("reached %d", p.Reached())
	}
	p, moved := p.UnreadFrom(numbered(5), 104, 7, unreadAt)
	if !moved || p.Reached() != 4 {
		t.Errorf("after unreading: %v, reached %d", moved, p.Reached())
	}
	if p.LastSent = 8; p.Reached() != 8 {
		t.Errorf("after writing again: reached %d", p.Reached())
	}
}

func TestTheMostSpecificReasonToNotifyCounts(t *testing.T) {
	t.Parallel()

	ann, bob, cid := &chat.User{ID: 101}, &chat.User{ID: 102}, &chat.User{ID: 103}
	message := chat.Message{Author: ann, Mentions: []chat.Mention{
		{User: bob}, {User: bob}, {User: ann}, {Channel: &chat.Channel{ID: 110}}, {Channel: &chat.Channel{ID: 110}},
	}}
	audience := chat.AudienceOf(message, &chat.Message{Author: cid})
	for _, test := range []struct {
		user      chat.UserID
		mentioned chat.ChannelID
		want      chat.NotificationKind
	}{
		{bob.ID, 110, chat.MentionedUser},
		{bob.ID, 0, chat.MentionedUser},
		{cid.ID, 110, chat.MentionedChannel},
		{cid.ID, 0, chat.RepliedTo},
		{104, 110, chat.MentionedChannel},
		{104, 0, chat.MessageSent},
	} {
		if got := audience.Kind(test.user, test.mentioned); got != test.want {
			t.Errorf("user %d, of channel %d: %d, want %d", test.user, test.mentioned, got, test.want)
		}
	}
	if diff := cmp.Diff([]chat.UserID{bob.ID, cid.ID}, audience.Direct()); diff != "" {
		t.Errorf("whom it is about:\n%s", diff)
	}
	if diff := cmp.Diff([]chat.ChannelID{110}, audience.Channels); diff != "" {
		t.Errorf("mentioned channels:\n%s", diff)
	}
}

func TestABacklogOfNotificationsIsBounded(t *testing.T) {
	t.Parallel()

	for _, test := range []struct{ members, want int64 }{
		{0, 900}, {2, 900}, {1000, 900}, {10_000, 990}, {100_000, 999}, {1_000_000, 999},
	} {
		if got := (chat.Channel{MemberCount: test.members, PostedCount: 1000}).NotifiedAfter(); got != test.want {
			t.Errorf("of %d members all are told of what comes after %d, want %d", test.members, got, test.want)
		}
	}
}
