package server

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair returns both ends of a connection through a listener of this package.
func pair(t *testing.T, writeTimeout time.Duration) (client, server net.Conn) {
	t.Helper()
	l, err := listen(t.Context(), "127.0.0.1:0", writeTimeout)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return client, server
}

func TestWritesToAPeerThatNeverReadsEnd(t *testing.T) {
	t.Parallel()

	_, server := pair(t, 50*time.Millisecond)
	chunk := make([]byte, 1<<20)
	var err error
	for range 64 { // far more than the kernel's buffers hold
		if _, err = server.Write(chunk); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("writing ended with %v, want a deadline", err)
	}
}

func TestAPeerThatReadsSlowlyHasTheTimeForEachWrite(t *testing.T) {
	t.Parallel()

	client, server := pair(t, 10*time.Second)
	const writes, size = 16, 1 << 10
	read := make(chan error, 1)
	go func() {
		_, err := io.ReadFull(client, make([]byte, writes*size))
		read <- err
	}()
	for range writes {
		// An earlier deadline must not outlive its write.
		if err := server.SetWriteDeadline(time.Now().Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := server.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-read; err != nil {
		t.Error(err)
	}
}

func TestTheConnectionItselfCanBeHad(t *testing.T) {
	t.Parallel()

	_, server := pair(t, time.Second)
	if _, ok := server.(interface{ NetConn() net.Conn }).NetConn().(*net.TCPConn); !ok {
		t.Errorf("NetConn of %T is no TCP connection", server)
	}
}
