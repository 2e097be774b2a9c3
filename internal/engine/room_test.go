package engine

import (
	"testing"

	"openkitty/internal/chat"
)

// In a room of n persons, n² deliveries would tell all of all.
func TestARoomIsLivelyUntilItIsACrowd(t *testing.T) {
	t.Parallel()

	const channel = chat.ChannelID(7)
	r := newRooms()
	if got := r.lively([]chat.ChannelID{channel}); len(got) != 0 {
		t.Error("an empty room is lively")
	}
	for id := chat.UserID(1); id <= chat.LivelyMax; id++ {
		if got, want := r.enter(channel, chat.User{ID: id}, false, 0), (entry{first: true, lively: true}); got != want {
			t.Fatalf("user %d: %+v", id, got)
		}
	}
	if _, present, _, lively := r.participant(channel, 1); !present || !lively {
		t.Errorf("a full room: present %v, lively %v", present, lively)
	}
	if r.enter(channel, chat.User{ID: chat.LivelyMax + 1}, false, 0).lively {
		t.Error("a crowd is lively")
	}
	if _, _, _, lively := r.participant(channel, 1); lively {
		t.Error("a crowd is lively to its participants")
	}
	if got := r.lively([]chat.ChannelID{channel}); len(got) != 0 {
		t.Error("a crowd is among the lively rooms")
	}
	if _, last, lively := r.leave(channel, 1); !last || lively {
		t.Errorf("leaving a crowd: last %v, lively %v", last, lively)
	}
	if _, last, lively := r.leave(channel, 2); !last || !lively {
		t.Errorf("leaving a room: last %v, lively %v", last, lively)
	}
}

func TestARoomForgetsWhoLeft(t *testing.T) {
	t.Parallel()

	r := newRooms()
	r.enter(7, chat.User{ID: 1}, false, 0)
	r.leave(7, 1)
	if _, last, _ := r.leave(7, 1); last {
		t.Error("a user left twice")
	}
	if len(r.rooms) != 0 || len(r.profiles) != 0 {
		t.Errorf("%d empty rooms and %d profiles are kept", len(r.rooms), len(r.profiles))
	}
}

// Between reading a user and entering, a rename would be overwritten.
func TestAUserWhoChangesWhileEnteringIsReadAgain(t *testing.T) {
	t.Parallel()

	r := newRooms()
	version := r.version()
	r.refresh(chat.User{ID: 1, DisplayName: "new"})
	if got := r.enter(7, chat.User{ID: 1, DisplayName: "old"}, false, version); !got.stale {
		t.Errorf("an outdated user entered: %+v", got)
	}
	r.enter(7, chat.User{ID: 1, DisplayName: "new"}, false, r.version())
	r.enter(8, chat.User{ID: 1, DisplayName: "new"}, false, r.version())
	r.refresh(chat.User{ID: 1, DisplayName: "newer"})
	for _, channel := range []chat.ChannelID{7, 8} {
		if user, _, _, _ := r.participant(channel, 1); user.DisplayName != "newer" {
			t.Errorf("in channel %d the user is called %s", channel, user.DisplayName)
		}
	}
}
