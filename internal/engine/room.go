package engine

import (
	"context"
	"sync"

	"openkitty/internal/chat"
)

// rooms knows who is chatting where on this node: a user is in a room while at
// least one chat session of theirs is active in its channel.
type rooms struct {
	mu    sync.Mutex
	rooms map[chat.ChannelID]map[chat.UserID]*participant
}

type participant struct {
	user     chat.User
	sessions int
}

func newRooms() *rooms {
	return &rooms{rooms: map[chat.ChannelID]map[chat.UserID]*participant{}}
}

// enter counts a chat session and reports whether it is the user's first in the
// channel, and whether the channel is not a crowd.
func (r *rooms) enter(channel chat.ChannelID, user chat.User) (first, lively bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := r.rooms[channel]
	if room == nil {
		room = map[chat.UserID]*participant{}
		r.rooms[channel] = room
	}
	p := room[user.ID]
	if p == nil {
		p = &participant{}
		room[user.ID] = p
	}
	p.user = user
	p.sessions++
	return p.sessions == 1, len(room) <= chat.LivelyMax
}

// leave undoes enter and reports whether it was the user's last chat session in
// the channel.
func (r *rooms) leave(channel chat.ChannelID, id chat.UserID) (user chat.User, last, lively bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := r.rooms[channel]
	p := room[id]
	if p == nil {
		return chat.User{}, false, false
	}
	lively = len(room) <= chat.LivelyMax
	if p.sessions--; p.sessions > 0 {
		return p.user, false, lively
	}
	delete(room, id)
	if len(room) == 0 {
		delete(r.rooms, channel)
	}
	return p.user, true, lively
}

// participant returns a user who is chatting in the channel.
func (r *rooms) participant(channel chat.ChannelID, id chat.UserID) (user chat.User, present, lively bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := r.rooms[channel]
	p := room[id]
	if p == nil {
		return chat.User{}, false, false
	}
	return p.user, true, len(room) <= chat.LivelyMax
}

// lively keeps of channels those that somebody chats in and that are no crowd.
func (r *rooms) lively(channels []chat.ChannelID) []chat.ChannelID {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := channels[:0]
	for _, channel := range channels {
		if n := len(r.rooms[channel]); n > 0 && n <= chat.LivelyMax {
			kept = append(kept, channel)
		}
	}
	return kept
}

// StartChat lets a member chat in a channel until EndChat. A user may have
// several chat sessions in a channel; the first is announced.
func (e *Engine) StartChat(ctx context.Context, actor chat.Actor, id chat.ChannelID) error {
	channel, membership, user, err := e.store.Sender(ctx, actor.Application, id, actor.User)
	if err != nil {
		return err
	}
	if err := channel.CheckMember(membership); err != nil {
		return err
	}
	if first, lively := e.rooms.enter(id, user); first && lively {
		e.announce(chat.ParticipantChanged{Channel: id, User: user, Active: true})
	}
	return nil
}

// TriggerEvent carries an event of the application's own to everybody who chats
// in a channel of the actor's, the actor included.
func (e *Engine) TriggerEvent(ctx context.Context, actor chat.Actor, id chat.ChannelID, event chat.CustomEvent) error {
	if err := event.Check(); err != nil {
		return err
	}
	channel, membership, user, err := e.store.Sender(ctx, actor.Application, id, actor.User)
	if err != nil {
		return err
	}
	if err := channel.CheckMember(membership); err != nil {
		return err
	}
	e.announce(chat.CustomEventTriggered{Channel: id, User: user, Event: event})
	return nil
}

// EndChat undoes one StartChat. The end of a user's last chat session in a
// channel is announced.
func (e *Engine) EndChat(actor chat.Actor, id chat.ChannelID) {
	user, last, lively := e.rooms.leave(id, actor.User)
	if !last {
		return
	}
	e.typing.stop(id, actor.User)
	if lively {
		e.announce(chat.ParticipantChanged{Channel: id, User: user, Active: false})
	}
}
