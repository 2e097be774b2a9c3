package gateway

import (
	"encoding/json"

	"openkitty/internal/chat"
)

// Actions on channels and on who is in them. What changes the actor's own place
// is answered by the event that tells the user of it; what changes somebody
// else's, with the resource that the SDKs expect.

func joinChannel(r *request) (*reply, error) {
	view, joined, err := r.g.engine.JoinChannel(r.ctx, r.asker, r.channelID())
	if err != nil || joined {
		return nil, err
	}
	return r.channelReply(channelChanged.name, view), nil
}

// leaveChannel reads a body that the newest SDK puts a user into, to remove them;
// older ones send the channel, or nothing.
func leaveChannel(r *request) (*reply, error) {
	body, err := decode[struct{ User *userRefBody }](r)
	if err != nil {
		return nil, err
	}
	var member *chat.UserRef
	if body.User != nil {
		ref, err := body.User.ref()
		if err != nil {
			return nil, err
		}
		member = &ref
	}
	view, self, err := r.g.engine.LeaveChannel(r.ctx, r.asker, r.channelID(), member)
	if err != nil || self {
		return nil, err
	}
	return r.channelReply(channelLeft.name, view), nil
}

// userInvited answers an invitation. No SDK listens for it.
const userInvited = "user.user.invited"

func inviteUser(r *request) (*reply, error) {
	body, err := decode[struct{ User userRefBody }](r)
	if err != nil {
		return nil, err
	}
	ref, err := body.User.ref()
	if err != nil {
		return nil, err
	}
	user, err := r.g.engine.InviteUser(r.ctx, r.asker, r.channelID(), ref)
	if err != nil {
		return nil, err
	}
	return &reply{aspect: aspectUsers, name: userInvited, resource: r.g.render.user(nil, &user)}, nil
}

func addModerator(r *request) (*reply, error) {
	ref, err := r.userRef()
	if err != nil {
		return nil, err
	}
	view, err := r.g.engine.AddModerator(r.ctx, r.asker, r.channelID(), ref)
	if err != nil {
		return nil, err
	}
	return r.channelReply(channelChanged.name, view), nil
}

func deleteModerator(r *request) (*reply, error) {
	ref, err := r.userRef()
	if err != nil {
		return nil, err
	}
	view, err := r.g.engine.RemoveModerator(r.ctx, r.asker, r.channelID(), ref)
	if err != nil {
		return nil, err
	}
	return r.channelReply(channelChanged.name, view), nil
}

// userRef reads a body that is a user.
func (r *request) userRef() (chat.UserRef, error) {
	body, err := decode[userRefBody](r)
	if err != nil {
		return chat.UserRef{}, err
	}
	return body.ref()
}

func (r *request) channelReply(name string, view chat.ChannelView) *reply {
	return &reply{aspect: aspectChannels, name: name, resource: r.g.render.channel(nil, &view)}
}

func muteChannel(r *request) (*reply, error) {
	body, err := decode[struct{ State string }](r)
	if err != nil {
		return nil, err
	}
	if body.State != "ON" && body.State != "OFF" {
		return nil, chat.Errorf(chat.Invalid, "the state must be ON or OFF, not %s", quoted(body.State))
	}
	return nil, r.g.engine.MuteChannel(r.ctx, r.asker, r.channelID(), body.State == "ON")
}

func clearHistory(r *request) (*reply, error) {
	return nil, r.g.engine.ClearHistory(r.ctx, r.asker, r.channelID())
}

func hideChannel(r *request) (*reply, error) {
	return nil, r.g.engine.HideChannel(r.ctx, r.asker, r.channelID())
}

func deleteChannel(r *request) (*reply, error) {
	return nil, r.g.engine.DeleteChannel(r.ctx, r.asker, r.channelID())
}

// channelBody is what counts of the whole channel that SDKs send.
type channelBody struct {
	Name        *string
	DisplayName *string
	Properties  json.RawMessage
}

func updateChannel(r *request) (*reply, error) {
	body, err := decode[channelBody](r)
	if err != nil {
		return nil, err
	}
	update := chat.ChannelUpdate{Name: body.Name, DisplayName: body.DisplayName}
	if body.Properties != nil {
		properties, err := chat.ParseProperties(body.Properties)
		if err != nil {
			return nil, err
		}
		update.Properties = &properties
	}
	return nil, r.g.engine.UpdateChannel(r.ctx, r.asker, r.channelID(), update)
}

func listModerators(r *request, dst []byte) ([]byte, error) {
	page, err := r.g.engine.Moderators(r.ctx, r.actor, r.channelID(), r.parameter("displayName"), r.options.PageRequest)
	if err != nil {
		return nil, err
	}
	return appendPage(dst, r.list, "users", r.options, page, r.g.render.user), nil
}
