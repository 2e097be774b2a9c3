package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCommand struct{}

func (versionCommand) Run(t terminal) error {
	version := "(unknown)"
	if build, ok := debug.ReadBuildInfo(); ok {
		version = build.Main.Version
	}
	_, err := fmt.Fprintf(t.out, "openkitty %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
