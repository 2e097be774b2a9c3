package gateway

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"openkitty/internal/chat"
)

// What happens to messages after they were sent.

func replyToMessage(r *request) (*reply, error) {
	message, err := r.newMessage()
	if err != nil {
		return nil, err
	}
	_, err = r.g.engine.ReplyToMessage(r.ctx, r.asker, r.messageID(), message)
	return nil, err
}

func editMessage(r *request) (*reply, error) {
	body, err := decode[struct{ Body string }](r)
	if err != nil {
		return nil, err
	}
	return nil, r.g.engine.EditMessage(r.ctx, r.asker, r.messageID(), body.Body)
}

func updateMessageProperties(r *request) (*reply, error) {
	body, err := decode[struct{ Properties json.RawMessage }](r)
	if err != nil {
		return nil, err
	}
	if body.Properties == nil {
		return nil, chat.Errorf(chat.Invalid, "the properties are missing; send {} to have none")
	}
	properties, err := chat.ParseProperties(body.Properties)
	if err != nil {
		return nil, err
	}
	return nil, r.g.engine.UpdateMessageProperties(r.ctx, r.asker, r.messageID(), properties)
}

func deleteMessage(r *request) (*reply, error) {
	return nil, r.g.engine.DeleteMessage(r.ctx, r.asker, r.messageID())
}

// messageHidden is the type of the answer to deleteForMe, which no SDK filters by.
const messageHidden = "user.message.deleted"

func deleteForMe(r *request) (*reply, error) {
	message, err := r.g.engine.HideMessage(r.ctx, r.asker, r.messageID())
	if err != nil {
		return nil, err
	}
	return &reply{aspectMessages, messageHidden, r.g.render.message(nil, &message)}, nil
}

func listReplies(r *request, dst []byte) ([]byte, error) {
	page, err := r.g.engine.Replies(r.ctx, r.actor, r.messageID(), r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "messages", r.options, page, r.g.render.message), nil
}

func countReplies(r *request, dst []byte) ([]byte, error) {
	count, err := r.g.engine.CountReplies(r.ctx, r.actor, r.messageID())
	return appendCount(dst, count), err
}

func readParent(r *request, dst []byte) ([]byte, error) {
	parent, err := r.g.engine.Parent(r.ctx, r.actor, r.messageID())
	if err != nil {
		return nil, err
	}
	return r.g.render.message(dst, &parent), nil
}

// replyRelays are those of replies. The SDKs fetch the parent of every message
// that has such a relay before they show it.
var replyRelays = append(messageRelays[:len(messageRelays):len(messageRelays)], link{"parent", ".parent.relay"})

func relaysOf(m *chat.Message) []link {
	if m.Parent != 0 {
		return replyRelays
	}
	return messageRelays
}

func nestedLevel(m *chat.Message) string {
	if m.Parent != 0 {
		return `,"nestedLevel":1`
	}
	return `,"nestedLevel":0`
}

// links writes the MessageLinks of a message.
func (r *renderer) links(dst []byte, m *chat.Message) []byte {
	dst = append(dst, '[')
	if strings.Contains(m.Body, "http") {
		place := utf16Place{text: m.Body}
		for i, l := range chat.Links(m.Body) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(append(dst, `{"source":`...), l.Source)
			dst = place.appendRange(append(dst, ','), l.Start, l.End)
			if preview := m.Preview(l.Source); preview != nil {
				dst = appendPreview(append(dst, `,"preview":`...), preview)
			}
			dst = append(dst, '}')
		}
	}
	return append(dst, ']')
}

// mentions writes the MessageMentions of a message.
func (r *renderer) mentions(dst []byte, m *chat.Message) []byte {
	place := utf16Place{text: m.Body}
	return appendList(dst, m.Mentions, func(dst []byte, mention *chat.Mention) []byte {
		kind := "USER"
		if mention.Channel != nil {
			kind = "CHANNEL"
		}
		dst = append(append(append(dst, `{"type":"`...), kind...), `","tag":`...)
		dst = appendString(dst, m.Body[mention.Start:mention.End])
		dst = place.appendRange(append(dst, ','), mention.Start, mention.End)
		if mention.Channel != nil {
			dst = r.channel(append(dst, `,"channel":`...), &chat.ChannelView{Channel: *mention.Channel})
		} else {
			dst = r.user(append(dst, `,"user":`...), mention.User)
		}
		return append(dst, '}')
	})
}

// utf16Place tells places in a text as JavaScript counts them. They must be
// asked for in ascending order.
type utf16Place struct {
	text  string
	at    int // bytes
	units int // UTF-16 code units before at
}

func (p *utf16Place) of(at int) int {
	for p.at < at {
		r, size := utf8.DecodeRuneInString(p.text[p.at:])
		p.at += size
		p.units++
		if r > 0xFFFF {
			p.units++
		}
	}
	return p.units
}

// appendRange writes the members startPosition and endPosition; the end is exclusive.
func (p *utf16Place) appendRange(dst []byte, start, end int) []byte {
	dst = strconv.AppendInt(append(dst, `"startPosition":`...), int64(p.of(start)), 10)
	return strconv.AppendInt(append(dst, `,"endPosition":`...), int64(p.of(end)), 10)
}
