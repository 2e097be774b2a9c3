package platform

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

// Media types. The first two choose the format; requests are brought to one of
// them before they reach an operation.
const (
	plain  = "application/json"
	v1Type = "application/vnd.chatkitty.v1+json"
)

// formats writes answers in the two formats. Bodies arrive as readBody left them.
func formats() map[string]huma.Format {
	read := json.Unmarshal
	return map[string]huma.Format{
		plain:  {Marshal: func(w io.Writer, v any) error { return encode(w, v, false) }, Unmarshal: read},
		v1Type: {Marshal: func(w io.Writer, v any) error { return encode(w, v, true) }, Unmarshal: read},
	}
}

// encode writes a value, with its names in camelCase if asked to.
func encode(w io.Writer, v any, camel bool) error {
	written, err := chat.WriteJSON(v)
	if err != nil {
		return err
	}
	if _, kept := v.(interface{ keepsNames() }); camel && !kept {
		written = camelCase(written)
	}
	_, err = w.Write(append(written, '\n'))
	return err
}

// callersOwn are the names of values whose own names belong to the caller.
var callersOwn = map[string]bool{
	"properties": true, "args": true, "result": true, "secret": true, "environment_variables": true, "_links": true,
}

// camelCase writes the names of a JSON text, which must be valid, in camelCase,
// except within what is the caller's own.
func camelCase(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '"' {
			out = append(out, text[i])
			i++
			continue
		}
		end := i + stringLength(text[i:])
		name := string(text[i+1 : end-1])
		if end == len(text) || text[end] != ':' {
			out = append(out, text[i:end]...)
			i = end
			continue
		}
		out = append(append(append(out, '"'), camel(name)...), '"', ':')
		i = end + 1
		if callersOwn[name] {
			n := valueLength(text[i:])
			out = append(out, text[i:i+n]...)
			i += n
		}
	}
	return out
}

// stringLength is how much of a text, which begins with a JSON string, is it.
func stringLength(text []byte) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// valueLength is how much of a text, which begins with a JSON value within an
// object, is it.
func valueLength(text []byte) int {
	depth := 0
	for i := 0; i < len(text); {
		switch text[i] {
		case '"':
			i += stringLength(text[i:])
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return len(text)
}

// camel turns a name as display_name into displayName. What begins with an
// underscore keeps it.
func camel(name string) string {
	parts := strings.Split(strings.TrimLeft(name, "_"), "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return name[:len(name)-len(strings.TrimLeft(name, "_"))] + strings.Join(parts, "")
}

// object is a JSON object of the application's own.
type object json.RawMessage

func (o object) MarshalJSON() ([]byte, error) {
	if len(o) == 0 {
		return []byte("{}"), nil
	}
	return o, nil
}

func (o *object) UnmarshalJSON(text []byte) error {
	*o = bytes.Clone(text)
	return nil
}

// Schema says that the object holds anything.
func (object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// anything is any JSON value.
type anything json.RawMessage

func (a anything) MarshalJSON() ([]byte, error) {
	if len(a) == 0 {
		return []byte("null"), nil
	}
	return a, nil
}

func (a *anything) UnmarshalJSON(text []byte) error {
	*a = bytes.Clone(text)
	return nil
}

// Schema admits every value.
func (anything) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }
