// Package server builds a whole server from its settings, runs it, and stops
// it. It is wiring: what the parts do is in their own packages.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
	"openkitty/internal/config"
	"openkitty/internal/engine"
	"openkitty/internal/gateway"
	"openkitty/internal/platform"
	"openkitty/internal/preview"
	"openkitty/internal/store"
)

// What bounds the graceful part of a stop, such that all of it takes at most ten
// seconds: for sessions, and then for requests that are no session's.
const (
	stopTimeout     = 8 * time.Second
	requestsTimeout = time.Second
)

// Server is a server that listens. [Server.Run] serves, [Server.Stop] ends it.
type Server struct {
	settings config.Serve
	log      *slog.Logger
	metrics  *prometheus.Registry
	opened   time.Time

	store    *store.Store
	engine   *engine.Engine
	broker   broker.Broker
	listener net.Listener
	gateway  *gateway.Gateway
	platform *platform.API
	http     *http.Server
	cliProxy *cliProxy // nil without the setting

	app      chat.Application
	secret   string
	stopping atomic.Bool
	stop     sync.Once
	stopErr  error
}

// Open opens the database, makes the first application if there is none, and
// listens. Connections wait until Run serves them.
func Open(ctx context.Context, settings config.Serve, log *slog.Logger) (_ *Server, err error) {
	s := &Server{settings: settings, log: log, opened: time.Now(), metrics: prometheus.NewRegistry()}
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	s.metrics.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	if s.store, s.engine, err = openEngine(ctx, settings, s.metrics, log); err != nil {
		return nil, err
	}
	if s.app, s.secret, err = s.engine.FirstApplication(ctx); err != nil {
		return nil, err
	}
	if err = s.engine.ForgetOnline(ctx); err != nil {
		return nil, err
	}
	s.engine.StartSweeping()
	if s.listener, err = listen(ctx, settings.Listen, settings.WriteTimeout); err != nil {
		return nil, err
	}
	if err := s.connect(); err != nil {
		return nil, err
	}
	if err := s.openCLIProxy(ctx, s.timed(s.platform)); err != nil {
		return nil, err
	}
	s.engine.RunJobs()
	return s, nil
}

// connect puts the gateway and the API between the engine and the listener.
func (s *Server) connect() (err error) {
	s.broker = broker.NewLocal()
	s.gateway, err = gateway.New(gateway.Options{
		Engine:         s.engine,
		Broker:         s.broker,
		Limits:         limits(s.settings),
		Log:            s.log,
		Metrics:        s.metrics,
		PublicURL:      s.URL(),
		AllowedOrigins: origins(s.settings.AllowedOrigins),
	})
	if err != nil {
		return fmt.Errorf("build the gateway: %w", err)
	}
	s.platform, err = platform.New(platform.Options{
		Engine: s.engine, Limits: apiLimits(s.settings), Log: s.log, PublicURL: s.URL(), AddressOf: gateway.AddressOf,
	})
	if err != nil {
		return fmt.Errorf("build the platform API: %w", err)
	}
	s.http = &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: s.settings.ConnectTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    int(s.settings.MaxHeaderSize),
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	return nil
}

func limits(l config.Serve) gateway.Limits {
	return gateway.Limits{
		FrameSize:     int(l.MaxFrameSize),
		HeaderSize:    int(l.MaxHeaderSize),
		Headers:       l.MaxHeaders,
		QueueSize:     int(l.MaxQueueSize),
		Subscriptions: l.MaxSubscriptions,
		ConnectTime:   l.ConnectTimeout,
		FrameTime:     l.FrameTimeout,
		WriteTime:     l.WriteTimeout,
		HeartBeat:     l.HeartBeat,
		Grace:         l.Grace,
		UploadTime:    l.UploadTimeout,
	}
}

func apiLimits(l config.Serve) platform.Limits {
	limits := platform.DefaultLimits
	if l.RateLimits == "off" {
		limits.Rate = platform.Unlimited
	}
	return limits
}

// origins is the list for the gateway, to which none is any.
func origins(allowed []string) []string {
	if slices.Contains(allowed, "*") {
		return nil
	}
	return allowed
}

// OpenEngine opens the database, and an engine on it that nobody listens to: for
// commands that work beside a server, or without one. Call the function it
// returns when done.
func OpenEngine(ctx context.Context, settings config.Serve, log *slog.Logger) (*engine.Engine, func() error, error) {
	db, e, err := openEngine(ctx, settings, nil, log)
	if err != nil {
		return nil, nil, err
	}
	return e, func() error {
		e.Close()
		return db.Close()
	}, nil
}

