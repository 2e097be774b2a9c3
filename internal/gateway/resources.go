package gateway

import (
	"strconv"

	"openkitty/internal/chat"
)

// Resources are what clients see of the nouns of package chat: their data, and
// the destinations to go on from. Every client gets the links of the newest
// generation and ignores those it does not know. Optional fields are left out,
// never null: the published SDKs test for undefined.

// The subjects of destinations. Clients may also write /application/v1.
const (
	usersBase    = "/application/users/"
	channelsBase = "/application/channels/"
	messagesBase = "/application/messages/"
	threadsBase  = "/application/threads/"
	blocksBase   = "/application/block_records/"
	userTopic    = "/topic/users/"
	channelTopic = "/topic/channels/"
	threadTopics = "/topic/threads/"
	streamsBase  = "/rtm-streams/"
)

// firstPage ends the relay of a list. Some clients fill in their size and sort.
const firstPage = ".relay.size..sort."

// renderer writes resources.
type renderer struct {
	online   func(chat.UserID) bool
	pictures string // address before the id of a generated picture
}

var (
	userRelays  = []link{{"self", ".relay"}, {"channelMember", ".channel_member.relay"}}
	userActions = []link{{"block", ".block"}, {"delete", ".delete"}}

	currentUserRelays = []link{
		{"self", ".relay"},
		{"readFileAccessGrant", ".read_file_access_grant.relay"},
		{"writeFileAccessGrant", ".write_file_access_grant.relay"},
		{"channels", ".channels" + firstPage},
		{"joinableChannels", ".joinable_channels" + firstPage},
		{"unreadChannels", ".unread_channels" + firstPage},
		{"unreadChannelsCount", ".unread_channels_count.relay"},
		{"channelsCount", ".channels_count.relay"},
		{"contacts", ".contacts" + firstPage},
		{"contactsCount", ".contacts_count.relay"},
		{"unreadMessagesCount", ".unread_messages_count.relay"},
		{"userBlockListItems", ".user_block_list_items" + firstPage},
		{"userBlockedRecords", ".user_block_list_items" + firstPage},
		{"messages", ".messages" + firstPage},
		{"channelMember", ".channel_member.relay"},
	}
	currentUserTopics = []link{
		{"self", ""}, {"channels", ".channels"}, {"notifications", ".notifications"},
		{"contacts", ".contacts"}, {"participants", ".participants"}, {"messages", ".messages"},
		{"users", ".users"}, {"reactions", ".reactions"}, {"threads", ".threads"}, {"calls", ".calls"},
		{"readReceipts", ".readReceipts"}, {"elements", ".elements"}, {"features", ".features"}, {"styles", ".styles"},
	}
	currentUserActions = []link{
		{"update", ".update"}, {"createChannel", ".create_channel"},
		{"updateDisplayPicture", ".update_display_picture"}, {"delete", ".delete"},
	}
	currentUserStreams = []link{{"displayPicture", "/display_picture"}}
)

func (r *renderer) userData(dst []byte, u *chat.User, p chat.Presence) []byte {
	dst = strconv.AppendInt(append(dst, `"id":`...), int64(u.ID), 10)
	dst = appendString(append(dst, `,"name":`...), u.Name)
	dst = appendString(append(dst, `,"displayName":`...), u.DisplayName)
	dst = append(dst, `,"displayPictureUrl":`...)
	if u.Picture != "" {
		dst = appendString(dst, u.Picture)
	} else {
		dst = append(r.appendPicture(append(dst, '"'), u.ID), '"')
	}
	dst = strconv.AppendBool(append(dst, `,"isGuest":`...), u.Guest)
	dst = append(append(dst, `,"presence":{"status":"`...), p.Status...)
	dst = strconv.AppendBool(append(dst, `","online":`...), p.Online)
	dst = append(dst, `},"properties":`...)
	return append(append(dst, u.Properties.JSON()...), ',')
}

// appendPicture writes the address of a user's generated picture.
func (r *renderer) appendPicture(dst []byte, id chat.UserID) []byte {
	return append(strconv.AppendInt(append(dst, r.pictures...), int64(id), 10), ".png"...)
}

