package client

import (
	"context"
	"encoding/json"
)

// CustomEvent is an event that applications make up: what it means is between
// their clients.
type CustomEvent struct {
	Type       string
	Properties json.RawMessage // any JSON; null for none
	User       User            // who triggered it
}

// TriggerEvent sends an event of the application's own to everybody who has a
// chat in the channel, the user included. Whoever is not there misses it. Types
// have at most 255 characters, properties at most 16 KB of JSON.
func (c *Client) TriggerEvent(ctx context.Context, channel *Channel, kind string, properties any) error {
	request := struct {
		Type       string `json:"type"`
		Properties any    `json:"properties,omitempty"`
	}{kind, properties}
	return c.show(ctx, "trigger an event", channel.links.triggerEvent, request)
}

func (e *CustomEvent) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "type":
			e.Type = c.string()
		case "properties":
			e.Properties = c.raw()
		case "user":
			e.User.read(c)
		default:
			c.skip()
		}
	})
}
