package main

import (
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
)

// chatting is `openkitty chat` with a keyboard.
type chatting struct {
	keyboard *io.PipeWriter
	screen   *transcript
	ended    chan int
}

// startChat runs `openkitty chat` until its input ends, and waits for nothing.
func startChat(t *testing.T, s *serving, data, as, with string) *chatting {
	t.Helper()
	input, keyboard := io.Pipe()
	c := &chatting{keyboard: keyboard, screen: newTranscript(regexp.MustCompile("$")), ended: make(chan int, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() {
		c.ended <- run(ctx, []string{"chat", "--data=" + data, "--url=" + s.URL, "--as=" + as, "--with=" + with},
			terminal{in: input, out: c.screen, err: c.screen})
	}()
	t.Cleanup(func() { keyboard.Close() })
	return c
}

// wait returns once a text is on the screen.
func (c *chatting) wait(t *testing.T, text string) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.After(30 * time.Second); !strings.Contains(c.screen.String(), text); {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("waited in vain for %q: %s", text, c.screen)
		}
	}
}

func TestTwoTerminalsTalk(t *testing.T) {
	t.Parallel()

	data := t.TempDir()
	s := serve(t, "--data="+data)
	alice := startChat(t, s, data, "alice", "bob")
	alice.wait(t, "you are alice")
	bob := startChat(t, s, data, "bob", "alice")
	alice.wait(t, "(bob is here)")
	bob.wait(t, "you are bob")
	if _, err := io.WriteString(alice.keyboard, "hello\n\n"); err != nil {
		t.Fatal(err)
	}
	bob.wait(t, " alice: hello\n")
	bob.keyboard.Close()
	if status := <-bob.ended; status != exitOK {
		t.Errorf("bob's chat ended with status %d: %s", status, bob.screen)
	}
	// Whoever comes back reads what was said.
	startChat(t, s, data, "bob", "alice").wait(t, " alice: hello\n")
}

func TestAChatWithoutAServerSaysSo(t *testing.T) {
	t.Parallel()

	got := openkitty(t, "chat", "--url=http://127.0.0.1:1", "--api-key=k", "--as=alice", "--with=bob")
	if got.Status != exitFailed || strings.Count(got.Err, "\n") != 1 || !strings.Contains(got.Err, "connect") {
		t.Errorf("status %d, %q", got.Status, got.Err)
	}
	got = openkitty(t, "chat", "--data="+t.TempDir(), "--as=alice", "--with=bob")
	if got.Status != exitFailed || !strings.Contains(got.Err, "--api-key") {
		t.Errorf("status %d, %q", got.Status, got.Err)
	}
}
