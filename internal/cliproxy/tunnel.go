package cliproxy

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"sync"
)

// tunnels is a listener whose connections are opened by requests. It queues
// none: the request that offers one waits until it is accepted.
type tunnels struct {
	opened chan net.Conn
	closed chan struct{}
	close  sync.Once
}

func newTunnels() *tunnels {
	return &tunnels{opened: make(chan net.Conn), closed: make(chan struct{})}
}

// offer hands a connection over, or closes it if nobody accepts them any more.
func (t *tunnels) offer(c net.Conn) {
	select {
	case t.opened <- c:
	case <-t.closed:
		c.Close()
	}
}

func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case c := <-t.opened:
		return c, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

func (t *tunnels) Close() error {
	t.close.Do(func() { close(t.closed) })
	return nil
}

// Addr is empty: tunnels come by the address of the proxy.
func (t *tunnels) Addr() net.Addr { return &net.TCPAddr{} }

// tunnel is a connection of which some bytes have been read: those that a
// client sent without waiting for the answer to its CONNECT.
type tunnel struct {
	net.Conn
	reader io.Reader
}

func newTunnel(c net.Conn, read *bufio.Reader) net.Conn {
	early, err := read.Peek(read.Buffered())
	if err != nil || len(early) == 0 {
		return c
	}
	return &tunnel{Conn: c, reader: io.MultiReader(bytes.NewReader(bytes.Clone(early)), c)}
}

func (t *tunnel) Read(p []byte) (int, error) { return t.reader.Read(p) }
