// Package transfer reads and writes the files of imports and exports.
//
// Such a file is a JSON array of objects, or the objects alone, one after
// another, as in files of JSON lines. It may be longer than memory: a [Reader]
// holds one item at a time, and can go on at the place after any item.
package transfer

import "openkitty/internal/chat"

// ItemMax is the size of one item of a file, in bytes.
const ItemMax = 1 << 20

// Item is one object of a file.
type Item struct {
	JSON   []byte // valid until the next item is read
	Line   int64  // in which it begins, from 1
	Offset int64  // of the first byte after it, for Resume
}

func malformed(line int64, format string, args ...any) error {
	args = append([]any{line}, args...)
	return chat.Errorf(chat.Invalid, "line %d of the file: "+format, args...).Named("ImportFileError")
}
