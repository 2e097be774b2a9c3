package transfer

import (
	"bytes"
	"encoding/json"
	"time"

	"openkitty/internal/chat"
)

// Append adds an item to the text of a file, as it is read by the function of
// its type. It begins with the separator, except for the first.
func Append(text []byte, item any, first bool) []byte {
	if first {
		text = append(text, "[\n"...)
	} else {
		text = append(text, ",\n"...)
	}
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // properties stay as they are
	if err := encoder.Encode(shape(item)); err != nil {
		panic(err) // the shapes below hold nothing that JSON has no form for
	}
	return append(text, bytes.TrimSuffix(line.Bytes(), []byte("\n"))...)
}

// End ends the text of a file.
func End(text []byte, empty bool) []byte {
	if empty {
		text = append(text, '[')
	}
	return append(text, "\n]\n"...)
}

func shape(item any) any {
	switch item := item.(type) {
	case User:
		return userShape(item)
	case Channel:
		return channelShape(item)
	case Message:
		return messageShape(item)
	}
	return item
}

func userShape(u User) any {
	type picture struct {
		URL string `json:"url"`
	}
	s := struct {
		Key         string          `json:"idempotency_key,omitempty"`
		Name        string          `json:"name"`
		DisplayName string          `json:"display_name"`
		Guest       bool            `json:"guest"`
		Picture     *picture        `json:"display_picture,omitempty"`
		Properties  json.RawMessage `json:"properties"`
		CreatedTime time.Time       `json:"created_time"`
	}{Key: u.Key, Name: u.Name, DisplayName: u.DisplayName, Guest: u.Guest, Properties: raw(u.Properties), CreatedTime: u.CreatedAt}
	if u.Picture != "" {
		s.Picture = &picture{u.Picture}
	}
	return s
}

func channelShape(c Channel) any {
	return struct {
		Key         string           `json:"idempotency_key,omitempty"`
		Type        chat.ChannelType `json:"type"`
		Name        string           `json:"name"`
		DisplayName string           `json:"display_name,omitempty"`
		Creator     string           `json:"creator,omitempty"`
		Members     []string         `json:"members"`
		Moderators  *[]string        `json:"moderators,omitempty"`
		Incomplete  bool             `json:"incomplete,omitempty"`
		Properties  json.RawMessage  `json:"properties"`
		CreatedTime time.Time        `json:"created_time"`
	}{c.Key, c.Type, c.Name, c.DisplayName, c.Creator, c.Members, c.Moderators, c.Incomplete, raw(c.Properties), c.CreatedAt}
}

func messageShape(m Message) any {
	return struct {
		Key         string           `json:"idempotency_key"`
		Type        chat.MessageType `json:"type"`
		Channel     string           `json:"channel"`
		Parent      string           `json:"parent,omitempty"`
		User        string           `json:"user,omitempty"`
		Body        string           `json:"body"`
		GroupTag    string           `json:"group_tag,omitempty"`
		Properties  json.RawMessage  `json:"properties"`
		CreatedTime time.Time        `json:"created_time"`
	}{m.Key, m.Type, m.ChannelName, m.Parent, m.User, m.Body, m.GroupTag, raw(m.Properties), m.CreatedAt}
}

func raw(p chat.Properties) json.RawMessage { return json.RawMessage(p.JSON()) }
