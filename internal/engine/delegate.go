package engine

import (
	"context"

	"openkitty/internal/chat"
)

// Delegate is the actor that the application speaks for: what it does then, it
// does by that user's rules.
func (e *Engine) Delegate(ctx context.Context, actor chat.Actor, ref chat.UserRef) (chat.Actor, chat.User, error) {
	user, err := e.FindUser(ctx, actor, ref)
	return chat.Actor{Application: actor.Application, User: user.ID}, user, err
}

// ShowKeystrokes is SendKeystrokes for a user who need not have a chat session,
// but must be a member.
func (e *Engine) ShowKeystrokes(ctx context.Context, delegate chat.Actor, id chat.ChannelID, keys string) error {
	return e.showDelegated(ctx, delegate, id, chat.Thread{}, keys)
}

// ShowThreadKeystrokes is ShowKeystrokes in a thread.
func (e *Engine) ShowThreadKeystrokes(ctx context.Context, delegate chat.Actor, id chat.ThreadID, keys string) error {
	thread, err := e.store.Thread(ctx, delegate.Application, id)
	if err != nil {
		return err
	}
	shown := thread
	if thread.Type == chat.MainThread {
		shown = chat.Thread{}
	}
	return e.showDelegated(ctx, delegate, thread.Channel, shown, keys)
}

func (e *Engine) showDelegated(ctx context.Context, delegate chat.Actor, id chat.ChannelID, thread chat.Thread, keys string) error {
	channel, membership, user, err := e.store.Sender(ctx, delegate.Application, id, delegate.User)
	if err != nil {
		return err
	}
	if err := channel.CheckMember(membership); err != nil {
		return err
	}
	silent, err := isSilenced(ctx, e.store.Reader, channel, delegate.User)
	if err != nil {
		return err
	}
	return e.showKeystrokes(ctx, delegate, user, id, thread, keys, silent, e.rooms.size(id) <= chat.LivelyMax)
}

// size is how many users chat in a channel.
func (r *rooms) size(channel chat.ChannelID) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rooms[channel])
}

// PatchMessage gives a message another body, if there is one, and merges a patch
// into its properties, if there is one.
func (e *Engine) PatchMessage(ctx context.Context, actor chat.Actor, id chat.MessageID, body *string, patch []byte) (message chat.Message, err error) {
	if body != nil {
		if err := chat.CheckBody(*body, e.limits.MessageSize); err != nil {
			return message, err
		}
	}
	err = e.changeMessage(ctx, actor, id, func(ctx context.Context, c *messageChange) error {
		if err := c.message.CheckChange(actor.User); err != nil {
			return err
		}
		if body == nil && patch == nil {
			message = c.message
			return nil
		}
		if err := c.patch(ctx, body, patch); err != nil {
			return err
		}
		message = c.message
		return c.changed(ctx)
	})
	return message, err
}

func (c *messageChange) patch(ctx context.Context, body *string, patch []byte) (err error) {
	if body != nil {
		if err := c.message.CheckEdit(c.actor.User); err != nil {
			return err
		}
		if c.message.Mentions, err = resolveMentions(ctx, c.tx, c.actor, *body); err != nil {
			return err
		}
		c.message.Body, c.message.EditedAt = *body, c.tx.Now()
		if err := c.tx.SetBody(ctx, c.message); err != nil {
			return err
		}
	}
	if patch == nil {
		return nil
	}
	if c.message.Properties, err = c.message.Properties.Merge(patch); err != nil {
		return err
	}
	return c.tx.SetMessageProperties(ctx, c.message)
}
