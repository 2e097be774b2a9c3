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
	thread  chat.Thread // zero for the main one
	user    chat.User
	members []chat.UserID
	timer   *time.Timer // ends the typing

	shownAt time.Time   // when others were last shown keys
	keys    string      // what they are to be shown next
	showing *time.Timer // shows it; nil while there is nothing to show
}

// keysPause is the least time between two keystroke events of a user in a
// channel. Keys that come faster take the place of those that were not shown yet:
// each says all that stands in the user's input.
const keysPause = 200 * time.Millisecond

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
	user, present, silent, lively := e.rooms.participant(channel, actor.User)
	if !present {
		return chat.Errorf(chat.Denied, "start a chat session in channel %d before typing in it", channel)
	}
	return e.showKeystrokes(ctx, actor, user, channel, thread, keys, silent, lively)
}

// showKeystrokes shows what a user is typing, whom a block may silence, in a
// channel that may be a crowd.
func (e *Engine) showKeystrokes(
	ctx context.Context, actor chat.Actor, user chat.User, channel chat.ChannelID, thread chat.Thread, keys string, silent, lively bool,
) error {
	switch {
	case len(keys) > KeysMax:
		return chat.Errorf(chat.Invalid, "the keys have %d bytes; at most %d are allowed", len(keys), KeysMax)
	case silent:
		return chat.UserBlocked()
	case !lively:
		return nil
	}
	if keys == "" {
		e.announce(chat.KeystrokesMade{Channel: channel, Thread: thread, User: user})
		e.typing.stop(channel, actor.User)
		return nil
	}
	if e.typing.extend(channel, actor.User, thread, keys) {
		return nil
	}
	e.announce(chat.KeystrokesMade{Channel: channel, Thread: thread, User: user, Keys: keys})
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
	e.typing.start(channel, thread, user, members)
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

// extend keeps a typist typing and sees to it that others are shown the keys. It
// reports whether the user is a typist. Who types in another thread than before
// stops typing there.
func (t *typing) extend(channel chat.ChannelID, user chat.UserID, thread chat.Thread, keys string) bool {
	t.mu.Lock()
	state := t.active[typist{channel, user}]
	if state != nil && state.thread.Place() != thread.Place() {
		t.mu.Unlock()
		t.stop(channel, user)
		return false
	}
	if state == nil {
		t.mu.Unlock()
		return false
	}
	state.timer.Reset(t.engine.limits.TypingTimeout)
	state.keys = keys
	pause := keysPause - time.Since(state.shownAt)
	now := state.showing == nil && pause <= 0
	if state.showing == nil && !now {
		state.showing = time.AfterFunc(pause, func() { t.show(channel, state) })
	}
	t.mu.Unlock()
	if now {
		t.show(channel, state)
	}
	return true
}

// show shows the latest keys, unless the typing has ended since.
func (t *typing) show(channel chat.ChannelID, state *typingState) {
	t.mu.Lock()
	if t.active[typist{channel, state.user.ID}] != state {
		t.mu.Unlock()
		return
	}
	event := chat.KeystrokesMade{Channel: channel, Thread: state.thread, User: state.user, Keys: state.keys}
	state.showing, state.shownAt = nil, time.Now()
	t.mu.Unlock()
	t.engine.announce(event)
}

func (t *typing) start(channel chat.ChannelID, thread chat.Thread, user chat.User, members []chat.UserID) {
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
		shownAt: time.Now(),
		timer:   time.AfterFunc(t.engine.limits.TypingTimeout, func() { t.stop(channel, user.ID) }),
	}
	t.mu.Unlock()
	t.engine.announce(chat.TypingChanged{Channel: channel, Thread: thread.Place(), User: user, Typing: true, Members: members})
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
	state.stop()
	t.mu.Unlock()
	t.engine.announce(chat.TypingChanged{Channel: channel, Thread: state.thread.Place(), User: state.user, Typing: false, Members: state.members})
}

func (t *typing) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, state := range t.active {
		state.stop()
	}
	clear(t.active)
}

// stop stops the timers. The caller holds the lock of the typing.
func (s *typingState) stop() {
	s.timer.Stop()
	if s.showing != nil {
		s.showing.Stop()
	}
}
