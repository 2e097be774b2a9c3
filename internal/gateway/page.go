package gateway

import (
	"strconv"
	"strings"

	"openkitty/internal/chat"
)

// pageOptions are what a relay of a list carries behind its name, as
// ".size.10.sort.name,asc" from clients, and with a place to go on from in the
// relays that the server writes.
type pageOptions struct {
	chat.PageRequest
	number int64 // of the page, from 0
}

// parseOptions reads options. What is not understood is left out, sort orders
// among it: lists have one order each.
func parseOptions(text string) (o pageOptions) {
	text = strings.TrimPrefix(text, ".")
	for text != "" {
		var key, value string
		key, text, _ = strings.Cut(text, ".")
		if key == "sort" {
			return o // an expression that may hold dots
		}
		value, text, _ = strings.Cut(text, ".")
		switch key {
		case "size":
			o.Size, _ = strconv.Atoi(value)
		case "number":
			o.number, _ = strconv.ParseInt(value, 10, 64)
			o.number = max(o.number, 0)
		case "after":
			o.After = chat.Cursor(value)
		case "before":
			o.Before = chat.Cursor(value)
		}
	}
	return o
}

// relayOf writes the relay of another page of the same list.
func (o pageOptions) relayOf(list, place string, cursor chat.Cursor, number int64) string {
	return list + ".relay." + place + "." + string(cursor) + ".number." + strconv.FormatInt(number, 10) +
		".size." + strconv.Itoa(o.Limit()) + ".sort."
}

// appendPage writes a page of a list, whose items stand under a name. List is
// its destination without ".relay".
func appendPage[T any](dst []byte, list, name string, o pageOptions, page chat.Page[T], write func([]byte, *T) []byte) []byte {
	size := int64(o.Limit())
	dst = append(append(append(dst, `{"_embedded":{"`...), name...), `":`...)
	dst = appendList(dst, page.Items, write)
	dst = strconv.AppendInt(append(dst, `},"page":{"size":`...), size, 10)
	dst = strconv.AppendInt(append(dst, `,"totalElements":`...), page.Total, 10)
	dst = strconv.AppendInt(append(dst, `,"totalElement":`...), page.Total, 10)
	dst = strconv.AppendInt(append(dst, `,"totalPages":`...), (page.Total+size-1)/size, 10)
	dst = strconv.AppendInt(append(dst, `,"number":`...), o.number, 10)
	dst = appendString(append(dst, `},"_relays":{"self":`...), list+".relay.size."+strconv.FormatInt(size, 10)+".sort.")
	if page.Prev != "" {
		dst = appendString(append(dst, `,"prev":`...), o.relayOf(list, "before", page.Prev, max(o.number-1, 0)))
	}
	if page.Next != "" {
		dst = appendString(append(dst, `,"next":`...), o.relayOf(list, "after", page.Next, o.number+1))
	}
	return append(dst, "}}"...)
}
