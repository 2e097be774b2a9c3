package gateway

import (
	"encoding/json"
	"time"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
	"openkitty/stomp"
)

// reply answers an action.
type reply struct {
	aspect   aspect
	name     string
	resource []byte
}

// actionHandler performs an action. It returns the reply to it; nil means that
// an event of the engine carries the action's cause, and is the answer.
type actionHandler func(r *request) (*reply, error)

// confirmed is the reply to actions that ask for nothing but the receipt.
var confirmed = &reply{}

// actions are all destinations that clients may write to. Those that later work
// will serve are refused by name, so that no client waits for an answer.
var actions = map[route]actionHandler{
	{ofUser, "create_channel"}:         createChannel,
	{ofUser, "update"}:                 ownAction(updateUser),
	{ofUser, "update_display_picture"}: ownAction(updateDisplayPicture),
	{ofUser, "block"}:                  blockUser,
	{ofUser, "unblock"}:                unblockUser,
	{ofUser, "delete"}:                 deleteUser,

	{ofChannel, "message"}:          sendMessage,
	{ofChannel, "keystrokes"}:       sendKeystrokes,
	{ofChannel, "read"}:             unsupportedAction,
	{ofChannel, "join"}:             joinChannel,
	{ofChannel, "leave"}:            leaveChannel,
	{ofChannel, "invite"}:           inviteUser,
	{ofChannel, "mute"}:             muteChannel,
	{ofChannel, "update"}:           updateChannel,
	{ofChannel, "clear_history"}:    clearHistory,
	{ofChannel, "hide"}:             hideChannel,
	{ofChannel, "call"}:             unsupportedAction,
	{ofChannel, "trigger_event"}:    triggerEvent,
	{ofChannel, "delete"}:           deleteChannel,
	{ofChannel, "create_thread"}:    createThread,
	{ofChannel, "block"}:            blockInChannel,
	{ofChannel, "add_moderator"}:    addModerator,
	{ofChannel, "delete_moderator"}: deleteModerator,

	{ofMessage, "read"}:              unsupportedAction,
	{ofMessage, "unread"}:            unsupportedAction,
	{ofMessage, "reply"}:             replyToMessage,
	{ofMessage, "delete_for_me"}:     deleteForMe,
	{ofMessage, "delete"}:            deleteMessage,
	{ofMessage, "react"}:             react,
	{ofMessage, "remove_reaction"}:   removeReaction,
	{ofMessage, "edit"}:              editMessage,
	{ofMessage, "update_properties"}: updateMessageProperties,
	{ofMessage, "report"}:            reportMessage,
	{ofMessage, "remove_report"}:     removeReport,

	{ofThread, "message"}:    sendToThread,
	{ofThread, "keystrokes"}: sendThreadKeystrokes,
	{ofThread, "read"}:       markThreadRead,

	{ofBlock, "delete"}: unblockInChannel,
}

// errUnsupported answers destinations that resources already name, but that
// nothing stands behind yet.
func errUnsupported() error {
	return chat.Errorf(chat.Unsupported, "this server does not support this yet")
}

func unsupportedAction(*request) (*reply, error) { return nil, errUnsupported() }

// act performs a SEND frame.
func (s *session) act(frame stomp.Frame) {
	began := time.Now()
	receipt := frame.Header.Get("receipt")
	answer, err := s.dispatch(frame, receipt)
	s.g.metrics.actionSeconds.Observe(time.Since(began).Seconds())
	switch {
	case err != nil:
		s.fail("receipt-id", receipt, err)
	case answer == nil:
	case answer.resource == nil:
		s.receipt(frame)
	case receipt != "":
		s.reply(answer, receipt)
	}
}

// dispatch runs the handler of an action's destination.
func (s *session) dispatch(frame stomp.Frame, receipt string) (*reply, error) {
	at, id, _, err := s.locate(frame.Header.Get("destination"), false)
	if err != nil {
		return nil, err
	}
	handle, known := actions[at]
	if !known {
		return nil, chat.Errorf(chat.NotFound, "there is no destination %s",
			quoted(frame.Header.Get("destination"))).Named("UnknownDestinationError")
	}
	if done, err := s.allow(at); done || err != nil {
		return confirmed, err
	}
	r := &request{session: s, id: id, header: frame.Header, body: frame.Body}
	r.asker = s.actor
	if receipt != "" {
		r.asker.Cause = chat.Cause{Session: s.id, Receipt: escaped(receipt)}
	}
	// What is held back does not have to wait for the disk.
	s.flush()
	return handle(r)
}

