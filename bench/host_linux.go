package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// host is what a scenario runs against: the server, or the floor.
type host interface {
	// gather connects a crowd, ready to talk.
	gather(ctx context.Context, l *loop, s shape) ([]*room, error)
	// seat connects sessions that only are there.
	seat(ctx context.Context, l *loop, sessions int) error
	// process is who does the work, or zero if that is not known.
	process() int
	// ready is the time from the start of the process until it answered, or
	// zero if it was running before.
	ready() time.Duration
	// batches is how many updates shared the commits so far, if that is known.
	batches() (b batches, known bool)
	stop()
}

// preparers is how many connections are prepared at once.
const preparers = 64

// concurrently calls do with 0 … n-1.
func concurrently(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(preparers)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}

// join hands prepared sessions to the loop, room after room, and gives talkers
// their frames.
func join(l *loop, s shape, sessions []*session, destination func(room int) string, name string) ([]*room, error) {
	rooms := make([]*room, s.rooms)
	for i := range rooms {
		rooms[i] = newRoom(s.listeners, s.talkers)
	}
	for i, prepared := range sessions {
		p, err := l.adopt(prepared)
		if err != nil {
			return nil, err
		}
		number, place := i/s.connections(), i%s.connections()
		p.room = rooms[number]
		p.listens = s.hears(place)
		if place >= s.talkers {
			continue
		}
		p.talker = &talker{peer: p, frame: newSendFrame(destination(number), fmt.Sprintf("%s-%d-%d", name, number, place), textSize)}
		p.room.idle = append(p.room.idle, p.talker)
	}
	return rooms, nil
}

// closeAll ends the sessions of a preparation that failed.
func closeAll(sessions []*session) {
	for _, s := range sessions {
		if s != nil {
			s.conn.Close()
		}
	}
}

// membersMax is how many users a room has; if it has more connections, each
// user has several.
const membersMax = 101

// serverHost is a running server.
type serverHost struct {
	address *url.URL
	apiKey  string
	name    string // of this run, to tell its users and channels from others'
	pid     int
	after   time.Duration
	child   *child // nil if somebody else runs it

	directory string // of the database; empty if somebody else's

	clientID, clientSecret string // empty if somebody else runs it
}

// startServer runs `serve` on an empty directory.
func startServer(ctx context.Context, on unix.CPUSet, load int, executable, directory, name string) (*serverHost, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	h := &serverHost{address: &url.URL{Scheme: "http", Host: port}, name: name, directory: directory}
	h.child, err = startChild(on, load, executable, "serve", "--data", directory, "--listen", port, "--log-level", "warn",
		"--rate-limits", "off") // a few users send what thousands would
	if err != nil {
		return nil, err
	}
	h.pid = h.child.cmd.Process.Pid
	if h.after, err = h.child.await(ctx, h.answers); err != nil {
		h.stop()
		return nil, fmt.Errorf("start the server: %w", err)
	}
	made, err := createApplication(ctx, executable, directory)
	if err != nil {
		h.stop()
		return nil, err
	}
	h.apiKey, h.clientID, h.clientSecret = made.APIKey, made.ClientID, made.ClientSecret
	return h, nil
}

