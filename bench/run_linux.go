package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"time"
)

// Run measures what the configuration asks for. Sides take turns, round after
// round, so that a machine that slows down slows both.
func Run(ctx context.Context, c Config) (Report, error) {
	if len(c.Sides) == 0 {
		c.Sides = []Side{FloorSide, ServerSide}
	}
	r := &runner{Config: c}
	report := Report{Date: time.Now().UTC()}
	if err := r.settleIn(&report); err != nil {
		return report, err
	}
	defer r.cleanUp()
	if err := r.sizeFrames(ctx); err != nil {
		return report, err
	}
	disturbance, err := watchOthers()
	if err != nil {
		return report, err
	}
	for _, s := range c.scenarios() {
		measured, err := r.compare(ctx, s)
		if err != nil {
			return report, fmt.Errorf("%s: %w", s.name, err)
		}
		report.Measurements = append(report.Measurements, measured...)
	}
	if share, err := disturbance(); err == nil && r.URL == "" {
		r.note("Others used %.0f %% of the processors meanwhile.", 100*share)
	}
	report.Notes = r.notes
	report.Marks = marksOf(report, c)
	return report, nil
}

// compare measures a scenario on each side.
func (r *runner) compare(ctx context.Context, s scenario) ([]Measurement, error) {
	measured := make([]Measurement, len(r.Sides))
	for round := range r.Rounds {
		for i, side := range r.Sides {
			r.tell("%s: %s, round %d of %d", s.name, side, round+1, r.Rounds)
			figures, err := r.measure(ctx, s, side)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", side, err)
			}
			measured[i].Rounds = append(measured[i].Rounds, figures)
		}
	}
	for i, side := range r.Sides {
		measured[i].Scenario, measured[i].Side, measured[i].Median = s.name, side, medians(measured[i].Rounds)
	}
	return measured, nil
}

// runner is a run of a configuration.
type runner struct {
	Config
	cpus      processors
	directory string
	cleanUp   func()
	notes     []string
}

// settleIn takes the load generator's processor and describes the machine.
func (r *runner) settleIn(report *Report) (err error) {
	if r.cpus, err = availableProcessors(); err != nil {
		return err
	}
	switch {
	case r.URL != "":
		r.note("The server was running before; nobody was confined to a processor.")
	case r.cpus.shared():
		r.note("There is only one processor: the load generator took its time from what was measured.")
	}
	if r.URL == "" {
		if err := confineLoad(r.cpus.load); err != nil {
			return err
		}
	}
	r.directory, r.cleanUp, err = temporary(r.Directory)
	if err != nil {
		return err
	}
	if report.Machine, err = describeMachine(r.directory); err != nil {
		r.cleanUp()
	}
	return err
}

func (r *runner) tell(format string, args ...any) {
	if r.Progress != nil {
		r.Progress(fmt.Sprintf(format, args...))
	}
}

func (r *runner) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// sizeFrames asks the server how large its deliveries are, so that the floor
// writes as much.
func (r *runner) sizeFrames(ctx context.Context) error {
	if r.FrameSize > 0 {
		return nil
	}
	r.FrameSize = 2000
	if !slices.Contains(r.Sides, FloorSide) || !slices.Contains(r.Sides, ServerSide) {
		return nil
	}
	quick := *r
	quick.Warmup, quick.Duration = 0, 100*time.Millisecond
	figures, err := quick.measure(ctx, scenario{name: Rooms, shape: shape{rooms: 100, listeners: roomSize, talkers: roomSize}}, ServerSide)
	if err != nil {
		return fmt.Errorf("measure a delivery of the server: %w", err)
	}
	r.FrameSize = int(figures[FrameBytes] + 0.5)
	return nil
}

// measure runs a scenario once.
func (r *runner) measure(ctx context.Context, s scenario, side Side) (Figures, error) {
	h, err := r.open(ctx, s, side)
	if err != nil {
		return nil, err
	}
	defer h.stop()
	l, err := newLoop()
	if err != nil {
		return nil, err
	}
	defer l.close()
	runtime.GC() // what the last scenario left shall not slow this one
	switch {
	case s.acks:
		return r.acknowledge(ctx, h, l, s)
	case s.storm:
		return r.storm(ctx, h, l, s)
	case s.sessions > 0:
		return r.sit(ctx, h, l, s)
	case s.history > 0:
		return r.leaf(ctx, h, s)
	case s.members > 0:
		return r.crowd(ctx, h, l, s)
	}
	if s.imports > 0 {
		return r.talkAndImport(ctx, h, l, s)
	}
	return r.talk(ctx, h, l, s)
}

// open starts what a scenario runs against.
func (r *runner) open(ctx context.Context, s scenario, side Side) (host, error) {
	name := rand.Text()[:8]
	if side == ServerSide && r.URL != "" {
		address, err := url.Parse(r.URL)
		if err != nil || address.Scheme != "http" || address.Host == "" {
			return nil, fmt.Errorf("%q is not the http:// address of a server", r.URL)
		}
		return &serverHost{address: address, apiKey: r.APIKey, name: name, pid: r.Process}, nil
	}
	directory, remove, err := temporary(r.directory)
	if err != nil {
		return nil, err
	}
	var h host
	if side == ServerSide {
		on := only(r.cpus.server)
		if s.wide {
			on = r.cpus.all
		}
		h, err = startServer(ctx, on, r.cpus.load, r.Executable, directory, name)
	} else {
		floor := Floor{Rooms: s.rooms, Window: max(s.talkers, 1), FrameSize: r.FrameSize, TextSize: textSize}
		if s.durable {
			floor.Data = directory
		}
		h, err = startFloor(ctx, r.cpus, r.Executable, floor)
	}
	if err != nil {
		remove()
		return nil, err
	}
	return &furnished{h, remove}, nil
}

// furnished is a host with a directory that goes when it stops.
type furnished struct {
	host
	remove func()
}

func (f *furnished) stop() {
	f.host.stop()
	f.remove()
}
