package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"openkitty/client"
	"openkitty/internal/store/storetest"
)

// torture is how hard clients are treated. The defaults fit a run of the tests;
// scripts/torture sets them from the environment.
type torture struct {
	duration time.Duration
	clients  int           // with the Go SDK
	node     int           // with a published SDK, in one process of Node.js
	rate     int           // messages a second, of all
	faults   time.Duration // between two faults of the network
	kills    time.Duration // between two ends of the server
	seed     uint64
}

func tortureOf(t *testing.T) torture {
	number := func(name string, otherwise int) int {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return n
		}
		return otherwise
	}
	return torture{
		duration: time.Duration(number("TORTURE_SECONDS", 20)) * time.Second,
		clients:  number("TORTURE_CLIENTS", 16),
		node:     number("TORTURE_NODE_CLIENTS", 0),
		rate:     number("TORTURE_RATE", 60),
		faults:   time.Duration(number("TORTURE_FAULT_MS", 250)) * time.Millisecond,
		kills:    time.Duration(number("TORTURE_KILL_SECONDS", 6)) * time.Second,
		seed:     uint64(number("SEED", 1)),
	}
}

const (
	roomSize     = 8               // clients that share a channel
	tortureGrace = 2 * time.Minute // for everybody to catch up in the end
)

func TestClientsThatLoseTheirConnectionsAndTheirServerMissNothing(t *testing.T) {
	t.Parallel()

	for name, database := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return storetest.EmptyPostgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := tortureOf(t)
			r := &rack{t: t, torture: w, random: rand.New(rand.NewPCG(w.seed, 0)), directory: t.TempDir(), database: database(t)}
			t.Logf("seed %d", w.seed)
			r.run()
		})
	}
}

// rack is one run: a server in a process of its own, and clients behind lines
// that break.
type rack struct {
	torture
	t                   *testing.T
	random              *rand.Rand
	directory, database string
	address, key        string
	process             *exec.Cmd
	victims             []*victim

	sent      sync.Map // bodies that were acknowledged, and not deleted again
	faulted   map[string]int
	recovered recoveries
}

func (r *rack) run() {
	r.address = freeAddress(r.t)
	r.start()
	r.t.Cleanup(func() { _ = r.process.Process.Kill(); _ = r.process.Wait() })
	r.key = r.createApplication()
	r.gather()
	r.abuse()
	r.settle()
	r.report()
}

func freeAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func (r *rack) storage() []string {
	return []string{"--data=" + r.directory, "--database=" + r.database}
}

// start runs the server.
func (r *rack) start() {
	log := newTranscript(regexp.MustCompile("msg=ready"))
	r.process = exec.Command(os.Args[0], append([]string{"serve", "--listen=" + r.address}, r.storage()...)...)
	r.process.Env = append(os.Environ(), asProgram+"=1")
	r.process.Stderr = log
	if err := r.process.Start(); err != nil {
		r.t.Fatal(err)
	}
	select {
	case <-log.seen:
	case <-time.After(time.Minute):
		r.t.Fatalf("the server is not ready: %s", log)
	}
}

func (r *rack) createApplication() string {
	made := openkitty(r.t, append([]string{"app", "create", "torture", "--json"}, r.storage()...)...)
	var app struct {
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(made.Out), &app); err != nil {
		r.t.Fatalf("create an application: %v: %s", err, made.Err)
	}
	return app.APIKey
}

// gather connects everybody, before anything is said.
func (r *rack) gather() {
	r.recovered.since = map[*victim]time.Time{}
	r.faulted = map[string]int{}
	var room *client.Channel
	for i := range r.clients {
		v := r.newVictim(fmt.Sprintf("go-%d", i))
		v.client = r.connect(v)
		r.t.Cleanup(v.client.Close)
		var err error
		if i%roomSize == 0 {
			room, err = v.client.CreateChannel(r.t.Context(), client.NewChannel{Type: client.Public, Name: fmt.Sprintf("room-%d", i)})
		} else {
			room, err = v.client.Channel(r.t.Context(), room.ID)
			if err == nil {
				room, err = v.client.JoinChannel(r.t.Context(), room)
			}
		}
		if err != nil {
			r.t.Fatalf("%s has no room: %v", v.name, err)
		}
		v.channel = room
		if _, err := v.client.StartChat(r.t.Context(), room, v.handlers()); err != nil {
			r.t.Fatal(err)
		}
	}
	if r.node > 0 {
		r.gatherNode()
	}
}

