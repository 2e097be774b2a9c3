package gateway

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// The resources that every message carries are written by hand: with reflection
// their encoding costs more than the delivery to a small channel.

const hexDigits = "0123456789abcdef"

// appendString writes text as a JSON string. Invalid UTF-8 becomes U+FFFD.
func appendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = appendEscape(append(dst, text[start:i]...), c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(append(dst, text[start:i]...), "\ufffd"...)
			start = i + size
		}
		i += size
	}
	dst = append(dst, text[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}

// appendTime writes a time as a JSON string of ISO 8601, in UTC and to the
// millisecond, as JavaScript's Date prints it.
func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	return append(dst, '"')
}

// link is one entry of a resource's maps: "name":"base" + id + ".suffix".
type link struct{ name, suffix string }

// appendLinks writes `"map":{…}` with one destination per link, all below the
// same subject, as /application/channels/7.
func appendLinks(dst []byte, name string, subject string, id int64, links []link) []byte {
	dst = append(append(append(dst, '"'), name...), `":{`...)
	for i, l := range links {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), l.name...), `":"`...)
		dst = append(dst, subject...)
		dst = strconv.AppendInt(dst, id, 10)
		dst = append(append(dst, l.suffix...), '"')
	}
	return append(dst, '}')
}
