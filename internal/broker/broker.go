// Package broker carries events between the nodes of a cluster.
//
// Delivery is at most once. Publications to one topic by one node arrive
// everywhere in the order they were published; nothing else is promised. Who
// missed something reads it again from the database, which is the truth.
package broker

// Kind says what a topic belongs to.
type Kind uint8

const (
	User        Kind = 'u'
	Channel     Kind = 'c'
	Application Kind = 'a' // all of its users; every node follows every one
)

// Topic is what publications are addressed to: one user, one channel, or an
// application. Ids are unique among all applications, so topics are too.
type Topic struct {
	Kind Kind
	ID   int64
}

// Everybody stands for all users, where one may be named.
const Everybody int64 = -1

// Publication is one event, ready to be written to any subscriber.
type Publication struct {
	Topic    Topic
	Aspect   uint8     // which part of the topic it concerns, in the gateway's numbering
	Types    [2]string // the event's name for older and for newer clients
	Renamed  uint8     // the generation of clients, as the gateway counts them, that first knew the newer name
	ID       string    // the same whenever and wherever this event is delivered
	Sequence int64     // its number in the topic's stream; zero for a momentary event
	Version  int64     // of what it shows, if that takes the place of all earlier versions; zero otherwise
	Thread   int64     // the thread of a channel that it concerns, in the gateway's numbering; zero for none
	Resource []byte    // JSON, shared by all subscribers and never changed
	Except   int64     // the user who is not told; zero for none
	Ends     int64     // the user who may not follow the topic after this, or Everybody; zero for nobody

	// Who is shown another resource than all others, because they may do more.
	Managers         []int64
	ManagersResource []byte

	// Final says that the user of the topic is no more: once the event is
	// delivered, the sessions of the user end.
	Final bool

	// Private says that nobody hears of it but the session whose request it
	// answers.
	Private bool

	// The request that this event answers, on whichever node its session is.
	Session string // empty if there is none
	Receipt string
}

// Node is what a broker delivers to: the gateway of this process.
type Node interface {
	// Listening reports whether a session of this node follows the topic.
	Listening(Topic) bool
	// Deliver hands over a publication. It does not block.
	Deliver(*Publication)
}

// Broker connects a node with all nodes, itself included.
type Broker interface {
	// Join names the node to deliver to. It is called once, before all else.
	Join(Node)
	// Follow and Unfollow say that the node's sessions listen to a topic from
	// now on, or no longer.
	Follow(Topic)
	Unfollow(Topic)
	// Wanted reports whether anybody may follow the topic. If not, there is no
	// need to prepare a publication.
	Wanted(Topic) bool
	// Publish delivers to every node that follows the publication's topic, and
	// to the one that has its Session.
	Publish(*Publication)
	// Close ends deliveries.
	Close()
}
