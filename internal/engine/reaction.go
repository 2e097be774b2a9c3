package engine

import (
	"context"

	"openkitty/internal/chat"
)

// React adds a reaction of the actor's to a message of a channel of theirs. The
// emoji is a character or an alias. A reaction that is there already is
// returned, and added is false; nobody hears of it.
func (e *Engine) React(ctx context.Context, actor chat.Actor, id chat.MessageID, emoji string) (reaction chat.Reaction, added bool, err error) {
	chosen, err := chat.ParseEmoji(emoji)
	if err != nil {
		return chat.Reaction{}, false, err
	}
	err = e.changeMessage(ctx, actor, id, func(ctx context.Context, c *messageChange) (err error) {
		if err := c.message.CheckReaction(chosen); err != nil {
			return err
		}
		reaction, added, err = c.tx.AddReaction(ctx, actor.Application, c.reaction(chosen))
		if err != nil || !added {
			return err
		}
		return c.reacted(ctx, reaction, false)
	})
	return reaction, added, err
}

// RemoveReaction takes a reaction of the actor's back.
func (e *Engine) RemoveReaction(ctx context.Context, actor chat.Actor, id chat.MessageID, emoji string) error {
	chosen, err := chat.ParseEmoji(emoji)
	if err != nil {
		return err
	}
	return e.changeMessage(ctx, actor, id, func(ctx context.Context, c *messageChange) error {
		if err := c.message.CheckPresent(); err != nil {
			return err
		}
		reaction, err := c.tx.RemoveReaction(ctx, actor.Application, c.reaction(chosen))
		if err != nil {
			return err
		}
		return c.reacted(ctx, reaction, true)
	})
}

// reaction is one of the actor's, made now.
func (c *messageChange) reaction(emoji chat.Emoji) chat.Reaction {
	return chat.Reaction{Message: c.message.ID, Emoji: emoji, User: c.user, CreatedAt: c.tx.Now()}
}

// reacted records that a reaction came or is gone.
func (c *messageChange) reacted(ctx context.Context, reaction chat.Reaction, removed bool) error {
	kind := chat.ReactionAdded
	if removed {
		kind = chat.ReactionRemoved
	}
	sequence, err := c.tx.RecordBy(ctx, c.actor.Application, chat.Change{
		Stream: chat.Stream{Channel: c.message.Channel}, Kind: kind, Subject: int64(c.message.ID), At: c.tx.Now(),
		Actor: reaction.User.ID, Detail: reaction.Emoji.Character,
	})
	c.events = append(c.events, chat.ReactionChanged{
		Channel: c.message.Channel, Reaction: reaction, Removed: removed, Sequence: sequence, Cause: c.actor.Cause,
	})
	return err
}

// Reactions lists the reactions to a message of a channel of the actor's, the
// oldest first.
func (e *Engine) Reactions(ctx context.Context, actor chat.Actor, id chat.MessageID, page chat.PageRequest) (chat.Page[chat.Reaction], error) {
	if _, err := e.Message(ctx, actor, id); err != nil {
		return chat.Page[chat.Reaction]{}, err
	}
	return e.store.Reactions(ctx, actor.Application, id, page)
}