func (r *rack) newVictim(name string) *victim {
	v := newVictim(r.t, name, r.address)
	r.victims = append(r.victims, v)
	return v
}

func (r *rack) connect(v *victim) *client.Client {
	c, err := client.Connect(r.t.Context(), client.Options{
		URL: "http://" + v.line.address(), APIKey: r.key, Username: v.name, Timeout: tortureGrace,
		Backoff:  client.Backoff{Min: 50 * time.Millisecond, Max: time.Second},
		Handlers: client.UserHandlers{OnStateChanged: func(s client.State) { r.recovered.state(v, s) }},
	})
	if err != nil {
		r.t.Fatalf("connect %s: %v", v.name, err)
	}
	return c
}

// gatherNode starts the process with the published SDKs.
func (r *rack) gatherNode() {
	type actor struct {
		Package  string           `json:"package"`
		Username string           `json:"username"`
		Host     string           `json:"host"`
		Channel  client.ChannelID `json:"channel"`
	}
	var actors []actor
	byName := map[string]*victim{}
	for i := range r.node {
		which := []string{"chatkitty-1.58", "chatkitty-2.1"}[i%2]
		v := r.newVictim(fmt.Sprintf("%s-%d", which, i))
		v.blind = i%2 == 0
		v.channel = r.victims[i%r.clients].channel
		byName[v.name] = v
		actors = append(actors, actor{which, v.name, v.line.address(), v.channel.ID})
	}
	setup, err := json.Marshal(map[string]any{"apiKey": r.key, "actors": actors})
	if err != nil {
		r.t.Fatal(err)
	}
	node := exec.Command("node", filepath.Join("..", "..", "compat", "torture.mjs"), string(setup))
	node.Stderr = os.Stderr
	out, err := node.StdoutPipe()
	if err == nil {
		err = node.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = node.Process.Kill(); _ = node.Wait() })
	ready := make(chan struct{})
	go follow(out, byName, ready) // ends with the process
	select {
	case <-ready:
	case <-time.After(time.Minute):
		r.t.Fatal("the published SDKs are not ready")
	}
}

// follow shows to the victims what the process in Node.js says that they heard.
func follow(out io.Reader, byName map[string]*victim, ready chan struct{}) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var heard struct {
			Name, Kind, Body string
			ID               int64
		}
		if json.Unmarshal(lines.Bytes(), &heard) != nil {
			continue
		}
		v := byName[heard.Name]
		switch heard.Kind {
		case "ready":
			close(ready)
		case "message":
			v.created(heard.ID, heard.Body)
		case "messageUpdated":
			v.updated(heard.ID, heard.Body)
		case "messageDeleted":
			v.deleted(heard.ID)
		}
	}
}

// abuse has everybody talk while lines break and the server dies.
func (r *rack) abuse() {
	ctx, end := context.WithTimeout(context.Background(), r.duration)
	defer end()
	var talk sync.WaitGroup
	for i, v := range r.victims {
		if v.client != nil {
			random := rand.New(rand.NewPCG(r.seed, uint64(i)))
			talk.Go(func() { r.talk(ctx, v, random) })
		}
	}
	faults, kills := time.NewTicker(r.faults), time.NewTicker(r.kills)
	defer faults.Stop()
	defer kills.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-faults.C:
			r.fault()
		case <-kills.C:
			r.faulted["server killed"]++
			if err := r.process.Process.Kill(); err != nil {
				r.t.Fatal(err)
			}
			_ = r.process.Wait()
			r.start()
		}
	}
	talk.Wait()
}

