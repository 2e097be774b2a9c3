package store

import (
	"context"
	"sync"

	"openkitty/internal/chat"
)

// longReadsMax is how many long reads of one application may be under way or
// wait; further ones are refused.
const longReadsMax = 16

// longReads lets each application count or walk one long list at a time: whoever
// asks for many of them keeps nobody else from reading.
type longReads struct {
	mu    sync.Mutex
	lines map[chat.ApplicationID]*line // of applications that have any
}

// line is where an application's long reads wait.
type line struct {
	asking int
	turn   chan struct{} // capacity 1: full while one is under way
}

// begin waits for an application's turn, which lasts until end is called.
func (l *longReads) begin(ctx context.Context, app chat.ApplicationID) (end func(), err error) {
	waiting, err := l.join(app)
	if err != nil {
		return nil, err
	}
	select {
	case waiting.turn <- struct{}{}:
		return func() {
			<-waiting.turn
			l.leave(app)
		}, nil
	case <-ctx.Done():
		l.leave(app)
		return nil, ctx.Err()
	}
}

func (l *longReads) join(app chat.ApplicationID) (*line, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.lines[app]
	if waiting == nil {
		waiting = &line{turn: make(chan struct{}, 1)}
		l.lines[app] = waiting
	}
	if waiting.asking >= longReadsMax {
		return nil, chat.Errorf(chat.Limited, "too many pages far into long lists are being read; ask for fewer at once, or go from page to page")
	}
	waiting.asking++
	return waiting, nil
}

func (l *longReads) leave(app chat.ApplicationID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines[app].asking--; l.lines[app].asking == 0 {
		delete(l.lines, app)
	}
}
