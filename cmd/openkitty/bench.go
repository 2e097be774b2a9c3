package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"openkitty/bench"
	"openkitty/internal/config"
)

// benchCommand is `openkitty bench`.
type benchCommand struct {
	Fanout  benchFanout  `cmd:"" help:"Measure one channel with many subscribers."`
	Rooms   benchRooms   `cmd:"" help:"Measure channels of 4 in which everybody talks."`
	Idle    benchIdle    `cmd:"" help:"Measure sessions that only are there."`
	Send    benchSend    `cmd:"" help:"Measure acknowledged, durable messages."`
	Big     benchBig     `cmd:"" help:"Measure a channel most of whose members are away and have to be notified."`
	Acks    benchAcks    `cmd:"" help:"Measure what it costs to keep how far each subscription got."`
	Storm   benchStorm   `cmd:"" help:"Measure sessions that lose their connections at once and come back."`
	Import  benchImport  `cmd:"" help:"Measure an import of messages, and what it does to those who talk."`
	History benchHistory `cmd:"" help:"Measure pages of a channel with a long history."`
	Floor   benchFloor   `cmd:"" help:"Measure the least that this machine can do, in all scenarios."`
	All     benchAll     `cmd:"" help:"Measure everything on both sides, compare with the marks, and keep the results."`
	Verify  benchVerify  `cmd:"" help:"Check that a database has every message that was acknowledged."`

	FloorServer benchFloorServer `cmd:"" hidden:""`
}

// benchOptions are the flags of every measurement.
type benchOptions struct {
	Rounds   int           `default:"3" help:"How often each scenario is measured; the medians count."`
	Duration time.Duration `default:"2s" help:"Time for which each conversation is measured."`
	Settle   time.Duration `default:"5s" help:"Time after which memory is read."`
	Quick    bool          `help:"Measure next to nothing, in seconds: show that everything works."`
	JSON     bool          `name:"json" help:"Print JSON in place of tables."`
	Dir      string        `placeholder:"DIR" help:"Directory for the databases of what is measured; empty for the system's temporary one."`
}

// config is the measurement that the flags ask for.
func (o benchOptions) config(t terminal, scenarios ...string) (bench.Config, error) {
	c := bench.Standard()
	c.Rounds, c.Duration, c.Settle = o.Rounds, o.Duration, o.Settle
	if o.Quick {
		c = bench.Quick()
	}
	c.Scenarios, c.Directory = scenarios, o.Dir
	c.Progress = func(text string) { fmt.Fprintln(t.err, text) }
	var err error
	c.Executable, err = os.Executable()
	return c, err
}

// Validate is called by kong.
func (o benchOptions) Validate() error {
	if o.Rounds < 1 || o.Duration <= 0 || o.Settle < 0 {
		return errors.New("--rounds, --duration and --settle must be positive")
	}
	return nil
}

// benchTarget says which server is measured.
type benchTarget struct {
	URL    string `name:"url" placeholder:"URL" help:"A running server, as http://127.0.0.1:8080; empty to start one."`
	APIKey string `placeholder:"KEY" help:"API key of an application on that server."`
	PID    int    `name:"pid" help:"Process of that server on this machine, to measure its processor time and memory."`
	Floor  bool   `help:"Measure the floor too, and compare."`
}

// Validate is called by kong.
func (b benchTarget) Validate() error {
	if (b.URL == "") != (b.APIKey == "") {
		return errors.New("--url and --api-key go together")
	}
	return nil
}

// aim lets a configuration measure the target.
func (b benchTarget) aim(c *bench.Config) {
	c.URL, c.APIKey, c.Process = b.URL, b.APIKey, b.PID
	if !b.Floor {
		c.Sides = []bench.Side{bench.ServerSide}
	}
}

type benchFanout struct {
	benchOptions
	benchTarget
	Subscribers []int `default:"1000,5000" help:"Connections that listen to the channel; each number is a scenario."`
}

