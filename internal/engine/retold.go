package engine

import (
	"strconv"

	"openkitty/internal/chat"
)

// subject is what kind of thing a change is about.
type subject int

const (
	nothing subject = iota // nothing that has to be read
	aMessage
	aUser
	aChannel
)

// telling is how changes of a kind are told again.
type telling struct {
	about subject                                  // what is read before
	event func(*retelling, chat.Change) chat.Event // nil if nobody is ever told; its result may be nil
}

// retold has a row for every kind of change: a test sees to it. What a channel's
// members are told live they are told again here.
var retold = map[chat.ChangeKind]telling{
	chat.MessageCreated:  {aMessage, (*retelling).messageCreated},
	chat.MessageUpdated:  {aMessage, (*retelling).messageUpdated},
	chat.MessageDeleted:  {aMessage, (*retelling).messageDeleted},
	chat.ReactionAdded:   {aMessage, (*retelling).reaction},
	chat.ReactionRemoved: {aMessage, (*retelling).reaction},

	chat.MemberJoined:     {aUser, (*retelling).memberChanged},
	chat.MemberLeft:       {aUser, (*retelling).memberChanged},
	chat.ModeratorAdded:   {aUser, (*retelling).memberChanged},
	chat.ModeratorRemoved: {aUser, (*retelling).memberChanged},
	chat.MemberDeleted:    {nothing, nil}, // live, nobody is told
	chat.ChannelCreated:   {nothing, nil}, // its members are told, each in a stream of their own
	chat.ChannelChanged:   {aChannel, (*retelling).channelChanged},
	chat.ChannelDeleted:   {nothing, nil}, // it has no members left to tell

	chat.MessagesImported:    {nothing, nil}, // live, nobody is told
	chat.ThreadMade:          {nothing, nil}, // live, only the request is answered
	chat.ChannelBlockAdded:   {aUser, (*retelling).channelBlock},
	chat.ChannelBlockRemoved: {aUser, (*retelling).channelBlock},

	chat.MemberRead:    {aUser, (*retelling).receipt},
	chat.MemberUnread:  {aUser, (*retelling).receipt},
	chat.ChannelRead:   {nothing, (*retelling).ownReceipt},
	chat.ChannelUnread: {nothing, (*retelling).ownReceipt},
	chat.Notified:      {aMessage, (*retelling).notified},

	chat.ChannelJoined:   {aChannel, (*retelling).channelJoined},
	chat.ChannelLeft:     {aChannel, (*retelling).channelLost},
	chat.ChannelLost:     {aChannel, (*retelling).channelLost},
	chat.ChannelMuted:    {aChannel, (*retelling).placeChanged},
	chat.ChannelUnmuted:  {aChannel, (*retelling).placeChanged},
	chat.ChannelHidden:   {aChannel, (*retelling).placeChanged},
	chat.ChannelUnhidden: {aChannel, (*retelling).placeChanged},
	chat.HistoryCleared:  {aChannel, (*retelling).placeChanged},
	chat.RightsChanged:   {aChannel, (*retelling).placeChanged},
	chat.ChannelRenewed:  {aChannel, (*retelling).placeChanged},
	chat.MessageHidden:   {nothing, nil}, // live, only the request is answered

	chat.UserChanged:  {aUser, (*retelling).userChanged},
	chat.UserDeletion: {nothing, nil}, // the user has no sessions left to tell
	chat.BlockAdded:   {aUser, (*retelling).blockAdded},
	chat.BlockRemoved: {aUser, (*retelling).blockRemoved},
}

// messageCreated tells nothing of a message that was deleted: there is nothing
// to show. The deletion follows, for whoever has seen it all the same.
func (r *retelling) messageCreated(c chat.Change) chat.Event {
	message, seen := r.message(c)
	if !seen || message.Deleted() {
		return nil
	}
	return chat.MessagePosted{Message: message}
}

func (r *retelling) messageUpdated(c chat.Change) chat.Event {
	message, seen := r.message(c)
	if !seen || message.Deleted() {
		return nil
	}
	return chat.MessageChanged{Message: message, Sequence: c.Sequence}
}

func (r *retelling) messageDeleted(c chat.Change) chat.Event {
	message, seen := r.message(c)
	if !seen {
		return nil
	}
	return chat.MessageWithdrawn{Message: message, Sequence: c.Sequence}
}

