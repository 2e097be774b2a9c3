package gateway_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// arrive connects as the SDKs from 1.58 on do, with the secret of the session
// before if there was one, and returns the secret of this one.
func arrive(t *testing.T, s *servertest.Server, username, secret string) (*peer, string) {
	t.Helper()
	return arriveTo(t, s, s.APIKey(), username, secret)
}

func arriveTo(t *testing.T, s *servertest.Server, apiKey, username, secret string) (*peer, string) {
	t.Helper()
	p := dial(t, s, "/rtm/websocket", key(apiKey))
	p.text("CONNECT\nStompX-User:" + username + "\nStompX-Auth-Session-ID:" + secret + "\naccept-version:1.2\n\n\x00")
	connected := p.next()
	if connected.Command != stomp.Connected {
		t.Fatalf("connect got %s %s", connected.Command, connected.Body)
	}
	p.send(stomp.Subscribe, nil, "id", "errors", "destination", "/user/queue/errors")
	return p, connected.Header.Get("session")
}

// cut loses the connection without a word.
func (p *peer) cut() { p.conn.(*net.TCPConn).SetLinger(0); p.conn.Close() }

// hear returns the next event of a subscription and acknowledges it.
func (p *peer) hear(topic string) (event stomp.Frame, kind string, what resource) {
	p.t.Helper()
	event = p.await("an event of "+topic, with(stomp.Message, "subscription", topic))
	p.send(stomp.Ack, nil, "id", event.Header.Get("ack"), "subscription", topic)
	body := decode[struct {
		Type     string
		Resource resource
	}](p.t, event.Body)
	return event, body.Type, body.Resource
}

// hearAll returns what a subscription hears until it has caught up: bodies of
// messages, or the events' names.
func (p *peer) hearAll(topic string) (heard []string) {
	p.t.Helper()
	for {
		_, kind, what := p.hear(topic)
		switch {
		case kind == "delivery.caught_up":
			return heard
		case kind == "channel.message.created":
			heard = append(heard, what["body"].(string))
		default:
			heard = append(heard, kind)
		}
	}
}

func TestAReturningClientGetsWhatItMissedOnceAndInOrder(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, _ := arrive(t, s, "alice", "")
		bob, secret := arrive(t, s, "bob", "")
		channel := alice.direct("bob")
		messages := channel.link("_topics", "messages")
		alice.enter(channel)
		bob.enter(channel)
		alice.say(channel, "before")
		bob.hear(messages)
		bob.settle()
		bob.cut()

		var want []string
		for i := range 150 { // more than two pages
			want = append(want, fmt.Sprint(i))
			alice.say(channel, fmt.Sprint(i))
		}
		bob, again := arrive(t, s, "bob", secret)
		if again != secret {
			t.Errorf("the session is another one")
		}
		bob.listen(messages)
		if diff := cmp.Diff(want, bob.hearAll(messages)); diff != "" {
			t.Errorf("missed (-) and made up for (+):\n%s", diff)
		}
		alice.say(channel, "after")
		if _, _, got := bob.hear(messages); got["body"] != "after" {
			t.Errorf("then bob heard %v", got["body"])
		}
	})
}

func TestAnEventThatWasNotAcknowledgedIsRepeatedUnderItsID(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, _ := arrive(t, s, "alice", "")
	bob, secret := arrive(t, s, "bob", "")
	channel := alice.direct("bob")
	messages := channel.link("_topics", "messages")
	bob.enter(channel)
	alice.say(channel, "handled")
	alice.say(channel, "seen")
	bob.hear(messages)
	seen := bob.await("the second message", with(stomp.Message, "subscription", messages))
	bob.settle()
	bob.cut()

	bob, _ = arrive(t, s, "bob", secret)
	bob.listen(messages)
	repeated, _, _ := bob.hear(messages)
	if diff := cmp.Diff(seen.Header, repeated.Header); diff != "" {
		t.Errorf("the repeated event differs:\n%s", diff)
	}
}

