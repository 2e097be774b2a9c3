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

// Merge applies a merge patch (RFC 7396): what the patch has as null is removed,
// objects are merged, and everything else is replaced.
func (p Properties) Merge(patch []byte) (Properties, error) {
	var into any
	if err := decodeNumbers([]byte(p.JSON()), &into); err != nil {
		return p, err
	}
	var change any
	if err := decodeNumbers(patch, &change); err != nil {
		return p, Errorf(Invalid, "the patch of the properties is not valid JSON: %v", err)
	}
	if _, object := change.(map[string]any); !object {
		return p, Errorf(Invalid, "the patch of the properties must be a JSON object")
	}
	merged, err := json.Marshal(merge(into, change))
	if err != nil {
		return p, err
	}
	return ParseProperties(merged)
}

// decodeNumbers keeps numbers as they are written.
func decodeNumbers(text []byte, into *any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

func merge(into, patch any) any {
	change, object := patch.(map[string]any)
	if !object {
		return patch
	}
	target, object := into.(map[string]any)
	if !object {
		target = map[string]any{}
	}
	for name, value := range change {
		if value == nil {
			delete(target, name)
		} else {
			target[name] = merge(target[name], value)
		}
	}
	return target
}
