package platform

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"openkitty/internal/chat"
)

// propertiesMax is how many values may be looked for at once.
const propertiesMax = 8

// propertiesFilter reads a filter in both spellings: a JSON object, and
// parameters as properties.name=value.
func propertiesFilter(text string, query url.Values) (chat.Properties, error) {
	wanted := map[string]json.RawMessage{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &wanted); err != nil {
			return "", chat.Errorf(chat.Invalid, "the filter properties must be a JSON object")
		}
	}
	for parameter, values := range query {
		name, ok := strings.CutPrefix(parameter, "properties.")
		if !ok {
			continue
		}
		value := []byte(values[0])
		if !json.Valid(value) || values[0] == "" {
			value, _ = chat.WriteJSON(values[0]) // text can always be written
		}
		wanted[name] = value
	}
	if len(wanted) == 0 {
		return "", nil
	}
	if len(wanted) > propertiesMax {
		return "", chat.Errorf(chat.Invalid, "at most %d properties can be looked for at once", propertiesMax)
	}
	filter, err := chat.WriteJSON(wanted)
	if err != nil {
		return "", err
	}
	return chat.ParseProperties(filter)
}

// instant reads a time of a query.
func instant(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, chat.Errorf(chat.Invalid, "%s must be an ISO 8601 instant, as 2006-01-02T15:04:05Z", name)
}
