package gateway

import "strings"

// generation is an age of the published SDKs. They differ in the names of some
// events; the newest is spoken to clients that are not known.
type generation uint8

const (
	gen1x1   generation = iota + 1 // chatkitty 1.1 and 1.10, which do not say what they are
	gen1x27                        // chatkitty 1.27
	gen1x40                        // chatkitty 1.40
	gen1x50                        // chatkitty 1.50
	gen1x58                        // chatkitty 1.58, @chatkitty/core 1.x, chatkitty 2.1
	gen2x5                         // chatkitty 2.5, which takes no null for a message
	gen2x106                       // @chatkitty/core 2.106, and whoever is unknown
)

// generationOf tells a client's age by the endpoint it connects to and the
// StompX-User-Agent that it sends.
func generationOf(endpoint, agent string) generation {
	product, version, _ := strings.Cut(agent, "/")
	switch product {
	case "":
		if endpoint == "stompx" {
			return gen1x1
		}
	case "ChatKitty-JS":
		return generationOf1x(version)
	case "ChatKitty-JS-Core":
		return gen1x58
	case "ChatKitty-ChatUI":
		// The 2.x packages state a version of their own making.
		switch version {
		case "2.40.0":
			return gen1x58
		case "2.60.0":
			return gen2x5
		}
	}
	return gen2x106
}

// generationOf1x places a version of the package chatkitty, as "1.27.0".
func generationOf1x(version string) generation {
	parts := strings.SplitN(version, ".", 3)
	if parts[0] != "1" || len(parts) < 2 {
		return gen2x106
	}
	// Compared as text: all minor versions from 27 on have two digits.
	switch minor := parts[1]; {
	case minor < "40":
		return gen1x27
	case minor < "50":
		return gen1x40
	case minor < "58":
		return gen1x50
	default:
		return gen1x58
	}
}