// user writes a User: anybody, as others see them.
func (r *renderer) user(dst []byte, u *chat.User) []byte {
	dst = r.userData(append(dst, '{'), u, u.Presence(r.online(u.ID)))
	dst = appendLinks(dst, "_relays", usersBase, int64(u.ID), userRelays)
	dst = appendLinks(append(dst, ','), "_actions", usersBase, int64(u.ID), userActions)
	return append(dst, '}')
}

// currentUser writes a CurrentUser: the user whose session it is.
func (r *renderer) currentUser(dst []byte, u *chat.User) []byte {
	id := int64(u.ID)
	dst = r.userData(append(dst, '{'), u, u.OwnPresence(r.online(u.ID)))
	dst = appendLinks(dst, "_relays", usersBase, id, currentUserRelays)
	dst = appendLinks(append(dst, ','), "_topics", userTopic, id, currentUserTopics)
	dst = appendLinks(append(dst, ','), "_actions", usersBase, id, currentUserActions)
	dst = appendLinks(append(dst, ','), "_streams", streamsBase+"users/", id, currentUserStreams)
	return append(dst, '}')
}

var (
	messageRelays = []link{
		{"self", ".relay"}, {"readReceipts", ".read_receipts" + firstPage},
		{"repliesCount", ".replies_count.relay"}, {"replies", ".replies" + firstPage},
		{"reactions", ".reactions" + firstPage}, {"reportCount", ".report_count.relay"},
		{"reports", ".reports" + firstPage}, {"channel", ".channel.relay"},
	}
	messageActions = []link{
		{"read", ".read"}, {"unread", ".unread"}, {"reply", ".reply"}, {"deleteForMe", ".delete_for_me"},
		{"delete", ".delete"}, {"react", ".react"}, {"removeReaction", ".remove_reaction"}, {"edit", ".edit"},
		{"updateProperties", ".update_properties"}, {"report", ".report"}, {"removeReport", ".remove_report"},
	}
	messageStreams = []link{{"replies", "/replies"}}
)

// message writes a Message.
func (r *renderer) message(dst []byte, m *chat.Message) []byte {
	id := int64(m.ID)
	dst = strconv.AppendInt(append(dst, `{"id":`...), id, 10)
	dst = append(append(dst, `,"type":"`...), m.Type...)
	dst = strconv.AppendInt(append(dst, `","channelId":`...), int64(m.Channel), 10)
	dst = append(dst, nestedLevel(m)...)
	dst = appendString(append(dst, `,"body":`...), m.Body)
	dst = r.links(append(dst, `,"links":`...), m)
	dst = append(r.mentions(append(dst, `,"mentions":`...), m), ',')
	if m.Author != nil {
		dst = append(r.user(append(dst, `"user":`...), m.Author), ',')
	}
	if m.GroupTag != "" {
		dst = append(appendString(append(dst, `"groupTag":`...), m.GroupTag), ',')
	}
	dst = appendTime(append(dst, `"createdTime":`...), m.CreatedAt)
	dst = append(append(dst, `,"properties":`...), m.Properties.JSON()...)
	if !m.EditedAt.IsZero() {
		dst = appendTime(append(dst, `,"lastEditedTime":`...), m.EditedAt)
	}
	dst = appendList(append(dst, `,"reactions":`...), m.Reactions, r.reactionSummary)
	dst = strconv.AppendInt(append(dst, `,"repliesCount":`...), m.Replies, 10)
	dst = append(strconv.AppendInt(append(dst, `,"reportCount":`...), m.Reports, 10), ',')
	dst = appendLinks(dst, "_relays", messagesBase, id, relaysOf(m))
	dst = appendLinks(append(dst, ','), "_actions", messagesBase, id, messageActions)
	dst = appendLinks(append(dst, ','), "_streams", streamsBase+"messages/", id, messageStreams)
	return append(dst, '}')
}

