package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// SendMessage says something in a channel of the actor's. It returns once the
// message is on disk and announced. In a channel of a type whose messages the
// application does not keep, it is announced like all others and then gone.
func (e *Engine) SendMessage(ctx context.Context, actor chat.Actor, request chat.NewMessage) (chat.Message, error) {
	if err := request.Check(e.limits.MessageSize); err != nil {
		return chat.Message{}, err
	}
	settings, err := e.settings.of(ctx, actor.Application)
	if err != nil {
		return chat.Message{}, err
	}
	var message chat.Message
	err = e.store.Update(ctx, int64(request.Channel), func(tx *store.Tx) error {
		if request.Key != "" {
			var known bool
			var err error
			if message, known, err = e.sentBefore(ctx, tx, actor, request.Key); known || err != nil {
				return err
			}
		}
		channel, membership, author, err := tx.Sender(ctx, actor.Application, request.Channel, actor.User)
		if err != nil {
			return err
		}
		if err := channel.CheckMember(membership); err != nil {
			return err
		}
		if err := checkBlocks(ctx, tx.Reader, channel, actor.User); err != nil {
			return err
		}
		message, err = e.post(ctx, tx, actor, channel, &author, request, settings.PersistentTypes.Has(channel.Type))
		if err != nil || request.Key == "" || message.Sequence == 0 {
			return err
		}
		return tx.KeepKey(ctx, message, request.Key)
	})
	if err != nil {
		return chat.Message{}, err
	}
	e.typing.stop(request.Channel, actor.User)
	e.previews.add(message)
	return message, nil
}

// sentBefore looks for the message that the actor sent under a key, and answers
// the request with it. Only the actor hears of it.
func (e *Engine) sentBefore(ctx context.Context, tx *store.Tx, actor chat.Actor, key string) (message chat.Message, known bool, err error) {
	message, err = tx.MessageByKey(ctx, actor.Application, actor.User, key)
	if chat.IsKind(err, chat.NotFound) {
		return message, false, nil
	}
	if err == nil {
		tx.AfterCommit(func() { e.announce(chat.MessageRepeated{Message: message, Cause: actor.Cause}) })
	}
	return message, true, err
}

// keep stores a message, also to notify of it, or only numbers it.
func keep(ctx context.Context, tx *store.Tx, m chat.Message, kept, notify bool) (chat.Message, error) {
	switch {
	case !kept:
		return tx.NumberMessage(ctx, m)
	case notify:
		return tx.CreateToNotify(ctx, m)
	default:
		return tx.CreateMessage(ctx, m)
	}
}

// post says something in a channel, by an author or, with none, by the
// application, announces it, and has members notified who are away. What is not
// kept is numbered and announced only.
func (e *Engine) post(
	ctx context.Context, tx *store.Tx, actor chat.Actor, channel chat.Channel, author *chat.User, request chat.NewMessage, kept bool,
) (message chat.Message, err error) {
	if request.File != nil && request.File.Hosted() && !kept {
		return message, chat.Errorf(chat.Denied, "messages of channel %d are not kept, and so are no files", channel.ID)
	}
	mentions, err := resolveMentions(ctx, tx, actor, request.Body)
	if err != nil {
		return message, err
	}
	if request.Parent != 0 {
		if err := checkParent(ctx, tx, actor.Application, request.Parent); err != nil {
			return message, err
		}
	}
	away := kept && e.anyAway(channel, author, mentions)
	message, err = keep(ctx, tx, chat.Message{
		Application: actor.Application,
		Channel:     channel.ID,
		Type:        request.Type,
		Author:      author,
		Body:        request.Body,
		GroupTag:    request.GroupTag,
		Properties:  request.Properties,
		CreatedAt:   tx.Now(),
		Parent:      request.Parent,
		InThread:    request.InThread,
		Mentions:    mentions,
		File:        request.File,
	}, kept, away)
	if err != nil {
		return message, err
	}
	if message.File != nil && kept {
		if err := tx.AttachFile(ctx, message); err != nil {
			return message, err
		}
	}
	events := []chat.Event{chat.MessagePosted{Message: message, Cause: actor.Cause}}
	if kept {
		parent, err := countAside(ctx, tx, message, 1)
		if err != nil {
			return message, err
		}
		if parent != nil {
			events = append(events, parent)
		}
	}
	shown, err := showAgain(ctx, tx, channel)
	if err != nil {
		return message, err
	}
	tx.AfterCommit(func() {
		e.announce(append(events, shown...)...)
		if away {
			e.notifier.wake()
		}
	})
	return message, nil
}

// CheckSend refuses whoever could not send to a channel now, before they go to
// the trouble of uploading a file. SendMessage checks it again.
func (e *Engine) CheckSend(ctx context.Context, actor chat.Actor, id chat.ChannelID) error {
	channel, membership, _, err := sender(ctx, e.store.Reader, actor, id)
	if err != nil {
		return err
	}
	if err := channel.CheckMember(membership); err != nil {
		return err
	}
	return checkBlocks(ctx, e.store.Reader, channel, actor.User)
}

// Messages lists the messages of a channel of the actor's, newest first, but
// those that were deleted, by anybody for everybody or by the actor for itself.
func (e *Engine) Messages(ctx context.Context, actor chat.Actor, id chat.ChannelID, f chat.MessageFilter, page chat.PageRequest) (chat.Page[chat.Message], error) {
	channel, membership, _, err := sender(ctx, e.store.Reader, actor, id)
	if err != nil {
		return chat.Page[chat.Message]{}, err
	}
	if err := channel.CheckMember(membership); err != nil {
		return chat.Page[chat.Message]{}, err
	}
	return e.store.Messages(ctx, actor.Application, *membership, f, page)
}

// Message returns a message of a channel of the actor's.
func (e *Engine) Message(ctx context.Context, actor chat.Actor, id chat.MessageID) (chat.Message, error) {
	message, err := e.store.Message(ctx, actor.Application, id)
	if err != nil {
		return chat.Message{}, err
	}
	membership, err := e.store.Membership(ctx, actor.Application, message.Channel, actor.User)
	membership = actor.Standing(message.Channel, membership)
	if err != nil {
		return chat.Message{}, err
	}
	if membership == nil || !membership.Sees(message) {
		return chat.Message{}, chat.NoMessage(id)
	}
	return message, nil
}

// CountMessages counts the messages that Messages lists.
func (e *Engine) CountMessages(ctx context.Context, actor chat.Actor, id chat.ChannelID) (int64, error) {
	channel, membership, _, err := sender(ctx, e.store.Reader, actor, id)
	if err != nil {
		return 0, err
	}
	if err := channel.CheckMember(membership); err != nil {
		return 0, err
	}
	return e.store.CountMessages(ctx, actor.Application, *membership, chat.MessageFilter{})
}
