//go:build !linux

package bench

import (
	"context"
	"errors"
	"io"
)

var errUnsupported = errors.New("measuring needs Linux")

// Run measures nothing here.
func Run(context.Context, Config) (Report, error) { return Report{}, errUnsupported }

// ServeFloor serves nothing here.
func ServeFloor(context.Context, Floor, io.Writer) error { return errUnsupported }
