package engine

import (
	"context"
	"fmt"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// UpdateUser changes what the actor shows of itself. Others hear of it as they
// hear of the actor's presence.
func (e *Engine) UpdateUser(ctx context.Context, actor chat.Actor, change chat.UserChange) (chat.User, error) {
	if err := change.Check(); err != nil {
		return chat.User{}, err
	}
	return e.changeUser(ctx, actor, change, nil)
}

// changeUser makes changes that were checked. A picture that is hosted comes
// with its file.
func (e *Engine) changeUser(ctx context.Context, actor chat.Actor, change chat.UserChange, picture *chat.File) (user chat.User, err error) {
	var before chat.User
	err = e.store.Update(ctx, int64(actor.User), func(tx *store.Tx) error {
		if before, err = tx.User(ctx, actor.Application, actor.User); err != nil {
			return err
		}
		made := change
		if change.Merge != nil {
			merged, err := before.Properties.Merge(change.Merge)
			if err != nil {
				return err
			}
			made.Properties = &merged
		}
		if user, err = tx.ChangeUser(ctx, actor.Application, actor.User, made); err != nil {
			return err
		}
		if user.Picture != before.Picture {
			if err := tx.SetPicture(ctx, actor.Application, actor.User, picture); err != nil {
				return err
			}
		}
		sequence, err := tx.Record(ctx, actor.Application, chat.Stream{User: user.ID}, chat.UserChanged, int64(user.ID), tx.Now())
		if err != nil {
			return err
		}
		event := chat.UserUpdated{User: user, Cause: actor.Cause, Sequence: sequence}
		tx.AfterCommit(func() {
			e.refresh(event.User)
			e.announce(event)
		})
		return nil
	})
	if err != nil {
		return chat.User{}, err
	}
	e.tellContacts(ctx, user)
	if user.Status != before.Status {
		e.presence.reconsider(actor)
	}
	return user, nil
}

// refresh renews the copies of a user that are in memory.
func (e *Engine) refresh(user chat.User) {
	e.rooms.refresh(user)
	e.typing.refresh(user)
}

// tellContacts announces what others see of a user. The user's own change is
// made whether that succeeds or not.
func (e *Engine) tellContacts(ctx context.Context, user chat.User) {
	contacts, err := e.store.Contacts(ctx, user.Application, user.ID, chat.IntimateMax, presenceContactsMax)
	if err != nil {
		e.log.ErrorContext(ctx, "tell the contacts of a changed user", "user", user.ID, "error", err)
		return
	}
	if len(contacts) > 0 {
		e.announce(chat.ContactUpdated{User: user, Contacts: contacts})
	}
}

// DeleteUser deletes the actor, who may delete nobody else, and ends the
// actor's sessions. What the actor said stays, by a deleted user; the username
// is free for somebody new.
func (e *Engine) DeleteUser(ctx context.Context, actor chat.Actor, id chat.UserID) error {
	if _, err := e.store.User(ctx, actor.Application, id); err != nil {
		return err
	}
	if err := actor.CheckDelete(id); err != nil {
		return err
	}
	return e.deleteUser(ctx, actor, func(*store.Tx) error { return nil })
}

// deleteUser deletes the actor in one transaction with something else.
func (e *Engine) deleteUser(ctx context.Context, actor chat.Actor, also func(*store.Tx) error) error {
	id := actor.User
	// Afterwards there are none.
	contacts, err := e.store.Contacts(ctx, actor.Application, id, chat.IntimateMax, presenceContactsMax)
	if err != nil {
		return err
	}
	var user chat.User
	err = e.store.Update(ctx, int64(id), func(tx *store.Tx) error {
		if user, err = tx.DeleteUser(ctx, actor.Application, id, "deleted-"+randomName()); err != nil {
			return err
		}
		if err := tx.SetOnline(ctx, actor.Application, []chat.UserID{id}, false); err != nil {
			return err
		}
		sequence, err := tx.Record(ctx, actor.Application, chat.Stream{User: id}, chat.UserDeletion, int64(id), tx.Now())
		if err != nil {
			return err
		}
		event := chat.UserDeleted{User: user, Cause: actor.Cause, Sequence: sequence}
		tx.AfterCommit(func() {
			e.refresh(event.User)
			e.announce(event)
		})
		return also(tx)
	})
	if err != nil {
		return fmt.Errorf("delete user %d: %w", id, err)
	}
	if len(contacts) > 0 {
		e.announce(chat.ContactUpdated{User: user, Contacts: contacts})
	}
	return nil
}
