package client

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"openkitty/stomp"
)

const (
	version      = "0.1.0"
	readerSize   = 2 << 10 // bytes; larger payloads bypass the buffer
	keptSize     = 4 << 10 // bytes of a read buffer that is kept for the next message
	messageMax   = 8 << 20 // bytes of a WebSocket message
	writeTimeout = 10 * time.Second
)

// offered is what the published SDKs offer as heart-beats.
var offered = stomp.HeartBeat{Send: time.Minute, Expect: 10 * time.Second}

// conn is one WebSocket connection that speaks STOMP. One goroutine reads.
type conn struct {
	net     net.Conn
	in      *bufio.Reader
	out     outbox
	beats   stomp.HeartBeat // agreed with the server
	session string          // what the server calls the session
	header  [ws.MaxHeaderSize]byte
	message []byte // the message read last
}

// open connects and starts a STOMP session. Its errors are an [*Error] if the
// server refused.
func (c *Client) open(ctx context.Context) (*conn, error) {
	dialer := ws.Dialer{
		Protocols: []string{"v12.stomp"},
		NetDial:   c.options.Dial,
		TLSConfig: c.options.TLS,
	}
	netConn, in, _, err := dialer.Dial(ctx, c.address)
	if err != nil {
		return nil, fmt.Errorf("connect to the server: %w", err)
	}
	if in == nil {
		in = bufio.NewReaderSize(netConn, readerSize)
	}
	connection := &conn{net: netConn, in: in}
	connection.out.net = netConn

	interrupt := context.AfterFunc(ctx, func() { connection.close() })
	err = connection.handshake(ctx, c.connectFrame())
	if !interrupt() {
		err = fmt.Errorf("start a session: %w", ctx.Err())
	}
	if err != nil {
		connection.close()
		return nil, err
	}
	connection.out.beat(connection.beats.Send)
	return connection, nil
}

// connectFrame asks for a session, or to resume the one before.
func (c *Client) connectFrame() stomp.Frame {
	header := stomp.Header{
		field("StompX-User", c.options.Username),
		field("StompX-User-Agent", "OpenKitty-Go/"+version),
	}
	if c.authParams != "" {
		header = append(header, field("StompX-Auth-Params", c.authParams))
	}
	c.mu.Lock()
	session := c.session
	c.mu.Unlock()
	if session != "" {
		header = append(header, field("StompX-Auth-Session-ID", session))
	}
	header = append(header, field("accept-version", "1.2"), field("heart-beat", offered.String()))
	return stomp.Frame{Command: stomp.Connect, Header: header}
}

// handshake exchanges CONNECT for CONNECTED.
func (n *conn) handshake(ctx context.Context, connect stomp.Frame) error {
	if err := n.out.put(ctx, connect); err != nil {
		return err
	}
	frame, err := n.readFirst()
	if err != nil {
		return fmt.Errorf("start a session: %w", err)
	}
	if frame.Command == stomp.Error {
		return readError(frame.Body)
	}
	if frame.Command != stomp.Connected {
		return fmt.Errorf("start a session: the server answered with %.20q", frame.Command)
	}
	theirs, err := stomp.ParseHeartBeat(frame.Header.Get("heart-beat"))
	if err != nil {
		return fmt.Errorf("start a session: %w", err)
	}
	n.beats = offered.Negotiate(theirs)
	n.session = frame.Header.Get("session")
	return nil
}

func (n *conn) readFirst() (stomp.Frame, error) {
	for {
		message, err := n.read()
		if err != nil {
			return stomp.Frame{}, err
		}
		frame, _, err := stomp.Limits{}.Decode(message)
		if err != nil || frame.Command != "" {
			return frame, err
		}
	}
}

// close ends the connection; what reads or writes fails.
func (n *conn) close() {
	n.out.close(net.ErrClosed)
	n.net.Close()
}

// read returns the next message, which is valid until the one after it. A
// server that is silent for two heart-beats is given up.
func (n *conn) read() ([]byte, error) {
	if n.beats.Expect > 0 {
		if err := n.net.SetReadDeadline(time.Now().Add(2 * n.beats.Expect)); err != nil {
			return nil, err
		}
	}
	if cap(n.message) > keptSize {
		n.message = nil
	}
	n.message = n.message[:0]
	for {
		header, err := ws.ReadHeaderBuffer(n.in, n.header[:0])
		if err != nil {
			return nil, err
		}
		if header.Masked || header.Rsv != 0 || header.OpCode.IsReserved() {
			return nil, ws.ProtocolError("the server's frame is masked, extended or of an unknown kind")
		}
		if header.OpCode.IsControl() {
			if err := n.control(header); err != nil {
				return nil, err
			}
			continue
		}
		if header.Length > messageMax-int64(len(n.message)) {
			return nil, fmt.Errorf("the server's message has more than %d bytes", messageMax)
		}
		if err := n.readPayload(int(header.Length)); err != nil {
			return nil, err
		}
		if header.Fin {
			return n.message, nil
		}
	}
}

func (n *conn) readPayload(length int) error {
	have := len(n.message)
	n.message = slices.Grow(n.message, length)[:have+length]
	_, err := io.ReadFull(n.in, n.message[have:])
	return err
}

// control answers a ping and turns a close into an error.
func (n *conn) control(header ws.Header) error {
	if header.Length > ws.MaxControlFramePayloadSize {
		return ws.ProtocolError("the server's control frame is too long")
	}
	payload := make([]byte, header.Length)
	if _, err := io.ReadFull(n.in, payload); err != nil {
		return err
	}
	switch header.OpCode {
	case ws.OpPing:
		return n.out.putMessage(context.Background(), ws.OpPong, payload)
	case ws.OpClose:
		code, reason := ws.ParseCloseFrameData(payload)
		return fmt.Errorf("the server closed the connection: %d %s", code, strconv.Quote(reason))
	}
	return nil
}

// appendMessage writes a WebSocket message, masked as clients must.
func appendMessage(dst []byte, code ws.OpCode, payload []byte) []byte {
	mask := rand.Uint32()
	dst = append(dst, 0x80|byte(code))
	switch length := len(payload); {
	case length < 126:
		dst = append(dst, 0x80|byte(length))
	case length < 1<<16:
		dst = append(dst, 0x80|126, byte(length>>8), byte(length))
	default:
		dst = append(dst, 0x80|127, 0, 0, 0, 0, byte(length>>24), byte(length>>16), byte(length>>8), byte(length))
	}
	key := [4]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)}
	dst = append(dst, key[:]...)
	start := len(dst)
	dst = append(dst, payload...)
	ws.Cipher(dst[start:], key, 0)
	return dst
}

// encodeAuthParams writes authentication parameters as the header wants them:
// base64 of JSON whose bytes the server reads as ISO-8859-1, so anything above
// ASCII is escaped.
func encodeAuthParams(params any) (string, error) {
	if params == nil {
		return "", nil
	}
	text, err := json.Marshal(params)
	if err != nil {
		return "", fmt.Errorf("encode the authentication parameters: %w", err)
	}
	return base64.StdEncoding.EncodeToString(escapeNonASCII(text)), nil
}

// escapeNonASCII writes what is above ASCII in a JSON text as \uXXXX.
func escapeNonASCII(text []byte) []byte {
	var ascii []byte
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf:
			ascii = append(ascii, byte(r))
		case r < 0x10000:
			ascii = fmt.Appendf(ascii, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			ascii = fmt.Appendf(ascii, `\u%04x\u%04x`, high, low)
		}
	}
	return ascii
}

func field(name, value string) stomp.Field { return stomp.Field{Name: name, Value: value} }
