package gateway

import (
	"bytes"
	"strconv"
	"time"

	"openkitty/internal/chat"
	"openkitty/stomp"
)

// fail tells the client that one of its requests failed. The header names which:
// a message without would fail everything that the client waits for. A client
// that has not subscribed to its errors is told nothing.
func (s *session) fail(header, id string, err error) {
	refused := chat.AsError(err)
	if refused.Kind == chat.Internal {
		s.log().Error("request failed", "error", err)
	}
	if s.errors == "" {
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
	if e.CoolOff > 0 {
		dst = append(append(append(dst, `,"coolOffDuration":"`...), coolOff(e.CoolOff)...), '"')
	}
	return append(appendTime(append(dst, `,"timestamp":`...), time.Now()), '}')
}

// coolOff writes a duration in the only form that the SDKs read, and in which
// they wait for ever for what is not in it: PT0.5S.
func coolOff(d time.Duration) string {
	milliseconds := (d + time.Millisecond - 1) / time.Millisecond
	return "PT" + strconv.FormatFloat(float64(milliseconds)/1000, 'f', -1, 64) + "S"
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
