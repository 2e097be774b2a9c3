package client

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Emoji is a pictogram to react with.
type Emoji struct {
	Character   string
	Description string   // empty for emojis that the server knows nothing of
	Aliases     []string // names for people to type
}

// Reaction is what a user expressed about a message with an emoji.
type Reaction struct {
	Emoji       Emoji
	User        User
	CreatedTime time.Time
	MessageID   MessageID // of the message that was reacted to
	message     string    // relay
}

// ReactionSummary is how often a message was reacted to with one emoji.
type ReactionSummary struct {
	Emoji Emoji
	Users []User // the first who did; Client.Reactions lists all
	Count int64
}

type emojiRequest struct {
	Emoji string `json:"emoji"`
}

// React reacts to a message with an emoji: the character, or an alias as
// "thumbsup". A user reacts once with each: doing so again changes nothing.
func (c *Client) React(ctx context.Context, message Message, emoji string) (Reaction, error) {
	var made Reaction
	err := c.act(ctx, "react to a message", message.links.action("react"), emojiRequest{emoji}, &made)
	return made, err
}

// RemoveReaction takes a reaction of the current user back.
func (c *Client) RemoveReaction(ctx context.Context, message Message, emoji string) (Reaction, error) {
	var removed Reaction
	err := c.act(ctx, "remove a reaction", message.links.action("removeReaction"), emojiRequest{emoji}, &removed)
	return removed, err
}

// Reactions lists the reactions to a message, the oldest first.
func (c *Client) Reactions(ctx context.Context, message Message) (*Page[Reaction], error) {
	return fetch[Reaction](ctx, c, listing{what: "list reactions", content: "reactions", relay: message.links.relay("reactions")})
}

// ReactionMessage retrieves the message that was reacted to.
func (c *Client) ReactionMessage(ctx context.Context, reaction Reaction) (Message, error) {
	return c.retrieveMessage(ctx, "retrieve a reaction's message", reaction.message)
}

func (e *Emoji) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "character":
			e.Character = c.string()
		case "description":
			e.Description = c.string()
		case "aliases":
			c.array(func() { e.Aliases = append(e.Aliases, c.string()) })
		default:
			c.skip()
		}
	})
}

func (r *Reaction) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "emoji":
			r.Emoji.read(c)
		case "user":
			r.User.read(c)
		case "createdTime":
			r.CreatedTime = c.time()
		case "_relays":
			c.links(func(key []byte) *string {
				if string(key) == "message" {
					return &r.message
				}
				return nil
			})
			r.MessageID = messageOf(r.message)
		default:
			c.skip()
		}
	})
}

func (s *ReactionSummary) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "emoji":
			s.Emoji.read(c)
		case "users":
			s.Users = readList[User](c)
		case "count":
			s.Count = c.int()
		default:
			c.skip()
		}
	})
}

// messageOf is the id in the relay of a message, or zero in one of another form.
func messageOf(relay string) MessageID {
	_, rest, _ := strings.Cut(relay, "/messages/")
	digits, _, _ := strings.Cut(rest, ".")
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	return MessageID(id)
}

// readList reads an array of resources.
func readList[T any, P resourceOf[T]](c *cursor) []T {
	var list []T
	c.array(func() {
		var item T
		P(&item).read(c)
		list = append(list, item)
	})
	return list
}
