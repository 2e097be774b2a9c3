package engine

import (
	"context"
	"math"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// erasing is an erasure that runs. It takes the oldest first: the last message of
// a channel is looked for once, when it is reached.
type erasing struct {
	store.Erasure
	engine *Engine
	pace   pace
}

// channels erases the messages of all channels of the application.
func (w *erasing) channels(ctx context.Context) error {
	for channel := chat.ChannelID(0); ; {
		next, err := w.engine.store.NextChannel(ctx, w.Application, channel)
		if err != nil || next == 0 {
			return err
		}
		if err := w.messages(ctx, next); err != nil {
			return err
		}
		channel = next
	}
}

// user erases what a user left.
func (w *erasing) user(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return w.messages(ctx, 0) },
		w.reactions,
		func(ctx context.Context) error { return w.rows(ctx, (*store.Tx).RemoveReports) },
		func(ctx context.Context) error { return w.rows(ctx, (*store.Tx).RemoveTraces) },
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// messages erases the messages of a channel, or with channel 0 of the user.
func (w *erasing) messages(ctx context.Context, channel chat.ChannelID) error {
	for after := (store.PlacedMessage{CreatedAt: math.MinInt64}); ; {
		places, err := w.engine.store.MessagesToErase(ctx, w.Erasure, channel, after, erasureBatch)
		if err != nil || len(places) == 0 {
			return err
		}
		of := map[chat.ChannelID][]chat.MessageID{}
		for _, p := range places {
			of[p.Channel] = append(of[p.Channel], p.ID)
		}
		for channel, ids := range of {
			if err := w.withdraw(ctx, channel, ids); err != nil {
				return err
			}
		}
		after = places[len(places)-1]
	}
}

// withdraw deletes messages of a channel as their authors do. Others may be at
// the same.
func (w *erasing) withdraw(ctx context.Context, channel chat.ChannelID, ids []chat.MessageID) error {
	return w.update(ctx, channel, func(tx *store.Tx) error {
		if err := tx.LockChannel(ctx, w.Application, channel); err != nil {
			return err
		}
		messages, err := tx.PresentMessages(ctx, w.Application, channel, ids)
		if err != nil {
			return err
		}
		var events []chat.Event
		for _, message := range messages {
			_, told, err := withdraw(ctx, tx, message, chat.Cause{})
			if err != nil {
				return err
			}
			events = append(events, told...)
		}
		tx.AfterCommit(func() { w.engine.announce(events...) })
		return nil
	})
}

// reactions takes the user's reactions back.
func (w *erasing) reactions(ctx context.Context) error {
	for after := (chat.Reaction{}); ; {
		reactions, err := w.engine.store.ReactionsOf(ctx, w.Application, w.User, after, erasureBatch)
		if err != nil || len(reactions) == 0 {
			return err
		}
		of := map[chat.ChannelID][]chat.Reaction{}
		for _, r := range reactions {
			of[r.Channel] = append(of[r.Channel], r.Reaction)
		}
		for channel, list := range of {
			if err := w.unreact(ctx, channel, list); err != nil {
				return err
			}
		}
		after = reactions[len(reactions)-1].Reaction
	}
}

func (w *erasing) unreact(ctx context.Context, channel chat.ChannelID, reactions []chat.Reaction) error {
	return w.update(ctx, channel, func(tx *store.Tx) error {
		var events []chat.Event
		for _, reaction := range reactions {
			removed, err := tx.RemoveReaction(ctx, w.Application, reaction)
			if chat.IsKind(err, chat.NotFound) {
				continue // with its message, meanwhile
			}
			if err != nil {
				return err
			}
			c := &messageChange{tx: tx, actor: chat.Actor{Application: w.Application}}
			c.message.Channel, c.message.ID = channel, removed.Message
			if err := c.reacted(ctx, removed, true); err != nil {
				return err
			}
			events = append(events, c.events...)
		}
		tx.AfterCommit(func() { w.engine.announce(events...) })
		return nil
	})
}

// rows removes rows of the user's, of which nobody is told.
func (w *erasing) rows(ctx context.Context, remove func(*store.Tx, context.Context, chat.ApplicationID, chat.UserID, int) (int, error)) error {
	for n := 1; n > 0; {
		err := w.update(ctx, 0, func(tx *store.Tx) (err error) {
			n, err = remove(tx, ctx, w.Application, w.User, sweepRows)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// update runs one of many short transactions, and rests after it if others write.
func (w *erasing) update(ctx context.Context, channel chat.ChannelID, fn func(*store.Tx) error) error {
	w.pace.batch()
	began := time.Now()
	if err := w.engine.store.UpdateBehind(ctx, int64(channel), fn); err != nil {
		return err
	}
	if !w.pace.rest(ctx, time.Since(began)) {
		return ctx.Err()
	}
	return nil
}