func (b *benchFanout) Run(ctx context.Context, t terminal) error {
	return measure(ctx, t, b.benchOptions, b.benchTarget, bench.Fanout, func(c *bench.Config) { c.Subscribers = b.Subscribers })
}

type benchRooms struct {
	benchOptions
	benchTarget
	Channels int `default:"250" help:"Channels of 4."`
}

func (b *benchRooms) Run(ctx context.Context, t terminal) error {
	return measure(ctx, t, b.benchOptions, b.benchTarget, bench.Rooms, func(c *bench.Config) { c.Rooms = b.Channels })
}

type benchIdle struct {
	benchOptions
	benchTarget
	Sessions int `default:"10000" help:"Sessions, each of a user of its own with the subscriptions of an SDK."`
}

func (b *benchIdle) Run(ctx context.Context, t terminal) error {
	return measure(ctx, t, b.benchOptions, b.benchTarget, bench.Idle, func(c *bench.Config) { c.Sessions = b.Sessions })
}

type benchSend struct {
	benchOptions
	benchTarget
	Senders      int    `default:"64" help:"Connections that send."`
	Rate         int    `default:"2000" help:"Messages a second of the paced part."`
	Acknowledged string `placeholder:"FILE" help:"Add the text of each acknowledged message to a file, for verify; send for the given duration only once, and take the end of the server for no failure."`
}

func (b *benchSend) Run(ctx context.Context, t terminal) error {
	return measure(ctx, t, b.benchOptions, b.benchTarget, bench.Send, func(c *bench.Config) {
		c.Senders, c.Rate, c.Acknowledged = b.Senders, b.Rate, b.Acknowledged
		if b.Acknowledged != "" {
			c.Rounds, c.Duration = 1, b.Duration
		}
	})
}

type benchBig struct {
	benchOptions
	Members   int `default:"100000" help:"Members of the channel. One that has only the connected members is measured too."`
	Connected int `default:"1000" help:"Members who listen to it."`
}

func (b *benchBig) Run(ctx context.Context, t terminal) error {
	return measure(ctx, t, b.benchOptions, benchTarget{}, bench.Big, func(c *bench.Config) {
		c.Members, c.Connected = b.Members, b.Connected
	})
}

// Validate is called by kong.
func (b *benchBig) Validate() error {
	if b.Connected < 1 || b.Members <= b.Connected {
		return errors.New("--members must be more than --connected, and that positive")
	}
	return nil
}

type benchAcks struct {
	benchOptions
	Subscribers int `default:"1000" help:"Connections that listen to the channel."`
}

func (b *benchAcks) Run(ctx context.Context, t terminal) error {
	return measure(ctx, t, b.benchOptions, benchTarget{}, bench.Acks, func(c *bench.Config) { c.Subscribers = []int{b.Subscribers} })
}

type benchStorm struct {
	benchOptions
	Sessions int `default:"10000" help:"Sessions, each of a user of its own with the subscriptions of an SDK."`
}

func (b *benchStorm) Run(ctx context.Context, t terminal) error {
	return measure(ctx, t, b.benchOptions, benchTarget{}, bench.Storm, func(c *bench.Config) { c.Sessions = b.Sessions })
}

type benchImport struct {
	benchOptions
	Messages int `default:"1000000" help:"Messages that are imported."`
	Rate     int `default:"2000" help:"Messages a second that others send."`
}

func (b *benchImport) Run(ctx context.Context, t terminal) error {
	return measure(ctx, t, b.benchOptions, benchTarget{}, bench.Import, func(c *bench.Config) { c.Imports, c.Rate = b.Messages, b.Rate })
}

type benchHistory struct {
	benchOptions
	Messages int `default:"1000000" help:"Messages of the channel."`
	Pages    int `default:"500" help:"How often each page is read; the medians count."`
}

func (b *benchHistory) Run(ctx context.Context, t terminal) error {
	return measure(ctx, t, b.benchOptions, benchTarget{}, bench.History, func(c *bench.Config) { c.History, c.Pages = b.Messages, b.Pages })
}

