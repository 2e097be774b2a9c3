package transfer

import (
	"time"

	"openkitty/internal/chat"
)

// KeyMax bounds an idempotency key, in bytes.
const KeyMax = 255

// User is an item of a file of users.
type User struct {
	Key         string // empty for none
	Name        string
	DisplayName string // empty for the name
	Guest       bool
	Picture     string // an address; empty for none
	Properties  chat.Properties
	CreatedAt   time.Time // zero for now
}

// Channel is an item of a file of channels. Several items of one channel add up.
type Channel struct {
	Key         string
	Type        chat.ChannelType
	Name        string // empty for a random one
	DisplayName string // empty for the name
	Creator     string // a username; empty for none
	Members     []string
	// Moderators are usernames. Without them the creator is a member, and a
	// moderator of a group; with them, if only an empty list, the lists are
	// complete.
	Moderators *[]string
	// Incomplete marks a direct channel that lost members when these were deleted.
	// Those who are left may share another one, so it goes by its name.
	Incomplete bool
	Properties chat.Properties
	CreatedAt  time.Time
}

// Member is an item of a file of members.
type Member struct{ Username string }

// Message is an item of a file of messages.
type Message struct {
	Key         string
	Type        chat.MessageType
	Channel     chat.ChannelID // zero where ChannelName says it
	ChannelName string
	Parent      string // the key of the message that it replies to; empty for none
	User        string // a username; empty for system messages
	Body        string
	GroupTag    string
	Properties  chat.Properties
	CreatedAt   time.Time
}

// ParseUser reads an item of a file of users.
func ParseUser(item []byte) (User, error) {
	f := parse(item)
	defer f.free()
	u := User{
		Key: f.key(), Name: f.text("name"), DisplayName: f.text("display_name", "displayName"),
		Guest: f.flag("guest", "isGuest", "is_guest"), Properties: f.properties(), CreatedAt: f.time("created_time", "createdTime"),
	}
	if picture := f.object("display_picture", "displayPicture"); picture != nil {
		u.Picture = picture.text("url")
		f.fail(picture.err)
		picture.free()
	}
	if u.DisplayName == "" {
		u.DisplayName = u.Name
	}
	f.fail(chat.CheckUsername(u.Name))
	f.fail(chat.UserChange{DisplayName: &u.DisplayName, Picture: &u.Picture}.Check())
	return u, f.err
}

// ParseChannel reads an item of a file of channels.
func ParseChannel(item []byte) (Channel, error) {
	f := parse(item)
	defer f.free()
	c := Channel{
		Key: f.key(), Type: chat.ChannelType(f.text("type")), Name: f.text("name"),
		DisplayName: f.text("display_name", "displayName"), Creator: f.text("creator"), Members: f.texts("members"),
		Incomplete: f.flag("incomplete"), Properties: f.properties(), CreatedAt: f.time("created_time", "createdTime"),
	}
	if f.has("moderators") {
		moderators := f.texts("moderators")
		c.Moderators = &moderators
	}
	if c.Type != chat.Direct && c.DisplayName == "" {
		c.DisplayName = c.Name
	}
	request := chat.NewChannel{Type: c.Type, Name: c.Name, DisplayName: c.DisplayName}
	if c.Type == chat.Direct && (len(c.Members) > 0 || c.Incomplete) {
		request.Members = make([]chat.UserRef, 1)
	}
	f.fail(request.Check())
	if c.Incomplete && (c.Type != chat.Direct || c.Name == "") {
		f.fail(chat.Errorf(chat.Invalid, "only a direct channel with a name can be incomplete"))
	}
	return c, f.err
}

// ParseMember reads an item of a file of members.
func ParseMember(item []byte) (Member, error) {
	f := parse(item)
	defer f.free()
	m := Member{Username: f.text("username")}
	if m.Username == "" {
		f.fail(chat.Errorf(chat.Invalid, "the username is missing"))
	}
	f.key()
	return m, f.err
}

// ParseMessage reads an item of a file of messages, whose bodies have at most
// bodyMax bytes.
func ParseMessage(item []byte, bodyMax int) (Message, error) {
	f := parse(item)
	defer f.free()
	m := Message{
		Key: f.key(), Type: chat.MessageType(f.text("type")), Channel: chat.ChannelID(f.number("channel_id", "channelId")),
		ChannelName: f.text("channel"), Parent: f.text("parent"), User: f.text("user"), Body: f.text("body"),
		GroupTag: f.text("group_tag", "groupTag"), Properties: f.properties(), CreatedAt: f.time("created_time", "createdTime"),
	}
	f.fail(chat.NewMessage{Type: chat.Text, Body: m.Body, GroupTag: m.GroupTag}.Check(bodyMax))
	switch {
	case m.Type != chat.Text && m.Type != chat.SystemText:
		f.fail(chat.Errorf(chat.Invalid, "the type must be TEXT or SYSTEM_TEXT, not %.40q", m.Type))
	case m.Type == chat.Text && m.User == "":
		f.fail(chat.Errorf(chat.Invalid, "a message of type TEXT needs a user, by username"))
	case m.Type == chat.SystemText && m.User != "":
		f.fail(chat.Errorf(chat.Invalid, "a message of type SYSTEM_TEXT has no user"))
	case m.Channel == 0 && m.ChannelName == "":
		f.fail(chat.Errorf(chat.Invalid, "the channel_id is missing"))
	}
	return m, f.err
}
