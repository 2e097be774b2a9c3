package engine

import (
	"context"
	"strconv"

	"openkitty/internal/chat"
)

// loadNotices reads the notifications among some changes, and what they are
// about.
func (r *retelling) loadNotices(ctx context.Context, changes []chat.Change) error {
	first := int64(0)
	var channels []chat.ChannelID
	var parents []chat.MessageID
	for _, c := range changes {
		if c.Kind != chat.Notified {
			continue
		}
		if first == 0 {
			first = c.Sequence
		}
		if message, seen := r.message(c); seen {
			channels, parents = append(channels, message.Channel), append(parents, message.Parent)
		}
	}
	if first == 0 {
		return nil
	}
	if err := r.loadChannels(ctx, unique(channels)); err != nil {
		return err
	}
	found, err := r.reader.ReplayedMessages(ctx, r.actor.Application, r.actor.User, unique(parents))
	if err != nil {
		return err
	}
	for _, parent := range found {
		r.messages[parent.ID] = parent
	}
	rows, err := r.reader.Notifications(ctx, r.actor.Application, r.actor.User, first-1, len(changes))
	if err != nil {
		return err
	}
	r.notices = make(map[int64]chat.Notification, len(rows))
	for _, row := range rows {
		r.notices[row.Sequence] = chat.Notification{
			ID: row.ID, Kind: row.Kind, Muted: row.Muted, CreatedAt: row.CreatedAt, ReadAt: row.ReadAt,
			Mentioned: r.messages[row.Message].MentionedChannel(row.Mentioned),
		}
	}
	return nil
}

// notified tells nothing of a message that was deleted, or that the user may not
// see any more.
func (r *retelling) notified(c chat.Change) chat.Event {
	notice, kept := r.notices[c.Sequence]
	message, seen := r.message(c)
	view, there := r.channels[message.Channel]
	recipient, known := r.users[r.actor.User]
	if !kept || !seen || message.Deleted() || !there || !known || view.CheckView() != nil {
		return nil
	}
	notice.Recipient, notice.Channel, notice.Message = recipient, view, message
	if parent, found := r.messages[message.Parent]; found && notice.Kind == chat.RepliedTo {
		notice.Parent = &parent
	}
	return chat.NotificationCreated{Notification: notice, Sequence: c.Sequence}
}

// receipt tells a channel who read a message, or set it unread.
func (r *retelling) receipt(c chat.Change) chat.Event {
	receipt, known := r.receiptOf(c, chat.UserID(c.Subject))
	if !known {
		return nil
	}
	return chat.ReceiptChanged{
		Channel: c.Stream.Channel, Receipt: receipt, Removed: c.Kind == chat.MemberUnread, Sequence: c.Sequence,
	}
}

// ownReceipt tells a user what they read on another device.
func (r *retelling) ownReceipt(c chat.Change) chat.Event {
	receipt, known := r.receiptOf(c, c.Stream.User)
	if !known {
		return nil
	}
	return chat.UserReceiptChanged{
		User: c.Stream.User, Receipt: receipt, Removed: c.Kind == chat.ChannelUnread, Sequence: c.Sequence,
	}
}

func (r *retelling) receiptOf(c chat.Change, reader chat.UserID) (chat.ReadReceipt, bool) {
	user, known := r.users[reader]
	message, err := strconv.ParseInt(c.Detail, 10, 64)
	return chat.ReadReceipt{Message: chat.MessageID(message), User: user, CreatedAt: c.At}, known && err == nil
}
