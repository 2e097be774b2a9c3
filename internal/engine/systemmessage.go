package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// SendSystemMessage says something in a channel in the name of the application:
// the actor has no user, and the message no author. The request is that of a
// user's message; what is stored is its form for the system. No membership is
// asked for, and no block keeps the application from anybody.
func (e *Engine) SendSystemMessage(ctx context.Context, actor chat.Actor, request chat.NewMessage) (message chat.Message, err error) {
	if err := request.Check(e.limits.MessageSize); err != nil {
		return chat.Message{}, err
	}
	settings, err := e.settings.of(ctx, actor.Application)
	if err != nil {
		return chat.Message{}, err
	}
	request.Type = request.Type.OfSystem()
	err = e.store.Update(ctx, int64(request.Channel), func(tx *store.Tx) error {
		channel, err := tx.Channel(ctx, actor.Application, request.Channel)
		if err != nil {
			return err
		}
		message, err = e.post(ctx, tx, actor, channel, nil, request, settings.PersistentTypes.Has(channel.Type))
		return err
	})
	return message, err
}

// SendSystemMessageToThread is SendSystemMessage in a thread.
func (e *Engine) SendSystemMessageToThread(ctx context.Context, actor chat.Actor, id chat.ThreadID, request chat.NewMessage) (chat.Message, error) {
	thread, err := e.store.Thread(ctx, actor.Application, id)
	if err != nil {
		return chat.Message{}, err
	}
	return e.SendSystemMessage(ctx, actor, inThread(request, thread))
}
