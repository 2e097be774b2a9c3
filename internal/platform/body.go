package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"openkitty/internal/chat"
)

// readBody brings a body to what its operation declares. It is lenient where
// published clients are careless: names may be in camelCase, what nobody asks for
// is left out, null stands for absence, and numbers stand for text.
func (a *API) readBody(ctx huma.Context, next func(huma.Context)) {
	op := ctx.Operation()
	if op.RequestBody == nil || has(op, streamedBody) {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	if isForm(op, r) {
		a.readForm(ctx, next)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(a.limits.BodySize)))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		a.write(ctx, problem(http.StatusRequestEntityTooLarge, "RequestTooLargeError", "the body has more than %d bytes", tooLarge.Limit))
		return
	case err != nil:
		a.write(ctx, problem(http.StatusBadRequest, "InvalidRequestError", "the body could not be read"))
		return
	}
	if trimmed := bytes.TrimSpace(text); has(op, optionalBody) && (len(trimmed) == 0 || string(trimmed) == `""` || string(trimmed) == "null") {
		text = []byte("{}")
	}
	if has(op, exactBody) && json.Valid(text) {
		next(withBody(ctx, text))
		return
	}
	s := schemas{a.huma.OpenAPI().Components.Schemas}
	text, err = s.adapt(text, op.RequestBody.Content[plain].Schema, "body")
	if err != nil {
		a.write(ctx, problem(http.StatusBadRequest, "InvalidRequestError", "%s", err))
		return
	}
	next(withBody(ctx, text))
}

// withBody is a request with a JSON body instead of its own.
func withBody(ctx huma.Context, text []byte) huma.Context {
	r, w := humago.Unwrap(ctx)
	adapted := r.Clone(r.Context())
	adapted.Body, adapted.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	adapted.Header.Set("Content-Type", plain)
	return humago.NewContext(ctx.Operation(), adapted, w)
}

// schemas adapts values to what they should be.
type schemas struct{ registry huma.Registry }

// adapt returns a value as its schema has it, or says what is wrong with it.
func (s schemas) adapt(value json.RawMessage, schema *huma.Schema, path string) (json.RawMessage, error) {
	for schema.Ref != "" {
		schema = s.registry.SchemaFromRef(schema.Ref)
	}
	value = bytes.TrimSpace(value)
	if !json.Valid(value) {
		return nil, fmt.Errorf("the %s is not valid JSON", path)
	}
	switch {
	case schema.Type == huma.TypeObject && len(schema.Properties) > 0:
		return s.adaptObject(value, schema, path)
	case schema.Type == huma.TypeObject:
		return value, expect(value, '{', path, "an object")
	case schema.Type == huma.TypeArray:
		return s.adaptArray(value, schema, path)
	case schema.Type == huma.TypeString:
		return adaptText(value, path)
	case schema.Type == huma.TypeInteger || schema.Type == huma.TypeNumber || schema.Type == huma.TypeBoolean:
		return unquoted(value), nil
	}
	return value, nil
}

func expect(value json.RawMessage, first byte, path, what string) error {
	if value[0] != first {
		return fmt.Errorf("%s must be %s", path, what)
	}
	return nil
}

func (s schemas) adaptObject(value json.RawMessage, schema *huma.Schema, path string) (json.RawMessage, error) {
	if err := expect(value, '{', path, "an object"); err != nil {
		return nil, err
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(value, &given); err != nil {
		return nil, fmt.Errorf("%s is not a valid object: %w", path, err)
	}
	kept := map[string]json.RawMessage{}
	for name, property := range schema.Properties {
		found, ok := lookUp(given, name)
		if !ok || string(found) == "null" {
			continue
		}
		adapted, err := s.adapt(found, property, path+"."+name)
		if err != nil {
			return nil, err
		}
		kept[name] = adapted
	}
	for _, name := range schema.Required {
		if kept[name] == nil {
			return nil, fmt.Errorf("%s.%s is missing", path, name)
		}
	}
	return chat.WriteJSON(kept)
}

// spellings are names that clients use for one thing.
var spellings = map[string][]string{"is_guest": {"guest"}}

// lookUp finds a property by its name in either case, or another spelling.
func lookUp(given map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	for _, spelling := range append([]string{name, camel(name)}, spellings[name]...) {
		if value, ok := given[spelling]; ok {
			return value, true
		}
	}
	return nil, false
}

// adaptArray takes {} for an empty array: that is what JavaScript makes of a Set.
func (s schemas) adaptArray(value json.RawMessage, schema *huma.Schema, path string) (json.RawMessage, error) {
	if string(value) == "{}" {
		return json.RawMessage("[]"), nil
	}
	if err := expect(value, '[', path, "an array"); err != nil {
		return nil, err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(value, &items); err != nil {
		return nil, fmt.Errorf("%s is not a valid array: %w", path, err)
	}
	for n := range items {
		adapted, err := s.adapt(items[n], schema.Items, fmt.Sprintf("%s[%d]", path, n))
		if err != nil {
			return nil, err
		}
		items[n] = adapted
	}
	if items == nil {
		return json.RawMessage("[]"), nil
	}
	return chat.WriteJSON(items)
}

// adaptText takes numbers and booleans for text. The command line splits text at
// commas: that is refused with what to do instead.
func adaptText(value json.RawMessage, path string) (json.RawMessage, error) {
	switch value[0] {
	case '"':
		return value, nil
	case '[':
		return nil, fmt.Errorf("%s must be text, not an array; on the command line, pass the whole body as JSON, since text is split at its commas", path)
	case '{':
		return nil, fmt.Errorf("%s must be text, not an object", path)
	}
	return slices.Concat([]byte(`"`), value, []byte(`"`)), nil
}

// unquoted takes text for the number or boolean that it holds.
func unquoted(value json.RawMessage) json.RawMessage {
	if text := strings.Trim(string(value), `"`); value[0] == '"' && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return value
}
