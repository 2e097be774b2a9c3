package gateway

import (
	"strconv"

	"openkitty/internal/chat"
)

func listAllMessages(r *request, dst []byte) ([]byte, error) {
	if r.parameter("type") == "FILE" {
		return nil, errUnsupported()
	}
	page, err := r.g.engine.AllMessages(r.ctx, r.actor, r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "messages", r.options, page, r.g.render.message), nil
}

// readContext reads a stretch of a channel. Its cursors are the ids of messages.
func readContext(r *request, dst []byte) ([]byte, error) {
	start, err := r.cursor("startCursor")
	if err != nil {
		return nil, err
	}
	end, err := r.cursor("endCursor")
	if err != nil {
		return nil, err
	}
	context, err := r.g.engine.ChannelContext(r.ctx, r.actor, r.channelID(), start, end)
	if err != nil {
		return nil, err
	}
	dst = appendCursor(append(dst, `{"startCursor":`...), context.Start)
	dst = appendCursor(append(dst, `,"endCursor":`...), context.End)
	return append(dst, `,"readBy":{}}`...), nil
}

// cursor reads a parameter that is the id of a message; zero if it is missing.
func (r *request) cursor(name string) (chat.MessageID, error) {
	text := r.parameter(name)
	if text == "" {
		return 0, nil
	}
	id, ok := parseID(text)
	if !ok {
		return 0, chat.Errorf(chat.Invalid, "the %s must be the id of a message, not %s", name, quoted(text))
	}
	return chat.MessageID(id), nil
}

// appendCursor writes the id of a message as a cursor, empty for none.
func appendCursor(dst []byte, id chat.MessageID) []byte {
	if id == 0 {
		return append(dst, `""`...)
	}
	return append(strconv.AppendInt(append(dst, '"'), int64(id), 10), '"')
}