func openEngine(ctx context.Context, settings config.Serve, metrics prometheus.Registerer, log *slog.Logger) (*store.Store, *engine.Engine, error) {
	db, err := store.Open(ctx, store.Options{
		Directory: settings.Data,
		Database:  settings.Database,
		Metrics:   metrics,
		Log:       log,
	})
	if err != nil {
		return nil, nil, err
	}
	kept, err := engine.OpenFiles(ctx, settings.Files, settings.Data)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	e, err := engine.New(ctx, engine.Options{
		Store:     db,
		Directory: settings.Data,
		Files:     kept,
		Log:       log,
		Metrics:   metrics,
		Previewer: previewer(settings),
		Limits: engine.Limits{
			MessageSize:     int(settings.MaxMessageSize),
			TypingTimeout:   settings.TypingTimeout,
			Grace:           settings.Grace,
			ImportSize:      int64(settings.MaxImportSize),
			AddressConnects: settings.MaxAddressConnects,
			Unlimited:       settings.RateLimits == "off",
			Files:           chat.FileLimits{Size: int64(settings.MaxFileSize), Types: settings.FileTypes},
		},
	})
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, e, nil
}

// previewer is what finds out about links; nil if nothing shall.
func previewer(settings config.Serve) func(context.Context, string) (chat.LinkPreview, error) {
	if settings.LinkPreviews == "off" {
		return nil
	}
	return preview.New().Find
}

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL is the address that clients reach the server by.
func (s *Server) URL() string { return s.settings.URL(s.Addr()) }

// Engine performs the operations of the running server: what is done there is
// heard by its sessions.
func (s *Server) Engine() *engine.Engine { return s.engine }

// Application is the oldest application. Its secret is empty, unless Open has
// just made it.
func (s *Server) Application() (app chat.Application, secret string) { return s.app, s.secret }

// Run serves until ctx ends, and then stops in good order. It also returns when
// Stop is called.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 2)
	go func() { failed <- s.http.Serve(s.listener) }() // Stop ends both
	if s.cliProxy != nil {
		go func() { failed <- s.cliProxy.serve() }()
	}
	s.log.Info("ready", "url", s.URL(), "after", time.Since(s.opened).Round(time.Millisecond).String())

	var failure error
	select {
	case <-ctx.Done():
		s.log.Info("stopping")
	case err := <-failed:
		if !errors.Is(err, http.ErrServerClosed) {
			failure = fmt.Errorf("serve: %w", err)
		}
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := errors.Join(failure, s.Stop(deadline)); err != nil {
		return err
	}
	s.log.Info("stopped")
	return nil
}

// Stop ends the server, also one that never ran. Until ctx ends it lets accepted
// work finish and tells clients to come back; then it cuts their connections. A
// second call waits for the first.
func (s *Server) Stop(ctx context.Context) error {
	s.stop.Do(func() {
		s.stopping.Store(true)
		// The gateway goes first, while health checks can still be asked why.
		if err := s.gateway.Close(ctx); err != nil {
			s.log.Warn("sessions were cut", "reason", err)
		}
		ctx, cancel := context.WithTimeout(ctx, requestsTimeout)
		defer cancel()
		if err := s.finishRequests(ctx); err != nil {
			s.log.Info("requests were cut", "reason", err)
		}
		s.stopErr = errors.Join(s.http.Close(), s.release())
	})
	return s.stopErr
}

// finishRequests accepts no more and waits for those that are being answered.
func (s *Server) finishRequests(ctx context.Context) error {
	var finishing errgroup.Group
	finishing.Go(func() error { return s.http.Shutdown(ctx) })
	if s.cliProxy != nil {
		finishing.Go(func() error { return s.cliProxy.proxy.Shutdown(ctx) })
	}
	return finishing.Wait()
}

// release closes what serves no requests itself, as far as it is open.
func (s *Server) release() error {
	if s.listener != nil {
		s.listener.Close() // fails only if it is closed, which http.Server did
	}
	if s.cliProxy != nil {
		s.cliProxy.close()
	}
	if s.broker != nil {
		s.broker.Close()
	}
	if s.engine != nil {
		s.engine.Close()
	}
	if s.store != nil {
		return s.store.Close()
	}
	return nil
}