// freePort is an address that nobody listens on at the moment.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (h *serverHost) answers() bool {
	client := http.Client{Timeout: time.Second}
	response, err := client.Get(h.address.JoinPath("readyz").String())
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// application is what `app create` prints.
type application struct {
	APIKey       string `json:"api_key"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

func createApplication(ctx context.Context, executable, directory string) (made application, err error) {
	var complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, executable, "app", "create", "bench", "--json", "--data", directory)
	cmd.Stderr = &complaint
	text, err := cmd.Output()
	if err != nil {
		return made, fmt.Errorf("create an application: %w\n%s", err, complaint.Bytes())
	}
	if err := json.Unmarshal(text, &made); err != nil {
		return made, fmt.Errorf("read the created application: %w", err)
	}
	return made, nil
}

func (h *serverHost) process() int         { return h.pid }
func (h *serverHost) ready() time.Duration { return h.after }

func (h *serverHost) batches() (batches, bool) {
	b, err := scrapeBatches(h.address.JoinPath("metrics").String())
	return b, err == nil
}

func (h *serverHost) stop() {
	if h.child != nil {
		h.child.stop()
	}
}

func (h *serverHost) gather(ctx context.Context, l *loop, s shape) ([]*room, error) {
	each := s.connections()
	g := gathering{
		serverHost: h,
		shape:      s,
		members:    min(each, membersMax),
		sessions:   make([]*session, s.rooms*each),
		channels:   make([]resource, s.rooms),
	}
	if s.members > 0 {
		g.members = each
	}
	for _, step := range []func(context.Context) error{g.arrive, g.found, g.populate, g.enter} {
		if err := step(ctx); err != nil {
			closeAll(g.sessions)
			return nil, err
		}
	}
	return join(l, s, g.sessions, func(number int) string { return g.channels[number].Actions["message"] }, h.name)
}

// gathering is a crowd on its way into the rooms of a server.
type gathering struct {
	*serverHost
	shape
	members  int        // users of a room
	sessions []*session // room after room
	channels []resource // of the rooms
}

// arrive opens the first session of every user: a channel can be made only of
// users that exist.
func (g *gathering) arrive(ctx context.Context) error {
	return concurrently(ctx, g.rooms*g.members, func(ctx context.Context, i int) error {
		return g.open(ctx, i/g.members, i%g.members)
	})
}

func (g *gathering) open(ctx context.Context, number, place int) (err error) {
	s := &g.sessions[number*g.connections()+place]
	*s, err = openSession(ctx, g.address, g.apiKey, g.user(number, place%g.members), "0,0")
	return err
}

// found has the first of each room make its channel, with all others in it.
func (g *gathering) found(ctx context.Context) error {
	return concurrently(ctx, g.rooms, func(_ context.Context, number int) (err error) {
		var others []string
		for place := 1; place < min(g.members, membersMax); place++ {
			others = append(others, g.user(number, place))
		}
		founder := g.sessions[number*g.connections()]
		g.channels[number], err = founder.createChannel(fmt.Sprintf("%s-%d", g.name, number), others)
		return err
	})
}

// enter opens the sessions that are missing, and starts the chat sessions.
func (g *gathering) enter(ctx context.Context) error {
	return concurrently(ctx, len(g.sessions), func(ctx context.Context, i int) error {
		number, place := i/g.connections(), i%g.connections()
		if g.sessions[i] == nil {
			if err := g.open(ctx, number, place); err != nil {
				return err
			}
		}
		return g.sessions[i].enter(g.channels[number], g.shape, place)
	})
}

func (h *serverHost) user(number, place int) string {
	return fmt.Sprintf("%s-%d-%d", h.name, number, place)
}

// enter subscribes a session to what its place in a room needs: a chat session,
// and word of refused messages.
func (s *session) enter(channel resource, in shape, place int) error {
	if place < in.talkers {
		if _, err := link(channel.Actions, "message"); err != nil {
			return err
		}
		if err := s.listenForErrors(); err != nil {
			return err
		}
	}
	if !in.hears(place) {
		return nil
	}
	s.acks = in.acks
	for _, topic := range []struct{ id, name string }{{"self", "self"}, {messagesID, "messages"}} {
		destination, err := link(channel.Topics, topic.name)
		if err != nil {
			return err
		}
		// One after the other: this is the order that SDKs keep to.
		if err := s.subscribe(subscription{topic.id, destination}); err != nil {
			return err
		}
	}
	return nil
}

func (h *serverHost) seat(ctx context.Context, l *loop, count int) error {
	sessions := make([]*session, count)
	err := concurrently(ctx, count, func(ctx context.Context, i int) (err error) {
		sessions[i], err = openSession(ctx, h.address, h.apiKey, h.user(0, i), "60000,10000")
		if err != nil {
			return err
		}
		return sessions[i].stand()
	})
	return adoptAll(l, sessions, err)
}

func adoptAll(l *loop, sessions []*session, err error) error {
	if err != nil {
		closeAll(sessions)
		return err
	}
	for _, s := range sessions {
		if _, err := l.adopt(s); err != nil {
			return err
		}
	}
	return nil
}

// floorHost is a running floor.
type floorHost struct {
	child   *child
	address string
	after   time.Duration
}

// startFloor runs the floor for a shape.
func startFloor(ctx context.Context, cpus processors, executable string, settings Floor) (*floorHost, error) {
	h := &floorHost{}
	var err error
	h.child, err = startChild(only(cpus.server), cpus.load, executable, "bench", "floor-server",
		"--rooms", strconv.Itoa(settings.Rooms), "--window", strconv.Itoa(settings.Window),
		"--frame-size", strconv.Itoa(settings.FrameSize), "--text-size", strconv.Itoa(settings.TextSize),
		"--data", settings.Data)
	if err != nil {
		return nil, err
	}
	h.after, err = h.child.await(ctx, func() bool {
		address, _, whole := bytes.Cut([]byte(h.child.log.String()+"\n"), []byte("\n"))
		h.address = string(address)
		return whole && len(address) > 0
	})
	if err != nil {
		h.stop()
		return nil, fmt.Errorf("start the floor: %w", err)
	}
	return h, nil
}

func (h *floorHost) process() int             { return h.child.cmd.Process.Pid }
func (h *floorHost) ready() time.Duration     { return h.after }
func (h *floorHost) batches() (batches, bool) { return batches{}, false }
func (h *floorHost) stop()                    { h.child.stop() }

func (h *floorHost) gather(ctx context.Context, l *loop, s shape) ([]*room, error) {
	each := s.connections()
	sessions := make([]*session, s.rooms*each)
	err := concurrently(ctx, len(sessions), func(ctx context.Context, i int) (err error) {
		listens := 0
		if s.hears(i % each) {
			listens = 1
		}
		sessions[i], err = dial(ctx, fmt.Sprintf("ws://%s/floor/%d/%d", h.address, i/each, listens))
		return err
	})
	if err != nil {
		closeAll(sessions)
		return nil, err
	}
	return join(l, s, sessions, func(int) string { return "/application/channels/7.message" }, "floor")
}

func (h *floorHost) seat(ctx context.Context, l *loop, count int) error {
	sessions := make([]*session, count)
	err := concurrently(ctx, count, func(ctx context.Context, i int) (err error) {
		sessions[i], err = dial(ctx, fmt.Sprintf("ws://%s/floor/0/0", h.address))
		return err
	})
	return adoptAll(l, sessions, err)
}

// temporary makes a directory for one run. Remove it with the function returned.
func temporary(parent string) (directory string, remove func(), err error) {
	directory, err = os.MkdirTemp(parent, "openkitty-bench-")
	if err != nil {
		return "", nil, err
	}
	return filepath.Clean(directory), func() { os.RemoveAll(directory) }, nil
}
