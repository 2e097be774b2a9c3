package client_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"openkitty/client"
	"openkitty/internal/config"
	"openkitty/internal/servertest"
)

// patience bounds the wait for what a real server does.
const patience = 10 * time.Second

// onlyData leaves out the links of messages.
var onlyData = cmpopts.IgnoreUnexported(client.Message{})

func startServer(t *testing.T) *servertest.Server {
	t.Helper()
	return servertest.Start(t, servertest.Options{Log: io.Discard})
}

// join starts a session that ends with the test.
func join(t *testing.T, s *servertest.Server, username string, handlers client.UserHandlers) *client.Client {
	t.Helper()
	c, err := client.Connect(t.Context(), client.Options{
		URL: s.URL, APIKey: s.APIKey(), Username: username, Handlers: handlers, Timeout: patience,
		Backoff: client.Backoff{Min: 10 * time.Millisecond, Max: 100 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// await returns the next of what a handler heard.
func await[T any](t *testing.T, heard <-chan T) T {
	t.Helper()
	select {
	case value := <-heard:
		return value
	case <-time.After(patience):
		t.Fatal("nothing was heard")
		panic("unreachable")
	}
}

// hear makes a handler and the channel that it fills.
func hear[T any]() (func(T), <-chan T) {
	heard := make(chan T, 1024)
	return func(value T) { heard <- value }, heard
}

func direct(t *testing.T, c *client.Client, names ...string) *client.Channel {
	t.Helper()
	return must[*client.Channel](t)(c.CreateChannel(t.Context(), client.NewChannel{Type: client.Direct, Members: client.Usernames(names...)}))
}

func TestTwoUsersConverse(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onJoined, joined := hear[client.Channel]()
	alice := join(t, s, "alice", client.UserHandlers{})
	bob := join(t, s, "bob", client.UserHandlers{OnChannelJoined: onJoined})

	channel := direct(t, alice, "bob")
	if got := await(t, joined); got.ID != channel.ID || len(got.Members) != 2 {
		t.Errorf("bob joined %+v", got)
	}
	atBobs := must[*client.Channel](t)(bob.Channel(t.Context(), channel.ID))

	onMessage, messages := hear[client.Message]()
	onKeys, keys := hear[client.Keystrokes]()
	onTyping, typing := hear[client.User]()
	onPause, pause := hear[client.User]()
	onEntered, entered := hear[client.User]()
	onLeft, left := hear[client.User]()
	must[*client.Chat](t)(bob.StartChat(t.Context(), atBobs, client.ChatHandlers{
		OnMessage: onMessage, OnKeystrokes: onKeys, OnTypingStarted: onTyping, OnTypingStopped: onPause,
		OnParticipantEntered: onEntered, OnParticipantLeft: onLeft,
	}))
	onOwn, own := hear[client.Message]()
	chat := must[*client.Chat](t)(alice.StartChat(t.Context(), channel, client.ChatHandlers{OnMessage: onOwn}))
	if got := await(t, entered); got.Name != "alice" {
		t.Errorf("%s entered", got.Name)
	}

	if err := chat.SendKeystrokes(t.Context(), "hel"); err != nil {
		t.Fatal(err)
	}
	if got := await(t, keys); got != (client.Keystrokes{Username: "alice", Keys: "hel"}) {
		t.Errorf("bob saw %+v", got)
	}
	if got := await(t, typing); got.Name != "alice" {
		t.Errorf("%s types", got.Name)
	}
	sent := must[client.Message](t)(chat.Send(t.Context(), client.NewMessage{
		Body: "hello: bob\n日本 🐈", GroupTag: "tag", Properties: []byte(`{"k":[1]}`),
	}))
	if got := await(t, pause); got.Name != "alice" {
		t.Errorf("%s paused", got.Name)
	}
	received := await(t, messages)
	if diff := cmp.Diff(sent, received, onlyData); diff != "" {
		t.Errorf("message (-sent +received):\n%s", diff)
	}
	if diff := cmp.Diff(sent, await(t, own), onlyData); diff != "" {
		t.Errorf("message (-sent +heard by its sender):\n%s", diff)
	}
	if sent.Body != "hello: bob\n日本 🐈" || sent.GroupTag != "tag" || string(sent.Properties) != `{"k":[1]}` || sent.User.Name != "alice" {
		t.Errorf("sent %+v", sent)
	}

	page := must[*client.Page[client.Message]](t)(bob.Messages(t.Context(), atBobs))
	if diff := cmp.Diff([]client.Message{sent}, page.Items, onlyData); diff != "" {
		t.Errorf("messages (-sent +listed):\n%s", diff)
	}
	chat.End()
	if got := await(t, left); got.Name != "alice" {
		t.Errorf("%s left", got.Name)
	}
}

func TestAMessageMayBeSentWithoutAChat(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice := join(t, s, "alice", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	sent := must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "hello"}))
	again := must[*client.Channel](t)(alice.Channel(t.Context(), channel.ID))
	if again.LastReceivedMessage == nil || again.LastReceivedMessage.ID != sent.ID {
		t.Errorf("the last message is %+v, want number %d", again.LastReceivedMessage, sent.ID)
	}
}

func TestAMessageMayBeSentByAChatThatHearsNone(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice := join(t, s, "alice", client.UserHandlers{})
	chat := must[*client.Chat](t)(alice.StartChat(t.Context(), direct(t, alice, "bob"), client.ChatHandlers{}))
	if sent := must[client.Message](t)(chat.Send(t.Context(), client.NewMessage{Body: "hello"})); sent.ChannelID != chat.Channel().ID {
		t.Errorf("sent %+v", sent)
	}
}

func TestThereIsOneDirectChannelForASetOfUsers(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice, bob := join(t, s, "alice", client.UserHandlers{}), join(t, s, "bob", client.UserHandlers{})
	first, second := direct(t, alice, "bob"), direct(t, bob, "alice")
	if first.ID != second.ID {
		t.Errorf("alice got channel %d, bob channel %d", first.ID, second.ID)
	}
}

func TestPagesTurnBothWays(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice := join(t, s, "alice", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	const count = 60
	var all []string
	for number := range count {
		body := fmt.Sprint("message ", number)
		must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: body}))
		all = append(all, body)
	}
	slices.Reverse(all) // the newest first

	page := must[*client.Page[client.Message]](t)(alice.Messages(t.Context(), channel))
	if page.Total != count || page.HasPrev() {
		t.Errorf("the first of %d messages has a page before it: %v", page.Total, page.HasPrev())
	}
	if _, err := page.Prev(t.Context()); !errors.Is(err, client.ErrNoPage) {
		t.Errorf("before the first page: %v", err)
	}
	listed := bodies(page)
	for page.HasNext() {
		page = must[*client.Page[client.Message]](t)(page.Next(t.Context()))
		listed = append(listed, bodies(page)...)
	}
	if diff := cmp.Diff(all, listed); diff != "" {
		t.Errorf("forwards (-want +got):\n%s", diff)
	}
	if _, err := page.Next(t.Context()); !errors.Is(err, client.ErrNoPage) {
		t.Errorf("after the last page: %v", err)
	}
	listed = bodies(page)
	for page.HasPrev() {
		page = must[*client.Page[client.Message]](t)(page.Prev(t.Context()))
		listed = append(bodies(page), listed...)
	}
	if diff := cmp.Diff(all, listed); diff != "" {
		t.Errorf("backwards (-want +got):\n%s", diff)
	}
}

