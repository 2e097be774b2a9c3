package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/bench"
)

func TestAQuickBenchmarkMeasuresBothSidesOfEverything(t *testing.T) {
	t.Parallel()

	home := t.TempDir()
	results := filepath.Join(home, "results")
	command := exec.CommandContext(t.Context(), os.Args[0], "bench", "all", "--quick", "--json", "--dir", home, "--results", results)
	command.Env = append(os.Environ(), asProgram+"=1")
	var complaints strings.Builder
	command.Stderr = &complaints
	text, err := command.Output()
	if err != nil {
		t.Fatalf("bench all: %v\n%s", err, complaints.String())
	}
	var report bench.Report
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	const marks = 13 // of the scenarios of Quick
	if len(report.Marks) != marks {
		t.Errorf("%d marks, want %d:\n%s", len(report.Marks), marks, text)
	}
	sides := map[string][]bench.Side{}
	for _, m := range report.Measurements {
		sides[m.Scenario] = append(sides[m.Scenario], m.Side)
		if m.Median[bench.MessagesPerSecond]+m.Median[bench.ConnectsPerSecond] <= 0 {
			t.Errorf("%s: the %s did nothing: %v", m.Scenario, m.Side, m.Median)
		}
	}
	for scenario, measured := range sides {
		if diff := cmp.Diff([]bench.Side{bench.FloorSide, bench.ServerSide}, measured); diff != "" {
			t.Errorf("sides of %s (-want +got):\n%s", scenario, diff)
		}
	}
	checkKept(t, results, home)
}

// checkKept reads the files of a report, which must not tell where they were
// made.
func checkKept(t *testing.T, results, home string) {
	t.Helper()
	for _, pattern := range []string{"*.json", "*.md"} {
		kept, err := filepath.Glob(filepath.Join(results, pattern))
		if err != nil || len(kept) != 1 {
			t.Fatalf("kept %v, %v; want one %s", kept, err, pattern)
		}
		text, err := os.ReadFile(kept[0])
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), home) || len(text) == 0 {
			t.Errorf("%s holds a path of this machine, or nothing:\n%s", filepath.Base(kept[0]), text)
		}
	}
}

func TestWhatSendHadAcknowledgedIsVerifiedAfterTheServerEnds(t *testing.T) {
	t.Parallel()

	data := t.TempDir()
	list := filepath.Join(t.TempDir(), "acknowledged")
	server := serve(t, "--data="+data)
	created := openkitty(t, "app", "create", "bench", "--json", "--data="+data)
	var app struct {
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(created.Out), &app); err != nil {
		t.Fatalf("%v: %+v", err, created)
	}
	sent := make(chan result, 1)
	go func() {
		sent <- openkitty(t, "bench", "send", "--url", server.URL, "--api-key", app.APIKey, "--senders=8", "--duration=1m", "--acknowledged", list)
	}()
	waitUntil(t, "messages are acknowledged", func() bool {
		text, _ := os.ReadFile(list)
		return strings.Count(string(text), "\n") > 100
	})
	server.stop()
	if r := <-sent; r.Status != exitOK || !strings.Contains(r.Out, "messages were acknowledged") {
		t.Fatalf("send did not survive the server: %+v", r)
	}

	if r := openkitty(t, "bench", "verify", "--acknowledged", list, "--data="+data); r.Status != exitOK || !strings.HasPrefix(r.Out, "all ") {
		t.Errorf("verify: %+v", r)
	}
	if err := os.WriteFile(list, []byte("a-message-that-was-never-sent\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := openkitty(t, "bench", "verify", "--acknowledged", list, "--data="+data); r.Status != exitFailed || !strings.Contains(r.Err, "1 are missing") {
		t.Errorf("verify of a message that is missing: %+v", r)
	}
}

// waitUntil polls for a bounded time.
func waitUntil(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !happened(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestABenchmarkOfABigChannelTimesItsNotifications(t *testing.T) {
	t.Parallel()

	command := exec.CommandContext(t.Context(), os.Args[0], "bench", "big", "--quick", "--json", "--dir", t.TempDir())
	command.Env = append(os.Environ(), asProgram+"=1")
	var complaints strings.Builder
	command.Stderr = &complaints
	text, err := command.Output()
	if err != nil {
		t.Fatalf("bench big: %v\n%s", err, complaints.String())
	}
	var report bench.Report
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Marks) != 1 || len(report.Measurements) != 2 {
		t.Fatalf("%d marks of %d measurements:\n%s", len(report.Marks), len(report.Measurements), text)
	}
	small, large := report.Measurements[0].Median, report.Measurements[1].Median
	if small[bench.MessagesPerSecond] <= 0 || small[bench.NotifySeconds] != 0 || large[bench.NotifySeconds] <= 0 {
		t.Errorf("the small channel has %v, and the large %v", small, large)
	}
}

func TestABenchmarkOfAHistoryReadsPagesAtBothEndsAndInTheMiddle(t *testing.T) {
	t.Parallel()

	command := exec.CommandContext(t.Context(), os.Args[0], "bench", "history", "--quick", "--json", "--dir", t.TempDir())
	command.Env = append(os.Environ(), asProgram+"=1")
	text, err := command.Output()
	if err != nil {
		t.Fatalf("bench history: %v\n%s", err, text)
	}
	var report bench.Report
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Marks) != 1 || len(report.Measurements) != 1 {
		t.Fatalf("want one mark of one measurement:\n%s", text)
	}
	for _, page := range []bench.Figure{bench.FirstPage, bench.MiddlePage, bench.LastPage} {
		if report.Measurements[0].Median[page] <= 0 {
			t.Errorf("nothing is known of %s:\n%s", page, text)
		}
	}
}
