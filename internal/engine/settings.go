package engine

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// settingsAge is how old the settings may be that a node goes by: what another
// node, or the command line, changes in the database is in force everywhere
// after this time. What this node changes is in force at once.
const settingsAge = 5 * time.Second

// settings remembers the settings of applications, since most operations ask for
// some. What it holds is bounded by how many applications there are.
type settings struct {
	store   *store.Store
	current atomic.Pointer[map[chat.ApplicationID]*knownSettings]

	mu      sync.Mutex // held to replace current
	changes uint64     // so far by this node
}

// knownSettings are those of one application. They never change; a newer reading
// takes their place.
type knownSettings struct {
	chat.Settings
	readAt  time.Time
	renewal atomic.Bool // somebody is reading them again
}

func newSettings(s *store.Store) *settings {
	known := &settings{store: s}
	known.current.Store(&map[chat.ApplicationID]*knownSettings{})
	return known
}

// Settings returns the settings of an application. It is cheap enough to be called
// for every message.
func (e *Engine) Settings(ctx context.Context, app chat.ApplicationID) (chat.Settings, error) {
	s, err := e.settings.of(ctx, app)
	if err != nil {
		return chat.Settings{}, err
	}
	return *s, nil
}

// of returns settings that nobody may change.
func (s *settings) of(ctx context.Context, app chat.ApplicationID) (*chat.Settings, error) {
	known := (*s.current.Load())[app]
	if known == nil {
		return s.read(ctx, app)
	}
	// One caller reads them again; the others go on with what is known.
	if time.Since(known.readAt) < settingsAge || known.renewal.Swap(true) {
		return &known.Settings, nil
	}
	defer known.renewal.Store(false)
	return s.read(ctx, app)
}

func (s *settings) read(ctx context.Context, app chat.ApplicationID) (*chat.Settings, error) {
	s.mu.Lock()
	changes := s.changes
	s.mu.Unlock()
	at := time.Now()
	read, err := s.store.Application(ctx, app)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if changes == s.changes {
		s.put(app, read.Settings, at)
	}
	return &read.Settings, nil
}

// changed makes what this node has changed known.
func (s *settings) changed(app chat.ApplicationID, to chat.Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++ // whoever is reading may have read what was before
	s.put(app, to, time.Now())
}

func (s *settings) put(app chat.ApplicationID, to chat.Settings, at time.Time) {
	next := maps.Clone(*s.current.Load())
	next[app] = &knownSettings{Settings: to, readAt: at}
	s.current.Store(&next)
}

// UpdateSettings changes the settings of an application, and returns what they are
// now. They are in force at once on this node, and within five seconds on others.
// Sessions that run go on, whatever new ones need.
func (e *Engine) UpdateSettings(ctx context.Context, app chat.ApplicationID, change func(*chat.Settings) error) (now chat.Settings, err error) {
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		application, err := tx.Application(ctx, app)
		if err != nil {
			return err
		}
		now = application.Settings
		if err := change(&now); err != nil {
			return err
		}
		if err := now.Check(); err != nil {
			return err
		}
		settled := now
		tx.AfterCommit(func() { e.settings.changed(app, settled) })
		return tx.SetSettings(ctx, app, now)
	})
	if err != nil {
		return chat.Settings{}, err
	}
	return now, nil
}

// ApplicationByName returns the application of a name.
func (e *Engine) ApplicationByName(ctx context.Context, name string) (chat.Application, error) {
	return e.store.ApplicationByName(ctx, name)
}
