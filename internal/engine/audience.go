package engine

import (
	"context"
	"slices"

	"openkitty/internal/chat"
)

// Whom a batch reaches.

// mentioned are the other channels whose members may read the message without
// being members of its channel, in the order of their ids.
func (b *batch) mentioned() []chat.ChannelID {
	if b.channel.Type != chat.Public {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(b.audience.Channels), func(id chat.ChannelID) bool { return id == b.channel.ID })
	slices.Sort(others)
	return others
}

// members are the next of the channel's members who are away, and, with the
// first of them, who is mentioned without being one.
func (b *batch) members(ctx context.Context) (users []chat.UserID, err error) {
	users, b.to.User, err = b.engine.store.MembersAfter(ctx, b.from.Application, b.channel.ID, b.from.User, b.audience.Author, b.size)
	if err != nil {
		return nil, err
	}
	if b.from.User == 0 {
		direct, err := b.direct(ctx)
		if err != nil {
			return nil, err
		}
		outsiders, err := b.without(ctx, direct, b.channel.ID)
		if err != nil {
			return nil, err
		}
		users = append(users, outsiders...)
	}
	return b.away(users), nil
}

// away keeps those who are to be notified: not the author, and nobody who is
// looking at the channel.
func (b *batch) away(users []chat.UserID) []chat.UserID {
	users = slices.DeleteFunc(users, func(id chat.UserID) bool { return id == b.audience.Author })
	return b.engine.rooms.away(b.channel.ID, users)
}

// direct are the users whom the message is about, if they may read it.
func (b *batch) direct(ctx context.Context) ([]chat.UserID, error) {
	users, err := b.engine.store.WithoutBlockers(ctx, b.from.Application, b.audience.Author, b.audience.Direct())
	if err != nil {
		return nil, err
	}
	if b.channel.Type != chat.Public {
		if users, err = b.among(ctx, users, b.channel.ID); err != nil {
			return nil, err
		}
	}
	return b.away(users), nil
}

// strangers are the next members of a mentioned channel who are no members of
// the message's.
func (b *batch) strangers(ctx context.Context) (users []chat.UserID, err error) {
	users, b.to.User, err = b.engine.store.MembersAfter(ctx, b.from.Application, b.from.Mentioned, b.from.User, b.audience.Author, b.size)
	if err != nil {
		return nil, err
	}
	for _, earlier := range append([]chat.ChannelID{b.channel.ID}, b.mentioned()...) {
		if earlier != b.channel.ID && earlier >= b.from.Mentioned {
			break
		}
		if users, err = b.without(ctx, users, earlier); err != nil {
			return nil, err
		}
	}
	direct := b.audience.Direct()
	return slices.DeleteFunc(users, func(id chat.UserID) bool {
		return id == b.audience.Author || slices.Contains(direct, id)
	}), nil
}

// among keeps of some users those who are members of a channel, without the
// others.
func (b *batch) among(ctx context.Context, users []chat.UserID, channel chat.ChannelID) ([]chat.UserID, error) {
	return b.divide(ctx, users, channel, true)
}

func (b *batch) without(ctx context.Context, users []chat.UserID, channel chat.ChannelID) ([]chat.UserID, error) {
	return b.divide(ctx, users, channel, false)
}

func (b *batch) divide(ctx context.Context, users []chat.UserID, channel chat.ChannelID, members bool) (kept []chat.UserID, err error) {
	found, err := b.engine.store.MembersAmong(ctx, b.from.Application, channel, users)
	if err != nil {
		return nil, err
	}
	in := make(map[chat.UserID]bool, len(found))
	for _, m := range found {
		in[m.User] = true
	}
	for _, id := range users {
		if in[id] == members {
			kept = append(kept, id)
		}
	}
	return kept, nil
}
