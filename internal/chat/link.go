package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// LinksMax is how many links of a message count; those after it are text.
const LinksMax = 20

// Link is a part of a body that is a web address.
type Link struct {
	Start, End int // bytes of the body; the end is exclusive
	Source     string
}

// Links returns the first LinksMax web addresses of a body, in their order. An
// address begins with http:// or https://, not within a word, and ends before
// white space, a control character, a quotation mark or an angle bracket, and
// before the punctuation of the sentence it stands in.
func Links(body string) (found []Link) {
	for at := 0; len(found) < LinksMax; {
		next := strings.Index(body[at:], "http")
		if next < 0 {
			break
		}
		start := at + next
		at = start + len("http")
		rest := strings.TrimPrefix(body[at:], "s")
		host, ok := strings.CutPrefix(rest, "://")
		if before, _ := utf8.DecodeLastRuneInString(body[:start]); !ok || inWord(before) {
			continue
		}
		first, _ := utf8.DecodeRuneInString(host)
		if !inWord(first) && first != '[' {
			continue
		}
		end := start + addressLength(body[start:])
		found = append(found, Link{start, end, body[start:end]})
		at = end
	}
	return found
}

func inWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// addressLength is how much of a text, which begins with an address, is it.
func addressLength(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"`“”«»", r)
	})
	if end < 0 {
		end = len(text)
	}
	for {
		address := strings.TrimRight(text[:end], ".,;:!?'*")
		end = len(address)
		if last := address[end-1]; !unopened(address, last) {
			return end
		}
		end--
	}
}

// unopened reports whether an address ends with a bracket that does not begin in it.
func unopened(address string, last byte) bool {
	opening := map[byte]string{')': "(", ']': "[", '}': "{"}[last]
	return opening != "" && strings.Count(address, opening) < strings.Count(address, string(last))
}
