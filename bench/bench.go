// Package bench measures how much of a machine an OpenKitty server needs, and
// how much of that anything would need.
//
// Each scenario runs against the server and against the floor: a program that
// writes the same bytes to as many sockets and the same rows to the same
// database, and does nothing else. Both run on one processor, the load
// generator on another. Figures of one machine say little about the next; the
// ratio of server to floor in one run is what to compare, and what the marks
// are set for.
//
// It needs Linux, for epoll, processor affinity and the accounts of processes.
package bench

import (
	"time"
)

// Config says what to measure. Zero fields of the sizes take their default.
type Config struct {
	Scenarios []string // of the names below; empty for all
	Sides     []Side   // empty for both

	Rounds   int           // how often each is measured; the report has the medians
	Warmup   time.Duration // of a conversation, before it is measured
	Duration time.Duration // for which it is measured
	Settle   time.Duration // before memory is read

	Subscribers []int // of the channel of Fanout, each a scenario of its own
	Rooms       int   // of Rooms, with 4 sessions each
	Sessions    int   // of Idle and Storm
	Senders     int   // of Send
	Members     int   // of the larger channel of Big; the smaller has those who are connected alone
	Connected   int   // of them
	Rate        int   // messages a second of the paced part of Send, and of Import
	Imports     int   // messages that Import imports
	History     int   // messages of the channel of History
	Pages       int   // how often each of its pages is read

	// FrameSize is the bytes of one delivery of the floor. Zero asks the server
	// first, and takes 2,000 where none is measured.
	FrameSize int

	Executable string // this program, which children run; see os.Executable
	Directory  string // for the databases of children; empty for the system's temporary one

	// URL and APIKey name a running server; it is measured in place of a child.
	// Process is its id on this machine, if known.
	URL, APIKey string
	Process     int

	// Acknowledged is a file that gets the text of each message of Send that
	// was acknowledged, for Verify. With it, Send is one conversation of the
	// given duration, and a server that ends is no failure.
	Acknowledged string

	Progress func(text string) // is told what is going on; may be nil
}

// The scenarios.
const (
	Fanout = "fanout" // one channel, many subscribers
	Rooms  = "rooms"  // channels of 4 in which everybody talks
	Send   = "send"   // acknowledged and durable messages
	Idle   = "idle"   // sessions that only are there
	Big    = "big"    // one channel, most of whose members are away; measured only if it is named
	// Import is messages imported while others talk. It is measured on the server
	// alone, and only where it is named.
	Import = "import"
	// History is a long channel that is paged through, on the server alone and
	// only where it is named.
	History = "history"
	// Storm is sessions that lose their connections at once and come back. It is
	// measured on the server alone, and only where it is named.
	Storm = "storm"
	// Acks is a channel whose subscribers acknowledge each message, as the SDKs do.
	// It is measured on the server alone, and only where it is named.
	Acks = "acks"
)

// Side is what a scenario ran against.
type Side string

const (
	FloorSide  Side = "floor"
	ServerSide Side = "server"
)

// Quick is a configuration that finishes within seconds and measures next to
// nothing: it shows that everything works.
func Quick() Config {
	return Config{
		Rounds: 1, Warmup: 50 * time.Millisecond, Duration: 200 * time.Millisecond, Settle: 100 * time.Millisecond,
		Subscribers: []int{50, 100}, Rooms: 5, Sessions: 50, Senders: 8, Rate: 200, Members: 200, Connected: 20, Imports: 1000,
		History: 1000, Pages: 5,
	}
}

// Standard is the configuration that the marks are meant for.
func Standard() Config {
	return Config{
		Rounds: 3, Warmup: 500 * time.Millisecond, Duration: 2 * time.Second, Settle: 5 * time.Second,
		Subscribers: []int{1000, 5000}, Rooms: 250, Sessions: 10_000, Senders: 64, Rate: 2000, Members: 100_000, Connected: 1000, Imports: 1_000_000,
		History: 1_000_000, Pages: 500,
	}
}

// textSize is the bytes of the text of each message. As a resource it grows to
// about 2 KB, with its links and its author.
const textSize = 128

// joinedMessages is how many messages are under way in the joined part of
// Fanout.
const joinedMessages = 32

// roomSize is how many sessions share a channel of Rooms.
const roomSize = 4

// Floor is what [ServeFloor] does.
type Floor struct {
	Rooms     int
	Window    int    // messages of a room that are broadcast together
	FrameSize int    // bytes of each delivery on the wire
	TextSize  int    // bytes of each message's text in the database
	Data      string // directory for the rows of each message; empty: keep nothing
}
