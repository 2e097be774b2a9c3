package engine

import (
	"context"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// ReplayMax is how many changes a page of a replay covers at most.
const ReplayMax = 64

// Replay is a page of what happened in a stream.
//
// Changes are told again as they happened: who joined and then left has joined
// and left. What they are about is told as it is now: a message is created with
// the body that it has today, and not at all if it was deleted meanwhile. So
// whoever applies them in order is right at the end.
type Replay struct {
	Events []chat.Event // by sequence; changes that tell the actor nothing have none
	Last   int64        // the latest change that the page covers
	More   bool         // there are changes after it
	Lost   int64        // changes at the start of the page that are past their retention
}

// Sequence returns the number of the latest change of a stream.
func (e *Engine) Sequence(ctx context.Context, actor chat.Actor, stream chat.Stream) (int64, error) {
	return e.store.Sequence(ctx, actor.Application, stream)
}

// Replay tells again what happened in a stream after a change, as far as the
// actor may see it: in the actor's own, or in that of a channel of the actor's.
func (e *Engine) Replay(ctx context.Context, actor chat.Actor, stream chat.Stream, after int64) (Replay, error) {
	r := retelling{reader: e.store.Reader, actor: actor}
	if err := r.check(ctx, stream); err != nil {
		return Replay{}, err
	}
	latest, err := e.store.Sequence(ctx, actor.Application, stream)
	if err != nil {
		return Replay{}, err
	}
	changes, err := e.store.Changes(ctx, actor.Application, stream, after, ReplayMax)
	if err != nil {
		return Replay{}, err
	}
	page := Replay{Last: after}
	if len(changes) > 0 {
		page.Last = changes[len(changes)-1].Sequence
		page.Lost = changes[0].Sequence - after - 1
		page.More = len(changes) == ReplayMax
	} else if latest > after {
		page.Last, page.Lost = latest, latest-after
	}
	if err := r.load(ctx, changes); err != nil {
		return Replay{}, err
	}
	for _, change := range changes {
		if event := r.tell(change); event != nil {
			page.Events = append(page.Events, event)
		}
	}
	return page, nil
}

// retelling has what the changes of a page are about, read with a few queries
// for all of them.
type retelling struct {
	reader   store.Reader
	actor    chat.Actor
	member   chat.Membership // of the channel whose stream it is
	messages map[chat.MessageID]chat.Message
	users    map[chat.UserID]chat.User
	channels map[chat.ChannelID]chat.ChannelView // as the actor sees them
	managers []chat.UserID                       // of the channel whose stream it is
	notices  map[int64]chat.Notification         // by the number of their change
}

// check refuses streams that the actor has no part in.
func (r *retelling) check(ctx context.Context, stream chat.Stream) error {
	if stream.Channel == 0 {
		if stream.User != r.actor.User {
			return chat.NoUser(stream.User)
		}
		return nil
	}
	membership, err := r.reader.Membership(ctx, r.actor.Application, stream.Channel, r.actor.User)
	if err != nil {
		return err
	}
	if membership == nil {
		return chat.NoChannel(stream.Channel)
	}
	r.member = *membership
	return nil
}

// load reads what some changes are about.
func (r *retelling) load(ctx context.Context, changes []chat.Change) error {
	var messages []chat.MessageID
	var users []chat.UserID
	var channels []chat.ChannelID
	for _, c := range changes {
		if c.Actor != 0 {
			users = append(users, c.Actor)
		}
		if c.Stream.User != 0 {
			users = append(users, c.Stream.User)
		}
		switch retold[c.Kind].about {
		case aMessage:
			messages = append(messages, chat.MessageID(c.Subject))
		case aUser:
			users = append(users, chat.UserID(c.Subject))
		case aChannel:
			channels = append(channels, chat.ChannelID(c.Subject))
		}
	}
	if err := r.loadMessages(ctx, unique(messages)); err != nil {
		return err
	}
	if err := r.loadUsers(ctx, unique(users)); err != nil {
		return err
	}
	if err := r.loadChannels(ctx, unique(channels)); err != nil {
		return err
	}
	return r.loadNotices(ctx, changes)
}

func (r *retelling) loadMessages(ctx context.Context, ids []chat.MessageID) error {
	messages, err := r.reader.ReplayedMessages(ctx, r.actor.Application, r.actor.User, ids)
	r.messages = make(map[chat.MessageID]chat.Message, len(messages))
	for _, message := range messages {
		if r.member.Sees(message) {
			r.messages[message.ID] = message
		}
	}
	return err
}

func (r *retelling) loadUsers(ctx context.Context, ids []chat.UserID) error {
	users, err := r.reader.Users(ctx, r.actor.Application, ids)
	r.users = make(map[chat.UserID]chat.User, len(users))
	for _, user := range users {
		r.users[user.ID] = user
	}
	return err
}

// loadChannels leaves out channels that are no more.
func (r *retelling) loadChannels(ctx context.Context, ids []chat.ChannelID) error {
	if r.channels == nil {
		r.channels = make(map[chat.ChannelID]chat.ChannelView, len(ids))
	}
	for _, id := range ids {
		view, err := r.reader.ChannelView(ctx, r.actor.Application, id, r.actor.User)
		if chat.IsKind(err, chat.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		r.channels[id] = view
		if id == r.member.Channel && r.managers == nil {
			if r.managers, err = r.reader.ManagerIDs(ctx, r.actor.Application, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell returns the event of a change, or nil if it tells the actor nothing.
func (r *retelling) tell(c chat.Change) chat.Event {
	if how := retold[c.Kind]; how.event != nil {
		return how.event(r, c)
	}
	return nil
}