func TestWhatHappenedMeanwhileIsToldAsItIsNow(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, _ := arrive(t, s, "alice", "")
		bob, secret := arrive(t, s, "bob", "")
		channel := alice.direct("bob")
		messages, reactions := channel.link("_topics", "messages"), channel.link("_topics", "reactions")
		bob.enter(channel)
		bob.listen(reactions)
		bob.settle()
		bob.cut()

		kept, gone := alice.say(channel, "first"), alice.say(channel, "second")
		alice.act(kept.link("_actions", "edit"), `{"body":"edited"}`)
		alice.act(kept.link("_actions", "react"), `{"emoji":"👍"}`)
		alice.act(kept.link("_actions", "removeReaction"), `{"emoji":"👍"}`)
		alice.act(gone.link("_actions", "react"), `{"emoji":"👍"}`)
		alice.act(gone.link("_actions", "delete"), `{}`)

		bob, _ = arrive(t, s, "bob", secret)
		bob.listen(messages)
		if diff := cmp.Diff([]string{"edited", "channel.message.updated", "channel.message.deleted"}, bob.hearAll(messages)); diff != "" {
			t.Error(diff)
		}
		bob.listen(reactions)
		if diff := cmp.Diff([]string{"message.reaction.created", "message.reaction.removed"}, bob.hearAll(reactions)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARestartLosesNothing(t *testing.T) {
	t.Parallel()

	for how, stop := range map[string]func(*servertest.Server){"stopped": (*servertest.Server).Stop, "killed": (*servertest.Server).Kill} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()

			servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
				alice, _ := arrive(t, s, "alice", "")
				bob, secret := arrive(t, s, "bob", "")
				channel := alice.direct("bob")
				messages := channel.link("_topics", "messages")
				bob.enter(channel)
				alice.say(channel, "handled")
				bob.hear(messages)
				bob.settle()
				alice.say(channel, "missed")
				stop(s)
				s.Restart()

				alice, _ = arrive(t, s, "alice", "")
				alice.enter(channel)
				alice.say(channel, "later")
				bob, _ = arrive(t, s, "bob", secret)
				bob.listen(messages)
				heard := bob.hearAll(messages)
				want := []string{"missed", "later"}
				if how == "killed" && len(heard) == 3 {
					want = append([]string{"handled"}, want...) // it was killed before it wrote that down
				}
				if diff := cmp.Diff(want, heard); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestAClientThatComesBackAgainAndAgainDuringTheTalkMissesNothing(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		const total = 400
		s.Set(map[string]string{"sends_per_user": "UNLIMITED"})
		alice, _ := arrive(t, s, "alice", "")
		bob, secret := arrive(t, s, "bob", "")
		channel := alice.direct("bob")
		messages := channel.link("_topics", "messages")
		bob.enter(channel)
		var talk sync.WaitGroup
		defer talk.Wait()
		talk.Go(func() {
			for i := range total {
				alice.say(channel, fmt.Sprint(i))
			}
		})
		for next := 0; next < total; {
			_, kind, what := bob.hear(messages)
			if kind == "channel.message.created" {
				if what["body"] != fmt.Sprint(next) {
					t.Fatalf("heard %v instead of %d", what["body"], next)
				}
				next++
			}
			if next%40 == 39 {
				bob.settle()
				bob.cut()
				bob, _ = arrive(t, s, "bob", secret)
				bob.listen(messages)
			}
		}
	})
}

func TestASecretResumesNothingForOthersNorAfterTheEnd(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	other := s.CreateApplication("other")
	bob, secret := arrive(t, s, "bob", "")
	user, _ := bob.read("/application/user.relay")
	bob.listen(user.link("_topics", "channels"))
	bob.settle()
	for name, stranger := range map[string]func() (*peer, string){
		"another user":                      func() (*peer, string) { return arrive(t, s, "eve", secret) },
		"the same name elsewhere":           func() (*peer, string) { return arriveTo(t, s, other.APIKey, "bob", secret) },
		"the text undefined":                func() (*peer, string) { return arrive(t, s, "bob", "undefined") },
		"somebody who makes up a secret":    func() (*peer, string) { return arrive(t, s, "bob", "made-up") },
		"another user, while nobody has it": func() (*peer, string) { bob.cut(); return arrive(t, s, "eve", secret) },
	} {
		if _, got := stranger(); got == secret || got == "made-up" || got == "undefined" {
			t.Errorf("%s resumed the session", name)
		}
	}
	bob, again := arrive(t, s, "bob", secret)
	if again != secret {
		t.Fatal("its owner did not resume the session")
	}
	bob.send(stomp.Disconnect, nil, "receipt", "bye")
	bob.end()
	if _, again := arrive(t, s, "bob", secret); again == secret {
		t.Error("a session that ended was resumed")
	}
}

func TestTheOlderConnectionOfASessionIsClosedWithAReason(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, _ := arrive(t, s, "alice", "")
	older, secret := arrive(t, s, "bob", "")
	channel := alice.direct("bob")
	messages := channel.link("_topics", "messages")
	older.enter(channel)
	alice.say(channel, "unheard")
	older.settle()

	newer, _ := arrive(t, s, "bob", secret)
	newer.listen(messages)
	if heard := newer.hearAll(messages); len(heard) != 1 {
		t.Errorf("the newer connection was told %q", heard)
	}
	if _, how := older.end(); how != "1008 the session goes on with another connection" {
		t.Errorf("the older connection ended with %q", how)
	}
}

func TestForAGraceTimeNobodySeesThatAConnectionIsLost(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.Grace = time.Second }})
	alice, _ := arrive(t, s, "alice", "")
	bob, secret := arrive(t, s, "bob", "")
	channel := alice.direct("bob")
	alice.enter(channel)
	participants := channel.link("_topics", "participants")
	bob.enter(channel)
	alice.event(participants, "channel.participant.active")
	bob.cut()
	bob, _ = arrive(t, s, "bob", secret)
	bob.enter(channel)
	alice.settle()
	for _, frame := range alice.got {
		if strings.Contains(string(frame.Body), `"type":"channel.participant`) || strings.Contains(string(frame.Body), `.presence.changed"`) {
			t.Errorf("alice was told %s", frame.Body)
		}
	}
	bob.cut()
	began := time.Now()
	alice.event(participants, "channel.participant.inactive")
	if waited := time.Since(began); waited < 500*time.Millisecond {
		t.Errorf("bob left after %v", waited)
	}
}

