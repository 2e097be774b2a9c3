//go:build !unix

package gateway

import (
	"errors"
	"net"
)

// direct is not to be had on this system: every connection keeps a read buffer,
// and every write has a goroutine.
type direct struct{}

func (d *direct) init(net.Conn)   {}
func (d *direct) available() bool { return false }

func (d *direct) read() (*[inputSize]byte, int, error) { return nil, 0, errors.ErrUnsupported }
func (d *direct) write([]byte) (int, error)            { return 0, errors.ErrUnsupported }
