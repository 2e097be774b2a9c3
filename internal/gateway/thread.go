package gateway

import (
	"encoding/json"
	"strconv"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

// threadCreated is only an answer: no SDK listens for it.
var threadCreated = eventType{aspect: aspectThreads, name: "channel.thread.created"}

func (g *Gateway) announceThread(e chat.ThreadCreated) {
	at := position{"c", int64(e.Thread.Channel), e.Sequence}
	g.publish(toChannel(e.Thread.Channel), threadCreated, at, e.Cause, func(p *broker.Publication) {
		p.Resource = g.render.thread(nil, &e.Thread)
	})
}

var (
	threadRelays = []link{
		{"self", ".relay"}, {"channel", ".channel.relay"}, {"message", ".message.relay"},
		{"messages", ".messages" + firstPage}, {"unread", ".unread.relay"},
	}
	threadTopicLinks = []link{{"self", ""}, {"messages", ".messages"}, {"keystrokes", ".keystrokes"}, {"typing", ".typing"}}
	threadActions    = []link{{"message", ".message"}, {"keystrokes", ".keystrokes"}, {"read", ".read"}}
	threadStreams    = []link{{"messages", "/messages"}}
)

// thread writes a Thread.
func (r *renderer) thread(dst []byte, t *chat.Thread) []byte {
	id := int64(t.ID)
	dst = strconv.AppendInt(append(dst, `{"id":`...), id, 10)
	dst = append(append(append(dst, `,"type":"`...), t.Type...), '"')
	if t.Name != "" {
		dst = appendString(append(dst, `,"name":`...), t.Name)
	}
	dst = append(append(dst, `,"properties":`...), t.Properties.JSON()...)
	dst = append(appendTime(append(dst, `,"createdTime":`...), t.CreatedAt), ',')
	dst = appendLinks(dst, "_relays", threadsBase, id, threadRelays)
	dst = appendLinks(append(dst, ','), "_topics", threadTopics, id, threadTopicLinks)
	dst = appendLinks(append(dst, ','), "_actions", threadsBase, id, threadActions)
	dst = appendLinks(append(dst, ','), "_streams", streamsBase+"threads/", id, threadStreams)
	return append(dst, '}')
}

// appendThreadRelay writes the relay of the thread that keys were typed in.
func appendThreadRelay(dst []byte, e chat.KeystrokesMade) []byte {
	if e.Thread.ID == 0 {
		dst = strconv.AppendInt(append(dst, channelsBase...), int64(e.Channel), 10)
		return append(dst, ".thread.relay"...)
	}
	return append(strconv.AppendInt(append(dst, threadsBase...), int64(e.Thread.ID), 10), ".relay"...)
}

func createThread(r *request) (*reply, error) {
	body, err := decode[struct {
		Name       string
		Properties json.RawMessage
	}](r)
	if err != nil {
		return nil, err
	}
	properties, err := chat.ParseProperties(body.Properties)
	if err != nil {
		return nil, err
	}
	_, err = r.g.engine.CreateThread(r.ctx, r.asker, r.channelID(), chat.NewThread{Name: body.Name, Properties: properties})
	return nil, err
}

func listThreads(r *request, dst []byte) ([]byte, error) {
	filter := chat.ThreadFilter{
		WithoutMain: r.parameter("includeMainThread") == "false",
		Standalone:  r.parameter("standalone") == "true",
	}
	page, err := r.g.engine.Threads(r.ctx, r.actor, r.channelID(), filter, r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "threads", r.options, page, r.g.render.thread), nil
}

func readMainThread(r *request, dst []byte) ([]byte, error) {
	thread, err := r.g.engine.MainThread(r.ctx, r.actor, r.channelID())
	if err != nil {
		return nil, err
	}
	return r.g.render.thread(dst, &thread), nil
}

func readThread(r *request, dst []byte) ([]byte, error) {
	thread, err := r.g.engine.Thread(r.ctx, r.actor, r.threadID())
	if err != nil {
		return nil, err
	}
	return r.g.render.thread(dst, &thread), nil
}

func readThreadChannel(r *request, dst []byte) ([]byte, error) {
	thread, err := r.g.engine.Thread(r.ctx, r.actor, r.threadID())
	if err != nil {
		return nil, err
	}
	view, err := r.g.engine.Channel(r.ctx, r.actor, thread.Channel)
	if err != nil {
		return nil, err
	}
	return r.g.render.channel(dst, &view), nil
}

func readThreadMessage(r *request, dst []byte) ([]byte, error) {
	message, err := r.g.engine.ThreadMessage(r.ctx, r.actor, r.threadID())
	if err != nil {
		return nil, err
	}
	return r.g.render.message(dst, &message), nil
}

func listThreadMessages(r *request, dst []byte) ([]byte, error) {
	page, err := r.g.engine.ThreadMessages(r.ctx, r.actor, r.threadID(), r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "messages", r.options, page, r.g.render.message), nil
}

func readThreadUnread(r *request, dst []byte) ([]byte, error) {
	unread, err := r.g.engine.ThreadUnread(r.ctx, r.actor, r.threadID())
	return append(strconv.AppendBool(append(dst, `{"exists":`...), unread), '}'), err
}

func sendToThread(r *request) (*reply, error) {
	message, err := r.newMessage()
	if err != nil {
		return nil, err
	}
	_, err = r.g.engine.SendToThread(r.ctx, r.asker, r.threadID(), message)
	return nil, err
}

func sendThreadKeystrokes(r *request) (*reply, error) {
	body, err := decode[struct{ Keys string }](r)
	if err != nil {
		return nil, err
	}
	return confirmed, r.g.engine.SendThreadKeystrokes(r.ctx, r.asker, r.threadID(), body.Keys)
}

func markThreadRead(r *request) (*reply, error) {
	return confirmed, r.g.engine.ReadThread(r.ctx, r.asker, r.threadID())
}
