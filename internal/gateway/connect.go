package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"openkitty/internal/chat"
	"openkitty/stomp"
)

// The beats that a silent client may miss. Browsers delay the timers of pages in the
// background, but answer pings at once.
const (
	missedPings = 3
	missedBeats = 2
)

// connect waits for the CONNECT frame and starts the session. Every refusal is
// an ERROR frame: to an HTTP status the SDKs answer with the same request again,
// for ever.
func (s *session) connect(endpoint string, r *http.Request) error {
	frame, err := s.first()
	if err != nil {
		return err
	}
	if frame.Command != stomp.Connect && frame.Command != stomp.Stomp {
		return refusal("the first frame must be CONNECT, not " + quoted(frame.Command))
	}
	heartBeat, err := stomp.ParseHeartBeat(frame.Header.Get("heart-beat"))
	if err != nil {
		return err
	}
	query := r.URL.Query()
	if err := checkAuthParams(frame.Header, query); err != nil {
		return err
	}
	user, err := s.g.engine.StartSession(s.ctx, firstOf(query, "api-key", "api_key"), username(frame.Header, query))
	if err != nil {
		return s.deny(err)
	}
	s.mu.Lock()
	s.actor = chat.Actor{Application: user.Application, User: user.ID}
	s.mu.Unlock()
	agent := frame.Header.Get("StompX-User-Agent")
	s.generation = generationOf(endpoint, agent)
	s.g.engine.Connected(s.actor)
	s.listed = s.g.engine.BeginSession(s.actor, agent, s.revoke)
	if err := s.resume(frame.Header.Get("StompX-Auth-Session-ID")); err != nil {
		return s.deny(err)
	}
	s.wire.established()
	s.beatAs(heartBeat)
	s.log().Debug("session started", "name", user.Name, "endpoint", endpoint, "address", r.RemoteAddr)
	return nil
}

// first returns the first frame, without what precedes it.
func (s *session) first() (stomp.Frame, error) {
	for {
		message, err := s.wire.receive()
		if err != nil {
			return stomp.Frame{}, err
		}
		s.g.metrics.bytesIn.Add(float64(len(message)))
		frame, rest, err := s.g.frameLimits().Decode(message)
		if err != nil {
			return stomp.Frame{}, err
		}
		if frame.Command == "" {
			continue
		}
		s.g.metrics.framesIn.Inc()
		if len(trimEOL(rest)) > 0 {
			return stomp.Frame{}, refusal("nothing may follow CONNECT before it is answered")
		}
		return frame, nil
	}
}

// beatAs agrees on heart-beats and answers CONNECT. STOMP leaves the agreement
// to arithmetic; the answer states what the server can do.
func (s *session) beatAs(theirs stomp.HeartBeat) {
	interval := s.g.limits.HeartBeat
	ours := stomp.HeartBeat{Send: interval, Expect: interval}
	agreed := ours.Negotiate(theirs)
	patience := missedBeats * agreed.Expect
	if s.wire.pings() {
		patience = missedPings * interval
	}
	s.mu.Lock()
	s.beats, s.patience = agreed.Send > 0, patience
	s.mu.Unlock()
	// CONNECTED is not escaped, and the clients unescape later frames only if
	// the version is exactly this.
	s.sendFrame(stomp.Frame{Command: stomp.Connected, Header: stomp.Header{
		{Name: "version", Value: "1.2"},
		{Name: "session", Value: s.id},
		{Name: "heart-beat", Value: ours.String()},
		{Name: "server", Value: "OpenKitty"},
	}})
}

// deny makes a refusal of a session one that SDKs take for final. Failures of
// the server's own, and too many connects, end the connection without a word
// instead, so that they try again.
func (s *session) deny(err error) error {
	if chat.IsKind(err, chat.Limited) {
		s.g.log.Debug("too many connects", "reason", err)
		return io.ErrUnexpectedEOF
	}
	var refused *chat.Error
	if errors.As(err, &refused) {
		return chat.AccessDenied("%s", refused.Message)
	}
	s.g.log.Error("start session", "error", err)
	return io.ErrUnexpectedEOF
}

// username is in the CONNECT frame, or, from the oldest SDKs, in the URL.
func username(header stomp.Header, query url.Values) string {
	if name, given := header.Lookup("StompX-User"); given {
		return name
	}
	return query.Get("stompx_user")
}

// checkAuthParams refuses authentication parameters that nobody can read. They
// are JSON, plain or, from newer SDKs, in base64 of one byte a character.
func checkAuthParams(header stomp.Header, query url.Values) error {
	text, given := header.Lookup("StompX-Auth-Params")
	if !given {
		text = query.Get("stompx_auth_params")
	}
	if text == "" || json.Valid([]byte(text)) {
		return nil
	}
	latin1, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !json.Valid(fromLatin1(latin1)) {
		return chat.AccessDenied("the authentication parameters are neither JSON nor base64 of JSON")
	}
	return nil
}

func fromLatin1(text []byte) []byte {
	runes := make([]rune, len(text))
	for i, c := range text {
		runes[i] = rune(c)
	}
	return []byte(string(runes))
}

// firstOf returns the first of the named query parameters that is given.
func firstOf(query url.Values, names ...string) string {
	for _, name := range names {
		if value := query.Get(name); value != "" {
			return value
		}
	}
	return ""
}
