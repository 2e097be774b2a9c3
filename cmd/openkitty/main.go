// Command openkitty runs an OpenKitty server, manages its applications, and
// measures it.
//
// It ends with status 0 if it did what it was asked, 2 if it was asked wrongly
// (an unknown flag, a bad value), and 1 if it could not do it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"openkitty/internal/chat"
	"openkitty/internal/config"
)

const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the server."`
	App     appCommands    `cmd:"" help:"Create and list applications, and change their keys."`
	Chat    chatCommand    `cmd:"" help:"Talk to somebody on a server, to try it."`
	Bench   benchCommand   `cmd:"" help:"Measure a server, and the least that its machine can do."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// terminal is where a command reads and writes: what was asked for to out, and
// what happened meanwhile to err.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next has its usual effect, which is to end the
	// process at once. Supervisors that signal a process and its group send a
	// pair, which counts as one.
	context.AfterFunc(ctx, func() { time.AfterFunc(300*time.Millisecond, stop) })
	os.Exit(run(ctx, os.Args[1:], terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// run performs one command line and returns the exit status. It ends, in good
// order, when ctx does.
func run(ctx context.Context, args []string, t terminal) int {
	helped := false
	parser, err := kong.New(new(commands),
		kong.Name("openkitty"),
		kong.Description("A chat server for the ChatKitty SDKs."),
		config.Groups,
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Writers(t.out, t.err),
		kong.Exit(func(int) { helped = true }), // kong calls it after printing help
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(t),
	)
	if err != nil {
		panic(err) // a tag above is wrong
	}
	command, err := parser.Parse(args)
	if helped {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(t.err, "openkitty: %v (see openkitty --help)\n", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		fmt.Fprintf(t.err, "openkitty: %s\n", oneLine(err))
		return exitFailed
	}
	return exitOK
}

// oneLine is what went wrong: a refusal in its own words, anything else with
// what was being done.
func oneLine(err error) string {
	var refusal *chat.Error
	if errors.As(err, &refusal) {
		return refusal.Message
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