func (r *retelling) reaction(c chat.Change) chat.Event {
	message, seen := r.message(c)
	user, known := r.users[c.Actor]
	if !seen || message.Deleted() || !known {
		return nil
	}
	return chat.ReactionChanged{
		Channel:  message.Channel,
		Reaction: chat.Reaction{Message: message.ID, Emoji: chat.EmojiOf(c.Detail), User: user, CreatedAt: c.At},
		Removed:  c.Kind == chat.ReactionRemoved,
		Sequence: c.Sequence,
	}
}

func (r *retelling) message(c chat.Change) (message chat.Message, seen bool) {
	message, seen = r.messages[chat.MessageID(c.Subject)]
	return message, seen
}

func (r *retelling) memberChanged(c chat.Change) chat.Event {
	user, known := r.users[chat.UserID(c.Subject)]
	if !known {
		return nil
	}
	return chat.MemberChanged{Kind: c.Kind, Channel: c.Stream.Channel, User: user, Sequence: c.Sequence}
}

func (r *retelling) channelBlock(c chat.Change) chat.Event {
	user, known := r.users[chat.UserID(c.Subject)]
	id, err := strconv.ParseInt(c.Detail, 10, 64)
	if !known || err != nil {
		return nil
	}
	return chat.ChannelBlockChanged{
		Block:    chat.ChannelBlock{ID: chat.ChannelBlockID(id), Channel: c.Stream.Channel, User: user, CreatedAt: c.At},
		Removed:  c.Kind == chat.ChannelBlockRemoved,
		Sequence: c.Sequence,
	}
}

func (r *retelling) channelChanged(c chat.Change) chat.Event {
	view, there := r.channels[c.Stream.Channel]
	if !there {
		return nil
	}
	return chat.ChannelUpdated{Channel: view, Managers: r.managers, Sequence: c.Sequence}
}

// channelJoined tells nothing of a channel that the user is no longer in: that
// they left follows.
func (r *retelling) channelJoined(c chat.Change) chat.Event {
	view, there := r.channels[chat.ChannelID(c.Subject)]
	if !there || view.Viewer == nil {
		return nil
	}
	return chat.UserJoinedChannel{Channel: view, User: c.Stream.User, Sequence: c.Sequence}
}

func (r *retelling) placeChanged(c chat.Change) chat.Event {
	view, there := r.channels[chat.ChannelID(c.Subject)]
	if !there || view.Viewer == nil {
		return nil
	}
	return chat.UserChannelChanged{Kind: c.Kind, Channel: view, User: c.Stream.User, Sequence: c.Sequence}
}

// channelLost shows of a channel that the user is no longer in only what they
// know it by, and of one that is no more its id.
func (r *retelling) channelLost(c chat.Change) chat.Event {
	lost := chat.Channel{
		ID: chat.ChannelID(c.Subject), Application: r.actor.Application, Type: chat.Private,
		CreatedAt: c.At, ActiveAt: c.At,
	}
	if view, there := r.channels[lost.ID]; there {
		lost.Type, lost.Name, lost.DisplayName = view.Type, view.Name, view.DisplayName
		lost.CreatedAt, lost.ActiveAt = view.CreatedAt, view.CreatedAt
	}
	return chat.UserChannelChanged{Kind: c.Kind, Channel: chat.ChannelView{Channel: lost}, User: c.Stream.User, Sequence: c.Sequence}
}

func (r *retelling) userChanged(c chat.Change) chat.Event {
	user, known := r.users[chat.UserID(c.Subject)]
	if !known {
		return nil
	}
	return chat.UserUpdated{User: user, Sequence: c.Sequence}
}

func (r *retelling) blockAdded(c chat.Change) chat.Event {
	user, known := r.users[chat.UserID(c.Subject)]
	if !known {
		return nil
	}
	return chat.UserBlockAdded{Blocker: c.Stream.User, Block: chat.Block{User: user, CreatedAt: c.At}, Sequence: c.Sequence}
}

func (r *retelling) blockRemoved(c chat.Change) chat.Event {
	user, known := r.users[chat.UserID(c.Subject)]
	if !known {
		return nil
	}
	return chat.UserBlockRemoved{Blocker: c.Stream.User, User: user, Sequence: c.Sequence}
}
