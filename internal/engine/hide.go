package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// HideChannel takes a direct channel out of the actor's list until somebody
// writes in it, or the actor creates it again. An event answers the request.
func (e *Engine) HideChannel(ctx context.Context, actor chat.Actor, id chat.ChannelID) error {
	return e.changeChannel(ctx, actor, id, func(c *channelChange) error {
		if err := c.view.CheckHide(c.view.Viewer); err != nil {
			return err
		}
		if _, err := c.tx.Hide(ctx, actor.Application, id, actor.User); err != nil {
			return err
		}
		m := *c.view.Viewer
		m.Hidden = true
		return c.tellUser(chat.ChannelHidden, m.User, &m)
	})
}

// showAgain shows a channel again to all who hid it. Where nobody did, it costs
// nothing.
func showAgain(ctx context.Context, tx *store.Tx, channel chat.Channel) ([]chat.Event, error) {
	return showTo(ctx, tx, channel, 0)
}

// showTo is showAgain for one user, or with zero for all.
func showTo(ctx context.Context, tx *store.Tx, channel chat.Channel, user chat.UserID) (events []chat.Event, err error) {
	if channel.HiddenCount == 0 {
		return nil, nil
	}
	users, err := tx.Unhide(ctx, channel.Application, channel.ID, user)
	if err != nil {
		return nil, err
	}
	for _, user := range users {
		sequence, err := tx.Record(ctx, channel.Application, chat.Stream{User: user}, chat.ChannelUnhidden, int64(channel.ID), tx.Now())
		if err != nil {
			return nil, err
		}
		view, err := tx.ChannelView(ctx, channel.Application, channel.ID, user)
		if err != nil {
			return nil, err
		}
		events = append(events, chat.UserChannelChanged{Kind: chat.ChannelUnhidden, Channel: view, User: user, Sequence: sequence})
	}
	return events, nil
}
