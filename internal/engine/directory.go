package engine

import (
	"context"
	"slices"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// What an application reads of itself. All of it takes the application as the
// actor, which may see everything.

// UserPage lists users, by id unless another order is asked for.
func (e *Engine) UserPage(ctx context.Context, actor chat.Actor, f chat.UserSelection, p chat.NumberedPage) (chat.Page[chat.User], error) {
	return e.store.UserPage(ctx, actor.Application, f, p)
}

// FindUser returns the user that a reference names.
func (e *Engine) FindUser(ctx context.Context, actor chat.Actor, ref chat.UserRef) (chat.User, error) {
	if ref.ID != 0 {
		return e.store.User(ctx, actor.Application, ref.ID)
	}
	return e.store.UserByName(ctx, actor.Application, ref.Name)
}

// ChannelPage lists channels, by id unless another order is asked for. Members are
// named by username; nobody has a channel with a user who does not exist.
func (e *Engine) ChannelPage(ctx context.Context, actor chat.Actor, f chat.ChannelSelection, members []string, p chat.NumberedPage) (chat.Page[chat.ChannelView], error) {
	wanted := slices.Clone(members)
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	if len(wanted) > chat.MembersAtOnceMax {
		return chat.Page[chat.ChannelView]{}, chat.Errorf(chat.Invalid, "at most %d members can be looked for", chat.MembersAtOnceMax)
	}
	users, err := e.store.UsersByName(ctx, actor.Application, wanted)
	if err != nil || len(users) < len(wanted) {
		return chat.Page[chat.ChannelView]{}, err
	}
	for _, user := range users {
		f.Members = append(f.Members, user.ID)
	}
	return e.store.ChannelPage(ctx, actor.Application, f, p)
}

// UserChannelPage lists the channels that a user is a member of.
func (e *Engine) UserChannelPage(ctx context.Context, actor chat.Actor, user chat.UserID, p chat.NumberedPage) (chat.Page[chat.ChannelView], error) {
	if _, err := e.store.User(ctx, actor.Application, user); err != nil {
		return chat.Page[chat.ChannelView]{}, err
	}
	return e.store.UserChannelPage(ctx, actor.Application, user, p)
}

// MemberPage lists the members of a channel, or those who are moderators.
func (e *Engine) MemberPage(ctx context.Context, actor chat.Actor, channel chat.ChannelID, moderators bool, p chat.NumberedPage) (chat.Page[chat.User], error) {
	if _, err := e.store.Channel(ctx, actor.Application, channel); err != nil {
		return chat.Page[chat.User]{}, err
	}
	return e.store.MemberPage(ctx, actor.Application, channel, moderators, p)
}

// MembershipPage lists the memberships of a channel.
func (e *Engine) MembershipPage(ctx context.Context, actor chat.Actor, channel chat.ChannelID, p chat.NumberedPage) (chat.Page[chat.Membership], error) {
	if _, err := e.store.Channel(ctx, actor.Application, channel); err != nil {
		return chat.Page[chat.Membership]{}, err
	}
	return e.store.MembershipPage(ctx, actor.Application, channel, p)
}

// ParticipantPage lists the users who are chatting in a channel on this node, by
// id.
func (e *Engine) ParticipantPage(ctx context.Context, actor chat.Actor, channel chat.ChannelID, p chat.NumberedPage) (chat.Page[chat.User], error) {
	if _, err := e.store.Channel(ctx, actor.Application, channel); err != nil {
		return chat.Page[chat.User]{}, err
	}
	users := e.rooms.users(channel)
	slices.SortFunc(users, func(a, b chat.User) int { return int(a.ID - b.ID) })
	page := chat.Page[chat.User]{Total: int64(len(users))}
	if from := p.Offset(); from < len(users) {
		page.Items = users[from:min(from+p.Limit(), len(users))]
	}
	return page, nil
}

// users returns who is chatting in a channel, in no particular order.
func (r *rooms) users(channel chat.ChannelID) (users []chat.User) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.rooms[channel] {
		users = append(users, p.user)
	}
	return users
}

// MessageSlice lists messages of the application, or of one of its channels,
// newest first. The author is named by username; nobody has written as a user who
// does not exist.
func (e *Engine) MessageSlice(ctx context.Context, actor chat.Actor, f chat.MessageSelection, author string, p chat.SliceRequest) (chat.Slice[chat.Message], error) {
	if f.Channel != 0 {
		if _, err := e.store.Channel(ctx, actor.Application, f.Channel); err != nil {
			return chat.Slice[chat.Message]{}, err
		}
	}
	if author != "" {
		user, err := e.store.UserByName(ctx, actor.Application, author)
		if chat.IsKind(err, chat.NotFound) {
			return chat.Slice[chat.Message]{}, nil
		}
		if err != nil {
			return chat.Slice[chat.Message]{}, err
		}
		f.Author = user.ID
	}
	return e.store.MessageSlice(ctx, actor.Application, f, p)
}

// InvitePage lists the invites to a channel, the latest first.
func (e *Engine) InvitePage(ctx context.Context, actor chat.Actor, channel chat.ChannelID, p chat.NumberedPage) (chat.Page[chat.Invite], error) {
	if _, err := e.store.Channel(ctx, actor.Application, channel); err != nil {
		return chat.Page[chat.Invite]{}, err
	}
	return e.store.InvitePage(ctx, actor.Application, channel, p)
}

// InviteAs invites a user to a group in the application's name: the user becomes a
// member, as by an invitation of another member, and the invite is noted.
func (e *Engine) InviteAs(ctx context.Context, actor chat.Actor, channel chat.ChannelID, ref chat.UserRef) (invite chat.Invite, err error) {
	user, err := e.InviteUser(ctx, actor, channel, ref)
	if err != nil {
		return invite, err
	}
	err = e.store.Update(ctx, int64(channel), func(tx *store.Tx) error {
		invite, err = tx.AddInvite(ctx, actor.Application, chat.Invite{Channel: channel, User: user.ID, CreatedAt: tx.Now()})
		return err
	})
	return invite, err
}

// ReportedMessages lists the messages of a channel that were reported, the latest
// first.
func (e *Engine) ReportedMessages(ctx context.Context, actor chat.Actor, channel chat.ChannelID, p chat.NumberedPage) (chat.Page[chat.Message], error) {
	if _, err := e.store.Channel(ctx, actor.Application, channel); err != nil {
		return chat.Page[chat.Message]{}, err
	}
	return e.store.ReportedMessages(ctx, actor.Application, channel, p)
}

// ThreadSlice lists the messages of a thread, newest first.
func (e *Engine) ThreadSlice(ctx context.Context, actor chat.Actor, id chat.ThreadID, p chat.SliceRequest) (chat.Slice[chat.Message], error) {
	thread, err := e.store.Thread(ctx, actor.Application, id)
	if err != nil {
		return chat.Slice[chat.Message]{}, err
	}
	return e.store.MessageSlice(ctx, actor.Application, chat.MessageSelection{Channel: thread.Channel, Thread: &thread}, p)
}

// MessageThread returns the thread that a message is in.
func (e *Engine) MessageThread(ctx context.Context, actor chat.Actor, m chat.Message) (chat.Thread, error) {
	place := m.Place()
	switch {
	case place.Message != 0:
		return e.store.ThreadOfReplies(ctx, actor.Application, place.Message)
	case place.Standalone != 0:
		return e.store.Thread(ctx, actor.Application, place.Standalone)
	default:
		return e.store.MainThread(ctx, actor.Application, m.Channel)
	}
}
