package gateway

import (
	"strconv"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

// What was read, and by whom.

var (
	receiptCreated = eventType{aspect: aspectReadReceipts, name: "message.read_receipt.created"}
	receiptDeleted = eventType{aspect: aspectReadReceipts, name: "message.read_receipt.deleted"}
)

func markRead(r *request) (*reply, error) {
	return confirmed, r.g.engine.ReadMessage(r.ctx, r.asker, r.messageID())
}

func markUnread(r *request) (*reply, error) {
	return confirmed, r.g.engine.UnreadMessage(r.ctx, r.asker, r.messageID())
}

func markChannelRead(r *request) (*reply, error) {
	return confirmed, r.g.engine.ReadChannel(r.ctx, r.asker, r.channelID())
}

func listReadReceipts(r *request, dst []byte) ([]byte, error) {
	page, err := r.g.engine.ReadReceipts(r.ctx, r.actor, r.messageID(), r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "receipts", r.options, page, r.g.render.readReceipt), nil
}

func readUnread(r *request, dst []byte) ([]byte, error) {
	count, err := r.g.engine.CountUnread(r.ctx, r.actor, r.channelID())
	return append(strconv.AppendBool(append(dst, `{"exists":`...), count > 0), '}'), err
}

func countUnread(r *request, dst []byte) ([]byte, error) {
	count, err := r.g.engine.CountUnread(r.ctx, r.actor, r.channelID())
	return appendCount(dst, count), err
}

func countAllUnread(r *request, dst []byte) ([]byte, error) {
	count, err := r.g.engine.CountAllUnread(r.ctx, r.actor)
	return appendCount(dst, count), err
}

func countUnreadChannels(r *request, dst []byte) ([]byte, error) {
	count, err := r.g.engine.CountUnreadChannels(r.ctx, r.actor, chat.ChannelType(r.parameter("type")))
	return appendCount(dst, count), err
}

func readLastRead(r *request, dst []byte) ([]byte, error) {
	message, found, err := r.g.engine.LastReadMessage(r.ctx, r.actor, r.channelID(), r.parameter("username"))
	switch {
	case err != nil:
		return nil, err
	case !found:
		return r.noMessage(dst, "this user has read no message of channel %d")
	}
	return r.g.render.message(dst, &message), nil
}

// readLastReceived reads the message that the channel's resource shows too.
func readLastReceived(r *request, dst []byte) ([]byte, error) {
	view, err := r.g.engine.Channel(r.ctx, r.actor, r.channelID())
	if err != nil {
		return nil, err
	}
	if err := view.CheckMember(view.Viewer); err != nil {
		return nil, err
	}
	if view.LastMessage == nil {
		return r.noMessage(dst, "there is no message in channel %d")
	}
	return r.g.render.message(dst, view.LastMessage), nil
}

// noMessage answers with null where there is no message, as the older SDKs take
// it. The newer would fail to map it and never answer: they get an error.
func (r *request) noMessage(dst []byte, why string) ([]byte, error) {
	if r.generation < gen2x5 {
		return append(dst, "null"...), nil
	}
	return nil, chat.Errorf(chat.NotFound, why, r.id).Named("MessageNotFoundError")
}

func (g *announcer) announceReceipt(topic broker.Topic, at position, receipt chat.ReadReceipt, removed bool) {
	g.publish(topic, either(removed, receiptDeleted, receiptCreated), at, chat.Cause{}, func(p *broker.Publication) {
		p.Resource = g.render.readReceipt(nil, &receipt)
	})
}

// readReceipt writes a ReadReceipt.
func (r *renderer) readReceipt(dst []byte, receipt *chat.ReadReceipt) []byte {
	dst = r.user(append(dst, `{"user":`...), &receipt.User)
	dst = appendTime(append(dst, `,"createdTime":`...), receipt.CreatedAt)
	dst = append(append(dst, `,"_relays":{"message":"`...), messagesBase...)
	return append(strconv.AppendInt(dst, int64(receipt.Message), 10), `.relay"}}`...)
}
