package chat

import "time"

// ThreadID names a thread.
type ThreadID int64

// ThreadType says what the messages of a thread have in common.
type ThreadType string

const (
	// MainThread holds what is said in a channel and is in no other thread.
	MainThread ThreadType = "MAIN"
	// MessageThread holds the replies to a message, and begins with the first.
	MessageThread ThreadType = "MESSAGE"
	// StandaloneThread holds messages of its own, under a name.
	StandaloneThread ThreadType = "STANDALONE"
)

// StandaloneMax is how many threads of their own a channel has at most.
const StandaloneMax = 10_000

// Thread is a part of what is said in a channel. All of its messages are
// messages of the channel too.
type Thread struct {
	ID          ThreadID
	Application ApplicationID
	Channel     ChannelID
	Type        ThreadType
	Message     MessageID // whose replies it holds; zero for none
	Name        string    // of a standalone thread
	Properties  Properties
	CreatedAt   time.Time
}

// ThreadPlace tells the threads of a channel apart without their ids. The zero
// value is the main thread.
type ThreadPlace struct {
	Message    MessageID // whose replies it holds
	Standalone ThreadID
}

// Place is the thread's place among those of its channel.
func (t Thread) Place() ThreadPlace {
	if t.Type == StandaloneThread {
		return ThreadPlace{Standalone: t.ID}
	}
	return ThreadPlace{Message: t.Message}
}

// Place is that of the thread which the message is in. A message that is
// replied to is not in the thread of its replies.
func (m Message) Place() ThreadPlace {
	if m.Parent != 0 {
		return ThreadPlace{Message: m.Parent}
	}
	return ThreadPlace{Standalone: m.InThread}
}

// NewThread asks for a thread that stands alone.
type NewThread struct {
	Name       string
	Properties Properties
}

// Check reports what is wrong with the request.
func (t NewThread) Check() error { return checkName("thread name", t.Name) }

// ThreadFilter selects threads of a channel. The zero value selects all.
type ThreadFilter struct {
	WithoutMain bool
	Standalone  bool // only those that stand alone
}

// NoThread refuses a thread that is not there, or not for the actor.
func NoThread(id ThreadID) *Error {
	return Errorf(NotFound, "there is no thread %d", id).Named("ThreadNotFoundError")
}

// ThreadCreated says that a thread that stands alone was created. Durable, in
// the stream of its channel.
type ThreadCreated struct {
	Thread   Thread
	Sequence int64
	Cause    Cause
}

func (ThreadCreated) event() {}
