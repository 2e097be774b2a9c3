package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// resource is something the server sends.
type resource interface{ read(*cursor) }

// resourceOf is the pointer to a T that can be read.
type resourceOf[T any] interface {
	*T
	resource
}

// read fills into from a JSON text.
func read(text []byte, into resource) error {
	c := cursor{text: text}
	into.read(&c)
	return c.err
}

// cursor reads a JSON text once, from left to right: each resource takes the
// members it knows and skips the others, without reflection. Members that are
// null read as the zero value. What is skipped is not checked beyond finding
// its end. After the first error all reads return zero values.
type cursor struct {
	text []byte
	at   int
	err  error
}

func (c *cursor) fail(want string) {
	if c.err == nil {
		c.err = fmt.Errorf("invalid JSON: no %s at byte %d", want, c.at)
	}
	c.at = len(c.text)
}

// next skips white space and returns the byte that follows, or 0 at the end.
func (c *cursor) next() byte {
	for c.at < len(c.text) {
		switch b := c.text[c.at]; b {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return b
		}
	}
	return 0
}

// accept moves past b if it comes next.
func (c *cursor) accept(b byte) bool {
	if c.next() != b {
		return false
	}
	c.at++
	return true
}

// null moves past a null if it comes next.
func (c *cursor) null() bool {
	if c.next() != 'n' || !bytes.HasPrefix(c.text[c.at:], []byte("null")) {
		return false
	}
	c.at += len("null")
	return true
}

// object calls each for every member; each must read or skip the value.
func (c *cursor) object(each func(key []byte)) {
	if c.null() {
		return
	}
	if !c.accept('{') {
		c.fail("object")
		return
	}
	if c.accept('}') {
		return
	}
	for c.err == nil {
		key := c.key()
		if !c.accept(':') {
			c.fail("colon")
			return
		}
		each(key)
		if c.accept('}') {
			return
		}
		if !c.accept(',') {
			c.fail("comma")
		}
	}
}

// key reads the name of a member. Names with escapes are no names we know.
func (c *cursor) key() []byte {
	quoted := c.quoted()
	if len(quoted) < 2 {
		return nil
	}
	return quoted[1 : len(quoted)-1]
}

// array calls each for every element; each must read or skip it.
func (c *cursor) array(each func()) {
	if c.null() {
		return
	}
	if !c.accept('[') {
		c.fail("array")
		return
	}
	if c.accept(']') {
		return
	}
	for c.err == nil {
		each()
		if c.accept(']') {
			return
		}
		if !c.accept(',') {
			c.fail("comma")
		}
	}
}

// quoted returns a string as it stands, quotes included.
func (c *cursor) quoted() []byte {
	if c.next() != '"' {
		c.fail("string")
		return nil
	}
	for end := c.at + 1; end < len(c.text); end++ {
		switch c.text[end] {
		case '\\':
			end++
		case '"':
			quoted := c.text[c.at : end+1]
			c.at = end + 1
			return quoted
		}
	}
	c.fail("end of the string")
	return nil
}

func (c *cursor) string() string {
	if c.null() {
		return ""
	}
	quoted := c.quoted()
	if len(quoted) < 2 {
		return ""
	}
	if plain := quoted[1 : len(quoted)-1]; isPlain(plain) {
		return string(plain)
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		c.fail("valid string")
	}
	return text
}

// isPlain reports whether the inside of a quoted string means itself.
func isPlain(text []byte) bool {
	ascii := true
	for _, b := range text {
		if b == '\\' || b < ' ' {
			return false
		}
		ascii = ascii && b < utf8.RuneSelf
	}
	return ascii || utf8.Valid(text)
}

// literal returns a number, true or false as it stands.
func (c *cursor) literal() []byte {
	c.next()
	start := c.at
	for c.at < len(c.text) {
		switch c.text[c.at] {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return c.text[start:c.at]
		}
		c.at++
	}
	return c.text[start:]
}

func (c *cursor) int() int64 {
	if c.null() {
		return 0
	}
	n, err := strconv.ParseInt(string(c.literal()), 10, 64)
	if err != nil {
		c.fail("whole number")
		return 0
	}
	return n
}

func (c *cursor) bool() bool {
	switch string(c.literal()) {
	case "true":
		return true
	case "false", "null":
		return false
	}
	c.fail("boolean")
	return false
}

func (c *cursor) time() time.Time {
	text := c.string()
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		c.fail("time")
	}
	return t
}

// raw returns any value as it stands, in memory of its own.
func (c *cursor) raw() json.RawMessage { return bytes.Clone(c.value()) }

// skip moves past any value.
func (c *cursor) skip() { c.value() }

// value returns any value as it stands.
func (c *cursor) value() []byte {
	switch c.next() {
	case '"':
		return c.quoted()
	case '{', '[':
		return c.composite()
	}
	value := c.literal()
	if len(value) == 0 {
		c.fail("value")
	}
	return value
}

// composite returns an object or an array, by its brackets.
func (c *cursor) composite() []byte {
	start, depth := c.at, 0
	for c.at < len(c.text) {
		switch c.text[c.at] {
		case '"':
			c.quoted()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				c.at++
				return c.text[start:c.at]
			}
		}
		c.at++
	}
	c.fail("closing bracket")
	return nil
}

// links reads a map of links: into says where the named one goes, nil to skip.
func (c *cursor) links(into func(key []byte) *string) {
	c.object(func(key []byte) {
		if link := into(key); link != nil {
			*link = c.string()
			return
		}
		c.skip()
	})
}

// readOptional reads a resource, or nil for null.
func readOptional[T any, P resourceOf[T]](c *cursor) *T {
	if c.null() {
		return nil
	}
	value := new(T)
	P(value).read(c)
	return value
}
