package gateway

import (
	"context"
	"strconv"
	"strings"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
	"openkitty/stomp"
)

// relayHandler appends a resource to dst.
type relayHandler func(r *request, dst []byte) ([]byte, error)

// relays are all destinations that clients may read. Those that later work will
// serve are refused by name, so that no client waits for an answer.
var relays = map[route]relayHandler{
	{ofUser, ""}:                        readUser,
	{ofUser, "read_file_access_grant"}:  grantFor(chat.ReadFiles),
	{ofUser, "write_file_access_grant"}: grantFor(chat.WriteFiles),
	{ofUser, "channels"}:                own(listChannels((*engine.Engine).JoinedChannels)),
	{ofUser, "joinable_channels"}:       own(listChannels((*engine.Engine).JoinableChannels)),
	{ofUser, "channels_count"}:          own(countChannels),
	{ofUser, "channel_member"}:          readChannelMember,
	{ofUser, "unread_channels"}:         own(listChannels((*engine.Engine).UnreadChannels)),
	{ofUser, "unread_channels_count"}:   own(countUnreadChannels),
	{ofUser, "unread_messages_count"}:   own(countAllUnread),
	{ofUser, "contacts"}:                own(listContacts),
	{ofUser, "contacts_count"}:          own(countContacts),
	{ofUser, "user_block_list_items"}:   own(listBlocks),
	{ofUser, "messages"}:                own(listAllMessages),

	{ofChannel, ""}:                      readChannel,
	{ofChannel, "messages"}:              listMessages,
	{ofChannel, "members"}:               listMembers,
	{ofChannel, "messages_count"}:        countMessages,
	{ofChannel, "unread"}:                readUnread,
	{ofChannel, "last_received_message"}: readLastReceived,
	{ofChannel, "last_read_message"}:     readLastRead,
	{ofChannel, "threads"}:               listThreads,
	{ofChannel, "thread"}:                readMainThread,
	{ofChannel, "calls"}:                 unsupportedRelay,
	{ofChannel, "context"}:               readContext,
	{ofChannel, "block_records"}:         listChannelBlocks,
	{ofChannel, "moderators"}:            listModerators,

	{ofMessage, ""}:              readMessage,
	{ofMessage, "channel"}:       readMessageChannel,
	{ofMessage, "read_receipts"}: listReadReceipts,
	{ofMessage, "replies"}:       listReplies,
	{ofMessage, "replies_count"}: countReplies,
	{ofMessage, "parent"}:        readParent,
	{ofMessage, "reactions"}:     listReactions,
	{ofMessage, "report_count"}:  countReports,
	{ofMessage, "reports"}:       listReports,

	{ofThread, ""}:         readThread,
	{ofThread, "channel"}:  readThreadChannel,
	{ofThread, "message"}:  readThreadMessage,
	{ofThread, "messages"}: listThreadMessages,
	{ofThread, "unread"}:   readThreadUnread,
}

// relay answers one read, once. Nothing of the subscription is kept: clients
// never end those of relays.
func (s *session) relay(id, destination string, header stomp.Header) {
	body, err := s.read(destination, header)
	if err != nil {
		s.fail("subscription-id", id, err)
		return
	}
	s.replies++
	s.sendFrame(stomp.Frame{
		Command: stomp.Message,
		Header: stomp.Header{
			{Name: "subscription", Value: id},
			{Name: "destination", Value: destination},
			{Name: "message-id", Value: "r" + strconv.FormatUint(s.replies, 10)},
			{Name: "content-type", Value: "application/json"},
		},
		Body: body,
	})
}

