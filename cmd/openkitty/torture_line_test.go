package main

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// brokenLine is a proxy to the server whose connections break in the ways in
// which networks do.
type brokenLine struct {
	listener net.Listener
	target   string
	last     atomic.Int64 // when the server last took a connection, in nanoseconds

	mu    sync.Mutex
	pairs map[*linePair]struct{}
}

// linePair is a connection on its way through.
type linePair struct {
	near, far net.Conn
	frozen    atomic.Bool
}

func newBrokenLine(t *testing.T, target string) *brokenLine {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &brokenLine{listener: listener, target: target, pairs: map[*linePair]struct{}{}}
	t.Cleanup(func() {
		listener.Close()
		l.reset()
	})
	go l.serve() // ends with the listener
	return l
}

func (l *brokenLine) address() string { return l.listener.Addr().String() }

func (l *brokenLine) accepted() time.Time { return time.Unix(0, l.last.Load()) }

func (l *brokenLine) serve() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", l.target)
		if err != nil {
			near.Close()
			continue
		}
		l.last.Store(time.Now().UnixNano())
		p := &linePair{near: near, far: far}
		l.mu.Lock()
		l.pairs[p] = struct{}{}
		l.mu.Unlock()
		go l.carry(p, near, far)
		go l.carry(p, far, near)
	}
}

// carry moves bytes one way until a side ends, or for a frozen connection until
// the server ends it.
func (l *brokenLine) carry(p *linePair, to, from net.Conn) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			break
		}
		if p.frozen.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			break
		}
	}
	if p.frozen.Load() && from == p.near {
		return // the server is not told
	}
	p.near.Close()
	p.far.Close()
	l.mu.Lock()
	delete(l.pairs, p)
	l.mu.Unlock()
}

func (l *brokenLine) each(do func(*linePair)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.pairs {
		do(p)
	}
}

// reset breaks both sides.
func (l *brokenLine) reset() {
	l.each(func(p *linePair) {
		abort(p.near)
		abort(p.far)
	})
}

// halve breaks the client's side, and leaves the server to believe in its own.
func (l *brokenLine) halve() {
	l.each(func(p *linePair) {
		p.frozen.Store(true)
		abort(p.near)
	})
}

// freeze loses everything, and tells nobody.
func (l *brokenLine) freeze() {
	l.each(func(p *linePair) { p.frozen.Store(true) })
}

func abort(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}
