package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
	intern "unique"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

const (
	// sessionsWaiting bounds the sessions of which the database is still to be
	// told. A session that begins while so many wait is not listed.
	sessionsWaiting = 100_000
	// sessionBatch is how many of them one transaction notes, and sessionPause the
	// time between two transactions.
	sessionBatch = 256
	sessionPause = 100 * time.Millisecond
	// sessionFlush is how long the last of them may take at the end.
	sessionFlush = 2 * time.Second
)

// sessionLog keeps the list of sessions that applications are shown. One goroutine
// writes it, behind what happens, so that no connect waits for it. What a crash
// left open the next start ends.
type sessionLog struct {
	engine *Engine
	cancel context.CancelFunc // nil until it runs
	done   chan struct{}
	wake   chan struct{} // holds one token while something waits

	writing sync.Mutex // held until what is in the database is known here; before mu

	mu      sync.Mutex
	waiting []*sessionEntry
	live    map[chat.UserSessionID]*Session
}

// sessionEntry is a session of either kind. All but what it was made with is
// guarded by the log's mu.
type sessionEntry struct {
	session *Session // of the entry itself, or that the chat session is part of
	channel chat.ChannelID
	began   time.Time
	ended   time.Time // zero while it lasts
	id      int64     // zero until it is in the database
	queued  bool
	lost    bool // it will never be in the database
}

// Session is a connection of a user, as the application is shown it.
type Session struct {
	log   *sessionLog
	actor chat.Actor
	agent string
	cut   func()
	entry sessionEntry
	chats []*sessionEntry // those that last
}

func newSessionLog(e *Engine) *sessionLog {
	return &sessionLog{engine: e, done: make(chan struct{}), wake: make(chan struct{}, 1), live: map[chat.UserSessionID]*Session{}}
}

// BeginSession notes that the actor has connected with a client that calls itself
// an agent. The application may have the connection cut, from any goroutine.
func (e *Engine) BeginSession(actor chat.Actor, agent string, cut func()) *Session {
	// Few clients call themselves anything of their own: they share the text.
	agent = strings.ToValidUTF8(agent[:min(len(agent), chat.AgentMax)], "")
	s := &Session{log: e.sessions, actor: actor, agent: intern.Make(agent).Value(), cut: cut}
	s.entry = sessionEntry{session: s, began: time.Now()}
	s.log.begin(&s.entry)
	return s
}

// BeginChat notes that the session's user chats in a channel on it.
func (s *Session) BeginChat(channel chat.ChannelID) {
	c := &sessionEntry{session: s, channel: channel, began: time.Now()}
	s.log.begin(c)
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.chats = append(s.chats, c)
}

// EndChat undoes BeginChat.
func (s *Session) EndChat(channel chat.ChannelID) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	for i, c := range s.chats {
		if c.channel == channel {
			s.chats = append(s.chats[:i], s.chats[i+1:]...)
			s.log.end(c)
			return
		}
	}
}

// End notes that the connection is gone, and with it the chats on it.
func (s *Session) End() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	for _, c := range s.chats {
		s.log.end(c)
	}
	s.chats = nil
	s.log.end(&s.entry)
	delete(s.log.live, chat.UserSessionID(s.entry.id))
}

func (l *sessionLog) begin(e *sessionEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.lost = len(l.waiting) >= sessionsWaiting; !e.lost {
		l.enqueue(e)
	}
}

// end notes the end of an entry. The caller holds l.mu.
func (l *sessionLog) end(e *sessionEntry) {
	if e.ended.IsZero() && !e.lost {
		e.ended = time.Now()
		l.enqueue(e)
	}
}

// enqueue has the database told of an entry. The caller holds l.mu.
func (l *sessionLog) enqueue(e *sessionEntry) {
	if e.queued {
		return
	}
	e.queued = true
	l.waiting = append(l.waiting, e)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// start begins to write, and ends the sessions of the server before.
func (l *sessionLog) start() {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	go l.run(ctx)
}

func (l *sessionLog) close() {
	if l.cancel == nil {
		return
	}
	l.cancel()
	<-l.done
}

func (l *sessionLog) run(ctx context.Context) {
	defer close(l.done)
	l.endOpen(ctx)
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.Background(), sessionFlush)
			defer cancel()
			l.write(last)
			return
		case <-l.wake:
		}
		l.write(ctx)
		rest(ctx, sessionPause)
	}
}

// endOpen ends what the server before left open.
func (l *sessionLog) endOpen(ctx context.Context) {
	for ended := 1; ended > 0; {
		err := l.engine.store.Update(ctx, 0, func(tx *store.Tx) (err error) {
			ended, err = tx.EndOpenSessions(ctx, tx.Now(), sessionBatch)
			return err
		})
		if err != nil {
			if ctx.Err() == nil {
				l.engine.log.Error("end the sessions of the server before", "error", err)
			}
			return
		}
	}
}

