// Package brokertest says what every broker does, as tests.
package brokertest

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/broker"
)

// Run tests a broker. connect returns a broker that has not been joined yet.
func Run(t *testing.T, connect func(*testing.T) broker.Broker) {
	t.Run("a publication arrives as it was sent", func(t *testing.T) {
		t.Parallel()
		b, node := join(t, connect)
		want := &broker.Publication{
			Topic:    broker.Topic{Kind: broker.Channel, ID: 7},
			Aspect:   3,
			Types:    [2]string{"thread.message.created", "channel.message.created"},
			ID:       "c7-1",
			Sequence: 1,
			Resource: []byte(`{"id":1}`),
			Except:   9,
			Session:  "s",
			Receipt:  "r",
		}
		node.follow(b, want.Topic)
		b.Publish(want)
		if diff := cmp.Diff([]*broker.Publication{want}, node.wait(1)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("publications to one topic keep their order", func(t *testing.T) {
		t.Parallel()
		b, node := join(t, connect)
		topic := broker.Topic{Kind: broker.User, ID: 1}
		node.follow(b, topic)
		const count = 1000
		for i := range int64(count) {
			b.Publish(&broker.Publication{Topic: topic, Sequence: i})
		}
		for i, p := range node.wait(count) {
			if p.Sequence != int64(i) {
				t.Fatalf("publication %d has sequence %d", i, p.Sequence)
			}
		}
	})
	t.Run("a followed topic is wanted", func(t *testing.T) {
		t.Parallel()
		b, node := join(t, connect)
		topic := broker.Topic{Kind: broker.User, ID: 2}
		node.follow(b, topic)
		if !b.Wanted(topic) {
			t.Error("the topic is followed but not wanted")
		}
	})
}

// node records what it is handed.
type node struct {
	mu       sync.Mutex
	arrived  *sync.Cond
	followed map[broker.Topic]bool
	got      []*broker.Publication
}

func join(t *testing.T, connect func(*testing.T) broker.Broker) (broker.Broker, *node) {
	t.Helper()
	b := connect(t)
	n := &node{followed: map[broker.Topic]bool{}}
	n.arrived = sync.NewCond(&n.mu)
	b.Join(n)
	t.Cleanup(b.Close)
	return b, n
}

func (n *node) follow(b broker.Broker, topic broker.Topic) {
	n.mu.Lock()
	n.followed[topic] = true
	n.mu.Unlock()
	b.Follow(topic)
}

func (n *node) Listening(topic broker.Topic) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.followed[topic]
}

func (n *node) Deliver(p *broker.Publication) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.got = append(n.got, p)
	n.arrived.Broadcast()
}

// wait returns what arrived once that is at least count publications.
func (n *node) wait(count int) []*broker.Publication {
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(n.got) < count {
		n.arrived.Wait()
	}
	return n.got
}
