// Package engine performs every operation of OpenKitty: it asks the rules of
// package chat whether the actor may, changes the database, records the change,
// and announces it.
//
// Both transports, the real-time gateway and the Platform API, call the same
// operations, so none can bypass a rule. An operation that returns without an
// error is on disk.
package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"openkitty/internal/chat"
	"openkitty/internal/files"
	"openkitty/internal/store"
)

// Limits bounds what users may do.
type Limits struct {
	MessageSize   int           // bytes of a message's body
	TypingTimeout time.Duration // silence after which a user no longer types
	Grace         time.Duration // how long a user without a connection stays online for others
	Files         chat.FileLimits
	ImportSize    int64 // bytes of a file to import

	AddressConnects chat.Rate // connections from one address of the network
	Unlimited       bool      // neither that rate nor those of applications' settings are kept
}

// Options is what an engine is made of. All fields are required, except Metrics
// and Previewer.
type Options struct {
	Store     *store.Store
	Directory string // the data directory, for the files of imports and exports
	Files     Files
	Limits    Limits
	Log       *slog.Logger
	Metrics   prometheus.Registerer // nil to measure nothing

	// Previewer finds out what the page behind a link says about itself. Nil:
	// links have no previews.
	Previewer func(ctx context.Context, link string) (chat.LinkPreview, error)
}

// Engine performs operations. Its methods may be called concurrently.
type Engine struct {
	store    *store.Store
	limits   Limits
	log      *slog.Logger
	grants   *files.Grants
	tokens   signer
	sealer   sealer
	files    Files
	announce func(...chat.Event)

	settings *settings
	rates    *rates
	rooms    *rooms
	typing   *typing
	presence *presence
	sweeper  *sweeper
	erasures *erasures
	previews *previews // nil if there are none
	notifier *notifier
	jobs     *jobs
	sessions *sessionLog
}

// New returns an engine on a store. Close ends its background work.
func New(ctx context.Context, o Options) (*Engine, error) {
	key, err := o.Store.Secret(ctx, "file grants")
	if err != nil {
		return nil, fmt.Errorf("read the key of file grants: %w", err)
	}
	tokenKey, err := o.Store.Secret(ctx, "access tokens")
	if err != nil {
		return nil, fmt.Errorf("read the key of access tokens: %w", err)
	}
	sealKey, err := o.Store.Secret(ctx, "sealed values")
	if err != nil {
		return nil, fmt.Errorf("read the key of sealed values: %w", err)
	}
	sealer, err := newSealer(sealKey)
	if err != nil {
		return nil, err
	}
	rates, err := newRates(o.Metrics)
	if err != nil {
		return nil, fmt.Errorf("register the metrics of rates: %w", err)
	}
	e := &Engine{
		store:    o.Store,
		limits:   o.Limits,
		log:      o.Log,
		grants:   files.NewGrants(key),
		tokens:   signer{tokenKey},
		sealer:   sealer,
		files:    o.Files,
		announce: func(...chat.Event) {},
		settings: newSettings(o.Store),
		rates:    rates,
		rooms:    newRooms(),
	}
	if e.sweeper, err = newSweeper(e, o.Metrics); err != nil {
		return nil, fmt.Errorf("register the metrics of the sweeper: %w", err)
	}
	e.erasures = newErasures(e)
	e.typing = newTyping(e)
	e.presence = newPresence(e)
	e.previews = newPreviews(e, o.Previewer)
	e.notifier = newNotifier(e)
	e.jobs = newJobs(e, o.Directory)
	e.sessions = newSessionLog(e)
	return e, nil
}

// AnnounceTo sets who hears of events, and starts to notify members who are away:
// an engine that announces nothing leaves that to the one that does. It is called
// once, before any operation.
//
// Durable events of one channel are announced in the order of their sequence
// numbers, before the operation that caused them returns. The listener must not block.
func (e *Engine) AnnounceTo(listener func(...chat.Event)) {
	e.announce = listener
	e.notifier.start()
	e.sessions.start()
}

// Close stops timers and background work. No operation may be under way.
func (e *Engine) Close() {
	e.sessions.close()
	e.sweeper.close()
	e.erasures.close()
	e.notifier.close()
	e.jobs.close()
	e.typing.close()
	e.presence.close()
	e.previews.close()
}
