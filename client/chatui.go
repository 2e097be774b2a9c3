package client

import "encoding/json"

// Elements are what a chat UI, made for the whole application, consists of, by
// their names.
type Elements map[string]Element

// Element is a part of a chat UI.
type Element struct {
	Template  string                       `json:"template"`
	ClassMaps map[string]map[string]string `json:"classMaps"` // classes, by map and key
}

// Switch says whether a chat UI offers something. It is empty if that is left to
// the chat UI.
type Switch string

const (
	Enabled  Switch = "enabled"
	Disabled Switch = "disabled"
)

// Features are what a chat UI offers.
type Features struct {
	Version string `json:"$version"`
	Channel struct {
		Create  Switch `json:"create"`
		Profile Switch `json:"profile"`
	} `json:"channel"`
	Emoji struct {
		Picker Switch `json:"picker"`
	} `json:"emoji"`
	Message struct {
		Attachments struct {
			Audio Switch `json:"audio"`
			File  Switch `json:"file"`
			Image Switch `json:"image"`
			Video Switch `json:"video"`
		} `json:"attachments"`
		Links struct {
			Preview Switch `json:"preview"`
		} `json:"links"`
		Reactions    Switch `json:"reactions"`
		ReadReceipts Switch `json:"read-receipts"`
		Search       Switch `json:"search"`
		Threads      Switch `json:"threads"`
		Typing       Switch `json:"typing"`
	} `json:"message"`
	User struct {
		Presence Switch `json:"presence"`
		Profile  Switch `json:"profile"`
	} `json:"user"`
}

// Styles are how a chat UI looks.
type Styles struct {
	Version    string          `json:"$version"`
	BaseTheme  string          `json:"base-theme"` // "light" or "dark"
	Stylesheet string          `json:"stylesheet"`
	Overrides  json.RawMessage `json:"overrides"` // a JSON object of the chat UI's own; nil if there is none
}

func (e *Elements) read(c *cursor) { c.decode(e) }
func (f *Features) read(c *cursor) { c.decode(f) }
func (s *Styles) read(c *cursor)   { c.decode(s) }

// decode reads any value into what it is to become. It is for what is rare.
func (c *cursor) decode(into any) {
	if err := json.Unmarshal(c.value(), into); err != nil {
		c.fail("value of the kind that is expected")
	}
}
