package client_test

import (
	"errors"
	"testing"

	"openkitty/client"
)

func TestWhatIsReadIsCountedListedAndHeardOf(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	ctx := t.Context()
	onCreated, created := hear[client.ReadReceipt]()
	onDeleted, deleted := hear[client.ReadReceipt]()
	onNotification, notified := hear[client.Notification]()
	alice := join(t, s, "alice", client.UserHandlers{OnReadReceiptCreated: onCreated, OnReadReceiptDeleted: onDeleted})
	bob := join(t, s, "bob", client.UserHandlers{OnNotificationReceived: onNotification})
	channel := direct(t, alice, "bob")
	onRead, read := hear[client.ReadReceipt]()
	onUnread, unread := hear[client.ReadReceipt]()
	must[*client.Chat](t)(alice.StartChat(ctx, channel, client.ChatHandlers{OnMessageRead: onRead, OnMessageUnread: onUnread}))
	message := must[client.Message](t)(alice.SendMessage(ctx, channel, client.NewMessage{Body: "hello"}))

	if n := await(t, notified); n.Type != client.MessageSent || n.Message == nil || n.Message.ID != message.ID || n.Channel.ID != channel.ID || n.Title != "alice" {
		t.Errorf("bob was notified: %+v", n)
	}
	counts := func(want int64) {
		t.Helper()
		if n := must[int64](t)(bob.CountUnreadMessages(ctx, channel)); n != want {
			t.Errorf("%d unread messages in the channel, want %d", n, want)
		}
		if n := must[int64](t)(bob.CountUnreadMessages(ctx, nil)); n != want {
			t.Errorf("%d unread messages, want %d", n, want)
		}
		if n := must[int64](t)(bob.CountUnreadChannels(ctx, client.Direct)); n != want {
			t.Errorf("%d unread channels, want %d", n, want)
		}
		if page := must[*client.Page[client.Channel]](t)(bob.Channels(ctx, client.ChannelFilter{Unread: true})); int64(len(page.Items)) != want {
			t.Errorf("%d unread channels are listed, want %d", len(page.Items), want)
		}
		if got := must[bool](t)(bob.CheckChannelUnread(ctx, channel)); got != (want > 0) {
			t.Errorf("unread: %v", got)
		}
	}
	counts(1)
	var refused *client.Error
	if _, err := alice.LastReadMessage(ctx, channel, "bob"); !errors.As(err, &refused) || refused.Name != "MessageNotFoundError" {
		t.Errorf("bob read %v", err)
	}

	if err := bob.ReadMessage(ctx, message); err != nil {
		t.Fatal(err)
	}
	counts(0)
	for _, heard := range []client.ReadReceipt{await(t, read), await(t, created)} {
		got := must[client.Message](t)(alice.ReadReceiptMessage(ctx, heard))
		if heard.User.Name != "bob" || heard.CreatedTime.IsZero() || got.ID != message.ID {
			t.Errorf("alice heard %+v of message %d", heard, got.ID)
		}
	}
	receipts := must[*client.Page[client.ReadReceipt]](t)(alice.ReadReceipts(ctx, message))
	last := must[client.Message](t)(alice.LastReadMessage(ctx, channel, "bob"))
	if len(receipts.Items) != 1 || receipts.Items[0].User.Name != "bob" || last.ID != message.ID {
		t.Errorf("receipts %+v, and bob last read %d", receipts.Items, last.ID)
	}

	if err := bob.UnreadMessage(ctx, message); err != nil {
		t.Fatal(err)
	}
	counts(1)
	if heard, also := await(t, unread), await(t, deleted); heard.User.Name != "bob" || also.User.Name != "bob" {
		t.Errorf("alice heard %+v and %+v", heard, also)
	}
	if err := bob.ReadChannel(ctx, channel); err != nil {
		t.Fatal(err)
	}
	counts(0)
}
