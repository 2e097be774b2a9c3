package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// BlockUser puts a user on the actor's block list. It reports false, and
// nothing is announced, if the user was there before.
func (e *Engine) BlockUser(ctx context.Context, actor chat.Actor, id chat.UserID) (user chat.User, changed bool, err error) {
	if err := chat.CheckBlock(actor.User, id); err != nil {
		return chat.User{}, false, err
	}
	var silenced silencing
	err = e.store.Update(ctx, int64(actor.User), func(tx *store.Tx) error {
		if changed, err = tx.AddBlock(ctx, actor.Application, actor.User, id); err != nil {
			return err
		}
		block, err := tx.Block(ctx, actor.Application, actor.User, id)
		if err != nil {
			return err
		}
		if user = block.User; !changed {
			return nil
		}
		sequence, err := tx.Record(ctx, actor.Application, chat.Stream{User: actor.User}, chat.BlockAdded, int64(id), tx.Now())
		if err != nil {
			return err
		}
		if silenced, err = silence(ctx, tx, actor, id); err != nil {
			return err
		}
		event := chat.UserBlockAdded{Blocker: actor.User, Block: block, Cause: actor.Cause, Sequence: sequence}
		tx.AfterCommit(func() {
			e.rooms.silence(silenced.channels, silenced.users)
			e.announce(event)
		})
		return nil
	})
	if err != nil {
		return chat.User{}, false, err
	}
	for _, s := range silenced.users {
		e.typing.stop(s.Channel, s.User)
	}
	return user, changed, nil
}

// UnblockUser takes a user off the actor's block list. It reports false, and
// nothing is announced, if the user was not there.
func (e *Engine) UnblockUser(ctx context.Context, actor chat.Actor, id chat.UserID) (user chat.User, changed bool, err error) {
	err = e.store.Update(ctx, int64(actor.User), func(tx *store.Tx) error {
		if changed, err = tx.RemoveBlock(ctx, actor.Application, actor.User, id); err != nil {
			return err
		}
		if user, err = tx.User(ctx, actor.Application, id); err != nil || !changed {
			return err
		}
		sequence, err := tx.Record(ctx, actor.Application, chat.Stream{User: actor.User}, chat.BlockRemoved, int64(id), tx.Now())
		if err != nil {
			return err
		}
		silenced, err := silence(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		event := chat.UserBlockRemoved{Blocker: actor.User, User: user, Cause: actor.Cause, Sequence: sequence}
		tx.AfterCommit(func() {
			e.rooms.silence(silenced.channels, silenced.users)
			e.announce(event)
		})
		return nil
	})
	if err != nil {
		return chat.User{}, false, err
	}
	return user, changed, nil
}

// Blocks lists the users whom the actor has blocked, the latest first.
func (e *Engine) Blocks(ctx context.Context, actor chat.Actor, f chat.UserFilter, page chat.PageRequest) (chat.Page[chat.Block], error) {
	return e.store.Blocks(ctx, actor.Application, actor.User, f, page)
}

// silencing is who is silent in some direct channels.
type silencing struct {
	channels []chat.ChannelID
	users    []store.ChannelUser
}

// silence counts the blocks of the direct channels that two users share, after
// one between them came or went.
func silence(ctx context.Context, tx *store.Tx, actor chat.Actor, other chat.UserID) (s silencing, err error) {
	if s.channels, err = tx.SharedDirectChannels(ctx, actor.Application, actor.User, other); err != nil {
		return s, err
	}
	if err = tx.CountBlocks(ctx, actor.Application, s.channels); err != nil {
		return s, err
	}
	s.users, err = tx.Silenced(ctx, actor.Application, s.channels)
	return s, err
}

// isSilenced reports whether a block parts a user from another member of a
// direct channel. It asks the database only where there is some block.
func isSilenced(ctx context.Context, r store.Reader, channel chat.Channel, user chat.UserID) (bool, error) {
	if !channel.MayConcernBlocks() {
		return false, nil
	}
	silenced, err := r.Silenced(ctx, channel.Application, []chat.ChannelID{channel.ID})
	for _, s := range silenced {
		if s.User == user {
			return true, err
		}
	}
	return false, err
}

// checkBlocks refuses a user whom a block parts from another member of a direct
// channel.
func checkBlocks(ctx context.Context, r store.Reader, channel chat.Channel, user chat.UserID) error {
	silent, err := isSilenced(ctx, r, channel, user)
	if err != nil {
		return err
	}
	if silent {
		return chat.UserBlocked()
	}
	return nil
}
