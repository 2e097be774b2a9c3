package stomp_test

import (
	"errors"
	"fmt"

	"openkitty/stomp"
)

// Read all frames that arrived in one WebSocket message.
func ExampleLimits_Decode() {
	limits := stomp.Limits{Header: 8 << 10, Fields: 64, Body: 256 << 10}
	data := []byte("SUBSCRIBE\nid:s1\ndestination:/topic/news\n\n\x00\nSEND\ndestination:/topic/news\n\nhello\x00\n")
	for len(data) > 0 {
		frame, rest, err := limits.Decode(data)
		if err != nil {
			fmt.Println(err)
			return
		}
		if frame.Command != "" {
			fmt.Printf("%s %s %q\n", frame.Command, frame.Header.Get("destination"), frame.Body)
		}
		data = rest
	}
	// Output:
	// SUBSCRIBE /topic/news ""
	// SEND /topic/news "hello"
}

// Tell a peer what is wrong with its frame.
func ExampleSyntaxError() {
	_, _, err := stomp.Limits{}.Decode([]byte("SEND\nno colon\n\n\x00"))
	var syntax *stomp.SyntaxError
	if errors.As(err, &syntax) {
		answer := stomp.Frame{Command: stomp.Error, Header: stomp.Header{{Name: "message", Value: syntax.Reason}}}
		fmt.Printf("%q\n", answer.Append(nil))
	}
	// Output:
	// "ERROR\nmessage:\"no colon\" is not a header line\n\n\x00"
}

// Write a frame; Append adds the length of the body.
func ExampleFrame_Append() {
	frame := stomp.Frame{
		Command: stomp.Send,
		Header:  stomp.Header{{Name: "destination", Value: "/topic/a:b"}},
		Body:    []byte("hello"),
	}
	fmt.Printf("%q\n", frame.Append(nil))
	// Output:
	// "SEND\ndestination:/topic/a\\cb\ncontent-length:5\n\nhello\x00"
}

// Agree on heart-beats with a client that offers to send one a minute and wants
// one every ten seconds.
func ExampleHeartBeat_Negotiate() {
	offer, err := stomp.ParseHeartBeat("60000,10000")
	if err != nil {
		fmt.Println(err)
		return
	}
	own, err := stomp.ParseHeartBeat("10000,10000")
	if err != nil {
		fmt.Println(err)
		return
	}
	agreed := own.Negotiate(offer)
	fmt.Println("send every", agreed.Send, "expect every", agreed.Expect)
	// Output:
	// send every 10s expect every 1m0s
}