func bodies(page *client.Page[client.Message]) (list []string) {
	for _, message := range page.Items {
		list = append(list, message.Body)
	}
	return list
}

func TestChannelsAreListedByMembershipAndName(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice, bob := join(t, s, "alice", client.UserHandlers{}), join(t, s, "bob", client.UserHandlers{})
	for _, request := range []client.NewChannel{
		{Type: client.Public, Name: "town square", DisplayName: "Town Square", Properties: []byte(`{"a":1}`)},
		{Type: client.Public, Name: "town hall", Members: client.Usernames("bob")},
		{Type: client.Private, Name: "attic"},
	} {
		must[*client.Channel](t)(alice.CreateChannel(t.Context(), request))
	}
	for name, list := range map[string]struct {
		client *client.Client
		filter client.ChannelFilter
		want   []string
	}{
		"joined":               {alice, client.ChannelFilter{}, []string{"attic", "town hall", "town square"}},
		"joined, by name":      {alice, client.ChannelFilter{Name: "TOWN"}, []string{"town hall", "town square"}},
		"joined as invited":    {bob, client.ChannelFilter{}, []string{"town hall"}},
		"joinable":             {bob, client.ChannelFilter{Joinable: true}, []string{"town square"}},
		"joinable, by name":    {bob, client.ChannelFilter{Joinable: true, Name: "hall"}, nil},
		"joinable by a member": {alice, client.ChannelFilter{Joinable: true}, nil},
	} {
		var names []string
		for _, channel := range must[*client.Page[client.Channel]](t)(list.client.Channels(t.Context(), list.filter)).Items {
			names = append(names, channel.Name)
		}
		slices.Sort(names)
		if diff := cmp.Diff(list.want, names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMembersAreListed(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	alice := join(t, s, "alice", client.UserHandlers{})
	var names []string
	for number := range 30 {
		names = append(names, fmt.Sprintf("user %02d", number))
	}
	channel := must[*client.Channel](t)(alice.CreateChannel(t.Context(), client.NewChannel{Type: client.Private, Members: client.Usernames(names...)}))
	if channel.Creator == nil || channel.Creator.Name != "alice" {
		t.Errorf("the creator is %+v", channel.Creator)
	}
	page := must[*client.Page[client.User]](t)(alice.Members(t.Context(), channel))
	var listed []string
	for {
		for _, user := range page.Items {
			listed = append(listed, user.Name)
		}
		if !page.HasNext() {
			break
		}
		page = must[*client.Page[client.User]](t)(page.Next(t.Context()))
	}
	slices.Sort(listed)
	if diff := cmp.Diff(append([]string{"alice"}, names...), listed); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

func TestWhatTheServerRefusesIsAnError(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	_, err := client.Connect(t.Context(), client.Options{URL: s.URL, APIKey: "wrong", Username: "alice"})
	checkRefusal(t, err, "AccessDeniedError")

	alice, eve := join(t, s, "alice", client.UserHandlers{}), join(t, s, "eve", client.UserHandlers{})
	channel := direct(t, alice, "bob")
	_, err = eve.Channel(t.Context(), channel.ID)
	checkRefusal(t, err, "ChannelNotFoundError")
	_, err = eve.Channel(t.Context(), channel.ID+1000)
	checkRefusal(t, err, "ChannelNotFoundError")
	_, err = eve.SendMessage(t.Context(), channel, client.NewMessage{Body: "let me in"})
	checkRefusal(t, err, "ChannelNotFoundError")
	_, err = alice.SendMessage(t.Context(), channel, client.NewMessage{})
	checkRefusal(t, err, "InvalidRequestError")
	_, err = alice.SendMessage(t.Context(), channel, client.NewMessage{Body: strings.Repeat("x", 100<<10)})
	checkRefusal(t, err, "MessageTooLargeError")
	_, err = alice.CreateChannel(t.Context(), client.NewChannel{Type: client.Direct})
	checkRefusal(t, err, "DirectChannelMembersError")
	must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "still here"}))
}

func TestPresenceIsHeardAcrossChannels(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Log: io.Discard, Change: func(settings *config.Serve) {
		settings.Grace = 10 * time.Millisecond
	}})
	onPresence, presence := hear[client.User]()
	onTyping, typing := hear[client.User]()
	alice := join(t, s, "alice", client.UserHandlers{OnUserPresenceChanged: onPresence, OnParticipantStartedTyping: onTyping})
	channel := direct(t, alice, "bob")
	bob := join(t, s, "bob", client.UserHandlers{})
	if got := await(t, presence); got.Name != "bob" || !got.Presence.Online {
		t.Errorf("alice heard of %+v", got)
	}
	atBobs := must[*client.Channel](t)(bob.Channel(t.Context(), channel.ID))
	chat := must[*client.Chat](t)(bob.StartChat(t.Context(), atBobs, client.ChatHandlers{}))
	if err := chat.SendKeystrokes(t.Context(), "h"); err != nil {
		t.Fatal(err)
	}
	if got := await(t, typing); got.Name != "bob" {
		t.Errorf("%s types", got.Name)
	}
	bob.Close()
	if got := await(t, presence); got.Name != "bob" || got.Presence.Online {
		t.Errorf("alice heard of %+v", got)
	}
}

