package client

import (
	"context"
	"fmt"
	"sync"
)

// ChatHandlers hear what happens in a channel while a chat is started there.
// Handlers that are nil cost nothing: their topics are not even subscribed.
type ChatHandlers struct {
	// OnMessage hears every message, the user's own included, in the order of
	// the channel.
	OnMessage func(Message)
	// OnMessageUpdated hears of messages with another body, other properties or
	// another number of replies.
	OnMessageUpdated func(Message)
	// OnMessageDeleted hears of messages that were deleted for everybody; what is
	// left of one has no body.
	OnMessageDeleted func(Message)
	// OnReactionAdded and OnReactionRemoved hear of reactions to messages, the
	// user's own included.
	OnReactionAdded   func(Reaction)
	OnReactionRemoved func(Reaction)
	// OnKeystrokes hears what others are typing.
	OnKeystrokes func(Keystrokes)
	// OnTypingStarted and OnTypingStopped hear who types and who paused.
	OnTypingStarted func(User)
	OnTypingStopped func(User)
	// OnParticipantEntered and OnParticipantLeft hear of others who start a chat
	// in the channel and of those who ended their last one.
	OnParticipantEntered func(User)
	OnParticipantLeft    func(User)
	// OnPresenceChanged hears which members come online and go offline.
	OnPresenceChanged func(User)
	// OnEvent hears the application's own events; see [Client.TriggerEvent].
	OnEvent func(CustomEvent)
	// OnChannelUpdated hears the channel with its new data, OnChannelDeleted that
	// it was deleted, which ends the chat.
	OnChannelUpdated func(Channel)
	OnChannelDeleted func(Channel)
	// OnMemberJoined and OnMemberLeft hear who became a member, and who is none
	// any more. If that is the user, the chat has ended.
	OnMemberJoined func(User)
	OnMemberLeft   func(User)
	// OnModeratorAdded and OnModeratorDeleted hear who became a moderator, and
	// who is none any more.
	OnModeratorAdded   func(User)
	OnModeratorDeleted func(User)
	// OnMemberBlocked and OnMemberUnblocked hear whom the channel's moderators
	// keep out, and whom no longer.
	OnMemberBlocked   func(ChannelBlock)
	OnMemberUnblocked func(ChannelBlock)
}

// Chat is a user's active presence in a channel. A session can have 10 at once.
type Chat struct {
	client  *Client
	channel *Channel
	subs    []*subscription

	mu     sync.Mutex
	ended  bool
	thread []*subscription // to the thread set; see SetThread
}

// StartChat enters a channel. When it returns, the handlers hear everything
// that happens there from then on, until [Chat.End] or the end of the client,
// across reconnects.
func (c *Client) StartChat(ctx context.Context, channel *Channel, handlers ChatHandlers) (*Chat, error) {
	topics := channel.links.topics
	if topics.self == "" {
		return nil, fmt.Errorf("start a chat: %w", ErrNotOffered)
	}
	entry := c.newSubscription(topics.self,
		listen("channel.self.updated", handlers.OnChannelUpdated),
		listen("channel.self.deleted", handlers.OnChannelDeleted))
	if err := c.subscribe(ctx, entry); err != nil {
		return nil, fmt.Errorf("start a chat: %w", err)
	}
	chat := &Chat{client: c, channel: channel, subs: []*subscription{entry}}
	rest := c.chatSubscriptions(topics, handlers)
	if err := c.subscribe(ctx, rest...); err != nil {
		chat.End()
		return nil, fmt.Errorf("start a chat: %w", err)
	}
	chat.subs = append(chat.subs, rest...)
	return chat, nil
}

func (c *Client) chatSubscriptions(topics channelTopics, on ChatHandlers) []*subscription {
	return listening(
		c.newSubscription(topics.messages,
			listen("channel.message.created", on.OnMessage),
			listen("channel.message.updated", on.OnMessageUpdated),
			listen("channel.message.deleted", on.OnMessageDeleted)),
		c.newSubscription(topics.reactions,
			listen("message.reaction.created", on.OnReactionAdded),
			listen("message.reaction.removed", on.OnReactionRemoved)),
		c.newSubscription(topics.keystrokes, listen("thread.keystrokes.created", on.OnKeystrokes)),
		c.newSubscription(topics.typing,
			listen("thread.typing.started", on.OnTypingStarted),
			listen("thread.typing.stopped", on.OnTypingStopped)),
		c.newSubscription(topics.participants,
			listen("channel.participant.active", on.OnParticipantEntered),
			listen("channel.participant.inactive", on.OnParticipantLeft),
			listen("participant.presence.changed", on.OnPresenceChanged)),
		c.newSubscription(topics.events, listen("channel.event.triggered", on.OnEvent)),
		c.newSubscription(topics.members,
			listen("channel.member.joined", on.OnMemberJoined),
			listen("channel.member.left", on.OnMemberLeft)),
		c.newSubscription(topics.moderators,
			listen("channel.moderator.added", on.OnModeratorAdded),
			listen("channel.moderator.deleted", on.OnModeratorDeleted)),
		c.newSubscription(topics.blockRecords,
			listen("channel.block_record.created", on.OnMemberBlocked),
			listen("channel.block_record.deleted", on.OnMemberUnblocked)),
	)
}

// Channel is where the chat is.
func (chat *Chat) Channel() *Channel { return chat.channel }

// Send says something in the channel; see [Client.SendMessage].
func (chat *Chat) Send(ctx context.Context, message NewMessage) (Message, error) {
	return chat.client.SendMessage(ctx, chat.channel, message)
}

// SendKeystrokes shows the others what the user is typing; see
// [Client.SendKeystrokes].
func (chat *Chat) SendKeystrokes(ctx context.Context, keys string) error {
	return chat.client.SendKeystrokes(ctx, chat.channel, keys)
}

// End leaves the channel: the chat's handlers do not start any more. One that
// runs at the moment is not waited for, so a handler may end its own chat.
// Ending a chat again does nothing.
func (chat *Chat) End() {
	chat.mu.Lock()
	chat.ended = true
	chat.mu.Unlock()
	chat.setThread(nil)
	chat.client.unsubscribe(chat.subs...)
}
