package engine

import (
	"context"
	"sync"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

const (
	// notifyBatch is how many members one transaction notifies while others write:
	// about as many as 2 ms allow, since the messages that are sent meanwhile wait
	// for it.
	notifyBatch = 32
	// notifyBatchAlone is that while nobody else does: a backlog is worked off
	// several times as fast then, and who comes waits for one such batch.
	notifyBatchAlone = 256
	// notifyRest is how many times as long as a batch took it rests while others
	// write.
	notifyRest = 16
	// notifyWalks is how many channels are read at once, of those with members
	// to notify. They take turns, a batch each.
	notifyWalks = 64
	// notifyRetry is the pause after nothing but failures.
	notifyRetry = time.Second
)

// notifier notifies members who are not in the rooms of their channels.
//
// What is left to do is on disk, in the transactions of the messages and of the
// batches: a batch is done exactly once, whenever the server ends. One goroutine
// works it off and keeps nothing between the batches. While others write it rests
// sixteen times as long as each took, so that few sends find it before them.
type notifier struct {
	engine  *Engine
	token   chan struct{} // holds one token while there may be something to do
	starts  sync.Once
	cancel  context.CancelFunc
	running sync.WaitGroup

	pace pace // of the goroutine
}

func newNotifier(e *Engine) *notifier {
	n := &notifier{engine: e, token: make(chan struct{}, 1), cancel: func() {}, pace: pace{store: e.store}}
	n.wake() // for what the last server left
	return n
}

// start starts the goroutine, which close ends.
func (n *notifier) start() {
	n.starts.Do(func() {
		ctx, cancel := context.WithCancel(context.Background())
		n.cancel = cancel
		n.running.Go(func() { n.run(ctx) })
	})
}

func (n *notifier) close() {
	n.cancel()
	n.running.Wait()
}

func (n *notifier) wake() {
	select {
	case n.token <- struct{}{}:
	default:
	}
}

func (n *notifier) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.token:
		}
		for n.round(ctx) {
		}
	}
}

// round gives every channel a turn, and reports whether there was one.
func (n *notifier) round(ctx context.Context) (found bool) {
	failures, turns := 0, 0
	for after := chat.ChannelID(0); ctx.Err() == nil; {
		walks, err := n.engine.store.Walks(ctx, after, notifyWalks)
		if err != nil {
			n.complain(ctx, err)
			rest(ctx, notifyRetry)
			return true
		}
		for _, w := range walks {
			after = w.Channel
			turns++
			if err := n.step(ctx, w); err != nil {
				failures++
				n.complain(ctx, err)
			}
		}
		if len(walks) < notifyWalks {
			break
		}
	}
	if turns > 0 && failures == turns {
		rest(ctx, notifyRetry)
	}
	return turns > 0 && ctx.Err() == nil
}

func (n *notifier) complain(ctx context.Context, err error) {
	if ctx.Err() == nil {
		n.engine.log.Error("notify members", "error", err)
	}
}

// step does one batch of a walk.
func (n *notifier) step(ctx context.Context, w store.Walk) error {
	size := notifyBatchAlone
	if n.pace.batch(); n.pace.shared() {
		size = notifyBatch
	}
	began := time.Now() // what is read counts too: it takes the processor from others
	b, err := n.engine.prepareBatch(ctx, w, size)
	if err != nil {
		return err
	}
	err = n.engine.store.Update(ctx, int64(w.Channel), func(tx *store.Tx) error { return b.run(ctx, tx) })
	if n.pace.shared() {
		rest(ctx, notifyRest*time.Since(began))
	}
	return err
}

// anyAway reports whether somebody is to be notified of a message who is not in
// the channel's room. Where all chat, notifying costs nothing.
func (e *Engine) anyAway(channel chat.Channel, author *chat.User, mentions []chat.Mention) bool {
	strangers := channel.Type == chat.Public && len(mentions) > 0 // mentions reach users who are no members
	return strangers || e.rooms.occupants(channel.ID, author) < channel.MemberCount
}