func TestEverybodyHearsAChannelInTheSameOrder(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	const members, each = 4, 50
	names := []string{"user 1", "user 2", "user 3"}
	clients := []*client.Client{join(t, s, "user 0", client.UserHandlers{})}
	channel := direct(t, clients[0], names...)
	for _, name := range names {
		clients = append(clients, join(t, s, name, client.UserHandlers{}))
	}

	var senders sync.WaitGroup
	var heard []<-chan client.Message
	var chats []*client.Chat
	for _, c := range clients {
		onMessage, messages := hear[client.Message]()
		heard = append(heard, messages)
		mine := must[*client.Channel](t)(c.Channel(t.Context(), channel.ID))
		chats = append(chats, must[*client.Chat](t)(c.StartChat(t.Context(), mine, client.ChatHandlers{OnMessage: onMessage})))
	}
	for _, chat := range chats {
		senders.Go(func() {
			for number := range each {
				if _, err := chat.Send(t.Context(), client.NewMessage{Body: fmt.Sprint(number)}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	senders.Wait()
	var first []client.MessageID
	for i, messages := range heard {
		var ids []client.MessageID
		for range members * each {
			ids = append(ids, await(t, messages).ID)
		}
		if i == 0 {
			first = ids
		}
		if diff := cmp.Diff(first, ids); diff != "" {
			t.Errorf("member %d (-member 0 +member %d):\n%s", i, i, diff)
		}
	}
}

func TestAClientSurvivesARestartOfItsServer(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onState, states := hear[client.State]()
	onMessage, messages := hear[client.Message]()
	alice, bob := join(t, s, "alice", client.UserHandlers{}), join(t, s, "bob", client.UserHandlers{OnStateChanged: onState})
	channel := direct(t, alice, "bob")
	atBobs := must[*client.Channel](t)(bob.Channel(t.Context(), channel.ID))
	must[*client.Chat](t)(bob.StartChat(t.Context(), atBobs, client.ChatHandlers{OnMessage: onMessage}))
	must[client.Message](t)(alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "before"}))
	if got := await(t, messages); got.Body != "before" {
		t.Errorf("bob heard %+v", got)
	}

	s.Restart()
	for _, want := range []client.Status{client.Connected, client.Reconnecting, client.Connected} {
		got := await(t, states)
		if got.Status == client.CatchingUp { // the acknowledgement was still on its way
			got = await(t, states)
		}
		if got.Status != want {
			t.Fatalf("the state is %+v, want %s", got, want)
		}
	}
	if _, err := alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "after"}); err != nil {
		t.Fatal(err)
	}
	if got := await(t, messages); got.Body != "after" {
		t.Errorf("bob heard %+v", got)
	}
}

// Not parallel: it looks at the goroutines of all clients.
func TestClosedClientsLeaveNothingBehind(t *testing.T) {
	s := startServer(t)
	for range 3 {
		var clients []*client.Client
		for number := range 20 {
			c := join(t, s, fmt.Sprintf("user %d", number), client.UserHandlers{OnCurrentUserChanged: func(client.CurrentUser) {}})
			clients = append(clients, c)
		}
		if len(clientGoroutines()) == 0 {
			t.Fatal("no goroutine of the clients is seen")
		}
		for _, c := range clients {
			c.Close()
		}
		for end := time.Now().Add(patience); len(clientGoroutines()) > 0; runtime.Gosched() {
			if time.Now().After(end) {
				t.Fatalf("left behind:\n%s", strings.Join(clientGoroutines(), "\n\n"))
			}
		}
	}
}

// clientGoroutines returns the stacks of goroutines in the client.
func clientGoroutines() (stacks []string) {
	text := make([]byte, 4<<20)
	for stack := range strings.SplitSeq(string(text[:runtime.Stack(text, true)]), "\n\n") {
		if strings.Contains(stack, "openkitty/client.(*") {
			stacks = append(stacks, stack)
		}
	}
	return stacks
}

func TestNoMembershipIsMissedWhenManyComeAtOnce(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	onJoined, joined := hear[client.Channel]()
	join(t, s, "bob", client.UserHandlers{OnChannelJoined: onJoined})
	const creators, each = 8, 25
	var creating sync.WaitGroup
	for number := range creators {
		c := join(t, s, fmt.Sprint("creator ", number), client.UserHandlers{})
		creating.Go(func() {
			for range each {
				if _, err := c.CreateChannel(t.Context(), client.NewChannel{Type: client.Private, Members: client.Usernames("bob")}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	creating.Wait()
	heard := map[client.ChannelID]bool{}
	for range creators * each {
		heard[await(t, joined).ID] = true
	}
	if len(heard) != creators*each {
		t.Errorf("bob heard of %d channels, want %d", len(heard), creators*each)
	}
}
