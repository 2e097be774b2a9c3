package engine

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// Whom a change of presence is worth telling, at most.
const (
	presenceChannelsMax = 1000
	presenceContactsMax = 1000
)

// presenceBatch is how many changes of presence are noted in the database at
// once.
const presenceBatch = 128

// presence knows who is online on this node: a user is while they have a
// connection, and for a grace time after the last was lost, so that a reconnect
// goes unnoticed. Changes are announced by one goroutine in the background,
// since finding out whom they concern takes queries that no connect should wait for.
type presence struct {
	engine *Engine
	cancel context.CancelFunc
	done   chan struct{}
	wake   chan struct{} // holds one token while there is something to announce

	mu      sync.Mutex
	closed  bool
	online  map[chat.UserID]*connections
	changed []chat.UserID              // to announce, in order; each user at most once
	queued  map[chat.UserID]queuedUser // the users in changed
}

// connections counts those of one user. The timer runs while there are none.
type connections struct {
	count int
	timer *time.Timer
}

type queuedUser struct {
	application chat.ApplicationID
	was         bool // what was last announced
	status      bool // the status changed: there is something to announce either way
}

func newPresence(e *Engine) *presence {
	ctx, cancel := context.WithCancel(context.Background())
	p := &presence{
		engine: e,
		cancel: cancel,
		done:   make(chan struct{}),
		wake:   make(chan struct{}, 1),
		online: map[chat.UserID]*connections{},
		queued: map[chat.UserID]queuedUser{},
	}
	go p.run(ctx)
	return p
}

// ForgetOnline notes that nobody is online: whoever was when the last server ended
// has no connection to this one. A server calls it before anybody connects; the
// engines of commands beside it leave who is online alone.
func (e *Engine) ForgetOnline(ctx context.Context) error {
	return e.store.Update(ctx, 0, func(tx *store.Tx) error { return tx.ClearOnline(ctx) })
}

// Connected counts a connection of the actor's, until Disconnected.
func (e *Engine) Connected(actor chat.Actor) {
	p := e.presence
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.online[actor.User]
	if c == nil {
		c = &connections{}
		p.online[actor.User] = c
		p.enqueue(actor, false)
	}
	c.count++
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}

// Disconnected undoes one Connected. After the last, others see the actor go
// offline: at once if the actor said goodbye, and otherwise when the grace time
// is over.
func (e *Engine) Disconnected(actor chat.Actor, goodbye bool) {
	p := e.presence
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.online[actor.User]
	if c.count--; c.count > 0 || p.closed {
		return
	}
	if goodbye {
		delete(p.online, actor.User)
		p.enqueue(actor, true)
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(e.limits.Grace, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if c.timer == timer && !p.closed {
			delete(p.online, actor.User)
			p.enqueue(actor, true)
		}
	})
	c.timer = timer
}

// Online reports whether a user is online.
func (e *Engine) Online(user chat.UserID) bool {
	p := e.presence
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.online[user] != nil
}

// enqueue notes a change to announce. A user who changes back before that is not
// announced at all.
func (p *presence) enqueue(actor chat.Actor, was bool) {
	if _, waiting := p.queued[actor.User]; waiting {
		return
	}
	p.queued[actor.User] = queuedUser{application: actor.Application, was: was}
	p.changed = append(p.changed, actor.User)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// reconsider has the presence of a user announced whose status changed, if the
// user has a connection.
func (p *presence) reconsider(actor chat.Actor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.online[actor.User] == nil {
		return
	}
	p.enqueue(actor, true)
	queued := p.queued[actor.User]
	queued.status = true
	p.queued[actor.User] = queued
}

// take returns the first users whose presence is no longer what was announced,
// all of one application, and whether their status changed.
func (p *presence) take() (app chat.ApplicationID, users map[chat.UserID]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	users = map[chat.UserID]bool{}
	for len(p.changed) > 0 && len(users) < presenceBatch {
		id := p.changed[0]
		queued := p.queued[id]
		if len(users) > 0 && queued.application != app {
			return app, users
		}
		p.changed = p.changed[1:]
		delete(p.queued, id)
		if queued.status || queued.was != (p.online[id] != nil) {
			app, users[id] = queued.application, queued.status
		}
	}
	if len(p.changed) == 0 {
		p.changed = nil
	}
	return app, users
}

func (p *presence) run(ctx context.Context) {
	defer close(p.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		for app, changed := p.take(); len(changed) > 0 && ctx.Err() == nil; app, changed = p.take() {
			if err := p.tellAll(ctx, app, changed); err != nil && ctx.Err() == nil {
				p.engine.log.Error("announce presence", "application", app, "error", err)
			}
		}
	}
}

// tellAll announces the presence of users, and notes it; changed says whose status
// did.
func (p *presence) tellAll(ctx context.Context, app chat.ApplicationID, changed map[chat.UserID]bool) error {
	users, err := p.engine.store.Users(ctx, app, slices.Collect(maps.Keys(changed)))
	if err != nil {
		return err
	}
	for _, user := range users {
		// Others have seen the invisible offline all along.
		if user.Status == chat.Invisible && !changed[user.ID] {
			continue
		}
		if err := p.tell(ctx, user); err != nil {
			return err
		}
	}
	return p.note(ctx, app, users)
}

// note keeps the database's account of who is online, for the filters of lists.
func (p *presence) note(ctx context.Context, app chat.ApplicationID, users []chat.User) error {
	seen := map[bool][]chat.UserID{}
	for _, user := range users {
		online := user.Presence(p.engine.Online(user.ID)).Online
		seen[online] = append(seen[online], user.ID)
	}
	return p.engine.store.Update(ctx, 0, func(tx *store.Tx) error {
		for online, ids := range seen {
			if err := tx.SetOnline(ctx, app, ids, online); err != nil {
				return err
			}
		}
		return nil
	})
}

// tell announces a user's presence in the channels where others chat, and to
// the members of the small ones.
func (p *presence) tell(ctx context.Context, user chat.User) error {
	e := p.engine
	channels, err := e.store.PresenceChannels(ctx, user.Application, user.ID, presenceChannelsMax)
	if err != nil {
		return err
	}
	contacts, err := e.store.Contacts(ctx, user.Application, user.ID, chat.IntimateMax, presenceContactsMax)
	if err != nil || len(channels)+len(contacts) == 0 {
		return err
	}
	e.announce(chat.PresenceChanged{User: user, Channels: e.rooms.lively(channels), Contacts: contacts})
	return nil
}

func (p *presence) close() {
	p.mu.Lock()
	p.closed = true
	for _, c := range p.online {
		if c.timer != nil {
			c.timer.Stop()
		}
	}
	p.mu.Unlock()
	p.cancel()
	<-p.done
}
