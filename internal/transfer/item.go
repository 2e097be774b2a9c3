package transfer

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	u := User{
		Key: f.key(), Name: f.text("name"), DisplayName: f.text("display_name", "displayName"),
		Guest: f.flag("guest", "isGuest", "is_guest"), Properties: f.properties(), CreatedAt: f.time("created_time", "createdTime"),
	}
	if picture := f.object("display_picture", "displayPicture"); picture != nil {
		u.Picture = picture.text("url")
		f.fail(picture.err)
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
	c := Channel{
		Key: f.key(), Type: chat.ChannelType(f.text("type")), Name: f.text("name"),
		DisplayName: f.text("display_name", "displayName"), Creator: f.text("creator"), Members: f.texts("members"),
		Properties: f.properties(), CreatedAt: f.time("created_time", "createdTime"),
	}
	if f.has("moderators") {
		moderators := f.texts("moderators")
		c.Moderators = &moderators
	}
	if c.Type != chat.Direct && c.DisplayName == "" {
		c.DisplayName = c.Name
	}
	request := chat.NewChannel{Type: c.Type, Name: c.Name, DisplayName: c.DisplayName}
	if c.Type == chat.Direct {
		request.Members = make([]chat.UserRef, min(len(c.Members), 1))
	}
	f.fail(request.Check())
	return c, f.err
}

// ParseMember reads an item of a file of members.
func ParseMember(item []byte) (Member, error) {
	f := parse(item)
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

// fields are those of an object. Its methods keep the first error; names are in
// the current format first, then in older ones.
type fields struct {
	all map[string]json.RawMessage
	err error
}

func parse(item []byte) *fields {
	f := &fields{}
	if err := json.Unmarshal(item, &f.all); err != nil {
		f.fail(chat.Errorf(chat.Invalid, "the item is no JSON object"))
	}
	return f
}

func (f *fields) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

// get returns a field that is neither missing nor null.
func (f *fields) get(names []string) json.RawMessage {
	for _, name := range names {
		if value := f.all[name]; value != nil && string(value) != "null" {
			return value
		}
	}
	return nil
}

func (f *fields) has(name string) bool { return f.get([]string{name}) != nil }

// text takes numbers and booleans for the text that they are written as: tools
// that guess types send them so.
func (f *fields) text(names ...string) string {
	value := f.get(names)
	if value == nil {
		return ""
	}
	switch value[0] {
	case '"':
		if bytes.IndexByte(value, '\\') < 0 && utf8.Valid(value) {
			return string(value[1 : len(value)-1]) // nearly every text, at a third of the cost
		}
		var s string
		if err := json.Unmarshal(value, &s); err != nil || strings.ContainsRune(s, 0) {
			f.fail(chat.Errorf(chat.Invalid, "%s contains what is no text", names[0]))
		}
		return s
	case '{', '[':
		f.fail(chat.Errorf(chat.Invalid, "%s must be text", names[0]))
		return ""
	}
	return string(value)
}

func (f *fields) texts(names ...string) []string {
	value := f.get(names)
	if value == nil {
		return nil
	}
	var list []string
	if err := json.Unmarshal(value, &list); err != nil {
		f.fail(chat.Errorf(chat.Invalid, "%s must be a list of usernames", names[0]))
	}
	return list
}

func (f *fields) flag(names ...string) bool {
	value := f.text(names...)
	if value == "" {
		return false
	}
	flag, err := strconv.ParseBool(value)
	if err != nil {
		f.fail(chat.Errorf(chat.Invalid, "%s must be true or false", names[0]))
	}
	return flag
}

func (f *fields) number(names ...string) int64 {
	value := f.text(names...)
	if value == "" {
		return 0
	}
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil || number <= 0 {
		f.fail(chat.Errorf(chat.Invalid, "%s must be a positive whole number", names[0]))
	}
	return number
}

func (f *fields) time(names ...string) time.Time {
	value := f.text(names...)
	if value == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		f.fail(chat.Errorf(chat.Invalid, "%s must be a time since 1970, as 2026-01-31T12:00:00Z", names[0]))
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

func (f *fields) object(names ...string) *fields {
	value := f.get(names)
	if value == nil {
		return nil
	}
	if value[0] != '{' {
		f.fail(chat.Errorf(chat.Invalid, "%s must be an object", names[0]))
		return nil
	}
	return parse(value)
}

func (f *fields) properties() chat.Properties {
	p, err := chat.ParseProperties(f.get([]string{"properties"}))
	f.fail(err)
	return p
}

func (f *fields) key() string {
	key := f.text("idempotency_key", "idempotencyKey")
	if len(key) > KeyMax {
		f.fail(chat.Errorf(chat.Invalid, "the idempotency key has %d bytes; at most %d are allowed", len(key), KeyMax))
	}
	return key
}
