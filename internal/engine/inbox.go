package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// What the application asks about the reading of its users.

// ReadSummaries lists how much each user has not read of each channel, where that
// is anything.
func (e *Engine) ReadSummaries(ctx context.Context, actor chat.Actor, p chat.NumberedPage) (chat.Page[chat.ReadSummary], error) {
	return e.store.ReadSummaries(ctx, actor.Application, p)
}

// ReceiptPage lists who has read a message, the latest first.
func (e *Engine) ReceiptPage(ctx context.Context, actor chat.Actor, id chat.MessageID, p chat.NumberedPage) (chat.Page[chat.ReadReceipt], error) {
	message, err := e.presentMessage(ctx, actor, id)
	if err != nil || message.Number == 0 { // nobody reads what was imported
		return chat.Page[chat.ReadReceipt]{}, err
	}
	return e.store.ReceiptPage(ctx, actor.Application, message, p)
}

// WrittenSlice lists the messages that a user wrote, newest first.
func (e *Engine) WrittenSlice(ctx context.Context, actor chat.Actor, user chat.UserID, p chat.SliceRequest) (chat.Slice[chat.Message], error) {
	if _, err := e.store.User(ctx, actor.Application, user); err != nil {
		return chat.Slice[chat.Message]{}, err
	}
	return e.store.MessageSlice(ctx, actor.Application, chat.MessageSelection{Author: user}, p)
}

// UnreadSlice lists the messages that a user has not read, newest first.
func (e *Engine) UnreadSlice(ctx context.Context, actor chat.Actor, user chat.UserID, p chat.SliceRequest) (chat.Slice[chat.Message], error) {
	if _, err := e.store.User(ctx, actor.Application, user); err != nil {
		return chat.Slice[chat.Message]{}, err
	}
	return e.store.UnreadSlice(ctx, actor.Application, user, p)
}

// CountUnreadOf counts what UnreadSlice lists.
func (e *Engine) CountUnreadOf(ctx context.Context, actor chat.Actor, user chat.UserID) (int64, error) {
	if _, err := e.store.User(ctx, actor.Application, user); err != nil {
		return 0, err
	}
	return e.store.CountAllUnread(ctx, actor.Application, user)
}

// NotificationSlice lists the notifications of a user, newest first.
func (e *Engine) NotificationSlice(ctx context.Context, actor chat.Actor, id chat.UserID, p chat.SliceRequest) (chat.Slice[chat.Notification], error) {
	user, err := e.store.User(ctx, actor.Application, id)
	if err != nil {
		return chat.Slice[chat.Notification]{}, err
	}
	return e.store.NotificationSlice(ctx, actor.Application, user, p)
}

// ReadNotification notes that a user has read a notification, and returns it.
func (e *Engine) ReadNotification(ctx context.Context, actor chat.Actor, of chat.UserID, id int64) (n chat.Notification, err error) {
	user, err := e.store.User(ctx, actor.Application, of)
	if err != nil {
		return n, err
	}
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		if err := tx.MarkNotificationRead(ctx, actor.Application, of, id, tx.Now()); err != nil {
			return err
		}
		n, err = tx.Notification(ctx, actor.Application, user, id)
		return err
	})
	return n, err
}

// readBatch is how many notifications one transaction marks.
const readBatch = 500

// ReadNotifications notes that a user has read all notifications, and returns how
// many that were news of.
func (e *Engine) ReadNotifications(ctx context.Context, actor chat.Actor, of chat.UserID) (count int64, err error) {
	if _, err := e.store.User(ctx, actor.Application, of); err != nil {
		return 0, err
	}
	for after := int64(0); ; {
		marked := 0
		err := e.store.Update(ctx, 0, func(tx *store.Tx) (err error) {
			marked, after, err = tx.MarkNotificationsRead(ctx, actor.Application, of, after, tx.Now(), readBatch)
			return err
		})
		if count += int64(marked); err != nil || marked < readBatch {
			return count, err
		}
	}
}
