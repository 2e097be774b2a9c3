package transfer

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"openkitty/internal/chat"
)

// fields are those of an object. Its methods keep the first error; names are in
// the current format first, then in older ones.
type fields struct {
	all []field
	err error
}

type field struct{ name, value []byte }

// spare are fields that were freed.
var spare = sync.Pool{New: func() any { return &fields{all: make([]field, 0, 16)} }}

// parse takes an object of valid JSON apart. It copies nothing, and callers should free
// the fields: a million items pass through here within the seconds of an import.
func parse(object []byte) *fields {
	f := spare.Get().(*fields)
	if !utf8.Valid(object) {
		f.fail(chat.Errorf(chat.Invalid, "the item is not valid UTF-8"))
		return f
	}
	rest := skip(object, ' ')
	if len(rest) == 0 || rest[0] != '{' {
		f.fail(chat.Errorf(chat.Invalid, "the item is no JSON object"))
		return f
	}
	for rest = rest[1:]; ; {
		var name, value []byte
		name, rest = cut(skip(rest, ','))
		value, rest = cut(skip(rest, ':'))
		if value == nil {
			return f
		}
		f.all = append(f.all, field{unquote(name), value})
	}
}

// free leaves the fields to others.
func (f *fields) free() {
	clear(f.all)
	f.all, f.err = f.all[:0], nil
	spare.Put(f)
}

// skip returns what follows white space and separators.
func skip(text []byte, separator byte) []byte {
	for i, c := range text {
		if c != separator && c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return text[i:]
		}
	}
	return nil
}

// cut cuts valid JSON behind its first value, which is nil where an object ends.
func cut(text []byte) (value, rest []byte) {
	if len(text) == 0 || text[0] == '}' {
		return nil, nil
	}
	end := 0
	switch text[0] {
	case '{', '[', '"':
		end = (&valueEnd{}).find(text)
	default:
		if end = bytes.IndexAny(text, " \t\r\n,:}]"); end < 1 {
			end = len(text)
		}
	}
	return text[:end], text[end:]
}

// unquote returns the text of a name.
func unquote(name []byte) []byte {
	if len(name) >= 2 && bytes.IndexByte(name, '\\') < 0 {
		return name[1 : len(name)-1]
	}
	var text string
	if err := json.Unmarshal(name, &text); err != nil {
		return nil
	}
	return []byte(text)
}

func (f *fields) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// get returns a field that is neither missing nor null.
func (f *fields) get(names []string) []byte {
	for _, name := range names {
		for _, field := range slices.Backward(f.all) { // of fields with one name the last counts
			if string(field.name) == name && string(field.value) != "null" {
				return field.value
			}
		}
	}
	return nil
}

func (f *fields) has(name string) bool { return f.get([]string{name}) != nil }

// text takes numbers and booleans for the text that they are written as: tools
// that guess types send them so.
func (f *fields) text(names ...string) string {
	value := f.get(names)
	if value == nil {
		return ""
	}
	switch value[0] {
	case '"':
		if bytes.IndexByte(value, '\\') < 0 {
			return string(value[1 : len(value)-1]) // nearly every text, at a third of the cost
		}
		var s string
		if err := json.Unmarshal(value, &s); err != nil || strings.ContainsRune(s, 0) {
			f.fail(chat.Errorf(chat.Invalid, "%s contains what is no text", names[0]))
		}
		return s
	case '{', '[':
		f.fail(chat.Errorf(chat.Invalid, "%s must be text", names[0]))
		return ""
	}
	return string(value)
}

func (f *fields) texts(names ...string) []string {
	value := f.get(names)
	if value == nil {
		return nil
	}
	var list []string
	if err := json.Unmarshal(value, &list); err != nil || strings.ContainsRune(strings.Join(list, ""), 0) {
		f.fail(chat.Errorf(chat.Invalid, "%s must be a list of usernames", names[0]))
	}
	return list
}

func (f *fields) flag(names ...string) bool {
	value := f.text(names...)
	if value == "" {
		return false
	}
	flag, err := strconv.ParseBool(value)
	if err != nil {
		f.fail(chat.Errorf(chat.Invalid, "%s must be true or false", names[0]))
	}
	return flag
}

func (f *fields) number(names ...string) int64 {
	value := f.text(names...)
	if value == "" {
		return 0
	}
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil || number <= 0 {
		f.fail(chat.Errorf(chat.Invalid, "%s must be a positive whole number", names[0]))
	}
	return number
}

// clockSkew is by how much the clock of the server that an item comes from may be
// ahead of this one's. Later times are refused: a message of next year keeps its
// channel on top of lists until then, and whoever clears the history clears it up
// to there.
const clockSkew = 5 * time.Minute

func (f *fields) time(names ...string) time.Time {
	value := f.text(names...)
	if value == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	switch {
	case err != nil || t.Unix() < 0:
		f.fail(chat.Errorf(chat.Invalid, "%s must be a time since 1970, as 2026-01-31T12:00:00Z", names[0]))
		return time.Time{}
	case time.Until(t) > clockSkew:
		f.fail(chat.Errorf(chat.Invalid, "%s must not lie more than %.0f minutes in the future", names[0], clockSkew.Minutes()))
	}
	return t.UTC().Truncate(time.Microsecond)
}

func (f *fields) object(names ...string) *fields {
	value := f.get(names)
	if value == nil {
		return nil
	}
	if value[0] != '{' {
		f.fail(chat.Errorf(chat.Invalid, "%s must be an object", names[0]))
		return nil
	}
	return parse(value)
}

func (f *fields) properties() chat.Properties {
	p, err := chat.ParseProperties(f.get([]string{"properties"}))
	f.fail(err)
	return p
}

func (f *fields) key() string {
	key := f.text("idempotency_key", "idempotencyKey")
	if len(key) > KeyMax {
		f.fail(chat.Errorf(chat.Invalid, "the idempotency key has %d bytes; at most %d are allowed", len(key), KeyMax))
	}
	return key
}
