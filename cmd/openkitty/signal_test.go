package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram has the test binary be the program.
const asProgram = "OPENKITTY_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// Supervisors that signal a process and its group send two signals at once.
func TestAPairOfSignalsStopsInGoodOrder(t *testing.T) {
	t.Parallel()

	log := newTranscript(regexp.MustCompile("msg=ready"))
	command := exec.CommandContext(t.Context(), os.Args[0], "serve", "--listen=127.0.0.1:0", "--data="+t.TempDir())
	command.Env = append(os.Environ(), asProgram+"=1")
	command.Stderr = log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-log.seen:
	case <-time.After(30 * time.Second):
		t.Fatalf("the server is not ready: %s", log)
	}
	for range 2 {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	if err := command.Wait(); err != nil || !strings.Contains(log.String(), "msg=stopped") {
		t.Errorf("the server ended with %v: %s", err, log)
	}
}
