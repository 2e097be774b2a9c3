package bench

import (
	"fmt"
	"slices"
)

// shape says how many connections are in how many rooms.
type shape struct {
	rooms     int
	listeners int  // of each room
	talkers   int  // of each room; they are its first listeners, unless silent
	silent    bool // talkers hear of receipts alone
	acks      bool // listeners are asked to acknowledge each delivery
	members   int  // of the only room, in which every connection is a user's; 0: as many as there are connections
}

// connections is how many a room has.
func (s shape) connections() int {
	if s.silent {
		return s.listeners + s.talkers
	}
	return max(s.listeners, s.talkers)
}

// hears reports whether the connection at a place of a room listens to it.
func (s shape) hears(place int) bool {
	if s.silent {
		return place >= s.talkers
	}
	return place < s.listeners
}

// scenario is one situation that is measured.
type scenario struct {
	name string
	shape
	rate     int  // messages a second; 0: as many as possible
	sessions int  // that only are there, instead of rooms
	durable  bool // the floor keeps the messages
	imports  int  // messages that are imported meanwhile
	history  int  // messages of a channel that is paged through, instead of rooms
	storm    bool // the sessions are dropped and come back
	wide     bool // the server uses all processors
}

// The parts of Send.
const (
	sendOwn   = Send + ", a channel each"
	sendOne   = Send + ", all to one"
	sendPaced = Send + ", paced"
)

// The parts of Import.
const (
	importBefore    = Import + ", before"
	importMeanwhile = Import + ", meanwhile"
	oneProcessor    = ", one processor"
)

func fanoutName(variant string, subscribers int) string {
	return fmt.Sprintf("%s to %d, %s", Fanout, subscribers, variant)
}

func bigName(members int) string { return fmt.Sprintf("%s, %d members", Big, members) }

// scenarios are those that a configuration asks for.
func (c Config) scenarios() []scenario {
	var all []scenario
	wanted := func(name string) bool { return len(c.Scenarios) == 0 || slices.Contains(c.Scenarios, name) }
	if wanted(Fanout) {
		for _, n := range c.Subscribers {
			all = append(all,
				scenario{name: fanoutName("lone", n), shape: shape{rooms: 1, listeners: n, talkers: 1}},
				scenario{name: fanoutName("joined", n), shape: shape{rooms: 1, listeners: n, talkers: min(joinedMessages, n)}})
		}
	}
	if wanted(Rooms) {
		all = append(all, scenario{name: Rooms, durable: true, shape: shape{rooms: c.Rooms, listeners: roomSize, talkers: roomSize}})
	}
	if wanted(Send) {
		own := shape{rooms: c.Senders, listeners: 1, talkers: 1}
		all = append(all, scenario{name: sendOwn, durable: true, shape: own})
		if c.Acknowledged == "" {
			all = append(all,
				scenario{name: sendOne, durable: true, shape: shape{rooms: 1, talkers: c.Senders, silent: true}},
				scenario{name: sendPaced, durable: true, shape: own, rate: c.Rate})
		}
	}
	if slices.Contains(c.Scenarios, Big) { // of the server alone: it has no floor
		for _, members := range []int{c.Connected, c.Members} {
			all = append(all, scenario{name: bigName(members), shape: shape{rooms: 1, listeners: c.Connected, talkers: 1, members: members}})
		}
	}
	if slices.Contains(c.Scenarios, Import) {
		own := shape{rooms: c.Senders, listeners: 1, talkers: 1}
		all = append(all,
			scenario{name: importBefore, shape: own, rate: c.Rate, wide: true},
			scenario{name: importMeanwhile, shape: own, rate: c.Rate, wide: true, imports: c.Imports},
			scenario{name: importBefore + oneProcessor, shape: own, rate: c.Rate},
			scenario{name: importMeanwhile + oneProcessor, shape: own, rate: c.Rate, imports: c.Imports})
	}
	if slices.Contains(c.Scenarios, History) {
		all = append(all, scenario{name: History, history: c.History, shape: shape{rooms: 1}})
	}
	if slices.Contains(c.Scenarios, Acks) {
		listeners := c.Subscribers[0]
		all = append(all, scenario{name: Acks, shape: shape{rooms: 1, listeners: listeners, talkers: min(joinedMessages, listeners), acks: true}})
	}
	if slices.Contains(c.Scenarios, Storm) {
		all = append(all, scenario{name: Storm, sessions: c.Sessions, storm: true, shape: shape{rooms: 1}})
	}
	if wanted(Idle) {
		all = append(all, scenario{name: Idle, sessions: c.Sessions, shape: shape{rooms: 1}})
	}
	return all
}
