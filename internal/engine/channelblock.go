package engine

import (
	"context"

	"openkitty/internal/chat"
)

// BlockInChannel keeps a user out of a group that the actor manages, and ends
// their membership. It reports false, and nothing is announced, if the user was
// blocked there before.
func (e *Engine) BlockInChannel(ctx context.Context, actor chat.Actor, id chat.ChannelID, ref chat.UserRef) (block chat.ChannelBlock, added bool, err error) {
	err = e.changeChannel(ctx, actor, id, func(c *channelChange) error {
		user, err := c.userOr(&ref, 0)
		if err != nil {
			return err
		}
		if err := c.view.CheckBlocking(c.view.Viewer, user.ID); err != nil {
			return err
		}
		if added, err = c.tx.AddChannelBlock(ctx, actor.Application, id, user.ID); err != nil {
			return err
		}
		if block, err = c.tx.ChannelBlockOf(ctx, actor.Application, id, user.ID); err != nil || !added {
			return err
		}
		// The record comes first: it holds the channel's row, so that a user who
		// joins at this moment is either a member by now, or will be refused.
		if err := c.tellBlock(block, chat.ChannelBlockAdded); err != nil {
			return err
		}
		return c.expel(user)
	})
	return block, added, err
}

// expel ends the membership of a user, if there is one.
func (c *channelChange) expel(user chat.User) error {
	member, err := c.tx.Membership(c.ctx, c.actor.Application, c.view.ID, user.ID)
	if err != nil || member == nil {
		return err
	}
	return c.dismiss(user)
}

// UnblockInChannel ends a block. The user may be invited, or join, again.
func (e *Engine) UnblockInChannel(ctx context.Context, actor chat.Actor, id chat.ChannelBlockID) error {
	found, err := e.store.ChannelBlock(ctx, actor.Application, id) // its channel never changes
	if err != nil {
		return err
	}
	return e.changeChannel(ctx, actor, found.Channel, func(c *channelChange) error {
		if c.view.Viewer == nil {
			return chat.NoChannelBlock(id)
		}
		if err := c.view.CheckBlocking(c.view.Viewer, found.User.ID); err != nil {
			return err
		}
		if err := c.tx.RemoveChannelBlock(ctx, actor.Application, id); err != nil {
			return err
		}
		return c.tellBlock(found, chat.ChannelBlockRemoved)
	})
}

// tellBlock records what became of a block in the stream of its channel.
func (c *channelChange) tellBlock(block chat.ChannelBlock, kind chat.ChangeKind) error {
	sequence, err := c.record(chat.Stream{Channel: c.view.ID}, kind, int64(block.User.ID))
	c.events = append(c.events, chat.ChannelBlockChanged{
		Block: block, Removed: kind == chat.ChannelBlockRemoved, By: c.actor.User, Sequence: sequence, Cause: c.actor.Cause,
	})
	return err
}

// ChannelBlocks lists who is blocked in a group of the actor's, the latest first,
// whose display name contains the filter.
func (e *Engine) ChannelBlocks(ctx context.Context, actor chat.Actor, id chat.ChannelID, filter string, page chat.PageRequest) (chat.Page[chat.ChannelBlock], error) {
	view, err := e.Channel(ctx, actor, id)
	if err != nil {
		return chat.Page[chat.ChannelBlock]{}, err
	}
	if err := view.CheckBlockRecords(view.Viewer); err != nil {
		return chat.Page[chat.ChannelBlock]{}, err
	}
	return e.store.ChannelBlocks(ctx, actor.Application, id, filter, page)
}
