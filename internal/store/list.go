package store

import (
	"math/bits"
	"strconv"
	"strings"
)

// listing writes the parameters of a list of n values, after others, in place
// of "(list)".
func listing(text string, after, n int) string {
	var list strings.Builder
	for i := range room(n) {
		if i > 0 {
			list.WriteByte(',')
		}
		list.WriteByte('$')
		list.WriteString(strconv.Itoa(after + i + 1))
	}
	return strings.Replace(text, "(list)", "("+list.String()+")", 1)
}

// padded repeats a list's last value until the list fills its room.
func padded[V any](list []V) []any {
	all := make([]any, room(len(list)))
	for i := range all {
		all[i] = list[min(i, len(list)-1)]
	}
	return all
}

// room is the power of two at or above n.
func room(n int) int { return 1 << bits.Len(uint(n-1)) }

// pattern is what LIKE … ESCAPE '\' takes to find text within a search column,
// or empty for everything.
func pattern(text string) string {
	if text == "" {
		return ""
	}
	return "%" + likeEscaper.Replace(strings.ToLower(text)) + "%"
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// namePattern and displayNamePattern find text within one of the two names of a
// search column. Names contain no line feeds, so the one between them tells
// them apart, and text with one is found nowhere.
func namePattern(text string) string {
	if text == "" {
		return ""
	}
	return pattern(text) + "\n%"
}

func displayNamePattern(text string) string {
	if text == "" {
		return ""
	}
	return "%\n" + pattern(text)
}

// searchable is the search column of something with two names.
func searchable(name, displayName string) string {
	return strings.ToLower(name) + "\n" + strings.ToLower(displayName)
}
