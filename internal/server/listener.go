package server

import (
	"context"
	"net"
	"time"
)

// listen opens a port whose connections bound each write.
func listen(ctx context.Context, address string, writeTimeout time.Duration) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &listener{Listener: l, writeTimeout: writeTimeout}, nil
}

type listener struct {
	net.Listener
	writeTimeout time.Duration
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, writeTimeout: l.writeTimeout}, nil
}

// conn gives each write its own deadline, so that a peer that stops reading
// can't hold a handler for ever. The write timeout of http.Server bounds whole
// responses instead, which would end the streams of SockJS.
type conn struct {
	net.Conn
	writeTimeout time.Duration
}

func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.writeTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// NetConn is the connection itself, for who sets the deadlines of its own
// writes.
func (c *conn) NetConn() net.Conn { return c.Conn }
