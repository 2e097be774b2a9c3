package stomp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits bounds the frames that are accepted. Zero means no bound.
type Limits struct {
	Header int // bytes of the command and header lines
	Fields int // header lines
	Body   int // bytes of the body
}

// SyntaxError says why bytes are not a frame, or not one within the limits. It
// is meant for the peer that sent them.
type SyntaxError struct{ Reason string }

func (e *SyntaxError) Error() string { return "malformed frame: " + e.Reason }

func malformed(format string, args ...any) error {
	return &SyntaxError{Reason: fmt.Sprintf(format, args...)}
}

// Decode reads the first frame of data and returns what follows it. End-of-line
// bytes before a frame are heart-beats and skipped; if nothing else is left, the
// frame's Command is empty and the error nil.
//
// The frame's Body points into data, so it is valid only as long as data is
// unchanged; its header has memory of its own. Every error is a *SyntaxError,
// after which the connection can't be trusted to be in step: answer with an
// ERROR frame and close it.
//
// Commands are not checked, and neither is who may have a body: a reader knows
// which commands it serves.
func (l Limits) Decode(data []byte) (frame Frame, rest []byte, err error) {
	data = bytes.TrimLeft(data, "\r\n")
	if len(data) == 0 {
		return Frame{}, nil, nil
	}
	head, rest, err := l.cutHead(data)
	if err != nil {
		return Frame{}, nil, err
	}
	if frame.Command, frame.Header, err = l.parseHead(string(head)); err != nil {
		return Frame{}, nil, err
	}
	if frame.Body, rest, err = l.cutBody(frame.Header, rest); err != nil {
		return Frame{}, nil, err
	}
	return frame, rest, nil
}

// cutHead splits data after the empty line that ends a header.
func (l Limits) cutHead(data []byte) (head, rest []byte, err error) {
	for at := 0; l.Header == 0 || at <= l.Header; {
		length := bytes.IndexByte(data[at:], '\n')
		if length < 0 && (l.Header == 0 || len(data) <= l.Header) {
			return nil, nil, malformed("the header does not end")
		}
		if length < 0 {
			break
		}
		if length == 0 || length == 1 && data[at] == '\r' {
			return data[:at], data[at+length+1:], nil
		}
		at += length + 1
	}
	return nil, nil, malformed("the header has more than %d bytes", l.Header)
}

// parseHead reads the command and header lines, without the empty line after
// them. The strings it returns are parts of head.
func (l Limits) parseHead(head string) (command string, header Header, err error) {
	if !utf8.ValidString(head) {
		return "", nil, malformed("the header is not valid UTF-8")
	}
	if strings.IndexByte(head, 0) >= 0 {
		return "", nil, malformed("the header contains a NUL")
	}
	if strings.IndexByte(head, '\r') >= 0 {
		if head = strings.ReplaceAll(head, "\r\n", "\n"); strings.IndexByte(head, '\r') >= 0 {
			// "Augmented BNF": a carriage return belongs to a line's end or is escaped.
			return "", nil, malformed("a header line contains a carriage return")
		}
	}
	command, lines, _ := strings.Cut(head, "\n")
	count := strings.Count(lines, "\n")
	if l.Fields > 0 && count > l.Fields {
		return "", nil, malformed("the header has more than %d lines", l.Fields)
	}
	header = make(Header, 0, count)
	for lines != "" {
		var line string
		line, lines, _ = strings.Cut(lines, "\n")
		field, err := parseField(line, escapes(command))
		if err != nil {
			return "", nil, err
		}
		header = append(header, field)
	}
	return command, header, nil
}

func parseField(line string, escaped bool) (field Field, err error) {
	// The first colon separates: CONNECT values may contain more of them.
	name, value, found := strings.Cut(line, ":")
	if !found || name == "" {
		return Field{}, malformed("%.40q is not a header line", line)
	}
	if !escaped {
		return Field{Name: name, Value: value}, nil
	}
	if field.Name, err = unescape(name); err != nil {
		return Field{}, err
	}
	if field.Value, err = unescape(value); err != nil {
		return Field{}, err
	}
	return field, nil
}

// unescape undoes the escapes of "Value Encoding", where any other one is fatal.
func unescape(text string) (string, error) {
	if strings.IndexByte(text, '\\') < 0 {
		return text, nil
	}
	var plain strings.Builder
	plain.Grow(len(text))
	for {
		before, after, found := strings.Cut(text, `\`)
		plain.WriteString(before)
		if !found {
			return plain.String(), nil
		}
		if after == "" {
			return "", malformed("a header line ends inside an escape")
		}
		switch after[0] {
		case 'r':
			plain.WriteByte('\r')
		case 'n':
			plain.WriteByte('\n')
		case 'c':
			plain.WriteByte(':')
		case '\\':
			plain.WriteByte('\\')
		default:
			return "", malformed("the escape \\%c in a header line is undefined", after[0])
		}
		text = after[1:]
	}
}

// cutBody splits data after the NUL that ends a frame. Only a content-length
// lets a body contain NULs ("Body").
func (l Limits) cutBody(header Header, data []byte) (body, rest []byte, err error) {
	length, err := bodyLength(header, data)
	if err != nil {
		return nil, nil, err
	}
	if l.Body > 0 && length > l.Body {
		return nil, nil, malformed("the body has %d bytes; at most %d are allowed", length, l.Body)
	}
	return data[:length:length], data[length+1:], nil
}

func bodyLength(header Header, data []byte) (int, error) {
	text, stated := header.Lookup("content-length")
	if !stated {
		length := bytes.IndexByte(data, 0)
		if length < 0 {
			return 0, malformed("the frame does not end with a NUL")
		}
		return length, nil
	}
	length, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, malformed("the content-length %.40q is not a number of bytes", text)
	}
	if length >= uint64(len(data)) || data[length] != 0 {
		return 0, malformed("no NUL follows the %d bytes that content-length states", length)
	}
	return int(length), nil
}
