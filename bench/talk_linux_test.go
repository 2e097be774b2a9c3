package bench

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestAMessageIsUnderWayUntilEveryListenerHasIt(t *testing.T) {
	t.Parallel()

	r := newRoom(2, 1)
	first, second := &peer{room: r}, &peer{room: r}
	r.post(5 * time.Second)
	for _, p := range []*peer{first, second} {
		if r.free() {
			t.Fatal("the room took a second message before everybody had the first")
		}
		if sentAt, err := r.hear(p); err != nil || sentAt != 5*time.Second {
			t.Fatalf("heard of a message of %v, %v; want 5s", sentAt, err)
		}
	}
	if !r.free() {
		t.Error("the room takes no message after everybody had the last")
	}
	if _, err := r.hear(first); err == nil {
		t.Error("a listener received a message that nobody sent, and that was no error")
	}
}

// startTestFloor runs a floor inside of the test, and connects to it.
func startTestFloor(t *testing.T, settings Floor, s shape) (*loop, []*room) {
	t.Helper()
	announced, announce := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- ServeFloor(ctx, settings, announce) }()
	address, err := bufio.NewReader(announced).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.close()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the floor ended with %v", err)
		}
	})
	rooms, err := (&floorHost{address: strings.TrimSpace(address)}).gather(t.Context(), l, s)
	if err != nil {
		t.Fatal(err)
	}
	return l, rooms
}

func TestTheFloorDeliversEachMessageToEachListenerOnce(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		durable bool
		shape
	}{
		"broadcast": {false, shape{rooms: 1, listeners: 20, talkers: 4}},
		"durable":   {true, shape{rooms: 5, listeners: 4, talkers: 4}},
		"silent":    {true, shape{rooms: 1, talkers: 8, silent: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			settings := Floor{Rooms: c.rooms, Window: c.talkers, FrameSize: 2000, TextSize: textSize}
			if c.durable {
				settings.Data = t.TempDir()
			}
			l, rooms := startTestFloor(t, settings, c.shape)
			talk := &conversation{loop: l, rooms: rooms}
			talk.start()
			if err := talk.talkFor(t.Context(), 50*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			if err := talk.finish(t.Context()); err != nil {
				t.Fatal(err)
			}
			if want := talk.acknowledgements * int64(c.listeners); talk.acknowledgements == 0 || talk.deliveries != want {
				t.Errorf("%d messages were acknowledged and %d delivered, want %d", talk.acknowledgements, talk.deliveries, want)
			}
			if talk.deliveries > 0 && talk.deliveryBytes != 2000*talk.deliveries {
				t.Errorf("%d deliveries have %d bytes, want 2,000 each", talk.deliveries, talk.deliveryBytes)
			}
		})
	}
}

func TestPacedMessagesAreSentAtTheirRate(t *testing.T) {
	t.Parallel()

	s := shape{rooms: 4, listeners: 1, talkers: 1}
	l, rooms := startTestFloor(t, Floor{Rooms: 4, Window: 1, FrameSize: 200, TextSize: textSize}, s)
	talk := &conversation{loop: l, rooms: rooms, rate: 1000}
	talk.start()
	if err := talk.talkFor(t.Context(), 200*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if err := talk.finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if talk.due > 201 || talk.acknowledgements < 1 {
		t.Errorf("%d messages were due and %d acknowledged within 200 ms at 1,000 a second", talk.due, talk.acknowledgements)
	}
}

func TestALostConnectionIsAnErrorUnlessTheServerMayEnd(t *testing.T) {
	t.Parallel()

	for _, surviving := range []bool{false, true} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, err := newLoop()
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.adopt(&session{conn: conn}); err != nil {
			t.Fatal(err)
		}
		accepted, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		accepted.Close()
		listener.Close()

		talk := &conversation{loop: l}
		if surviving {
			talk.surviving = &survivors{texts: bufio.NewWriter(&bytes.Buffer{})}
		}
		talk.start()
		if err := talk.talkFor(t.Context(), time.Minute); (err == nil) != surviving {
			t.Errorf("surviving %v: lost a connection with %v", surviving, err)
		}
		if surviving && talk.surviving.lost != 1 {
			t.Errorf("%d connections were lost, want 1", talk.surviving.lost)
		}
		l.close()
	}
}