var (
	channelRelays = []link{
		{"self", ".relay"}, {"messages", ".messages" + firstPage}, {"unread", ".unread.relay"},
		{"members", ".members" + firstPage}, {"messagesCount", ".messages_count.relay"},
		{"lastReceivedMessage", ".last_received_message.relay"}, {"lastReadMessage", ".last_read_message.relay"},
		{"threads", ".threads" + firstPage}, {"calls", ".calls" + firstPage}, {"context", ".context.relay"},
		{"blockRecords", ".block_records" + firstPage}, {"moderators", ".moderators" + firstPage},
	}
	channelTopics = []link{
		{"self", ""}, {"messages", ".messages"}, {"keystrokes", ".keystrokes"}, {"typing", ".typing"},
		{"participants", ".participants"}, {"readReceipts", ".readReceipts"}, {"reactions", ".reactions"},
		{"events", ".events"}, {"members", ".members"}, {"blockRecords", ".blockRecords"}, {"moderators", ".moderators"},
	}
	channelActions = []link{
		{"message", ".message"}, {"read", ".read"}, {"keystrokes", ".keystrokes"}, {"mute", ".mute"},
		{"update", ".update"}, {"clearHistory", ".clear_history"}, {"hide", ".hide"}, {"call", ".call"},
		{"triggerEvent", ".trigger_event"}, {"delete", ".delete"}, {"createThread", ".create_thread"}, {"block", ".block"},
	}
	channelStreams = []link{{"messages", "/messages"}}

	// The links that clients take as a permission, by what gives it.
	joinAction       = link{"join", ".join"}
	leaveAction      = link{"leave", ".leave"}
	inviteAction     = link{"invite", ".invite"}
	moderatorActions = []link{{"addModerator", ".add_moderator"}, {"deleteModerator", ".delete_moderator"}}
)

// channel writes a Channel as its viewer sees it.
func (r *renderer) channel(dst []byte, c *chat.ChannelView) []byte {
	id := int64(c.ID)
	dst = strconv.AppendInt(append(dst, `{"id":`...), id, 10)
	dst = append(append(dst, `,"type":"`...), c.Type...)
	dst = appendString(append(dst, `","name":`...), c.Name)
	dst = appendString(append(dst, `,"displayName":`...), c.DisplayName)
	if c.CreatedBy != nil {
		dst = r.user(append(dst, `,"creator":`...), c.CreatedBy)
	}
	if c.Type == chat.Direct {
		dst = appendList(append(dst, `,"members":`...), c.Members, r.user)
	}
	if c.LastMessage != nil && c.Viewer != nil {
		dst = r.message(append(dst, `,"lastReceivedMessage":`...), c.LastMessage)
	}
	dst = appendTime(append(dst, `,"createdTime":`...), c.CreatedAt)
	dst = append(append(dst, `,"properties":`...), c.Properties.JSON()...)
	dst = appendLinks(append(dst, ','), "_relays", channelsBase, id, channelRelays)
	dst = appendLinks(append(dst, ','), "_topics", channelTopic, id, channelTopics)
	dst = appendLinks(append(dst, ','), "_actions", channelsBase, id, allowedActions(c))
	dst = appendLinks(append(dst, ','), "_streams", streamsBase+"channels/", id, channelStreams)
	return append(dst, '}')
}

func allowedActions(c *chat.ChannelView) []link {
	actions := channelActions[:len(channelActions):len(channelActions)]
	if c.JoinableBy(c.Viewer) && !c.Barred {
		actions = append(actions, joinAction)
	}
	if c.LeavableBy(c.Viewer) {
		actions = append(actions, leaveAction)
	}
	if c.InvitableBy(c.Viewer) {
		actions = append(actions, inviteAction)
	}
	if c.ManagedBy(c.Viewer) {
		actions = append(actions, moderatorActions...)
	}
	return actions
}

// appendList writes a JSON array.
func appendList[T any](dst []byte, items []T, write func([]byte, *T) []byte) []byte {
	dst = append(dst, '[')
	for i := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = write(dst, &items[i])
	}
	return append(dst, ']')
}