// talk sends, and now and then edits, deletes or reacts to what the client said,
// and reads what others did.
func (r *rack) talk(ctx context.Context, v *victim, random *rand.Rand) {
	pause := time.NewTicker(time.Second * time.Duration(r.clients) / time.Duration(r.rate))
	defer pause.Stop()
	var last client.Message
	for number := 0; ; number++ {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		var err error
		switch chance := random.IntN(12); {
		case last.ID == 0 || chance < 7:
			body := fmt.Sprintf("%s-%d", v.name, number)
			if last, err = v.client.SendMessage(context.Background(), v.channel, client.NewMessage{Body: body}); err == nil {
				r.sent.Store(body, true)
			}
		case chance == 7:
			_, err = v.client.EditMessage(context.Background(), last, last.Body+" edited")
		case chance == 8:
			_, err = v.client.React(context.Background(), last, "👍")
		case chance == 9:
			_, err = v.client.RemoveReaction(context.Background(), last, "👍")
		case chance == 10:
			if unread := v.latest(); unread.ID != 0 {
				err = v.client.ReadMessage(context.Background(), unread)
			}
		default:
			r.sent.Delete(firstWord(last.Body))
			err = v.client.DeleteMessage(context.Background(), last)
			last = client.Message{}
		}
		var refused *client.Error
		if err != nil && !errors.As(err, &refused) { // a repeated deletion finds nothing to delete
			r.t.Errorf("%s: %v", v.name, err)
			return
		}
	}
}

// fault breaks the line of somebody.
func (r *rack) fault() {
	v := r.victims[r.random.IntN(len(r.victims))]
	switch r.random.IntN(3) {
	case 0:
		r.faulted["reset"]++
		v.line.reset()
	case 1:
		r.faulted["half open"]++
		v.line.halve()
	default:
		r.faulted["frozen"]++
		v.line.freeze()
		time.AfterFunc(time.Second, v.line.halve)
	}
}

// settle waits until everybody shows what the database has.
func (r *rack) settle() {
	db := r.open()
	defer db.Close()
	want := stored(r.t, db)
	end := time.Now().Add(tortureGrace)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for _, v := range r.victims {
		diff := v.differs(want[v.channel.ID])
		for ; diff != "" && time.Now().Before(end); diff = v.differs(want[v.channel.ID]) {
			<-look.C
		}
		if diff != "" {
			r.t.Errorf("%s shows something else than the database has (-):\n%s", v.name, diff)
		}
	}
	r.checkOnce(db)
}

// firstWord of a body is what it was before it was edited.
func firstWord(body string) string {
	word, _, _ := strings.Cut(body, " ")
	return word
}

// checkOnce looks for messages that were made twice, and for acknowledged ones
// that are not there.
func (r *rack) checkOnce(db *sql.DB) {
	bodies := map[string]int{}
	rows, err := db.Query(`SELECT body FROM message WHERE deleted_at = 0`)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			r.t.Fatal(err)
		}
		bodies[firstWord(body)]++
	}
	for body, times := range bodies {
		if times > 1 {
			r.t.Errorf("message %s was made %d times", body, times)
		}
	}
	r.sent.Range(func(body, _ any) bool {
		if bodies[body.(string)] == 0 {
			r.t.Errorf("message %s was acknowledged and is lost", body)
		}
		return true
	})
}

func (r *rack) open() *sql.DB {
	driver, source := "sqlite", "file:"+filepath.Join(r.directory, "openkitty.db")+"?_pragma=busy_timeout(10000)"
	if r.database != "" {
		driver, source = "pgx", r.database
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		r.t.Fatal(err)
	}
	return db
}

func (r *rack) report() {
	repeats, goRepeats, heard := 0, 0, 0
	for _, v := range r.victims {
		heard += len(v.order)
		repeats += v.repeats
		if v.client != nil {
			goRepeats += v.repeats
		}
	}
	if goRepeats > 0 {
		r.t.Errorf("the Go SDK let %d repeated events through", goRepeats)
	}
	r.t.Logf("clients %d of Go and %d published; faults %v; %d messages heard, %d of them repeats to published SDKs; %s",
		r.clients, r.node, r.faulted, heard, repeats, r.recovered.String())
}