// Bob's tablet is connected, and chats nowhere: it hears of what his phone would
// miss.
func TestWhoIsInTheGraceTimeIsNotNotifiedAndAfterItIs(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) {
		c.Grace, c.TypingTimeout = 2*time.Second, 200*time.Millisecond
	}})
	alice, _ := arrive(t, s, "alice", "")
	phone, _ := arrive(t, s, "bob", "")
	tablet, _ := arrive(t, s, "bob", "")
	notifications := tablet.me().link("_topics", "notifications")
	tablet.listen(notifications)
	tablet.settle()
	channel := alice.direct("bob")
	participants, typing := channel.link("_topics", "participants"), channel.link("_topics", "typing")
	alice.enter(channel)
	alice.listen(typing)
	phone.enter(channel)
	alice.event(participants, "channel.participant.active")
	phone.send(stomp.Send, []byte(`{"keys":"I am"}`), "destination", channel.link("_actions", "keystrokes"))
	alice.event(typing, "thread.typing.started")

	phone.cut()
	alice.event(typing, "thread.typing.stopped")
	alice.say(channel, "while bob is expected back")
	alice.settle()
	for _, frame := range alice.got {
		if strings.Contains(string(frame.Body), `"type":"channel.participant.inactive"`) {
			t.Fatal("bob left within his grace time")
		}
	}

	alice.event(participants, "channel.participant.inactive")
	after := alice.say(channel, "after bob left")
	if _, _, got := tablet.hear(notifications); got.at("data", "message", "id") != float64(after.id()) {
		t.Errorf("bob was notified of %v first", got.at("data", "message", "body"))
	}
	if count := tablet.unread(channel, "messagesCount"); count != 2.0 {
		t.Errorf("bob has %v unread messages", count)
	}
}