// Validate is called by kong.
func (b *benchHistory) Validate() error {
	if b.Messages < 200 || b.Pages < 1 {
		return errors.New("--messages must be at least 200, and --pages positive")
	}
	return nil
}

// measure runs one scenario and prints the report. Sizes are set from the
// flags, unless it shall be quick.
func measure(ctx context.Context, t terminal, o benchOptions, target benchTarget, scenario string, size func(*bench.Config)) error {
	c, err := o.config(t, scenario)
	if err != nil {
		return err
	}
	if !o.Quick {
		size(&c)
	}
	target.aim(&c)
	report, err := bench.Run(ctx, c)
	if err != nil {
		return err
	}
	report.Command = commandLine(scenario, c)
	return o.print(t, report)
}

// commandLine repeats a measurement, as far as its report has to say. It leaves
// out where files are on this machine.
func commandLine(name string, c bench.Config) string {
	if name == "all" || name == "floor" {
		name = strings.Join(append([]string{name}, c.Scenarios...), " ")
	}
	return fmt.Sprintf("openkitty bench %s --rounds=%d --duration=%v --settle=%v", name, c.Rounds, c.Duration, c.Settle)
}

func (o benchOptions) print(t terminal, report bench.Report) error {
	if !o.JSON {
		return report.Markdown(t.out)
	}
	encoder := json.NewEncoder(t.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

type benchFloor struct {
	benchOptions
	benchScenarios
	FrameSize int `default:"2000" help:"Bytes of each delivery on the wire."`
}

func (b *benchFloor) Run(ctx context.Context, t terminal) error {
	c, err := b.config(t, b.Scenarios...)
	if err != nil {
		return err
	}
	c.Sides, c.FrameSize = []bench.Side{bench.FloorSide}, b.FrameSize
	report, err := bench.Run(ctx, c)
	if err != nil {
		return err
	}
	report.Command = commandLine("floor", c)
	return b.print(t, report)
}

// benchScenarios narrows what is measured on several sides.
type benchScenarios struct {
	Scenarios []string `arg:"" optional:"" enum:"fanout,rooms,send,idle" help:"Scenarios to measure: fanout, rooms, send, idle; all if none is named."`
}

type benchAll struct {
	benchOptions
	benchScenarios
	Results string `default:"bench/results" placeholder:"DIR" help:"Directory that keeps the report under the date; empty to keep nothing."`
}

func (b *benchAll) Run(ctx context.Context, t terminal) error {
	c, err := b.config(t, b.Scenarios...)
	if err != nil {
		return err
	}
	report, err := bench.Run(ctx, c)
	if err != nil {
		return err
	}
	report.Command = commandLine("all", c)
	if err := b.print(t, report); err != nil || b.Results == "" {
		return err
	}
	return keep(b.Results, report)
}

// keep writes a report under its date, as JSON for programs and as Markdown for
// people. A later one of the same day takes its place.
func keep(directory string, report bench.Report) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	data, err := json.MarshalIndent(report, "", "\t")
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := report.Markdown(&text); err != nil {
		return err
	}
	name := filepath.Join(directory, report.Date.Format(time.DateOnly))
	return errors.Join(
		os.WriteFile(name+".json", append(data, '\n'), 0o644),
		os.WriteFile(name+".md", []byte(text.String()), 0o644))
}

type benchVerify struct {
	config.Storage
	Acknowledged string `required:"" placeholder:"FILE" help:"What send wrote with the flag of the same name."`
}

func (b *benchVerify) Run(ctx context.Context, t terminal) error {
	outcome, err := bench.Verify(ctx, b.Storage.Data, b.Storage.Database, b.Acknowledged)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, outcome)
	return err
}

type benchFloorServer struct {
	Rooms, Window, FrameSize, TextSize int
	Data                               string
}

func (b *benchFloorServer) Run(ctx context.Context, t terminal) error {
	return bench.ServeFloor(ctx, bench.Floor(*b), t.out)
}
