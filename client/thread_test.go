package client_test

import (
	"errors"
	"testing"

	"openkitty/client"
)

func TestMessagesAreEditedRepliedToAndDeleted(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice, bob := join(t, s, "alice", client.UserHandlers{}), join(t, s, "bob", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	onUpdated, updated := hear[client.Message]()
	onDeleted, deleted := hear[client.Message]()
	atBobs := must[*client.Channel](t)(bob.Channel(t.Context(), channel.ID))
	must[*client.Chat](t)(bob.StartChat(t.Context(), atBobs, client.ChatHandlers{OnMessageUpdated: onUpdated, OnMessageDeleted: onDeleted}))

	sent := must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "see https://example.org"}))
	if len(sent.Links) != 1 || sent.Links[0] != (client.Link{Source: "https://example.org", StartPosition: 4, EndPosition: 23}) {
		t.Errorf("the links are %+v", sent.Links)
	}
	edited := must[client.Message](t)(alice.EditMessage(t.Context(), sent, "🐈 <@bob>"))
	heard := await(t, updated)
	if heard.Body != "🐈 <@bob>" || heard.LastEditedTime.IsZero() || !heard.LastEditedTime.Equal(edited.LastEditedTime) {
		t.Errorf("bob heard of %+v", heard)
	}
	if m := heard.Mentions; len(m) != 1 || m[0].StartPosition != 3 || m[0].EndPosition != 9 || m[0].Tag != "<@bob>" || m[0].User.Name != "bob" {
		t.Errorf("the mentions are %+v", m)
	}
	described := must[client.Message](t)(alice.UpdateMessageProperties(t.Context(), sent, []byte(`{"k":1}`)))
	if string(described.Properties) != `{"k":1}` || string(await(t, updated).Properties) != `{"k":1}` {
		t.Errorf("the properties are %s", described.Properties)
	}

	reply := must[client.Message](t)(bob.Reply(t.Context(), heard, client.NewMessage{Body: "meow"}))
	if parent := must[client.Message](t)(bob.Parent(t.Context(), reply)); !reply.IsReply() || parent.ID != sent.ID || parent.RepliesCount != 1 {
		t.Errorf("%+v replies to %+v", reply, parent)
	}
	if _, err := bob.Parent(t.Context(), sent); !errors.Is(err, client.ErrNotOffered) {
		t.Errorf("the parent of what is no reply: %v", err)
	}
	if page := must[*client.Page[client.Message]](t)(alice.Replies(t.Context(), sent)); len(page.Items) != 1 || page.Items[0].ID != reply.ID {
		t.Errorf("the replies are %+v", page.Items)
	}
	if page := must[*client.Page[client.Message]](t)(alice.MainThread(t.Context(), channel)); len(page.Items) != 1 || page.Items[0].ID != sent.ID {
		t.Errorf("the main thread is %+v", page.Items)
	}
	if found := must[*client.Channel](t)(bob.MessageChannel(t.Context(), reply)); found.ID != channel.ID {
		t.Errorf("the reply is in channel %d", found.ID)
	}

	if err := alice.DeleteMessageForMe(t.Context(), reply); err != nil {
		t.Error(err)
	}
	if err := alice.DeleteMessage(t.Context(), sent); err != nil {
		t.Error(err)
	}
	if gone := await(t, deleted); gone.ID != sent.ID || gone.Body != "" {
		t.Errorf("bob heard that %+v was deleted", gone)
	}
	if page := must[*client.Page[client.Message]](t)(alice.Messages(t.Context(), channel)); len(page.Items) != 0 || page.Total != 0 {
		t.Errorf("alice still lists %+v", page.Items)
	}
	if page := must[*client.Page[client.Message]](t)(bob.Messages(t.Context(), channel)); len(page.Items) != 1 {
		t.Errorf("bob lists %+v", page.Items)
	}
}

func TestReactionsAreMadeAndTakenBack(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice, bob := join(t, s, "alice", client.UserHandlers{}), join(t, s, "bob", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	onAdded, added := hear[client.Reaction]()
	onRemoved, removed := hear[client.Reaction]()
	must[*client.Chat](t)(alice.StartChat(t.Context(), channel, client.ChatHandlers{OnReactionAdded: onAdded, OnReactionRemoved: onRemoved}))
	sent := must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "cake"}))

	made := must[client.Reaction](t)(bob.React(t.Context(), sent, "tada"))
	heard := await(t, added)
	if heard.Emoji.Character != "🎉" || heard.User.Name != "bob" || !heard.CreatedTime.Equal(made.CreatedTime) {
		t.Errorf("alice heard of %+v, bob made %+v", heard, made)
	}
	message := must[client.Message](t)(alice.ReactionMessage(t.Context(), heard))
	if r := message.Reactions; len(r) != 1 || r[0].Count != 1 || r[0].Emoji.Aliases[0] != "tada" || r[0].Users[0].Name != "bob" {
		t.Errorf("the message has the reactions %+v", r)
	}
	if page := must[*client.Page[client.Reaction]](t)(bob.Reactions(t.Context(), sent)); len(page.Items) != 1 || page.Total != 1 {
		t.Errorf("listed %+v", page.Items)
	}
	must[client.Reaction](t)(bob.RemoveReaction(t.Context(), sent, "🎉"))
	if gone := await(t, removed); gone.User.Name != "bob" {
		t.Errorf("alice heard that %+v was taken back", gone)
	}
	var refused *client.Error
	if _, err := bob.React(t.Context(), sent, "nonsense"); !errors.As(err, &refused) || refused.Name != "UnknownEmojiError" {
		t.Errorf("an unknown alias: %v", err)
	}
}
