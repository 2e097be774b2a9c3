package chat

import (
	"bytes"
	"encoding/json"
)

// CustomEvent is an event that an application makes up: what it means is
// between the application's clients.
type CustomEvent struct {
	Type       string          // at most NameMax characters
	Properties json.RawMessage // any JSON, of at most PropertiesMax bytes; empty for none
}

// Check reports what is wrong with the event.
func (e CustomEvent) Check() error {
	if err := checkName("event type", e.Type); err != nil {
		return err
	}
	if len(e.Properties) > PropertiesMax {
		return Errorf(Invalid, "the properties have %d bytes; at most %d are allowed", len(e.Properties), PropertiesMax)
	}
	return nil
}

// JSON is the properties as text, without white space.
func (e CustomEvent) JSON() []byte {
	var compact bytes.Buffer
	if json.Compact(&compact, e.Properties) != nil || compact.Len() == 0 {
		return []byte("null")
	}
	return compact.Bytes()
}