func (s *session) read(destination string, header stomp.Header) ([]byte, error) {
	began := time.Now()
	defer func() { s.g.metrics.relaySeconds.Observe(time.Since(began).Seconds()) }()
	at, id, options, err := s.locate(destination, true)
	if err != nil {
		return nil, err
	}
	handle, known := relays[at]
	if !known {
		return nil, chat.Errorf(chat.NotFound, "there is no destination %s", quoted(destination)).Named("UnknownDestinationError")
	}
	if err := s.g.engine.Allow(s.ctx, s.actor, engine.Requesting); err != nil {
		return nil, err
	}
	list, _, _ := strings.Cut(destination, ".relay")
	r := &request{session: s, id: id, header: header, list: list, options: parseOptions(options)}
	body, err := handle(r, []byte(`{"resource":`))
	return append(body, '}'), err
}

func unsupportedRelay(*request, []byte) ([]byte, error) { return nil, errUnsupported() }

// own restricts a relay to the actor's own data.
func own(handle relayHandler) relayHandler {
	return func(r *request, dst []byte) ([]byte, error) {
		if r.userID() != r.actor.User {
			return nil, chat.Errorf(chat.Denied, "this is for user %d alone", r.id)
		}
		return handle(r, dst)
	}
}

func grantFor(access chat.FileAccess) relayHandler {
	return own(func(r *request, dst []byte) ([]byte, error) {
		grant := r.g.engine.IssueGrant(r.actor, access)
		return append(appendString(append(dst, `{"grant":`...), grant), '}'), nil
	})
}

func readChannel(r *request, dst []byte) ([]byte, error) {
	view, err := r.g.engine.Channel(r.ctx, r.actor, r.channelID())
	if err != nil {
		return nil, err
	}
	return r.g.render.channel(dst, &view), nil
}

type channelLister func(*engine.Engine, context.Context, chat.Actor, engine.ChannelFilter, chat.PageRequest) (chat.Page[chat.ChannelView], error)

// listChannels reads a list of channels. The filter "subscribable" selects those that
// a chat session can begin in, which is all of them.
func listChannels(list channelLister) relayHandler {
	return func(r *request, dst []byte) ([]byte, error) {
		filter := engine.ChannelFilter{Name: r.parameter("name")}
		page, err := list(r.g.engine, r.ctx, r.actor, filter, r.options.PageRequest)
		if err != nil {
			return nil, err
		}
		return appendPage(dst, r.list, "channels", r.options, page, r.g.render.channel), nil
	}
}

func countChannels(r *request, dst []byte) ([]byte, error) {
	if r.parameter("unread") == "true" {
		return countUnreadChannels(r, dst)
	}
	count, err := r.g.engine.CountChannels(r.ctx, r.actor, chat.ChannelType(r.parameter("type")))
	return appendCount(dst, count), err
}

func appendCount(dst []byte, count int64) []byte {
	return append(strconv.AppendInt(append(dst, `{"count":`...), count, 10), '}')
}

func listMembers(r *request, dst []byte) ([]byte, error) {
	page, err := r.g.engine.Members(r.ctx, r.actor, r.channelID(), r.parameter("displayName"), r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "users", r.options, page, r.g.render.user), nil
}

func listMessages(r *request, dst []byte) ([]byte, error) {
	filter := r.messageFilter()
	page, err := r.g.engine.Messages(r.ctx, r.actor, r.channelID(), filter, r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "messages", r.options, page, r.g.render.message), nil
}

func countMessages(r *request, dst []byte) ([]byte, error) {
	if r.parameter("unread") == "true" {
		return countUnread(r, dst)
	}
	count, err := r.g.engine.CountMessages(r.ctx, r.actor, r.channelID())
	return appendCount(dst, count), err
}

func readMessage(r *request, dst []byte) ([]byte, error) {
	message, err := r.g.engine.Message(r.ctx, r.actor, r.messageID())
	if err != nil {
		return nil, err
	}
	return r.g.render.message(dst, &message), nil
}

func readMessageChannel(r *request, dst []byte) ([]byte, error) {
	message, err := r.g.engine.Message(r.ctx, r.actor, r.messageID())
	if err != nil {
		return nil, err
	}
	view, err := r.g.engine.Channel(r.ctx, r.actor, message.Channel)
	if err != nil {
		return nil, err
	}
	return r.g.render.channel(dst, &view), nil
}
