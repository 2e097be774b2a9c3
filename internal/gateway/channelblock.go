package gateway

import (
	"strconv"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

var (
	channelBlockAdded   = eventType{aspect: aspectBlockRecords, name: "channel.block_record.created"}
	channelBlockRemoved = eventType{aspect: aspectBlockRecords, name: "channel.block_record.deleted"}

	// What answers whoever blocks and unblocks. The SDK finds the first by its name.
	blockRecordCreated = eventType{aspect: aspectUsers, name: "user.channel.block_record_created"}
	blockRecordDeleted = eventType{aspect: aspectUsers, name: "user.channel.block_record_deleted"}
)

func blockInChannel(r *request) (*reply, error) {
	ref, err := r.userRef()
	if err != nil {
		return nil, err
	}
	block, added, err := r.g.engine.BlockInChannel(r.ctx, r.asker, r.channelID(), ref)
	if err != nil || added {
		return nil, err
	}
	return &reply{blockRecordCreated.aspect, blockRecordCreated.name, r.g.render.channelBlock(nil, &block)}, nil
}

func unblockInChannel(r *request) (*reply, error) {
	return nil, r.g.engine.UnblockInChannel(r.ctx, r.asker, chat.ChannelBlockID(r.id))
}

func listChannelBlocks(r *request, dst []byte) ([]byte, error) {
	page, err := r.g.engine.ChannelBlocks(r.ctx, r.actor, r.channelID(), r.parameter("displayName"), r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "records", r.options, page, r.g.render.channelBlock), nil
}

// channelBlock writes a ChannelBlockRecord.
func (r *renderer) channelBlock(dst []byte, b *chat.ChannelBlock) []byte {
	dst = r.user(append(dst, `{"user":`...), &b.User)
	dst = appendTime(append(dst, `,"createdTime":`...), b.CreatedAt)
	dst = append(append(dst, `,"_actions":{"delete":"`...), blocksBase...)
	return append(strconv.AppendInt(dst, int64(b.ID), 10), `.delete"}}`...)
}

// announceChannelBlock answers who asked, outside of the channel, and tells the
// channel.
func (g *Gateway) announceChannelBlock(e chat.ChannelBlockChanged) {
	write := func() []byte { return g.render.channelBlock(nil, &e.Block) }
	g.answerUser(e.By, either(e.Removed, blockRecordDeleted, blockRecordCreated), 0, e.Cause, write)
	at := position{"c", int64(e.Block.Channel), e.Sequence}
	g.publish(toChannel(e.Block.Channel), either(e.Removed, channelBlockRemoved, channelBlockAdded), at, chat.Cause{},
		func(p *broker.Publication) { p.Resource = write() })
}
