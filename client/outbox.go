package client

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"openkitty/stomp"
)

const (
	outboxMax  = 256 << 10              // bytes that wait to be written; more frames wait for room
	lazyMax    = 4 << 10                // bytes of acknowledgements that are worth a write of their own
	lazyDelay  = 100 * time.Millisecond // how long acknowledgements wait for company
	outboxKept = 16 << 10               // bytes of a buffer that is kept for the next write
)

// outbox writes frames to a connection in the order they were put, joining what
// waits into one write. Its goroutine runs only while there is something to
// write, and ends at the latest with the connection.
type outbox struct {
	net net.Conn

	mu      sync.Mutex
	waiting []byte // whole WebSocket messages
	spare   []byte // the buffer written last
	frame   []byte // scratch for the frame being put
	writing bool
	err     error
	room    chan struct{} // closed when waiting shrinks; nil if nobody waits for that
	lazy    *time.Timer   // flushes acknowledgements; nil while none wait
	beats   *time.Timer   // sends heart-beats; nil if none are due
}

// put writes frames, each in a message of its own. It waits only for room, not
// for the network.
func (o *outbox) put(ctx context.Context, frames ...stomp.Frame) error {
	if err := o.reserve(ctx); err != nil {
		return err
	}
	defer o.mu.Unlock()
	for _, frame := range frames {
		o.append(frame)
	}
	o.flush()
	return nil
}

// putLazily writes a frame with the next other one, or after a short while.
func (o *outbox) putLazily(ctx context.Context, frame stomp.Frame) error {
	if err := o.reserve(ctx); err != nil {
		return err
	}
	defer o.mu.Unlock()
	o.append(frame)
	switch {
	case len(o.waiting) > lazyMax:
		o.flush()
	case !o.writing && o.lazy == nil:
		o.lazy = time.AfterFunc(lazyDelay, o.flushLazy)
	}
	return nil
}

func (o *outbox) putMessage(ctx context.Context, code ws.OpCode, payload []byte) error {
	if err := o.reserve(ctx); err != nil {
		return err
	}
	defer o.mu.Unlock()
	o.waiting = appendMessage(o.waiting, code, payload)
	o.flush()
	return nil
}

// reserve waits for room and returns holding the lock, unless it fails.
func (o *outbox) reserve(ctx context.Context) error {
	for {
		o.mu.Lock()
		if o.err != nil {
			o.mu.Unlock()
			return o.err
		}
		if len(o.waiting) < outboxMax {
			return nil
		}
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (o *outbox) append(frame stomp.Frame) {
	o.frame = frame.Append(o.frame[:0])
	o.waiting = appendMessage(o.waiting, ws.OpText, o.frame)
	if cap(o.frame) > outboxKept {
		o.frame = nil
	}
}

// flush starts the writer if it does not run.
func (o *outbox) flush() {
	if o.lazy != nil {
		o.lazy.Stop()
		o.lazy = nil
	}
	if !o.writing {
		o.writing = true
		go o.write()
	}
}

func (o *outbox) flushLazy() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lazy = nil
	if len(o.waiting) > 0 && o.err == nil {
		o.flush()
	}
}

// write is the writer's goroutine.
func (o *outbox) write() {
	for {
		batch := o.take()
		if batch == nil {
			return
		}
		err := o.net.SetWriteDeadline(time.Now().Add(writeTimeout))
		if err == nil {
			_, err = o.net.Write(batch)
		}
		if err != nil {
			o.close(err)
			o.net.Close() // the reader notices, and ends the connection
			return
		}
	}
}

// take returns all that waits, or nil when the writer's work is done.
func (o *outbox) take() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) == 0 || o.err != nil {
		o.writing = false
		return nil
	}
	batch := o.waiting
	o.waiting = o.spare[:0]
	o.spare = nil
	if cap(batch) <= outboxKept {
		o.spare = batch
	}
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
	return batch
}

// beat sends a heart-beat every so often, from now on.
func (o *outbox) beat(every time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if every == 0 || o.err != nil {
		return
	}
	o.beats = time.AfterFunc(every, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err != nil {
			return
		}
		o.waiting = appendMessage(o.waiting, ws.OpText, []byte("\n"))
		o.flush()
		o.beats.Reset(every)
	})
}

// close refuses all further frames with err, and drops those that wait.
func (o *outbox) close(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	o.err = err
	o.waiting, o.spare = nil, nil
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
	for _, timer := range []*time.Timer{o.lazy, o.beats} {
		if timer != nil {
			timer.Stop()
		}
	}
}
