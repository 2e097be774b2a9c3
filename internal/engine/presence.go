package engine

import (
	"context"
	"sync"
	"time"

	"openkitty/internal/chat"
)

// Whom a change of presence is worth telling, at most.
const (
	presenceChannelsMax = 1000
	presenceContactsMax = 1000
)

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

// next takes the first user whose presence is no longer what was announced.
func (p *presence) next() (actor chat.Actor, found bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.changed) > 0 {
		id := p.changed[0]
		p.changed = p.changed[1:]
		queued := p.queued[id]
		delete(p.queued, id)
		if queued.was != (p.online[id] != nil) {
			return chat.Actor{Application: queued.application, User: id}, true
		}
	}
	p.changed = nil
	return chat.Actor{}, false
}

func (p *presence) run(ctx context.Context) {
	defer close(p.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		for actor, found := p.next(); found && ctx.Err() == nil; actor, found = p.next() {
			if err := p.tell(ctx, actor); err != nil && ctx.Err() == nil {
				p.engine.log.Error("announce presence", "user", actor.User, "error", err)
			}
		}
	}
}

// tell announces a user's presence in the channels where others chat, and to
// the members of the small ones.
func (p *presence) tell(ctx context.Context, actor chat.Actor) error {
	e := p.engine
	channels, err := e.store.ChannelIDs(ctx, actor.Application, actor.User, presenceChannelsMax)
	if err != nil || len(channels) == 0 {
		return err
	}
	user, err := e.store.User(ctx, actor.Application, actor.User)
	if err != nil {
		return err
	}
	contacts, err := e.store.Contacts(ctx, actor.Application, actor.User, chat.IntimateMax, presenceContactsMax)
	if err != nil {
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
