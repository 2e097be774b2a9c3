package engine

import (
	"context"
	"sync"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// rooms knows who is chatting where on this node: a user is in a room while at
// least one chat session of theirs is active in its channel.
type rooms struct {
	mu       sync.Mutex
	rooms    map[chat.ChannelID]map[chat.UserID]*participant
	profiles map[chat.UserID]*profile // of the users in rooms
	changes  uint64                   // counts what may have outdated a read of the database
}

// profile is a user in rooms, kept once however many they are.
type profile struct {
	user  chat.User
	rooms int
}

type participant struct {
	*profile
	silent   bool // a block parts the user from another of a direct channel
	sessions int
}

func newRooms() *rooms {
	return &rooms{
		rooms:    map[chat.ChannelID]map[chat.UserID]*participant{},
		profiles: map[chat.UserID]*profile{},
	}
}

// version is the state that a read which begins now can be no older than.
func (r *rooms) version() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changes
}

// entry is what became of an enter.
type entry struct {
	first  bool // it is the user's first chat session in the channel
	lively bool // the channel is not a crowd
	stale  bool // nothing was done: what was read before may have changed
}

// enter counts a chat session of a user who was read at a version.
func (r *rooms) enter(channel chat.ChannelID, user chat.User, silent bool, version uint64) entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changes != version {
		return entry{stale: true}
	}
	room := r.rooms[channel]
	if room == nil {
		room = map[chat.UserID]*participant{}
		r.rooms[channel] = room
	}
	p := room[user.ID]
	if p == nil {
		p = &participant{profile: r.admit(user)}
		room[user.ID] = p
	}
	p.user, p.silent = user, silent
	p.sessions++
	return entry{first: p.sessions == 1, lively: len(room) <= chat.LivelyMax}
}

// admit counts a room of the user's. The caller holds r.mu.
func (r *rooms) admit(user chat.User) *profile {
	p := r.profiles[user.ID]
	if p == nil {
		p = &profile{}
		r.profiles[user.ID] = p
	}
	p.rooms++
	return p
}

// leave undoes enter and reports whether it was the user's last chat session in
// the channel, and whether anybody is to hear of it.
func (r *rooms) leave(channel chat.ChannelID, id chat.UserID) (user chat.User, last, heard bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := r.rooms[channel]
	p := room[id]
	if p == nil {
		return chat.User{}, false, false
	}
	heard = len(room) <= chat.LivelyMax && !p.silent
	if p.sessions--; p.sessions > 0 {
		return p.user, false, heard
	}
	delete(room, id)
	if len(room) == 0 {
		delete(r.rooms, channel)
	}
	if p.rooms--; p.rooms == 0 {
		delete(r.profiles, id)
	}
	return p.user, true, heard
}

// participant returns a user who is chatting in the channel, and whether a block
// silences the user there.
func (r *rooms) participant(channel chat.ChannelID, id chat.UserID) (user chat.User, present, silent, lively bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := r.rooms[channel]
	p := room[id]
	if p == nil {
		return chat.User{}, false, false, false
	}
	return p.user, true, p.silent, len(room) <= chat.LivelyMax
}

// refresh shows a user who chats as they are now.
func (r *rooms) refresh(user chat.User) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes++
	if p := r.profiles[user.ID]; p != nil {
		p.user = user
	}
}

// silence says who is silent in some channels; the others there are not.
func (r *rooms) silence(channels []chat.ChannelID, silenced []store.ChannelUser) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes++
	for _, channel := range channels {
		for _, p := range r.rooms[channel] {
			p.silent = false
		}
	}
	for _, s := range silenced {
		if p := r.rooms[s.Channel][s.User]; p != nil {
			p.silent = true
		}
	}
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
// several chat sessions in a channel; the first is announced, unless a block
// silences the user there.
func (e *Engine) StartChat(ctx context.Context, actor chat.Actor, id chat.ChannelID) error {
	for {
		version := e.rooms.version()
		channel, membership, user, err := e.store.Sender(ctx, actor.Application, id, actor.User)
		if err != nil {
			return err
		}
		if err := channel.CheckMember(membership); err != nil {
			return err
		}
		silent, err := isSilenced(ctx, e.store.Reader, channel, actor.User)
		if err != nil {
			return err
		}
		entry := e.rooms.enter(id, user, silent, version)
		if entry.stale {
			continue
		}
		if entry.first && entry.lively && !silent {
			e.announce(chat.ParticipantChanged{Channel: id, User: user, Active: true})
		}
		return nil
	}
}

// TriggerEvent carries an event of the application's own to everybody who chats
// in a channel of the actor's, the actor included.
func (e *Engine) TriggerEvent(ctx context.Context, actor chat.Actor, id chat.ChannelID, event chat.CustomEvent) error {
	if err := event.Check(); err != nil {
		return err
	}
	channel, standing, user, err := sender(ctx, e.store.Reader, actor, id)
	if err != nil {
		return err
	}
	if err := channel.CheckMember(standing); err != nil {
		return err
	}
	if err := checkBlocks(ctx, e.store.Reader, channel, actor.User); err != nil {
		return err
	}
	e.announce(chat.CustomEventTriggered{Channel: id, User: user, Event: event})
	return nil
}

// EndChat undoes one StartChat. The end of a user's last chat session in a
// channel is announced.
func (e *Engine) EndChat(actor chat.Actor, id chat.ChannelID) {
	user, last, heard := e.rooms.leave(id, actor.User)
	if !last {
		return
	}
	e.typing.stop(id, actor.User)
	if heard {
		e.announce(chat.ParticipantChanged{Channel: id, User: user, Active: false})
	}
}
