package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"openkitty/internal/config"
)

// result is what a command line came to.
type result struct {
	Status   int
	Out, Err string
}

// openkitty runs a command line in this process, to its end.
func openkitty(t *testing.T, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	status := run(t.Context(), args, terminal{in: strings.NewReader(""), out: &out, err: &err})
	return result{Status: status, Out: out.String(), Err: err.String()}
}

// serving is a server that a command line runs in this process.
type serving struct {
	URL string
	out *transcript
	err *transcript
	// stop ends the server as SIGTERM does, and returns its exit status.
	stop func() int
}

var running = regexp.MustCompile(`OpenKitty runs at (\S+)`)

// serve runs `openkitty serve` on a free port until the test ends.
func serve(t *testing.T, args ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &serving{out: newTranscript(running), err: newTranscript(regexp.MustCompile("msg=ready"))}
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--listen=127.0.0.1:0"}, args...), terminal{out: s.out, err: s.err})
	}()
	s.stop = sync.OnceValue(func() int {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { s.stop() })

	select {
	case <-s.err.seen:
		s.URL = running.FindStringSubmatch(s.out.String())[1]
	case status := <-ended:
		ended <- status
		t.Fatalf("the server ended with status %d: %s", status, s.err)
	case <-time.After(30 * time.Second):
		t.Fatalf("the server is not ready: %s", s.err)
	}
	return s
}

// transcript keeps what is written to it, and tells when a pattern appears.
type transcript struct {
	pattern *regexp.Regexp
	seen    chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
	once sync.Once
}

func newTranscript(pattern *regexp.Regexp) *transcript {
	return &transcript{pattern: pattern, seen: make(chan struct{})}
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(p)
	if t.pattern.Match(t.text.Bytes()) {
		t.once.Do(func() { close(t.seen) })
	}
	return len(p), nil
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

func TestABadCommandLineIsOneLineAndStatus2(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		args []string
		want string // what the line names
	}{
		{[]string{}, "serve"},
		{[]string{"dance"}, "dance"},
		{[]string{"serve", "--port=80"}, "--port"},
		{[]string{"serve", "--listen=localhost"}, "--listen"},
		{[]string{"serve", "--database=mysql://localhost/chat"}, "--database"},
		{[]string{"serve", "--public-url=chat.example.com"}, "--public-url"},
		{[]string{"serve", "--grace=soon"}, "--grace"},
		{[]string{"serve", "--max-frame-size=big"}, "--max-frame-size"},
		{[]string{"serve", "--log-level=loud"}, "--log-level"},
		{[]string{"serve", "--log-format=xml"}, "--log-format"},
		{[]string{"serve", "surplus"}, "surplus"},
		{[]string{"app", "create"}, "<name>"},
		{[]string{"app", "list", "--database=mysql://localhost/chat"}, "--database"},
		{[]string{"app", "list", "--data="}, "--data"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()

			got := openkitty(t, test.args...)
			if got.Status != exitUsage || got.Out != "" {
				t.Errorf("status %d, output %q; want status %d and none", got.Status, got.Out, exitUsage)
			}
			if strings.Count(got.Err, "\n") != 1 || !strings.HasSuffix(got.Err, "\n") || !strings.Contains(got.Err, test.want) {
				t.Errorf("error %q is not one line that names %s", got.Err, test.want)
			}
		})
	}
}

func TestABadVariableIsOneLineAndStatus2(t *testing.T) {
	t.Setenv("OPENKITTY_MAX_QUEUE_SIZE", "lots")

	got := openkitty(t, "serve")
	if got.Status != exitUsage || strings.Count(got.Err, "\n") != 1 || !strings.Contains(got.Err, "OPENKITTY_MAX_QUEUE_SIZE") {
		t.Errorf("status %d, error %q; want status %d and one line that names the variable", got.Status, got.Err, exitUsage)
	}
}

func TestWhatCannotBeDoneIsOneLineAndStatus1(t *testing.T) {
	t.Parallel()

	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })

	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"a data directory that can't be made": {[]string{"serve", "--listen=127.0.0.1:0", "--data=" + filepath.Join(file, "data")}, file},
		"a port that is taken":                {[]string{"serve", "--listen=" + taken.Addr().String(), "--data=" + t.TempDir()}, taken.Addr().String()},
		"a database that is not there":        {[]string{"app", "list", "--database=postgres://127.0.0.1:1/none?sslmode=disable"}, "127.0.0.1:1"},
		"an application that is not there":    {[]string{"app", "rotate-key", "none", "--data=" + t.TempDir()}, "no such application"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := openkitty(t, test.args...)
			if got.Status != exitFailed || got.Out != "" {
				t.Errorf("status %d, output %q; want status %d and none", got.Status, got.Out, exitFailed)
			}
			if strings.Count(got.Err, "\n") != 1 || !strings.Contains(got.Err, test.want) {
				t.Errorf("error %q is not one line that names %s", got.Err, test.want)
			}
		})
	}
}

func TestHelpExplainsEverySettingWithItsDefaultAndVariable(t *testing.T) {
	t.Parallel()

	got := openkitty(t, "serve", "--help")
	if got.Status != exitOK || got.Err != "" {
		t.Fatalf("status %d, error %q", got.Status, got.Err)
	}
	parser, err := kong.New(new(config.Serve), config.Groups)
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range parser.Model.Flags {
		for _, want := range append([]string{"--" + flag.Name + "=", flag.Default}, flag.Envs...) {
			if flag.Name != "help" && !strings.Contains(got.Out, want) {
				t.Errorf("the help of --%s does not say %s", flag.Name, want)
			}
		}
	}
}

func TestTheVersionNamesTheProgramAndItsCompiler(t *testing.T) {
	t.Parallel()

	got := openkitty(t, "version")
	if !regexp.MustCompile(`^openkitty \S+ go1\.\S+ \w+/\w+\n$`).MatchString(got.Out) {
		t.Errorf("version %q", got.Out)
	}
	if diff := cmp.Diff(result{Out: got.Out}, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}
