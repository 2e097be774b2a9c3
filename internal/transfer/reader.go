package transfer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// Reader reads the items of a file, one after another.
type Reader struct {
	in     *bufio.Reader
	line   int64 // of the next byte
	offset int64 // of the next byte
	item   []byte

	array bool // the items are those of an array
	begun bool // the beginning of the file was read
	after bool // an item was read
	ended bool

	trusted bool // the items were read before, and found valid
}

// NewReader reads a file from its beginning.
func NewReader(file io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(file, 64<<10), line: 1}
}

// Resume reads a file again that was read to its end without an error, on from
// behind one of its items, or with 0 from its beginning. It reads over what
// precedes that, to know the lines.
func Resume(file io.Reader, offset int64) (*Reader, error) {
	r := NewReader(file)
	r.trusted = true
	if offset == 0 {
		return r, nil
	}
	if err := r.begin(); err != nil {
		return nil, err
	}
	r.after = true
	for r.offset < offset {
		if _, err := r.next(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Next returns the next item, or io.EOF after the last. An error of kind
// Invalid says what is wrong with the file, and where.
func (r *Reader) Next() (Item, error) {
	if r.ended {
		return Item{}, io.EOF
	}
	if !r.begun {
		if err := r.begin(); err != nil {
			return Item{}, err
		}
	}
	c, err := r.separate()
	if err != nil {
		return Item{}, err
	}
	if c != '{' {
		return Item{}, malformed(r.line, "each item must be a JSON object")
	}
	line := r.line
	if err := r.object(); err != nil {
		return Item{}, err
	}
	if !r.trusted && !json.Valid(r.item) {
		return Item{}, malformed(line, "the item is not valid JSON")
	}
	r.after = true
	return Item{JSON: r.item, Line: line, Offset: r.offset}, nil
}

// begin reads up to the first item.
func (r *Reader) begin() error {
	r.begun = true
	c, err := r.skip()
	if err == io.EOF {
		return malformed(r.line, "it is empty; send a JSON array of objects")
	}
	if err != nil {
		return err
	}
	switch c {
	case '[':
		r.array = true
	case '{':
		return r.unread()
	default:
		return malformed(r.line, "a JSON array of objects must be here, but it begins with %q", c)
	}
	return nil
}

// separate reads what stands between two items, and the first byte of the next.
// After the last it returns io.EOF.
func (r *Reader) separate() (byte, error) {
	c, err := r.skip()
	switch {
	case err == io.EOF && r.array:
		return 0, malformed(r.line, "the array does not end")
	case err != nil:
		r.ended = true
		return 0, err
	case !r.array:
		return c, nil
	case c == ']':
		return 0, r.end()
	case !r.after:
		return c, nil
	case c != ',':
		return 0, malformed(r.line, "a comma must separate the items")
	}
	if c, err = r.skip(); err == io.EOF {
		return 0, malformed(r.line, "the array does not end")
	}
	return c, err
}

// end makes sure that nothing follows the array.
func (r *Reader) end() error {
	switch c, err := r.skip(); {
	case err == nil:
		return malformed(r.line, "%q follows the end of the array", c)
	case err != io.EOF:
		return err
	}
	r.ended = true
	return io.EOF
}

// object reads an object whose opening brace was read.
func (r *Reader) object() error {
	r.item = append(r.item[:0], '{')
	line := r.line
	for end := (valueEnd{depth: 1}); !end.found(); {
		if _, err := r.in.Peek(1); err == io.EOF {
			return malformed(line, "the item does not end")
		} else if err != nil {
			return err
		}
		ahead, _ := r.in.Peek(r.in.Buffered())
		ahead = ahead[:end.find(ahead)]
		r.item = append(r.item, ahead...)
		r.offset += int64(len(ahead))
		r.line += int64(bytes.Count(ahead, []byte{'\n'}))
		if len(r.item) > ItemMax {
			return malformed(line, "the item has more than %d bytes", ItemMax)
		}
		if _, err := r.in.Discard(len(ahead)); err != nil {
			return err
		}
	}
	return nil
}

// valueEnd looks for the end of a JSON object, array or text that comes in pieces.
type valueEnd struct {
	depth   int // of the braces and brackets that are open
	quoted  bool
	escaped bool // the next byte is
}

func (e *valueEnd) found() bool { return e.depth == 0 && !e.quoted }

// find returns how much of a further piece, which is not empty, belongs to the
// value.
func (e *valueEnd) find(piece []byte) int {
	for i, c := range piece {
		switch {
		case e.escaped:
			e.escaped = false
			continue
		case e.quoted && c == '\\':
			e.escaped = true
			continue
		case c == '"':
			e.quoted = !e.quoted
		case e.quoted:
			continue
		case c == '{' || c == '[':
			e.depth++
		case c == '}' || c == ']':
			e.depth--
		default:
			continue
		}
		if e.found() {
			return i + 1
		}
	}
	return len(piece)
}

// skip returns the next byte that is no white space.
func (r *Reader) skip() (byte, error) {
	for {
		c, err := r.next()
		if err != nil || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c, err
		}
	}
}

func (r *Reader) next() (byte, error) {
	c, err := r.in.ReadByte()
	if err != nil {
		return 0, err
	}
	r.offset++
	if c == '\n' {
		r.line++
	}
	return c, nil
}

// unread puts the byte that was read last back; it must not be a line feed.
func (r *Reader) unread() error {
	r.offset--
	return r.in.UnreadByte()
}
