package chat

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// PropertiesMax bounds the properties of one resource, in bytes of compact JSON.
const PropertiesMax = 16 << 10

// Properties is a JSON object of the application's own: stored and handed back
// as it came, never looked into, but for the spelling of its strings. The empty
// text is the empty object.
type Properties string

// ParseProperties accepts a JSON object, or nothing, strips its white space, and
// gives its strings the one spelling by which they are found.
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
	return Properties(respell(compact.Bytes())), nil
}

// respell writes the strings of a JSON text as WriteJSON does, and leaves the rest.
func respell(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	spelled := make([]byte, 0, len(text))
	for len(text) > 0 {
		n := 1
		if text[0] == '"' {
			for ; text[n] != '"'; n++ {
				if text[n] == '\\' {
					n++
				}
			}
			n++
		}
		spelled = append(spelled, respellString(text[:n])...)
		text = text[n:]
	}
	return spelled
}

// respellString leaves half a surrogate as it is, which no text can hold.
func respellString(written []byte) []byte {
	var text string
	if bytes.IndexByte(written, '\\') < 0 || json.Unmarshal(written, &text) != nil || strings.ContainsRune(text, utf8.RuneError) {
		return written
	}
	spelled, err := WriteJSON(text)
	if err != nil {
		return written
	}
	return spelled
}

// WriteJSON writes a value as JavaScript does, in which &, < and > are themselves.
func WriteJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
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
	merged, err := WriteJSON(merge(into, change))
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
