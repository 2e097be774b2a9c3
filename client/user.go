package client

import (
	"context"
	"encoding/json"
	"time"
)

// UserID identifies a user.
type UserID int64

// User is somebody who chats.
type User struct {
	ID                UserID
	Name              string // the username, unique in the application
	DisplayName       string
	DisplayPictureURL string
	IsGuest           bool // created by starting a session under a new name
	Presence          Presence
	Properties        json.RawMessage // the application's own JSON object
}

// Presence says whether a user has a session.
type Presence struct {
	Status string // as "AVAILABLE"
	Online bool
}

// CurrentUser is the user of the session.
type CurrentUser struct {
	User
	links userLinks
}

// userLinks are the strings by which the current user is served.
type userLinks struct {
	self, channels, joinableChannels, contacts, contactsCount, blocks, messages string // relays
	createChannel, update, remove                                               string // actions
	picture                                                                     string // stream
	topics                                                                      userTopics
}

type userTopics struct {
	self, channels, messages, notifications, contacts, participants, users, readReceipts string
	elements, features, styles                                                           string
}

// UserRef names a user in a request: by id, or where that is zero by username.
type UserRef struct {
	ID       UserID `json:"id,omitempty"`
	Username string `json:"username,omitempty"`
}

// Usernames refers to users by their names.
func Usernames(names ...string) []UserRef {
	refs := make([]UserRef, len(names))
	for i, name := range names {
		refs[i].Username = name
	}
	return refs
}

// Notification tells a user of something outside of the chats it has started.
type Notification struct {
	ID          int64
	Title       string
	Body        string
	Channel     *Channel // nil if it is about none
	Type        NotificationType
	Message     *Message        // nil if it is about none
	Data        json.RawMessage // a JSON object with all that is known, by the type
	Muted       bool            // the user wants no alert
	CreatedTime time.Time
}

// UserHandlers hear what happens to the current user and around it. Handlers
// that are nil cost nothing: their topics are not even subscribed.
type UserHandlers struct {
	// OnStateChanged hears of every change of the connection.
	OnStateChanged func(State)
	// OnEventsLost hears that the client was away for too long to be told all
	// that it missed.
	OnEventsLost func(EventsLost)
	// OnCurrentUserChanged hears the current user at the start, after every
	// reconnect, and whenever it changes.
	OnCurrentUserChanged func(CurrentUser)
	// OnChannelJoined hears of the user's new memberships, those by its own
	// doing on another session included.
	OnChannelJoined func(Channel)
	// OnChannelLeft hears of memberships that ended, by the user's own doing or
	// another's, and OnChannelDeleted of channels that were deleted.
	OnChannelLeft    func(Channel)
	OnChannelDeleted func(Channel)
	// OnChannelUpdated hears of channels with new data, or in which the user may
	// now do more or less.
	OnChannelUpdated func(Channel)
	// OnChannelHidden and OnChannelUnhidden hear of channels that leave the
	// user's list and come back to it.
	OnChannelHidden   func(Channel)
	OnChannelUnhidden func(Channel)
	// OnNotificationReceived hears of messages in channels without a chat.
	OnNotificationReceived func(Notification)
	// OnReadReceiptCreated and OnReadReceiptDeleted hear what the user itself has
	// read, on any of its sessions, and in channels of up to 100 members who has
	// read messages of the user's.
	OnReadReceiptCreated func(ReadReceipt)
	OnReadReceiptDeleted func(ReadReceipt)
	// OnUserPresenceChanged hears which users come online and go offline.
	OnUserPresenceChanged func(User)
	// OnUserUpdated hears of changed names, pictures and properties of users.
	OnUserUpdated func(User)
	// OnUserBlocked and OnUserUnblocked hear of the current user's own block
	// list, whichever of its sessions changed it.
	OnUserBlocked   func(UserBlock)
	OnUserUnblocked func(User)
	// OnParticipantStartedTyping and OnParticipantStoppedTyping hear who types
	// in any of the user's channels.
	OnParticipantStartedTyping func(User)
	OnParticipantStoppedTyping func(User)
	// OnApplicationElementsChanged, OnApplicationFeaturesChanged and
	// OnApplicationStylesChanged hear of the application's chat UI: as it is at
	// the start and after every reconnect, if the application ever set it, and
	// whenever it changes. Of several changes in a row the last may stand for all.
	OnApplicationElementsChanged func(Elements)
	OnApplicationFeaturesChanged func(Features)
	OnApplicationStylesChanged   func(Styles)
}

// userRelay is where a session learns who it is.
const userRelay = "/application/user.relay"

// CurrentUser returns the user of the session, as last heard of.
func (c *Client) CurrentUser() CurrentUser {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.user
}

// RetrieveCurrentUser asks the server for the user of the session.
func (c *Client) RetrieveCurrentUser(ctx context.Context) (CurrentUser, error) {
	var user CurrentUser
	if err := c.relay(ctx, "retrieve the current user", c.CurrentUser().links.self, nil, &user); err != nil {
		return CurrentUser{}, err
	}
	c.setUser(user)
	return user, nil
}

