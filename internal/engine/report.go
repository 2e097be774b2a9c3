package engine

import (
	"context"

	"openkitty/internal/chat"
)

// ReportMessage stores what the actor finds wrong with a message of a channel of
// theirs, in place of what they reported before. Nobody is told.
func (e *Engine) ReportMessage(ctx context.Context, actor chat.Actor, report chat.Report) (stored chat.Report, err error) {
	if err := report.Check(); err != nil {
		return chat.Report{}, err
	}
	err = e.changeMessage(ctx, actor, report.Message, func(ctx context.Context, c *messageChange) error {
		if err := c.message.CheckReport(actor.User); err != nil {
			return err
		}
		report.User, report.CreatedAt = c.user, c.tx.Now()
		stored, err = c.tx.PutReport(ctx, actor.Application, report)
		return err
	})
	return stored, err
}

// RemoveReport takes the actor's report of a message back, and returns the
// message.
func (e *Engine) RemoveReport(ctx context.Context, actor chat.Actor, id chat.MessageID) (message chat.Message, err error) {
	err = e.changeMessage(ctx, actor, id, func(ctx context.Context, c *messageChange) error {
		if err := c.tx.RemoveReport(ctx, actor.Application, id, actor.User); err != nil {
			return err
		}
		message, err = c.tx.Message(ctx, actor.Application, id)
		return err
	})
	return message, err
}

// Reports lists the reports of a message of a group that the actor manages, the
// oldest first.
func (e *Engine) Reports(ctx context.Context, actor chat.Actor, id chat.MessageID, page chat.PageRequest) (chat.Page[chat.Report], error) {
	message, err := e.Message(ctx, actor, id)
	if err != nil {
		return chat.Page[chat.Report]{}, err
	}
	channel, member, _, err := e.store.Sender(ctx, actor.Application, message.Channel, actor.User)
	if err != nil {
		return chat.Page[chat.Report]{}, err
	}
	if err := channel.CheckReports(member); err != nil {
		return chat.Page[chat.Report]{}, err
	}
	return e.store.Reports(ctx, actor.Application, id, page)
}