// write writes what waits, until nothing does or something goes wrong.
func (l *sessionLog) write(ctx context.Context) {
	for {
		batch := l.take()
		if len(batch) == 0 {
			return
		}
		if err := l.writeBatch(ctx, batch); err != nil {
			if ctx.Err() == nil {
				l.engine.log.Error("note sessions", "error", err)
			}
			l.putBack(batch)
			return
		}
	}
}

// sessionWrite is an entry as it is to be written.
type sessionWrite struct {
	entry *sessionEntry
	id    int64 // before it is written, or zero
	ended time.Time
}

func (l *sessionLog) take() []sessionWrite {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.waiting), sessionBatch)
	batch := make([]sessionWrite, n)
	for i, e := range l.waiting[:n] {
		e.queued = false
		batch[i] = sessionWrite{entry: e, id: e.id, ended: e.ended}
	}
	if l.waiting = l.waiting[n:]; len(l.waiting) == 0 {
		l.waiting = nil
	}
	return batch
}

// putBack has a batch written again, before what has come since.
func (l *sessionLog) putBack(batch []sessionWrite) {
	l.mu.Lock()
	defer l.mu.Unlock()
	since := l.waiting
	l.waiting = nil
	for _, w := range batch {
		if !w.entry.queued {
			l.enqueue(w.entry)
		}
	}
	l.waiting = append(l.waiting, since...)
}

func (l *sessionLog) writeBatch(ctx context.Context, batch []sessionWrite) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	ids := make(map[*sessionEntry]int64, len(batch))
	err := l.engine.store.Update(ctx, 0, func(tx *store.Tx) error {
		clear(ids)
		for _, w := range batch {
			id, err := w.apply(ctx, tx, ids)
			var refused *chat.Error
			if err != nil && !errors.As(err, &refused) { // who is refused is lost
				return err
			}
			ids[w.entry] = id
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for e, id := range ids {
		e.id, e.lost = id, id == 0
		if e.channel == 0 && id != 0 && e.ended.IsZero() {
			l.live[chat.UserSessionID(id)] = e.session
		}
	}
	return nil
}

// apply writes an entry, and returns its id. The ids are those of the entries
// before it.
func (w sessionWrite) apply(ctx context.Context, tx *store.Tx, ids map[*sessionEntry]int64) (int64, error) {
	e := w.entry
	of := chat.UserSession{
		ID: chat.UserSessionID(w.id), Application: e.session.actor.Application, User: chat.User{ID: e.session.actor.User},
		Agent: e.session.agent, CreatedAt: e.began, EndedAt: w.ended,
	}
	switch {
	case w.id != 0 && e.channel == 0:
		return w.id, tx.EndUserSession(ctx, of.Application, of.ID, w.ended)
	case w.id != 0:
		return w.id, tx.EndChatSession(ctx, of.Application, w.id, w.ended)
	case e.channel == 0:
		id, err := tx.CreateUserSession(ctx, of)
		return int64(id), err
	}
	of.ID = chat.UserSessionID(ids[&e.session.entry])
	if of.ID == 0 {
		of.ID = chat.UserSessionID(e.session.id())
	}
	return tx.CreateChatSession(ctx, chat.ChatSession{Session: of, Channel: e.channel, CreatedAt: e.began, EndedAt: w.ended})
}

func (s *Session) id() int64 {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.entry.id
}

// UserSessionPage lists the connections of users, by id unless another order is
// asked for.
func (e *Engine) UserSessionPage(ctx context.Context, actor chat.Actor, state chat.SessionState, p chat.NumberedPage) (chat.Page[chat.UserSession], error) {
	return e.store.UserSessionPage(ctx, actor.Application, state, p)
}

// ChatSessionPage lists the chat sessions of users, by id unless another order is
// asked for.
func (e *Engine) ChatSessionPage(ctx context.Context, actor chat.Actor, state chat.SessionState, p chat.NumberedPage) (chat.Page[chat.ChatSession], error) {
	return e.store.ChatSessionPage(ctx, actor.Application, state, p)
}

// UserSession returns a connection of a user.
func (e *Engine) UserSession(ctx context.Context, actor chat.Actor, id chat.UserSessionID) (chat.UserSession, error) {
	return e.store.UserSession(ctx, actor.Application, id)
}

// EndSession cuts a connection of a user's, who is not expected back on it, and
// returns the session as it is then. One that has ended stays as it is.
func (e *Engine) EndSession(ctx context.Context, actor chat.Actor, id chat.UserSessionID) (chat.UserSession, error) {
	session, err := e.store.UserSession(ctx, actor.Application, id)
	if err != nil || !session.EndedAt.IsZero() {
		return session, err
	}
	if live := e.sessions.find(id); live != nil {
		live.cut()
	}
	session.EndedAt = time.Now() // what is not live has ended, and the database is told soon
	return session, nil
}

// find is a session that is in the database, if it lasts.
func (l *sessionLog) find(id chat.UserSessionID) *Session {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.live[id]
}