func (c *Client) setUser(user CurrentUser) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.user = user
}

// userChanged keeps the user and tells the handler, on the reader's goroutine.
func (c *Client) userChanged(user CurrentUser) {
	c.setUser(user)
	if handler := c.options.Handlers.OnCurrentUserChanged; handler != nil {
		c.events.add(event{run: func() { handler(user) }})
	}
}

// userSubscriptions lists what a session listens to from its start to its end.
// The answers to calls come on self, channels and messages, so those are always
// there.
func (c *Client) userSubscriptions(topics userTopics) []*subscription {
	on := c.options.Handlers
	always := []*subscription{
		c.newSubscription(topics.self, listenNow("user.self.updated", c.userChanged)),
		c.newSubscription(topics.channels,
			listen("user.channel.joined", on.OnChannelJoined),
			listen("me.channel.left", on.OnChannelLeft),
			listen("user.channel.deleted", on.OnChannelDeleted),
			listen("user.channel.updated", on.OnChannelUpdated),
			listen("user.channel.hidden", on.OnChannelHidden),
			listen("user.channel.unhidden", on.OnChannelUnhidden)),
		c.newSubscription(topics.messages),
	}
	return append(always, listening(
		c.newSubscription(topics.notifications, listen("user.notification.created", on.OnNotificationReceived)),
		c.newSubscription(topics.contacts, listen("contact.presence.changed", on.OnUserPresenceChanged),
			listen("contact.user.updated", on.OnUserUpdated)),
		c.newSubscription(topics.users,
			listen("user.user_blocklist_item.created", on.OnUserBlocked),
			listen("user.user.unblocked", on.OnUserUnblocked)),
		c.newSubscription(topics.participants,
			listen("participant.typing.started", on.OnParticipantStartedTyping),
			listen("participant.typing.stopped", on.OnParticipantStoppedTyping)),
		c.newSubscription(topics.readReceipts,
			listen("message.read_receipt.created", on.OnReadReceiptCreated),
			listen("message.read_receipt.deleted", on.OnReadReceiptDeleted)),
		c.newSubscription(topics.elements, listen("application.elements.updated", on.OnApplicationElementsChanged)),
		c.newSubscription(topics.features, listen("application.features.updated", on.OnApplicationFeaturesChanged)),
		c.newSubscription(topics.styles, listen("application.styles.updated", on.OnApplicationStylesChanged)),
	)...)
}

func (u *User) read(c *cursor) {
	c.object(func(key []byte) { u.readMember(c, key) })
}

func (u *User) readMember(c *cursor, key []byte) {
	switch string(key) {
	case "id":
		u.ID = UserID(c.int())
	case "name":
		u.Name = c.string()
	case "displayName":
		u.DisplayName = c.string()
	case "displayPictureUrl":
		u.DisplayPictureURL = c.string()
	case "isGuest":
		u.IsGuest = c.bool()
	case "presence":
		u.Presence.read(c)
	case "properties":
		u.Properties = c.raw()
	default:
		c.skip()
	}
}

func (p *Presence) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "status":
			p.Status = c.string()
		case "online":
			p.Online = c.bool()
		default:
			c.skip()
		}
	})
}

func (u *CurrentUser) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "_relays":
			c.links(func(key []byte) *string {
				switch string(key) {
				case "self":
					return &u.links.self
				case "channels":
					return &u.links.channels
				case "joinableChannels":
					return &u.links.joinableChannels
				case "contacts":
					return &u.links.contacts
				case "contactsCount":
					return &u.links.contactsCount
				case "userBlockListItems":
					return &u.links.blocks
				case "messages":
					return &u.links.messages
				}
				return nil
			})
		case "_streams":
			c.links(func(key []byte) *string {
				if string(key) == "displayPicture" {
					return &u.links.picture
				}
				return nil
			})
		case "_topics":
			c.links(u.links.topics.named)
		case "_actions":
			c.links(func(key []byte) *string {
				switch string(key) {
				case "createChannel":
					return &u.links.createChannel
				case "update":
					return &u.links.update
				case "delete":
					return &u.links.remove
				}
				return nil
			})
		default:
			u.User.readMember(c, key)
		}
	})
}

func (t *userTopics) named(key []byte) *string {
	switch string(key) {
	case "self":
		return &t.self
	case "channels":
		return &t.channels
	case "messages":
		return &t.messages
	case "notifications":
		return &t.notifications
	case "contacts":
		return &t.contacts
	case "participants":
		return &t.participants
	case "users":
		return &t.users
	case "readReceipts":
		return &t.readReceipts
	case "elements":
		return &t.elements
	case "features":
		return &t.features
	case "styles":
		return &t.styles
	}
	return nil
}

func (n *Notification) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "id":
			n.ID = c.int()
		case "title":
			n.Title = c.string()
		case "body":
			n.Body = c.string()
		case "channel":
			n.Channel = readOptional[Channel](c)
		case "data":
			n.readData(c)
		case "muted":
			n.Muted = c.bool()
		case "createdTime":
			n.CreatedTime = c.time()
		default:
			c.skip()
		}
	})
}