func TestAMemberWhoWasRemovedMeanwhileIsToldThatAndNothingOfTheChannel(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	alice, _ := arrive(t, s, "alice", "")
	bob, secret := arrive(t, s, "bob", "")
	channel := alice.create(`{"type":"PRIVATE","name":"secrets","members":[{"username":"bob"}]}`)
	user, _ := bob.read("/application/user.relay")
	channels, messages := user.link("_topics", "channels"), channel.link("_topics", "messages")
	bob.listen(channels)
	bob.enter(channel)
	bob.settle()
	bob.cut()
	alice.say(channel, "about bob")
	if _, refused := alice.act(channel.link("_actions", "leave"), `{"user":{"username":"bob"}}`); refused.Error != "" {
		t.Fatal(refused)
	}
	alice.say(channel, "without bob")

	bob, _ = arrive(t, s, "bob", secret)
	bob.send(stomp.Subscribe, nil, "id", messages, "receipt", "r", "ack", "client-individual", "destination", messages)
	bob.listen(channels)
	if heard := bob.hearAll(channels); !slices.Contains(heard, "user.channel.left") {
		t.Errorf("bob was told %q", heard)
	}
	bob.settle()
	for _, frame := range bob.got {
		if frame.Header.Get("subscription") == messages {
			t.Errorf("bob still got %s", frame.Body)
		}
	}
}

func TestClientsThatShowNoSecretAreKnownByTheirSubscriptions(t *testing.T) {
	t.Parallel()

	const id = "subscription-id-0f5c2a84-9d3e-4c58-8d60-3f1d1f6f3b11"
	for _, agent := range []string{"", "ChatKitty-JS/1.27.0", "ChatKitty-JS/1.50.0"} {
		for _, after := range []string{"a loss", "a restart", "a kill"} {
			t.Run(agent+" after "+after, func(t *testing.T) {
				t.Parallel()

				s := servertest.Start(t, servertest.Options{})
				alice, _ := arrive(t, s, "alice", "")
				channel := alice.direct("bob")
				messages := channel.link("_topics", "messages")
				bob := oldConnect(t, s, "bob", agent)
				bob.send(stomp.Subscribe, nil, "id", id, "receipt", "r", "ack", "client-individual", "destination", messages)
				bob.await("the receipt", with(stomp.Receipt, "receipt-id", "r"))
				if after == "a kill" {
					s.Kill()
					s.Restart()
					alice, _ = arrive(t, s, "alice", "")
					alice.enter(channel)
				}
				bob.cut()
				alice.say(channel, "missed")
				if after == "a restart" {
					s.Restart()
				}
				eve := oldConnect(t, s, "alice", agent) // the same id, of somebody else
				eve.send(stomp.Subscribe, nil, "id", id, "receipt", "r", "destination", messages)
				bob = oldConnect(t, s, "bob", agent)
				bob.send(stomp.Subscribe, nil, "id", id, "receipt", "r", "ack", "client-individual", "destination", messages)
				if _, _, what := bob.hear(id); what["body"] != "missed" {
					t.Errorf("bob heard %v", what)
				}
				eve.settle()
				for _, frame := range eve.got {
					if frame.Command == stomp.Message {
						t.Errorf("another user got %s", frame.Body)
					}
				}
			})
		}
	}
}

// oldConnect connects as an SDK from before 1.58.
func oldConnect(t *testing.T, s *servertest.Server, username, agent string) *peer {
	t.Helper()
	p := dial(t, s, "/stompx/websocket", key(s.APIKey()))
	p.text("CONNECT\nStompX-User:" + username + "\nStompX-User-Agent:" + agent + "\naccept-version:1.2\n\n\x00")
	if got := p.next(); got.Command != stomp.Connected {
		t.Fatalf("connect got %s %s", got.Command, got.Body)
	}
	return p
}

func TestARepeatedRequestIsPerformedOnceAndAnsweredTwice(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, secret := arrive(t, s, "alice", "")
		channel := alice.direct("bob")
		send := func(receipt, key string) resource {
			alice.send(stomp.Send, []byte(`{"type":"TEXT","body":"once"}`),
				"destination", channel.link("_actions", "message"), "receipt", receipt, "idempotency-key", key)
			answer := alice.await("the answer", with(stomp.Message, "receipt-id", receipt))
			return decode[struct{ Resource resource }](t, answer.Body).Resource
		}
		again := func() {
			alice.settle()
			alice.cut()
			alice, _ = arrive(t, s, "alice", secret)
			user, _ := alice.read("/application/user.relay")
			alice.listen(user.link("_topics", "channels"))
		}
		byReceipt := send("receipt", "")
		again()
		if got := send("receipt", ""); got.id() != byReceipt.id() {
			t.Errorf("the second answer is message %d, not %d", got.id(), byReceipt.id())
		}
		byKey := send("one", "key")
		s.Kill()
		s.Restart()
		alice, secret = arrive(t, s, "alice", secret)
		again()
		if got := send("two", "key"); got.id() != byKey.id() {
			t.Errorf("under the same key, message %d was made beside %d", got.id(), byKey.id())
		}
		if count, _ := alice.read(channel.link("_relays", "messagesCount")); count["count"] != 2.0 {
			t.Errorf("there are %v messages, not 2", count["count"])
		}
		if _, refused := alice.act(channel.link("_actions", "message"), `{"type":"TEXT","body":"x"}`); refused.Error != "" {
			t.Error(refused)
		}
	})
}

