package gateway

import (
	"encoding/json"
	"strconv"
	"strings"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

var (
	selfUpdated    = eventType{aspect: aspectSelf, name: "user.self.updated"}
	selfDeleted    = eventType{aspect: aspectSelf, name: "user.self.deleted"}
	contactUpdated = eventType{aspect: aspectContacts, name: "contact.user.updated"}
)

func readUser(r *request, dst []byte) ([]byte, error) {
	user, err := r.g.engine.User(r.ctx, r.actor, r.userID())
	if err != nil {
		return nil, err
	}
	if user.ID == r.actor.User {
		return r.g.render.currentUser(dst, &user), nil
	}
	return r.g.render.user(dst, &user), nil
}

// userFilter reads the filter of a list of users.
func (r *request) userFilter() (f chat.UserFilter, err error) {
	f.Name, f.DisplayName = r.parameter("name"), r.parameter("displayName")
	switch online := r.parameter("online"); online {
	case "":
	case "true", "false":
		here := online == "true"
		f.Online = &here
	default:
		err = chat.Errorf(chat.Invalid, "the filter online must be true or false, not %s", quoted(online))
	}
	return f, err
}

func listContacts(r *request, dst []byte) ([]byte, error) {
	filter, err := r.userFilter()
	if err != nil {
		return nil, err
	}
	page, err := r.g.engine.Users(r.ctx, r.actor, filter, r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "users", r.options, page, r.g.render.user), nil
}

func countContacts(r *request, dst []byte) ([]byte, error) {
	filter, err := r.userFilter()
	if err != nil {
		return nil, err
	}
	count, err := r.g.engine.CountUsers(r.ctx, r.actor, filter)
	return appendCount(dst, count), err
}

func readChannelMember(r *request, dst []byte) ([]byte, error) {
	channel, _ := parseID(r.parameter("channelId"))
	exists, err := r.g.engine.IsMember(r.ctx, r.actor, chat.ChannelID(channel), r.userID())
	return append(strconv.AppendBool(append(dst, `{"exists":`...), exists), '}'), err
}

// ownAction restricts an action to the actor's own user.
func ownAction(handle actionHandler) actionHandler {
	return func(r *request) (*reply, error) {
		if r.userID() != r.actor.User {
			return nil, chat.Errorf(chat.Denied, "this is for user %d alone", r.id)
		}
		return handle(r)
	}
}

// updateUserBody is of the current user, which SDKs send whole, what the user
// decides. What is missing stays.
type updateUserBody struct {
	DisplayName       *string
	DisplayPictureURL *string
	Properties        json.RawMessage
	Presence          *struct{ Status *chat.Status }
}

func (b updateUserBody) change() (c chat.UserChange, err error) {
	c.DisplayName, c.Picture = b.DisplayName, b.DisplayPictureURL
	if len(b.Properties) > 0 {
		properties, err := chat.ParseProperties(b.Properties)
		if err != nil {
			return c, err
		}
		c.Properties = &properties
	}
	// Nobody chose what the server shows of a user without a connection.
	if b.Presence != nil && b.Presence.Status != nil && *b.Presence.Status != chat.Unavailable {
		c.Status = b.Presence.Status
	}
	return c, nil
}

func updateUser(r *request) (*reply, error) {
	body, err := decode[updateUserBody](r)
	if err != nil {
		return nil, err
	}
	change, err := body.change()
	if err != nil {
		return nil, err
	}
	if err := r.checkPicture(&change); err != nil {
		return nil, err
	}
	_, err = r.g.engine.UpdateUser(r.ctx, r.asker, change)
	return nil, err
}

// checkPicture understands the addresses of the server's own pictures: that of
// the generated one asks for it, and that of the uploaded one for no change.
func (r *request) checkPicture(change *chat.UserChange) error {
	switch {
	case change.Picture == nil:
	case *change.Picture == string(r.g.render.appendPicture(nil, r.actor.User)):
		change.Picture = new(string)
	case strings.HasPrefix(*change.Picture, r.g.render.public+chat.FilesPath):
		user, err := r.g.engine.CurrentUser(r.ctx, r.actor)
		if err != nil {
			return err
		}
		if *change.Picture == r.g.render.address(user.Picture) {
			change.Picture = nil
		}
	}
	return nil
}

// updateDisplayPicture takes the picture from where it is. Given a file of a
// browser, SDKs from 1.58 on send {} (they look for its "uri").
func updateDisplayPicture(r *request) (*reply, error) {
	body, err := decode[struct{ URL string }](r)
	if err != nil {
		return nil, err
	}
	if body.URL == "" {
		return nil, chat.Errorf(chat.Invalid, "an external picture needs its url; this SDK uploads a file only if that has a uri")
	}
	_, err = r.g.engine.UpdateUser(r.ctx, r.asker, chat.UserChange{Picture: &body.URL})
	return nil, err
}

func deleteUser(r *request) (*reply, error) {
	return nil, r.g.engine.DeleteUser(r.ctx, r.asker, r.userID())
}

func (g *announcer) announceUser(e chat.UserUpdated) {
	g.answerUser(e.User.ID, selfUpdated, e.Sequence, e.Cause, func() []byte { return g.render.currentUser(nil, &e.User) })
}

func (g *announcer) announceContact(e chat.ContactUpdated) {
	resource := g.userResource(e.User)
	for _, contact := range e.Contacts {
		g.publishFrom(e.User, toUser(contact), contactUpdated, resource)
	}
}

// announceUserDeleted publishes even what nobody listens to: it ends sessions.
func (g *announcer) announceUserDeleted(e chat.UserDeleted) {
	p := g.publication(toUser(e.User.ID), selfDeleted, position{"u", int64(e.User.ID), e.Sequence})
	p.Session, p.Receipt = e.Cause.Session, e.Cause.Receipt
	p.Resource = g.render.user(nil, &e.User)
	p.Final = true
	g.out.Publish(p)
}

// answerUser publishes an event on a user's own topic, which may be the answer
// to a request of the user's. Without a sequence it is a momentary one.
func (g *announcer) answerUser(user chat.UserID, t eventType, sequence int64, cause chat.Cause, resource func() []byte) {
	g.publish(toUser(user), t, position{"u", int64(user), sequence}, cause, func(p *broker.Publication) { p.Resource = resource() })
}