// reply answers an action with a resource that only its session gets.
func (s *session) reply(answer *reply, receipt string) {
	e := &event{
		Publication: &broker.Publication{
			Topic:    toUser(s.actor.User),
			Aspect:   uint8(answer.aspect),
			Types:    [2]string{answer.name, answer.name},
			ID:       s.g.momentaryID(),
			Resource: answer.resource,
			Receipt:  escaped(receipt),
		},
		asker: s,
	}
	e.answer()
}

// decode reads the body of an action. Fields that are not asked for are left
// alone: some SDKs send whole resources.
func decode[T any](r *request) (value T, err error) {
	if err := json.Unmarshal(r.body, &value); err != nil {
		return value, chat.Errorf(chat.Invalid, "the body is not the JSON that this needs: %v", err)
	}
	return value, nil
}

// openChannel is what the first SDKs' pages call a channel that everybody enters
// without an invitation, and writes in. No SDK knows a channel of that type.
const openChannel chat.ChannelType = "OPEN"

type createChannelBody struct {
	Type        chat.ChannelType
	Name        string
	DisplayName string
	Members     []userRefBody
	Properties  json.RawMessage
}

// userRefBody names a user by id or username. Applications also pass whole
// users, where the username is the name.
type userRefBody struct {
	ID       chat.UserID
	Username string
	Name     string
}

func (u userRefBody) ref() (chat.UserRef, error) {
	ref := chat.UserRef{ID: u.ID, Name: u.Username}
	if ref.Name == "" {
		ref.Name = u.Name
	}
	if ref.ID <= 0 && ref.Name == "" {
		return ref, chat.Errorf(chat.Invalid, "a user must be named by id or username")
	}
	return ref, nil
}

func createChannel(r *request) (*reply, error) {
	if r.userID() != r.actor.User {
		return nil, chat.Errorf(chat.Denied, "this is for user %d alone", r.id)
	}
	body, err := decode[createChannelBody](r)
	if err != nil {
		return nil, err
	}
	if body.Type == openChannel {
		body.Type = chat.Public
	}
	request := chat.NewChannel{Type: body.Type, Name: body.Name, DisplayName: body.DisplayName}
	if request.Properties, err = chat.ParseProperties(body.Properties); err != nil {
		return nil, err
	}
	for _, member := range body.Members {
		ref, err := member.ref()
		if err != nil {
			return nil, err
		}
		request.Members = append(request.Members, ref)
	}
	view, created, err := r.g.engine.CreateChannel(r.ctx, r.asker, request)
	if err != nil {
		return nil, err
	}
	answer := &reply{aspect: aspectChannels, name: channelUpserted, resource: r.g.render.channel(nil, &view)}
	if created {
		answer.name = channelCreated
	}
	return answer, nil
}

type messageBody struct {
	Type       chat.MessageType
	Body       string
	GroupTag   string
	Properties json.RawMessage
}

func sendMessage(r *request) (*reply, error) {
	message, err := r.newMessage()
	if err != nil {
		return nil, err
	}
	message.Channel = r.channelID()
	_, err = r.g.engine.SendMessage(r.ctx, r.asker, message)
	return nil, err
}

// newMessage reads the body of an action that sends a message.
func (r *request) newMessage() (chat.NewMessage, error) {
	body, err := decode[messageBody](r)
	if err != nil {
		return chat.NewMessage{}, err
	}
	properties, err := chat.ParseProperties(body.Properties)
	return chat.NewMessage{
		Type:       body.Type,
		Body:       body.Body,
		GroupTag:   body.GroupTag,
		Properties: properties,
	}, err
}

func sendKeystrokes(r *request) (*reply, error) {
	body, err := decode[struct{ Keys string }](r)
	if err != nil {
		return nil, err
	}
	return confirmed, r.g.engine.SendKeystrokes(r.ctx, r.asker, r.channelID(), body.Keys)
}

func triggerEvent(r *request) (*reply, error) {
	body, err := decode[struct {
		Type       string
		Properties json.RawMessage
	}](r)
	if err != nil {
		return nil, err
	}
	event := chat.CustomEvent{Type: body.Type, Properties: body.Properties}
	return confirmed, r.g.engine.TriggerEvent(r.ctx, r.asker, r.channelID(), event)
}
