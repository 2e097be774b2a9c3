package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// resolveMentions finds out whom a body mentions, with one query for users and
// one for channels. Names of nobody, and of channels that the actor does not
// see, are text.
func resolveMentions(ctx context.Context, tx *store.Tx, actor chat.Actor, body string) ([]chat.Mention, error) {
	found := chat.MentionedNames(body)
	if len(found) == 0 {
		return nil, nil
	}
	var users, channels []string
	for _, name := range found {
		if name.Channel {
			channels = append(channels, name.Name)
		} else {
			users = append(users, name.Name)
		}
	}
	subjects, err := subjectsOf(ctx, tx, actor, users, channels)
	if err != nil {
		return nil, err
	}
	var mentions []chat.Mention
	for _, name := range found {
		if mention, known := subjects[chat.MentionedName{Channel: name.Channel, Name: name.Name}]; known {
			mention.Start, mention.End = name.Start, name.End
			mentions = append(mentions, mention)
		}
	}
	return mentions, nil
}

// subjectsOf returns who bears the names, by the name without its place.
func subjectsOf(ctx context.Context, tx *store.Tx, actor chat.Actor, userNames, channelNames []string) (map[chat.MentionedName]chat.Mention, error) {
	users, err := tx.UsersByName(ctx, actor.Application, userNames)
	if err != nil {
		return nil, err
	}
	channels, err := tx.ChannelsByName(ctx, actor.Application, actor.User, channelNames)
	if err != nil {
		return nil, err
	}
	subjects := map[chat.MentionedName]chat.Mention{}
	for i := range users {
		subjects[chat.MentionedName{Name: users[i].Name}] = chat.Mention{User: &users[i]}
	}
	for _, view := range channels {
		if view.MentionableBy(actor.Standing(view.ID, view.Viewer)) {
			shown := view.Mentioned()
			subjects[chat.MentionedName{Channel: true, Name: view.Name}] = chat.Mention{Channel: &shown}
		}
	}
	return subjects, nil
}
