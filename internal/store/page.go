package store

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"strings"

	"openkitty/internal/chat"
)

// keyset is where a page of an ordered list begins, and which way it is read: a
// page before a place is read backwards from it.
type keyset struct {
	time   int64  // of the place, in lists ordered by time
	name   string // of the place, in lists ordered by name
	id     int64  // of the place
	beyond string // compares a row with the place
	order  string // of the rows
	fetch  int    // one more than the page has, to see whether there are others
}

// byTime reads a list that has the latest first.
func byTime(p chat.PageRequest) (keyset, error) {
	k := keyset{time: math.MaxInt64, id: math.MaxInt64, beyond: "<", order: "DESC", fetch: p.Limit() + 1}
	place, backwards := place(p)
	if backwards {
		k.beyond, k.order = ">", "ASC"
	}
	if place == "" {
		return k, nil
	}
	key, id, ok := parseCursor(place)
	var err error
	if k.time, err = strconv.ParseInt(key, 36, 64); !ok || err != nil {
		return k, malformed()
	}
	k.id = id
	return k, nil
}

// byAge reads a list that has the oldest first.
func byAge(p chat.PageRequest) (keyset, error) {
	if place, _ := place(p); place == "" {
		return keyset{beyond: ">", order: "ASC", fetch: p.Limit() + 1}, nil
	}
	// What follows in this order precedes in the other.
	return byTime(chat.PageRequest{Size: p.Size, After: p.Before, Before: p.After})
}

// byName reads a list in the order of names.
func byName(p chat.PageRequest) (keyset, error) {
	k := keyset{beyond: ">", order: "ASC", fetch: p.Limit() + 1}
	place, backwards := place(p)
	if backwards {
		k.beyond, k.order = "<", "DESC"
	}
	if place == "" {
		return k, nil
	}
	key, id, ok := parseCursor(place)
	name, err := base64.RawURLEncoding.DecodeString(key)
	if !ok || err != nil || !storable(string(name)) {
		return k, malformed()
	}
	k.name, k.id = string(name), id
	return k, nil
}

// place is the cursor of a request, and whether the page lies before it.
func place(p chat.PageRequest) (c chat.Cursor, backwards bool) {
	if p.Before != "" {
		return p.Before, true
	}
	return p.After, false
}

// A cursor is an id and the key that the list is ordered by, joined by '-'.

func timeCursor(time, id int64) chat.Cursor {
	return chat.Cursor(strconv.FormatInt(id, 36) + "-" + strconv.FormatInt(time, 36))
}

func nameCursor(name string, id int64) chat.Cursor {
	return chat.Cursor(strconv.FormatInt(id, 36) + "-" + base64.RawURLEncoding.EncodeToString([]byte(name)))
}

// cursorMax is longer than any cursor: a name has at most 255 characters of at
// most 4 bytes.
const cursorMax = 2048

func parseCursor(c chat.Cursor) (key string, id int64, ok bool) {
	if len(c) > cursorMax {
		return "", 0, false
	}
	number, key, ok := strings.Cut(string(c), "-")
	id, err := strconv.ParseInt(number, 36, 64)
	return key, id, ok && err == nil && id > 0
}

func malformed() error {
	return chat.Errorf(chat.Invalid, "the page's cursor is malformed; use one that came with a page of the same list")
}

// page makes a page of the rows that a keyset fetched.
func page[T any](p chat.PageRequest, rows []T, total int64, cursor func(T) chat.Cursor) chat.Page[T] {
	more := len(rows) > p.Limit()
	if more {
		rows = rows[:p.Limit()]
	}
	place, backwards := place(p)
	if backwards {
		slices.Reverse(rows)
	}
	result := chat.Page[T]{Items: rows, Total: total}
	if len(rows) == 0 {
		return result
	}
	// Where the page began there is what it was asked to follow or precede.
	if backwards && more || !backwards && place != "" {
		result.Prev = cursor(rows[0])
	}
	if backwards || more {
		result.Next = cursor(rows[len(rows)-1])
	}
	return result
}

// distinct returns the values of a list once each, leaving the list as it is.
func distinct[T int64 | string | chat.UserID | chat.ChannelID | chat.MessageID](list []T) []T {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
