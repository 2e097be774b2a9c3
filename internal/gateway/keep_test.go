package gateway_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// startBeside starts a server on SQLite, and opens its database beside it.
func startBeside(t *testing.T) (*servertest.Server, *sql.DB) {
	t.Helper()
	directory := t.TempDir()
	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.Data = directory }})
	db, err := sql.Open("sqlite", "file:"+filepath.Join(directory, "openkitty.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	return s, db
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestASubscriptionHearsAtOnceAndIsConfirmedWhenItIsOnDisk(t *testing.T) {
	t.Parallel()

	s, db := startBeside(t)
	alice, _ := arrive(t, s, "alice", "")
	bob, _ := arrive(t, s, "bob", "")
	channel := alice.direct("bob")
	alice.enter(channel)
	keystrokes, messages := channel.link("_topics", "keystrokes"), channel.link("_topics", "messages")

	execute(t, db, `BEGIN IMMEDIATE`)
	bob.send(stomp.Subscribe, nil, "id", "late", "receipt", "late", "ack", "client-individual", "destination", keystrokes)
	bob.send(stomp.Subscribe, nil, "id", "later", "receipt", "later", "ack", "client-individual", "destination", messages)
	bob.send(stomp.Subscribe, nil, "id", "me", "destination", "/application/user.relay")
	var talk sync.WaitGroup
	var heard atomic.Bool
	talk.Go(func() {
		for !heard.Load() {
			alice.send(stomp.Send, []byte(`{"keys":"I am"}`), "destination", channel.link("_actions", "keystrokes"))
			alice.settle()
		}
	})
	if first := bob.next(); first.Header.Get("subscription") != "late" {
		t.Errorf("before the commit bob got %s %v", first.Command, first.Header)
	}
	heard.Store(true)
	talk.Wait()
	execute(t, db, `COMMIT`)

	var order []string
	for len(order) < 3 {
		frame := bob.next()
		switch {
		case frame.Command == stomp.Receipt:
			order = append(order, frame.Header.Get("receipt-id"))
		case frame.Header.Get("subscription") == "me":
			order = append(order, "me")
		}
	}
	if got := strings.Join(order, " "); got != "late later me" {
		t.Errorf("the answers came as %s", got)
	}
}

func TestWhoseSubscriptionCannotBeKeptIsSentAwayToTryAgain(t *testing.T) {
	t.Parallel()

	s, db := startBeside(t)
	alice, _ := arrive(t, s, "alice", "")
	bob, secret := arrive(t, s, "bob", "")
	channel := alice.direct("bob")
	messages := channel.link("_topics", "messages")
	bob.settle()
	execute(t, db, `CREATE TRIGGER full BEFORE INSERT ON client_session BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`)
	subscribe := func() {
		bob.send(stomp.Subscribe, nil, "id", messages, "receipt", "r", "ack", "client-individual", "destination", messages)
	}
	subscribe()
	for frame := bob.next(); frame.Command != ""; frame = bob.next() {
		t.Errorf("bob got %s %v", frame.Command, frame.Header)
	}
	alice.say(channel, "meanwhile")
	execute(t, db, `DROP TRIGGER full`)

	bob, _ = arrive(t, s, "bob", secret)
	subscribe()
	if _, _, what := bob.hear(messages); what["body"] != "meanwhile" {
		t.Errorf("bob heard %v", what)
	}
}

// A client sends the subscriptions of a session in one go.
func TestSubscriptionsThatComeTogetherAreWrittenTogether(t *testing.T) {
	t.Parallel()

	s, db := startBeside(t)
	bob, _ := arrive(t, s, "bob", "")
	topics := bob.me()["_topics"].(map[string]any)
	execute(t, db, `CREATE TABLE written (count INTEGER)`)
	for _, when := range []string{"INSERT", "UPDATE"} {
		execute(t, db, `CREATE TRIGGER on_`+when+` AFTER `+when+` ON client_session BEGIN INSERT INTO written VALUES (1); END`)
	}
	number := 0
	for _, topic := range topics {
		number++
		bob.send(stomp.Subscribe, nil, "id", fmt.Sprint(number), "receipt", fmt.Sprint(number),
			"ack", "client-individual", "destination", topic.(string))
	}
	for id := range number {
		bob.await("a receipt", with(stomp.Receipt, "receipt-id", fmt.Sprint(id+1)))
	}
	var writes int
	if err := db.QueryRow(`SELECT count(*) FROM written`).Scan(&writes); err != nil {
		t.Fatal(err)
	}
	if writes >= number/2 {
		t.Errorf("%d subscriptions were written in %d turns", number, writes)
	}
}

func TestASubscriptionWithoutAReceiptThatWasLostBeforeItWasKeptCatchesUp(t *testing.T) {
	t.Parallel()

	s, db := startBeside(t)
	alice, _ := arrive(t, s, "alice", "")
	bob, secret := arrive(t, s, "bob", "")
	channel := alice.direct("bob")
	topic := channel.link("_topics", "messages")
	listen := func(bob *peer) {
		bob.send(stomp.Subscribe, nil, "id", "lost", "ack", "client-individual", "destination", topic)
		bob.send(stomp.Subscribe, nil, "id", "me", "destination", "/application/user.relay")
		bob.await("that it is performed", with(stomp.Message, "subscription", "me"))
	}
	execute(t, db, `BEGIN IMMEDIATE`)
	listen(bob)
	bob.conn.Close()
	execute(t, db, `COMMIT`)

	sent := alice.say(channel, "did you hear?")
	bob, _ = arrive(t, s, "bob", secret)
	listen(bob)
	frame := bob.await("what was said meanwhile", with(stomp.Message, "subscription", "lost"))
	if !strings.Contains(string(frame.Body), fmt.Sprintf(`"id":%d`, sent.id())) {
		t.Errorf("bob heard %s", frame.Body)
	}
}
