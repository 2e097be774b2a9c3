package chat

import (
	"bytes"
	"encoding/json"
)

// PropertiesMax bounds the properties of one resource, in bytes of compact JSON.
const PropertiesMax = 16 << 10

// Properties is a JSON object of the application's own: stored and handed back
// as it came, never looked into. The empty text is the empty object.
type Properties string

// ParseProperties accepts a JSON object, or nothing, and strips its white space.
func ParseProperties(text []byte) (Properties, error) {
	if len(text) == 0 || string(text) == "null" {
		return "", nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return "", Errorf(Invalid, "the properties are not valid JSON: %v", err)
	}
	if compact.Len() > PropertiesMax {
		return "", Errorf(Invalid, "the properties have %d bytes; at most %d are allowed", compact.Len(), PropertiesMax)
	}
	if compact.Bytes()[0] != '{' {
		return "", Errorf(Invalid, "the properties must be a JSON object")
	}
	if compact.Len() == len("{}") {
		return "", nil
	}
	return Properties(compact.String()), nil
}

// JSON is the object as text.
func (p Properties) JSON() string {
	if p == "" {
		return "{}"
	}
	return string(p)
}
