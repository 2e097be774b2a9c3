package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"openkitty/internal/chat"
)

// KeysMax bounds the text that one keystrokes request carries, in bytes.
const KeysMax = 4 << 10

// typing knows who is typing where. Nobody says so: it follows from keystrokes,
// and ends with silence, empty keys, a sent message, or the chat session.
type typing struct {
	engine *Engine

	mu     sync.Mutex
	closed bool
	active map[typist]*typingState
}

type typist struct {
	channel chat.ChannelID
	user    chat.UserID
}

type typingState struct {
	thread  chat.ThreadPlace
	user    chat.User
	members []chat.UserID
	timer   *time.Timer
}

func newTyping(e *Engine) *typing {
	return &typing{engine: e, active: map[typist]*typingState{}}
}

// SendKeystrokes shows the others in a channel what the actor is typing. The
// actor must have a chat session there. Crowds are not shown anything.
func (e *Engine) SendKeystrokes(ctx context.Context, actor chat.Actor, channel chat.ChannelID, keys string) error {
	return e.sendKeystrokes(ctx, actor, channel, chat.Thread{}, keys)
}

// sendKeystrokes is SendKeystrokes in a thread, which is zero for the main one.
func (e *Engine) sendKeystrokes(ctx context.Context, actor chat.Actor, channel chat.ChannelID, thread chat.Thread, keys string) error {
	if len(keys) > KeysMax {
		return chat.Errorf(chat.Invalid, "the keys have %d bytes; at most %d are allowed", len(keys), KeysMax)
	}
	user, present, silent, lively := e.rooms.participant(channel, actor.User)
	switch {
	case !present:
		return chat.Errorf(chat.Denied, "start a chat session in channel %d before typing in it", channel)
	case silent:
		return chat.UserBlocked()
	case !lively:
		return nil
	}
	e.announce(chat.KeystrokesMade{Channel: channel, Thread: thread, User: user, Keys: keys})
	if keys == "" {
		e.typing.stop(channel, actor.User)
		return nil
	}
	if e.typing.extend(channel, actor.User, thread.Place()) {
		return nil
	}
	members, err := e.store.MemberIDs(ctx, actor.Application, channel, chat.IntimateMax+1)
	if err != nil {
		return err
	}
	if len(members) > chat.IntimateMax {
		members = nil
	}
	parted, err := e.store.Parted(ctx, actor.Application, actor.User, members)
	if err != nil {
		return err
	}
	members = slices.DeleteFunc(members, func(id chat.UserID) bool { return slices.Contains(parted, id) })
	e.typing.start(channel, thread.Place(), user, members)
	return nil
}

// refresh shows typists as they are now.
func (t *typing) refresh(user chat.User) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, state := range t.active {
		if key.user == user.ID {
			state.user = user
		}
	}
}

// extend keeps a typist typing, and reports whether the user is one. Who types in
// another thread than before stops typing there.
func (t *typing) extend(channel chat.ChannelID, user chat.UserID, thread chat.ThreadPlace) bool {
	t.mu.Lock()
	state := t.active[typist{channel, user}]
	if state != nil && state.thread != thread {
		t.mu.Unlock()
		t.stop(channel, user)
		return false
	}
	defer t.mu.Unlock()
	if state == nil {
		return false
	}
	state.timer.Reset(t.engine.limits.TypingTimeout)
	return true
}

func (t *typing) start(channel chat.ChannelID, thread chat.ThreadPlace, user chat.User, members []chat.UserID) {
	key := typist{channel, user.ID}
	t.mu.Lock()
	if t.closed || t.active[key] != nil {
		t.mu.Unlock()
		return
	}
	t.active[key] = &typingState{
		thread:  thread,
		user:    user,
		members: members,
		timer:   time.AfterFunc(t.engine.limits.TypingTimeout, func() { t.stop(channel, user.ID) }),
	}
	t.mu.Unlock()
	t.engine.announce(chat.TypingChanged{Channel: channel, Thread: thread, User: user, Typing: true, Members: members})
}

// stop ends a user's typing, if there is any.
func (t *typing) stop(channel chat.ChannelID, user chat.UserID) {
	key := typist{channel, user}
	t.mu.Lock()
	state := t.active[key]
	if state == nil {
		t.mu.Unlock()
		return
	}
	delete(t.active, key)
	state.timer.Stop()
	t.mu.Unlock()
	t.engine.announce(chat.TypingChanged{Channel: channel, Thread: state.thread, User: state.user, Typing: false, Members: state.members})
}

func (t *typing) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, state := range t.active {
		state.timer.Stop()
	}
	clear(t.active)
}
