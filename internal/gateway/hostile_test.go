package gateway_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws/wsutil"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// eventually waits for a condition that the server brings about by itself.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for began := time.Now(); !holds(); <-ticker.C {
		if time.Since(began) > patience {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// metric reads one value of the server's metrics.
func metric(t *testing.T, s *servertest.Server, name string) (value float64) {
	t.Helper()
	response, err := http.Get(s.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if n, _ := fmt.Sscanf(line, name+" %g", &value); n == 1 {
			return value
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}

func TestAPeerThatNeverReadsIsCutAndHoldsUpNobody(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.MaxQueueSize = 64 << 10 }})
	alice, bob, deaf := connect(t, s, "alice"), connect(t, s, "bob"), connect(t, s, "deaf")
	channel := alice.create(`{"type":"PUBLIC","members":[{"username":"bob"},{"username":"deaf"}]}`)
	for _, p := range []*peer{alice, bob, deaf} {
		p.enter(channel)
	}
	deaf.conn.(*net.TCPConn).SetReadBuffer(4 << 10)

	body := fmt.Sprintf(`{"type":"TEXT","body":%q}`, strings.Repeat("x", 60<<10))
	sent := 0
	for ; metric(t, s, "openkitty_slow_closes_total") == 0; sent++ {
		if sent > 1000 {
			t.Fatal("60 MB were kept for a peer that does not read")
		}
		if _, refused := alice.act(channel.link("_actions", "message"), body); refused.Error != "" {
			t.Fatal(refused)
		}
		bob.event(channel.link("_topics", "messages"), "channel.message.created")
	}
	eventually(t, "nothing is queued any more", func() bool { return metric(t, s, "openkitty_queued_bytes") == 0 })
	eventually(t, "the session is gone", func() bool { return metric(t, s, "openkitty_sessions") == 2 })
}

func TestAPeerThatVanishesWithoutAWordIsNoticed(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.HeartBeat = time.Second }})
	alice := connect(t, s, "alice")
	alice.settle()
	// It neither reads nor writes from here on: pings go unanswered.
	eventually(t, "the session is gone", func() bool { return metric(t, s, "openkitty_sessions") == 0 })
}

func TestAPeerThatAnswersPingsStaysHoweverLongItIsSilent(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.HeartBeat = 500 * time.Millisecond }})
	alice := connect(t, s, "alice")
	alice.settle()
	// Reading answers pings. All it ever returns are heart-beats.
	alice.conn.SetReadDeadline(time.Now().Add(6 * time.Second))
	for {
		if _, err := wsutil.ReadServerText(alice.conn); errors.Is(err, os.ErrDeadlineExceeded) {
			break
		} else if err != nil {
			t.Fatalf("the connection ended: %v", err)
		}
	}
	alice.settle()
}

// It measures the whole process, so it runs alone.
func TestThousandsOfConnectionsLeaveNothingBehind(t *testing.T) {
	s := servertest.Start(t, servertest.Options{
		Change: func(c *config.Serve) { c.Grace, c.RateLimits = time.Millisecond, "off" },
		Log:    io.Discard, // a test keeps its log in memory
	})
	connect(t, s, "warm").settle()
	openAndDrop(t, s, 50) // pools and caches fill
	goroutines, memory := runtime.NumGoroutine(), heap()
	openAndDrop(t, s, 250)
	eventually(t, "all sessions are gone", func() bool { return metric(t, s, "openkitty_sessions") <= 1 })
	eventually(t, "their goroutines are gone", func() bool { return runtime.NumGoroutine() <= goroutines+20 })
	if n := metric(t, s, "openkitty_subscriptions"); n != 0 {
		t.Errorf("%v subscriptions are left", n)
	}
	const slack = 2 << 20 // the connections took 20 MB and more
	eventually(t, "their memory is free again", func() bool { return heap() <= memory+slack })
}

// heap is the memory in use, in bytes.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// openAndDrop opens connections from several sides at once, and breaks each of
// them at another point.
func openAndDrop(t *testing.T, s *servertest.Server, each int) {
	t.Helper()
	const workers = 8
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range each {
				p := dial(t, s, "/rtm/websocket", key(s.APIKey()))
				switch i % 3 {
				case 0: // dropped before it connects
				case 1:
					p.text(fmt.Sprintf("CONNECT\nStompX-User:u%d-%d\n\n\x00", w, i%20))
				case 2:
					p.text(fmt.Sprintf("CONNECT\nStompX-User:u%d-%d\n\n\x00", w, i%20))
					p.next()
					p.send(stomp.Subscribe, nil, "id", "x", "destination", "/application/user.relay")
				}
				p.conn.(*net.TCPConn).SetLinger(0) // a reset, not a goodbye
				p.conn.Close()
			}
		})
	}
	all.Wait()
}

func TestAGracefulStopAnswersWhatWasBegunAndAsksClientsBack(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice := connect(t, s, "alice")
	channel := alice.direct("bob")
	alice.enter(channel)
	const count = 50
	for i := range count {
		alice.send(stomp.Send, fmt.Appendf(nil, `{"type":"TEXT","body":"%d"}`, i),
			"destination", channel.link("_actions", "message"), "receipt", fmt.Sprint(i))
	}
	alice.await("the first receipt", with(stomp.Receipt, "receipt-id", "0"))
	s.Stop()

	receipts, messages := 1, 0
	for _, frame := range alice.got {
		receipts, messages = count1(frame, receipts, messages)
	}
	alice.got = nil
	for frame := alice.next(); frame.Command != ""; frame = alice.next() {
		receipts, messages = count1(frame, receipts, messages)
	}
	if !strings.HasPrefix(alice.closed, "1001") {
		t.Errorf("the connection ended with %s", alice.closed)
	}
	s.Restart()
	bob := connect(t, s, "bob")
	page, _ := bob.read(channel.link("_relays", "messages"))
	if stored := int(page.at("page", "totalElements").(float64)); stored != receipts || messages != receipts {
		t.Errorf("%d messages are stored, of which %d were acknowledged and %d seen", stored, receipts, messages)
	}
}

// count1 counts a frame that answers a message.
func count1(frame stomp.Frame, receipts, messages int) (int, int) {
	switch {
	case frame.Command == stomp.Receipt && len(frame.Header.Get("receipt-id")) < 3:
		receipts++
	case frame.Command == stomp.Message && frame.Header.Get("receipt-id") != "" && strings.Contains(string(frame.Body), "message.created"):
		messages++
	}
	return receipts, messages
}
