package gateway

import (
	"strconv"
	"sync/atomic"
	"time"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

// eventType is the name of an event on the wire. Some were renamed between
// generations of the SDKs, each of which knows one name only.
type eventType struct {
	aspect  aspect
	name    string
	before  string     // the older name; empty if there is none
	renamed generation // the first that knows the newer name
}

var (
	messageCreated    = eventType{aspectMessages, "channel.message.created", "thread.message.created", gen1x40}
	messageUpdated    = eventType{aspectMessages, "channel.message.updated", "thread.message.updated", gen1x58}
	messageDeleted    = eventType{aspect: aspectMessages, name: "channel.message.deleted"}
	reactionCreated   = eventType{aspect: aspectReactions, name: "message.reaction.created"}
	reactionRemoved   = eventType{aspect: aspectReactions, name: "message.reaction.removed"}
	channelJoined     = eventType{aspectChannels, "user.channel.joined", "me.channel.joined", gen1x58}
	keystrokesCreated = eventType{aspect: aspectKeystrokes, name: "thread.keystrokes.created"}
	typingStarted     = eventType{aspect: aspectTyping, name: "thread.typing.started"}
	typingStopped     = eventType{aspect: aspectTyping, name: "thread.typing.stopped"}
	userTypingStarted = eventType{aspect: aspectParticipants, name: "participant.typing.started"}
	userTypingStopped = eventType{aspect: aspectParticipants, name: "participant.typing.stopped"}
	participantIn     = eventType{aspect: aspectParticipants, name: "channel.participant.active"}
	participantOut    = eventType{aspect: aspectParticipants, name: "channel.participant.inactive"}
	presenceChanged   = eventType{aspect: aspectParticipants, name: "participant.presence.changed"}
	eventTriggered    = eventType{aspect: aspectEvents, name: "channel.event.triggered"}
	contactChanged    = eventType{aspect: aspectContacts, name: "contact.presence.changed"}
)

// The types of answers that SDKs filter by.
const (
	channelCreated  = "user.channel.created"
	channelUpserted = "user.channel.upserted"
)

// announcer makes publications of the engine's events: for everybody who listens,
// and again for a client that missed them.
type announcer struct {
	render    *renderer
	out       publisher
	momentary *atomic.Uint64 // events and answers that have no place in a stream
}

// publisher takes publications. A broker is one.
type publisher interface {
	Wanted(broker.Topic) bool
	Publish(*broker.Publication)
}

// announce publishes the engine's events. Events to nobody are not encoded.
func (g *announcer) announce(events ...chat.Event) {
	for _, event := range events {
		switch e := event.(type) {
		case chat.MessagePosted:
			g.announceMessage(messageCreated, e.Message, e.Message.Sequence, e.Cause)
		case chat.MessageRepeated:
			g.answerRepeated(e)
		case chat.MessageChanged:
			g.announceMessage(messageUpdated, e.Message, e.Sequence, e.Cause)
		case chat.MessageWithdrawn:
			g.announceMessage(messageDeleted, e.Message, e.Sequence, e.Cause)
		case chat.ThreadCreated:
			g.announceThread(e)
		case chat.ChannelBlockChanged:
			g.announceChannelBlock(e)
		case chat.ReactionChanged:
			g.announceReaction(e)
		case chat.ReceiptChanged:
			g.announceReceipt(toChannel(e.Channel), position{"c", int64(e.Channel), e.Sequence}, e.Receipt, e.Removed)
		case chat.UserReceiptChanged:
			g.announceReceipt(toUser(e.User), position{"u", int64(e.User), e.Sequence}, e.Receipt, e.Removed)
		case chat.NotificationCreated:
			g.announceNotification(e)
		case chat.UserJoinedChannel:
			g.announcePlace(chat.UserChannelChanged{
				Kind: chat.ChannelJoined, Channel: e.Channel, User: e.User, Sequence: e.Sequence, Cause: e.Cause,
			})
		case chat.UserChannelChanged:
			g.announcePlace(e)
		case chat.MemberChanged:
			g.announceMember(e)
		case chat.ChannelUpdated:
			g.announceUpdate(e)
		case chat.ChannelRemoved:
			g.announceRemoval(e)
		case chat.KeystrokesMade:
			g.publishInThread(e.User, e.Channel, e.Thread.Place(), keystrokesCreated, g.keystrokes(e))
		case chat.TypingChanged:
			g.announceTyping(e)
		case chat.ParticipantChanged:
			g.publishFrom(e.User, toChannel(e.Channel), either(e.Active, participantIn, participantOut), g.userResource(e.User))
		case chat.PresenceChanged:
			g.announcePresence(e)
		case chat.CustomEventTriggered:
			g.publish(toChannel(e.Channel), eventTriggered, position{}, chat.Cause{}, func(p *broker.Publication) {
				p.Resource = g.customEvent(e)
			})
		case chat.UserUpdated:
			g.announceUser(e)
		case chat.ContactUpdated:
			g.announceContact(e)
		case chat.UserBlockAdded:
			g.announceBlock(e)
		case chat.UserBlockRemoved:
			g.announceUnblock(e)
		case chat.UserDeleted:
			g.announceUserDeleted(e)
		case chat.ChatUIChanged:
			g.announceChatUI(e)
		}
	}
}

func (g *announcer) announceMessage(t eventType, m chat.Message, sequence int64, cause chat.Cause) {
	at := position{"c", int64(m.Channel), sequence}
	g.publish(toChannel(m.Channel), t, at, cause, func(p *broker.Publication) {
		p.Thread = threadKey(m.Place())
		p.Resource = g.render.message(make([]byte, 0, 2048+len(m.Body)), &m)
	})
}

// answerRepeated answers a request whose message everybody has heard of before.
func (g *announcer) answerRepeated(e chat.MessageRepeated) {
	p := g.publication(toChannel(e.Message.Channel), messageCreated, position{"c", int64(e.Message.Channel), e.Message.Sequence})
	p.Session, p.Receipt, p.Private = e.Cause.Session, e.Cause.Receipt, true
	p.Resource = g.render.message(nil, &e.Message)
	g.out.Publish(p)
}

func (g *announcer) announceTyping(e chat.TypingChanged) {
	resource := g.userResource(e.User)
	g.publishInThread(e.User, e.Channel, e.Thread, either(e.Typing, typingStarted, typingStopped), resource)
	for _, member := range e.Members {
		g.publishFrom(e.User, toUser(member), either(e.Typing, userTypingStarted, userTypingStopped), resource)
	}
}

func (g *announcer) announcePresence(e chat.PresenceChanged) {
	resource := g.userResource(e.User)
	for _, channel := range e.Channels {
		g.publishFrom(e.User, toChannel(channel), presenceChanged, resource)
	}
	for _, contact := range e.Contacts {
		g.publishFrom(e.User, toUser(contact), contactChanged, resource)
	}
}

func toUser(id chat.UserID) broker.Topic { return broker.Topic{Kind: broker.User, ID: int64(id)} }
func toChannel(id chat.ChannelID) broker.Topic {
	return broker.Topic{Kind: broker.Channel, ID: int64(id)}
}

func either(first bool, a, b eventType) eventType {
	if first {
		return a
	}
	return b
}

// position is the place of a durable event: a stream's letter and id, and the
// event's number there.
type position struct {
	stream   string
	id       int64
	sequence int64
}

// publication is a publication without its resource.
func (g *announcer) publication(topic broker.Topic, t eventType, at position) *broker.Publication {
	p := &broker.Publication{
		Topic:    topic,
		Aspect:   uint8(t.aspect),
		Types:    [2]string{t.before, t.name},
		Renamed:  uint8(t.renamed),
		Sequence: at.sequence,
	}
	if at.sequence == 0 {
		p.ID = g.momentaryID()
		return p
	}
	id := strconv.AppendInt(append(make([]byte, 0, 24), at.stream...), at.id, 10)
	p.ID = string(strconv.AppendInt(append(id, '-'), at.sequence, 10))
	return p
}

// boot tells the momentary events of this process from those of the one before.
var boot = strconv.FormatInt(time.Now().UnixMilli(), 36)

// momentaryID numbers what has no place in a stream.
func (g *announcer) momentaryID() string {
	return "m" + boot + "-" + strconv.FormatUint(g.momentary.Add(1), 10)
}

// publish publishes what fill completes, if anybody may be listening, or if it
// answers the request that caused it: its session gets the answer in any case.
func (g *announcer) publish(topic broker.Topic, t eventType, at position, cause chat.Cause, fill func(*broker.Publication)) {
	if cause.Session == "" && !g.out.Wanted(topic) {
		return
	}
	p := g.publication(topic, t, at)
	p.Session, p.Receipt = cause.Session, cause.Receipt
	fill(p)
	g.out.Publish(p)
}

// publishFrom publishes a momentary event that a user caused, to all others.
func (g *announcer) publishFrom(user chat.User, topic broker.Topic, t eventType, resource func() []byte) {
	g.publish(topic, t, position{}, chat.Cause{}, func(p *broker.Publication) {
		p.Except = int64(user.ID)
		p.Resource = resource()
	})
}

// userResource returns a function that writes a user when it is first called,
// and gives the same bytes to everybody.
func (g *announcer) userResource(user chat.User) func() []byte {
	var written []byte
	return func() []byte {
		if written == nil {
			written = g.render.user(nil, &user)
		}
		return written
	}
}

func (g *announcer) keystrokes(e chat.KeystrokesMade) func() []byte {
	return func() []byte {
		dst := appendString([]byte(`{"username":`), e.User.Name)
		dst = appendString(append(dst, `,"keys":`...), e.Keys)
		dst = append(dst, `,"_relays":{"thread":"`...)
		dst = appendThreadRelay(dst, e)
		dst = append(append(dst, `","user":"`...), usersBase...)
		return append(strconv.AppendInt(dst, int64(e.User.ID), 10), `.relay"}}`...)
	}
}

func (g *announcer) customEvent(e chat.CustomEventTriggered) []byte {
	dst := appendString([]byte(`{"type":`), e.Event.Type)
	dst = append(append(dst, `,"properties":`...), e.Event.JSON()...)
	if e.User != nil {
		dst = g.render.user(append(dst, `,"user":`...), e.User)
	}
	dst = append(append(dst, `,"_relays":{"channel":"`...), channelsBase...)
	return append(strconv.AppendInt(dst, int64(e.Channel), 10), `.relay"}}`...)
}
