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
		if first, lively := r.enter(channel, chat.User{ID: id}); !first || !lively {
			t.Fatalf("user %d: first %v, lively %v", id, first, lively)
		}
	}
	if _, present, lively := r.participant(channel, 1); !present || !lively {
		t.Errorf("a full room: present %v, lively %v", present, lively)
	}
	if _, lively := r.enter(channel, chat.User{ID: chat.LivelyMax + 1}); lively {
		t.Error("a crowd is lively")
	}
	if _, _, lively := r.participant(channel, 1); lively {
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
	r.enter(7, chat.User{ID: 1})
	r.leave(7, 1)
	if _, last, _ := r.leave(7, 1); last {
		t.Error("a user left twice")
	}
	if len(r.rooms) != 0 {
		t.Errorf("%d empty rooms are kept", len(r.rooms))
	}
}
