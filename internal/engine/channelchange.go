package engine

import (
	"context"

	"openkitty/internal/chat"
)

// UpdateChannel changes the names and properties of a channel. An event answers
// the request.
func (e *Engine) UpdateChannel(ctx context.Context, actor chat.Actor, id chat.ChannelID, update chat.ChannelUpdate) error {
	return e.changeChannel(ctx, actor, id, func(c *channelChange) (err error) {
		if err = c.view.CheckChange(c.standing()); err != nil {
			return err
		}
		if c.view.Channel, err = update.Apply(c.view.Channel); err != nil {
			return err
		}
		if err = c.tx.UpdateChannel(ctx, c.view.Channel); err != nil {
			return err
		}
		event := chat.ChannelUpdated{Channel: c.view}
		if event.Sequence, err = c.record(chat.Stream{Channel: id}, chat.ChannelChanged, int64(id)); err != nil {
			return err
		}
		if event.Managers, err = c.tx.ManagerIDs(ctx, actor.Application, id); err != nil {
			return err
		}
		c.events = append(c.events, event)
		members, err := c.audience()
		if err != nil {
			return err
		}
		view := c.view
		for _, member := range members {
			c.view = view // telling the actor leaves it as the actor sees it
			if err := c.tellUser(chat.ChannelRenewed, member.User, &member); err != nil {
				return err
			}
		}
		return nil
	})
}

// audience is who hears of a change outside of the channel: everybody in a
// small one, and in a large one only the actor, if it is a member.
func (c *channelChange) audience() ([]chat.Membership, error) {
	switch {
	case c.view.MemberCount <= chat.IntimateMax:
	case c.view.Viewer == nil:
		return nil, nil
	default:
		return []chat.Membership{*c.view.Viewer}, nil
	}
	return c.tx.Memberships(c.ctx, c.actor.Application, c.view.ID, chat.IntimateMax)
}

// DeleteChannel deletes a channel with all that was said in it. An event answers
// the request.
func (e *Engine) DeleteChannel(ctx context.Context, actor chat.Actor, id chat.ChannelID) error {
	return e.changeChannel(ctx, actor, id, func(c *channelChange) error {
		if err := c.view.CheckChange(c.standing()); err != nil {
			return err
		}
		members, err := c.audience()
		if err != nil {
			return err
		}
		sequence, err := c.record(chat.Stream{Channel: id}, chat.ChannelDeleted, int64(id))
		if err != nil {
			return err
		}
		c.view = c.view.For(nil)
		c.events = append(c.events, chat.ChannelRemoved{Channel: c.view, Sequence: sequence})
		for _, member := range members {
			if err := c.tellUser(chat.ChannelLost, member.User, nil); err != nil {
				return err
			}
		}
		return c.tx.DeleteChannel(ctx, actor.Application, id)
	})
}
