package store

import (
	"context"
	"sync"

	"openkitty/internal/chat"
)

// longReadsMax is how many long reads of one application may be under way or
// wait; further ones are refused.
const longReadsMax = 16

// longReads lets each application count, sort or walk one long list at a time, and
// all applications together use a part of the connections: whoever asks for many
// of them keeps nobody else from reading.
type longReads struct {
	room  chan struct{} // as many as may be under way
	mu    sync.Mutex
	lines map[chat.ApplicationID]*line // of applications that have any
}

func newLongReads(atOnce int) *longReads {
	return &longReads{room: make(chan struct{}, atOnce), lines: map[chat.ApplicationID]*line{}}
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
	leave := func() { l.leave(app) }
	select {
	case waiting.turn <- struct{}{}:
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
	leave = func() {
		<-waiting.turn
		l.leave(app)
	}
	select {
	case l.room <- struct{}{}:
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
	return func() {
		<-l.room
		leave()
	}, nil
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
		return nil, chat.Errorf(chat.Limited, "too many long lists are being searched, sorted, or read far behind their beginning; ask for fewer at once, or go from page to page")
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