func TestASlowClientIsToldAndMadeWholeWhenItReturns(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.MaxQueueSize = 64 << 10 }})
	alice, _ := arrive(t, s, "alice", "")
	bob, secret := arrive(t, s, "bob", "")
	channel := alice.direct("bob")
	messages := channel.link("_topics", "messages")
	bob.enter(channel)
	bob.settle()
	sent := 0
	for ; metric(t, s, "openkitty_slow_closes_total") == 0; sent++ {
		alice.say(channel, fmt.Sprint(sent)+strings.Repeat("x", 60<<10))
	}
	alice.say(channel, fmt.Sprint(sent))
	sent++
	if _, how := bob.end(); !strings.HasPrefix(how, "1008 too slow") {
		t.Errorf("the slow connection ended with %q", how)
	}
	bob, _ = arrive(t, s, "bob", secret)
	bob.listen(messages)
	heard := bob.hearAll(messages)
	if len(heard) != sent {
		t.Fatalf("bob was told %d of %d messages", len(heard), sent)
	}
	for i, body := range heard {
		if strings.TrimRight(body, "x") != fmt.Sprint(i) {
			t.Fatalf("message %d is %.20q", i, body)
		}
	}
}

func TestAClientIsToldOfChangesThatAreNoLongerKept(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	s.Set(map[string]string{"change_retention": "1h"})
	alice, _ := arrive(t, s, "alice", "")
	bob, secret := arrive(t, s, "bob", "")
	channel := alice.direct("bob")
	messages := channel.link("_topics", "messages")
	bob.enter(channel)
	bob.settle()
	bob.cut()
	alice.say(channel, "long ago")
	alice.say(channel, "long ago, too")
	s.Sweep(time.Now().Add(30*time.Minute + time.Hour))
	alice.say(channel, "lately")

	bob, _ = arrive(t, s, "bob", secret)
	bob.send(stomp.Subscribe, nil, "id", messages, "receipt", "r", "ack", "client-individual", "destination", messages)
	if receipt := bob.await("the receipt", with(stomp.Receipt, "receipt-id", "r")); receipt.Header.Get("behind") != "3" {
		t.Errorf("bob lacks %s changes", receipt.Header.Get("behind"))
	}
	_, kind, what := bob.hear(messages)
	if kind != "delivery.lost" || what["to"].(float64)-what["from"].(float64) != 1 {
		t.Errorf("first, bob was told %s %v", kind, what)
	}
	if diff := cmp.Diff([]string{"lately"}, bob.hearAll(messages)); diff != "" {
		t.Error(diff)
	}
}

func TestAMemberWhoWasAwayIsToldOfTheNewNameOfAChannel(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		alice, _ := arrive(t, s, "alice", "")
		bob, secret := arrive(t, s, "bob", "")
		channel := alice.create(`{"type":"PRIVATE","name":"before","members":[{"username":"bob"}]}`)
		user, _ := bob.read("/application/user.relay")
		channels := user.link("_topics", "channels")
		bob.listen(channels)
		bob.settle()
		bob.cut()
		if _, refused := alice.act(channel.link("_actions", "update"), `{"name":"after"}`); refused.Error != "" {
			t.Fatal(refused)
		}

		bob, _ = arrive(t, s, "bob", secret)
		bob.listen(channels)
		for {
			_, kind, what := bob.hear(channels)
			if kind == "delivery.caught_up" {
				t.Fatal("bob was not told")
			}
			if kind == "user.channel.updated" && what["name"] == "after" {
				return
			}
		}
	})
}
