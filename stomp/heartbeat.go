package stomp

import (
	"strconv"
	"strings"
	"time"
)

// HeartBeat is one side's offer or, after [HeartBeat.Negotiate], the agreement.
type HeartBeat struct {
	Send   time.Duration // it can send, or must, at least this often; 0: not at all
	Expect time.Duration // it wants, or gets, something at least this often; 0: not at all
}

// ParseHeartBeat reads a heart-beat header, two numbers of milliseconds. A
// missing header means "0,0" ("Heart-beating").
func ParseHeartBeat(text string) (HeartBeat, error) {
	if text == "" {
		return HeartBeat{}, nil
	}
	send, expect, found := strings.Cut(text, ",")
	x, errX := strconv.ParseUint(send, 10, 31)
	y, errY := strconv.ParseUint(expect, 10, 31)
	if !found || errX != nil || errY != nil {
		return HeartBeat{}, malformed("the heart-beat %.40q is not two numbers of milliseconds", text)
	}
	return HeartBeat{
		Send:   time.Duration(x) * time.Millisecond,
		Expect: time.Duration(y) * time.Millisecond,
	}, nil
}

// String is the value of the header.
func (h HeartBeat) String() string {
	return strconv.FormatInt(h.Send.Milliseconds(), 10) + "," + strconv.FormatInt(h.Expect.Milliseconds(), 10)
}

// Negotiate returns what h's side does once it knows the peer's offer: each
// direction is as slow as its slower side, and off if either side is.
func (h HeartBeat) Negotiate(peer HeartBeat) HeartBeat {
	return HeartBeat{
		Send:   slower(h.Send, peer.Expect),
		Expect: slower(h.Expect, peer.Send),
	}
}

func slower(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return 0
	}
	return max(a, b)
}
