package gateway

import (
	"bytes"
	"strconv"
	"time"

	"openkitty/internal/chat"
	"openkitty/stomp"
)

// fail tells the client that one of its requests failed. The header names which:
// a message without, or with an empty one, would fail everything that the client
// waits for. So a request that asked for no receipt gets no answer, and neither
// does a client that has not subscribed to its errors.
func (s *session) fail(header, id string, err error) {
	refused := chat.AsError(err)
	if refused.Kind == chat.Internal {
		s.log().Error("request failed", "error", err)
	}
	if s.errors == "" || id == "" {
		return
	}
	s.sendFrame(stomp.Frame{
		Command: stomp.Message,
		Header: stomp.Header{
			{Name: "subscription", Value: s.errors},
			{Name: "destination", Value: "/user/queue/errors"},
			{Name: "message-id", Value: s.g.momentaryID()},
			{Name: "content-type", Value: "application/json"},
			{Name: header, Value: id},
		},
		Body: appendError(nil, refused),
	})
}

// appendError writes the body of every error.
func appendError(dst []byte, e *chat.Error) []byte {
	dst = appendString(append(dst, `{"error":`...), e.Name)
	dst = appendString(append(dst, `,"message":`...), e.Message)
	return append(appendTime(append(dst, `,"timestamp":`...), time.Now()), '}')
}

// quoted shows a client what it sent, at most the beginning of it.
func quoted(text string) string {
	const shown = 80
	if len(text) > shown {
		text = text[:shown]
	}
	return strconv.Quote(text)
}

func trimEOL(text []byte) []byte { return bytes.Trim(text, "\r\n") }
