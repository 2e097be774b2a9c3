package gateway_test

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
	"openkitty/stomp"

	"github.com/google/go-cmp/cmp"
)

// chatUITopics are a peer's own topics of its application's chat UI.
func chatUITopics(p *peer) map[string]string {
	me, _ := p.read("/application/user.relay")
	return map[string]string{
		"elements": me.link("_topics", "elements"),
		"features": me.link("_topics", "features"),
		"styles":   me.link("_topics", "styles"),
	}
}

func TestAllUsersOfAnApplicationAndNoOthersAreShownItsChatUI(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		other := s.CreateApplication("other")
		alice, bob, stranger := connect(t, s, "alice"), connect(t, s, "bob"), connectTo(t, s, other.APIKey, "alice")
		everybody := []*peer{alice, bob, stranger}
		topics := map[*peer]map[string]string{}
		for _, p := range everybody {
			topics[p] = chatUITopics(p)
			for _, topic := range topics[p] {
				p.listen(topic)
			}
			p.listen(strings.TrimSuffix(topics[p]["styles"], ".styles"))
		}
		for part, name := range chatUINames {
			s.SetChatUI(s.Application.ID, part, `{"for":"ours"}`)
			s.SetChatUI(other.ID, part, `{"for":"others"}`)
			for _, p := range everybody {
				topic, whose := topics[p][part], "ours"
				if p == stranger {
					whose = "others"
				}
				frame := p.await("the "+part, with(stomp.Message, "subscription", topic))
				want := fmt.Sprintf(`{"type":"%s","version":"1.0","resource":{"for":"%s"}}`, name, whose)
				if diff := cmp.Diff(want, string(frame.Body)); diff != "" {
					t.Errorf("the event:\n%s", diff)
				}
				if got := frame.Header.Get("destination"); got != topic {
					t.Errorf("the event of %s comes from %s", topic, got)
				}
				if id := frame.Header.Get("message-id"); !strings.HasPrefix(id, "m") || frame.Header.Get("sequence") != "" || frame.Header.Get("ack") != id {
					t.Errorf("a momentary event has the header %v", frame.Header)
				}
			}
		}
		for _, p := range everybody {
			p.settle()
			if len(p.got) > 0 {
				t.Errorf("beside that, %d frames came, first %s", len(p.got), p.got[0].Body)
			}
		}
	})
}

var chatUINames = map[string]string{
	"elements": "application.elements.updated",
	"features": "application.features.updated",
	"styles":   "application.styles.updated",
}

func TestWhoeverBeginsToListenIsShownTheChatUIAsItIs(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	early := connect(t, s, "early")
	early.listen(chatUITopics(early)["styles"])
	early.settle() // the server knows now that there is nothing to show
	s.SetChatUI(s.Application.ID, "styles", `{"base-theme":"light"}`)
	bob := connect(t, s, "bob")
	bobs := chatUITopics(bob)["styles"]
	bob.listen(bobs)
	bob.event(bobs, chatUINames["styles"])
	s.SetChatUI(s.Application.ID, "styles", `{"base-theme":"dark"}`)
	bob.event(bobs, chatUINames["styles"]) // so no walk has it to show any more
	alice := connect(t, s, "alice")
	topics := chatUITopics(alice)
	for _, topic := range topics {
		alice.listen(topic)
	}
	if got := alice.event(topics["styles"], chatUINames["styles"]); got["base-theme"] != "dark" {
		t.Errorf("alice is shown %v", got)
	}
	// Under another id that is another subscription, under the same one it is not.
	alice.send(stomp.Subscribe, nil, "id", "again", "destination", topics["styles"])
	alice.event("again", chatUINames["styles"])
	alice.listen(topics["styles"])
	alice.send(stomp.Subscribe, nil, "id", "none", "destination", "/topic/channels/101.styles")
	alice.settle()
	if len(alice.got) > 0 {
		t.Errorf("beside that, %d frames came, first %s", len(alice.got), alice.got[0].Body)
	}
}

func TestNobodyIsLeftWithAnOlderChatUI(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	const versions = 100
	set := make(chan struct{})
	go func() { // ends with its last version
		defer close(set)
		for n := range versions {
			s.SetChatUI(s.Application.ID, "styles", fmt.Sprintf(`{"n":"%d"}`, n+1))
		}
	}()
	var all []*peer
	for n, going := 0, true; going; n++ {
		p := connect(t, s, fmt.Sprint("user", n%5))
		p.listen(chatUITopics(p)["styles"])
		all = append(all, p)
		select {
		case <-set:
			going = false
		default:
		}
	}
	for _, p := range all {
		for last := 0; last < versions; {
			frame := p.await("the last version", func(f stomp.Frame) bool { return strings.Contains(string(f.Body), chatUINames["styles"]) })
			text, _ := decode[struct{ Resource resource }](t, frame.Body).Resource["n"].(string)
			n, err := strconv.Atoi(text)
			if err != nil || n < last {
				t.Fatalf("after version %d came %q", last, text)
			}
			last = n
		}
	}
}

func TestAUserWhoDoesNotReadHoldsUpNoChangeOfTheChatUI(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) {
		c.MaxQueueSize, c.WriteTimeout = 64<<10, time.Second
	}})
	alice, deaf := connect(t, s, "alice"), connect(t, s, "deaf")
	topic := chatUITopics(alice)["styles"]
	alice.listen(topic)
	deaf.listen(chatUITopics(deaf)["styles"])
	deaf.conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	body := fmt.Sprintf(`{"stylesheet":%q}`, strings.Repeat("x", 60<<10))
	for sent := 0; metric(t, s, "openkitty_slow_closes_total") == 0; sent++ {
		if sent > 1000 {
			t.Fatal("60 MB were kept for a peer that does not read")
		}
		s.SetChatUI(s.Application.ID, "styles", body)
		alice.event(topic, chatUINames["styles"])
	}
	eventually(t, "nothing is queued any more", func() bool { return metric(t, s, "openkitty_queued_bytes") == 0 })
}
