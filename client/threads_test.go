package client_test

import (
	"testing"

	"openkitty/client"
)

func TestAThreadIsTalkedInAndHeardAlone(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice, bob := join(t, s, "alice", client.UserHandlers{}), join(t, s, "bob", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	atBobs := must[*client.Channel](t)(bob.Channel(t.Context(), channel.ID))
	thread := must[*client.Thread](t)(alice.CreateThread(t.Context(), channel, client.NewThread{Name: "aside", Properties: []byte(`{"k":1}`)}))
	if thread.Type != client.StandaloneThread || thread.Name != "aside" || string(thread.Properties) != `{"k":1}` || thread.CreatedTime.IsZero() {
		t.Errorf("created %+v", thread)
	}
	onMessage, heard := hear[client.Message]()
	onKeys, keys := hear[client.Keystrokes]()
	onTyping, typing := hear[client.User]()
	onStopped, stopped := hear[client.User]()
	onChannel, inChannel := hear[client.Message]()
	must[*client.Chat](t)(alice.StartChat(t.Context(), channel, client.ChatHandlers{}))
	chat := must[*client.Chat](t)(bob.StartChat(t.Context(), atBobs, client.ChatHandlers{OnMessage: onChannel}))
	err := chat.SetThread(t.Context(), thread, client.ThreadHandlers{
		OnMessage: onMessage, OnKeystrokes: onKeys, OnTypingStarted: onTyping, OnTypingStopped: onStopped,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := alice.SendThreadKeystrokes(t.Context(), thread, "ps"); err != nil {
		t.Fatal(err)
	}
	if got := await(t, keys); got.Keys != "ps" || await(t, typing).Name != "alice" {
		t.Errorf("bob sees %+v", got)
	}
	must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "aloud"}))
	sent := must[client.Message](t)(alice.SendToThread(t.Context(), thread, client.NewMessage{Body: "psst"}))
	if got := await(t, heard); got.ID != sent.ID {
		t.Errorf("in the thread, bob hears %+v", got)
	}
	if first, second := await(t, inChannel), await(t, inChannel); first.Body != "aloud" || second.ID != sent.ID {
		t.Errorf("in the channel, bob hears %q and %q", first.Body, second.Body)
	}
	await(t, stopped)

	page := must[*client.Page[client.Thread]](t)(bob.Threads(t.Context(), atBobs, client.ThreadFilter{WithoutMain: true, Standalone: true}))
	if len(page.Items) != 1 || page.Items[0].ID != thread.ID {
		t.Errorf("the threads are %+v", page.Items)
	}
	all := must[*client.Page[client.Thread]](t)(bob.Threads(t.Context(), atBobs, client.ThreadFilter{}))
	if all.Total != 2 || all.Items[0].Type != client.MainThread {
		t.Errorf("all threads are %+v", all.Items)
	}
	if found := must[*client.Channel](t)(bob.ThreadChannel(t.Context(), thread)); found.ID != channel.ID {
		t.Errorf("the thread is in channel %d", found.ID)
	}
	_, err = bob.ThreadMessage(t.Context(), thread)
	checkRefusal(t, err, "MessageNotFoundError")
	if list := must[*client.Page[client.Message]](t)(bob.ThreadMessages(t.Context(), thread)); list.Total != 1 || list.Items[0].ID != sent.ID {
		t.Errorf("the thread has %+v", list.Items)
	}
	for _, want := range []bool{true, false} {
		if got := must[bool](t)(bob.CheckThreadUnread(t.Context(), thread)); got != want {
			t.Errorf("unread is %v, want %v", got, want)
		}
		if err := bob.ReadThread(t.Context(), thread); err != nil {
			t.Fatal(err)
		}
	}
	chat.End()
	if err := chat.SetThread(t.Context(), nil, client.ThreadHandlers{}); err != nil {
		t.Error(err)
	}
}

func TestAllMessagesAndAStretchOfThemAreRetrieved(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice := join(t, s, "alice", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	if got := must[client.ChannelContext](t)(alice.RetrieveChannelContext(t.Context(), channel, 0, 0)); got != (client.ChannelContext{}) {
		t.Errorf("an empty channel has the context %+v", got)
	}
	first := must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "one"}))
	second := must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "two"}))
	want := client.ChannelContext{Start: second.ID, End: first.ID}
	if got := must[client.ChannelContext](t)(alice.RetrieveChannelContext(t.Context(), channel, first.ID, second.ID)); got != want {
		t.Errorf("the context is %+v, want %+v", got, want)
	}
	if page := must[*client.Page[client.Message]](t)(alice.AllMessages(t.Context())); page.Total != 2 || page.Items[0].ID != second.ID {
		t.Errorf("all messages are %+v", page.Items)
	}
}

func TestModeratorsBlockAndReadReports(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onBlocked, blocked := hear[client.ChannelBlock]()
	onUnblocked, unblocked := hear[client.ChannelBlock]()
	alice, bob := join(t, s, "alice", client.UserHandlers{}), join(t, s, "bob", client.UserHandlers{})
	club := must[*client.Channel](t)(alice.CreateChannel(t.Context(), client.NewChannel{Type: client.Public, Members: client.Usernames("bob")}))
	must[*client.Chat](t)(alice.StartChat(t.Context(), club, client.ChatHandlers{OnMemberBlocked: onBlocked, OnMemberUnblocked: onUnblocked}))
	sent := must[client.Message](t)(alice.SendMessage(t.Context(), club, client.NewMessage{Body: "buy this"}))

	report := must[client.Report](t)(bob.ReportMessage(t.Context(), sent, client.NewReport{Reason: "spam", Properties: []byte(`{"k":1}`)}))
	if report.Reason != "spam" || report.User.Name != "bob" || string(report.Properties) != `{"k":1}` || report.CreatedTime.IsZero() {
		t.Errorf("reported %+v", report)
	}
	if page := must[*client.Page[client.Report]](t)(alice.Reports(t.Context(), sent)); page.Total != 1 || page.Items[0].Reason != "spam" {
		t.Errorf("the reports are %+v", page.Items)
	}
	if page := must[*client.Page[client.Message]](t)(alice.Messages(t.Context(), club)); page.Items[0].ReportCount != 1 {
		t.Errorf("the message has %d reports", page.Items[0].ReportCount)
	}
	if err := bob.RemoveReport(t.Context(), sent); err != nil {
		t.Error(err)
	}

	block := must[client.ChannelBlock](t)(alice.BlockChannelUser(t.Context(), club, client.UserRef{Username: "bob"}))
	if got := await(t, blocked); got.User.Name != "bob" || block.User.Name != "bob" || block.CreatedTime.IsZero() {
		t.Errorf("alice hears of the block of %s", got.User.Name)
	}
	if page := must[*client.Page[client.ChannelBlock]](t)(alice.ChannelBlocks(t.Context(), club, "BO")); page.Total != 1 {
		t.Errorf("the blocks are %+v", page.Items)
	}
	if seen := must[*client.Channel](t)(bob.Channel(t.Context(), club.ID)); seen.CanJoin() {
		t.Error("bob may join")
	}
	if err := alice.UnblockChannelUser(t.Context(), block); err != nil {
		t.Fatal(err)
	}
	if got := await(t, unblocked); got.User.Name != "bob" {
		t.Errorf("alice hears of the end of the block of %s", got.User.Name)
	}
}
