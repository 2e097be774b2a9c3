package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MentionsMax is how many mentions of a message count; those after it are text.
const MentionsMax = 20

// Mention is a part of a body that names a user, as "<@jane>", or a channel, as
// "<#general>". Exactly one of User and Channel is set.
type Mention struct {
	Start, End int // bytes of the body; the end is exclusive
	User       *User
	Channel    *Channel // as Mentioned returns it
}

// MentionedName is a part of a body that would mention whoever has the name.
type MentionedName struct {
	Start, End int // bytes of the body; the end is exclusive
	Channel    bool
	Name       string
}

// MentionedNames returns the first MentionsMax parts of a body that have the form of
// a mention, in their order. A name holds no angle brackets and no control
// characters; one that does can't be mentioned.
func MentionedNames(body string) (found []MentionedName) {
	for at := 0; len(found) < MentionsMax; {
		open := strings.IndexByte(body[at:], '<')
		if open < 0 {
			break
		}
		start := at + open
		at = start + 1
		if at == len(body) || body[at] != '@' && body[at] != '#' {
			continue
		}
		name, closed := nameWithin(body[at+1:])
		if !closed {
			continue
		}
		end := at + 1 + len(name) + len(">")
		found = append(found, MentionedName{start, end, body[at] == '#', name})
		at = end
	}
	return found
}

// nameWithin returns what stands before the first '>', if it may be a name.
func nameWithin(text string) (name string, closed bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return r == '<' || r == '>' || unicode.IsControl(r) })
	if end <= 0 || text[end] != '>' || utf8.RuneCountInString(text[:end]) > NameMax {
		return "", false
	}
	return text[:end], true
}

// MentionableBy reports whether a user may mention the channel: whoever may see
// it. The membership is nil for users who are not members.
func (c Channel) MentionableBy(m *Membership) bool { return c.VisibleTo(m) }

// Mentioned is what all readers of a mention see of the channel. They need not
// be members: of a private channel they see the name, which they have read.
func (c Channel) Mentioned() Channel {
	if c.Type != Public {
		c.DisplayName, c.Properties = c.Name, ""
	}
	return c
}
