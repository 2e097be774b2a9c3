package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"openkitty/client"
	"openkitty/internal/servertest"
)

// examples is the test to which the server of the examples belongs, since they
// have none of their own. It ends after all of them.
type examples struct {
	testing.TB // panics for what a server does not need

	directory string
	mu        sync.Mutex
	ending    []func()
}

func (e *examples) Helper()                      {}
func (e *examples) TempDir() string              { return e.directory }
func (e *examples) Context() context.Context     { return context.Background() }
func (e *examples) Errorf(text string, v ...any) { log.Printf(text, v...) }
func (e *examples) Fatalf(text string, v ...any) { log.Panicf(text, v...) }
func (e *examples) Cleanup(end func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ending = append(e.ending, end)
}

var shared examples

// server is started by the first example.
var server = sync.OnceValue(func() *servertest.Server {
	directory, err := os.MkdirTemp("", "openkitty-examples-")
	if err != nil {
		log.Panic(err)
	}
	shared.directory = directory
	shared.Cleanup(func() { _ = os.RemoveAll(directory) })
	return servertest.Start(&shared, servertest.Options{Log: io.Discard})
})

func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(shared.ending) - 1; i >= 0; i-- {
		shared.ending[i]()
	}
	os.Exit(code)
}

// connect starts a session on the server of the examples.
func connect(ctx context.Context, username string) (*client.Client, error) {
	return client.Connect(ctx, client.Options{URL: server().URL, APIKey: server().APIKey(), Username: username})
}

// Start a session and see who you are.
func ExampleConnect() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := client.Connect(ctx, client.Options{
		URL:      server().URL,
		APIKey:   server().APIKey(),
		Username: "ada",
		Handlers: client.UserHandlers{
			OnStateChanged: func(s client.State) {
				if s.Status == client.Reconnecting {
					log.Println("connection lost:", s.Reason)
				}
			},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Println(c.CurrentUser().Name, c.State().Status)
	// Output: ada connected
}

// Be honest with the user about what they see: an application that shows a
// channel says so while it is not up to date.
func ExampleClient_State() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	show := func(s client.State) {
		switch s.Status {
		case client.Reconnecting:
			log.Println("offline:", s.Reason)
		case client.CatchingUp:
			log.Printf("catching up, at most %d changes are missing", s.Behind)
		case client.Connected:
			log.Println("up to date")
		}
	}
	c, err := client.Connect(ctx, client.Options{
		URL: server().URL, APIKey: server().APIKey(), Username: "ada",
		Handlers: client.UserHandlers{OnStateChanged: show},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	state := c.State()
	fmt.Println(state.Status, state.Behind)
	// Output: connected 0
}

// Read again what an application shows, if the client was away for longer than
// the server keeps what happened.
func ExampleEventsLost() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	stale := make(chan string, 1)
	c, err := client.Connect(ctx, client.Options{
		URL: server().URL, APIKey: server().APIKey(), Username: "ada",
		Handlers: client.UserHandlers{OnEventsLost: func(lost client.EventsLost) {
			select {
			case stale <- lost.Topic: // as /topic/channels/7.messages
			default: // everything is read again anyway
			}
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	select {
	case topic := <-stale:
		fmt.Println("read again what is shown of", topic)
	default:
		fmt.Println("nothing is lost")
	}
	// Output: nothing is lost
}

// Tell what the server refuses from what went wrong on the way.
func ExampleError() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := client.Connect(ctx, client.Options{URL: server().URL, APIKey: "no such key", Username: "ada"})
	var refusal *client.Error
	if errors.As(err, &refusal) {
		fmt.Println("refused:", refusal.Name)
	}
	// Output: refused: AccessDeniedError
}

// Talk with somebody.
func ExampleClient_StartChat() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	grace, err := connect(ctx, "grace")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer grace.Close()
	channel, err := grace.CreateChannel(ctx, client.NewChannel{Type: client.Direct, Members: client.Usernames("linus")})
	if err != nil {
		fmt.Println(err)
		return
	}
	heard := make(chan client.Message, 1)
	chat, err := grace.StartChat(ctx, channel, client.ChatHandlers{
		OnMessage: func(m client.Message) { heard <- m },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer chat.End()
	if _, err := chat.Send(ctx, client.NewMessage{Body: "Hello, Linus!"}); err != nil {
		fmt.Println(err)
		return
	}
	message := <-heard
	fmt.Printf("%s: %s\n", message.User.Name, message.Body)
	// Output: grace: Hello, Linus!
}

// Let those who chat in a channel know of something that only your application
// understands.
func ExampleClient_TriggerEvent() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	radia, err := connect(ctx, "radia")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer radia.Close()
	channel, err := radia.CreateChannel(ctx, client.NewChannel{Type: client.Public})
	if err != nil {
		fmt.Println(err)
		return
	}
	heard := make(chan client.CustomEvent, 1)
	chat, err := radia.StartChat(ctx, channel, client.ChatHandlers{
		OnEvent: func(e client.CustomEvent) { heard <- e },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer chat.End()
	if err := radia.TriggerEvent(ctx, channel, "wave", map[string]string{"hand": "left"}); err != nil {
		fmt.Println(err)
		return
	}
	event := <-heard
	fmt.Println(event.User.Name, event.Type, string(event.Properties))
	// Output: radia wave {"hand":"left"}
}

// Read a list to its end.
func ExamplePage_Next() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := connect(ctx, "alan")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	for number := range 40 {
		if _, err := c.CreateChannel(ctx, client.NewChannel{Type: client.Private, DisplayName: fmt.Sprint("Room ", number)}); err != nil {
			fmt.Println(err)
			return
		}
	}
	page, err := c.Channels(ctx, client.ChannelFilter{})
	seen := 0
	for err == nil {
		seen += len(page.Items)
		page, err = page.Next(ctx)
	}
	fmt.Println(seen, "channels;", err)
	// Output: 40 channels; there is no such page
}

// Hear of channels that others put you into.
func ExampleUserHandlers() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	joined := make(chan client.Channel, 1)
	edsger, err := client.Connect(ctx, client.Options{
		URL: server().URL, APIKey: server().APIKey(), Username: "edsger",
		Handlers: client.UserHandlers{OnChannelJoined: func(ch client.Channel) { joined <- ch }},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer edsger.Close()
	barbara, err := connect(ctx, "barbara")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer barbara.Close()
	if _, err := barbara.CreateChannel(ctx, client.NewChannel{
		Type: client.Private, DisplayName: "Abstractions", Members: client.Usernames("edsger"),
	}); err != nil {
		fmt.Println(err)
		return
	}
	channel := <-joined
	fmt.Println(channel.DisplayName, "by", channel.Creator.Name)
	// Output: Abstractions by barbara
}

// Found a club, and leave it to others.
func ExampleClient_InviteUser() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	margaret, err := connect(ctx, "margaret")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer margaret.Close()
	club, err := margaret.CreateChannel(ctx, client.NewChannel{Type: client.Private, DisplayName: "Software"})
	if err != nil {
		fmt.Println(err)
		return
	}
	katherine, err := margaret.InviteUser(ctx, club, client.UserRef{Username: "katherine"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := margaret.AddChannelModerator(ctx, club, client.UserRef{ID: katherine.ID}); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := margaret.LeaveChannel(ctx, club); err != nil {
		fmt.Println(err)
		return
	}
	var refusal *client.Error
	if _, err = margaret.Channel(ctx, club.ID); errors.As(err, &refusal) {
		fmt.Println(katherine.Name, "runs it now; for others:", refusal.Name)
	}
	// Output: katherine runs it now; for others: ChannelNotFoundError
}

// Change what others see of you.
func ExampleClient_UpdateCurrentUser() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := connect(ctx, "hedy")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	user, err := c.UpdateCurrentUser(ctx, client.UserChange{DisplayName: "Hedy Lamarr", Status: client.DoNotDisturb})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Name, "is", user.DisplayName, user.Presence.Status)
	// Output: hedy is Hedy Lamarr DO_NOT_DISTURB
}

// Block a user, and unblock everybody again.
func ExampleClient_BlockUser() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := connect(ctx, "emmy")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	channel, err := c.CreateChannel(ctx, client.NewChannel{Type: client.Direct, Members: client.Usernames("pest")})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, member := range channel.Members {
		if member.Name == "pest" {
			err = c.BlockUser(ctx, member.ID)
		}
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.SendMessage(ctx, channel, client.NewMessage{Body: "Go away."})
	var refused *client.Error
	fmt.Println(errors.As(err, &refused) && refused.Name == "UserBlockedError")
	blocked, err := c.UserBlocks(ctx, client.UserFilter{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, block := range blocked.Items {
		fmt.Println("unblocks", block.User.Name, c.UnblockUser(ctx, block))
	}
	// Output:
	// true
	// unblocks pest <nil>
}

// Talk about something else without disturbing those who don't care.
func ExampleClient_CreateThread() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dorothy, err := connect(ctx, "dorothy")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dorothy.Close()
	channel, err := dorothy.CreateChannel(ctx, client.NewChannel{Type: client.Public})
	if err != nil {
		fmt.Println(err)
		return
	}
	thread, err := dorothy.CreateThread(ctx, channel, client.NewThread{Name: "lunch"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := dorothy.SendToThread(ctx, thread, client.NewMessage{Body: "Who is hungry?"}); err != nil {
		fmt.Println(err)
		return
	}
	main, err := dorothy.MainThread(ctx, channel)
	if err != nil {
		fmt.Println(err)
		return
	}
	lunch, err := dorothy.ThreadMessages(ctx, thread)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(main.Items), "in the main thread,", len(lunch.Items), "about", thread.Name)
	// Output: 0 in the main thread, 1 about lunch
}

// Keep somebody out of a group.
func ExampleClient_BlockChannelUser() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	frances, err := connect(ctx, "frances")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer frances.Close()
	club, err := frances.CreateChannel(ctx, client.NewChannel{Type: client.Public, Members: client.Usernames("troll")})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := frances.BlockChannelUser(ctx, club, client.UserRef{Username: "troll"}); err != nil {
		fmt.Println(err)
		return
	}
	_, err = frances.InviteUser(ctx, club, client.UserRef{Username: "troll"})
	var refused *client.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Name)
	}
	// Output: BlockedInChannelError
}

// Upload a file as a message, and download it again.
func ExampleClient_SendFile() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ada, err := connect(ctx, "ada")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ada.Close()
	channel, err := ada.CreateChannel(ctx, client.NewChannel{Type: client.Direct, Members: client.Usernames("basho")})
	if err != nil {
		fmt.Println(err)
		return
	}
	message, err := ada.SendFile(ctx, channel, client.NewFile{
		Name: "haiku.txt", ContentType: "text/plain", Content: strings.NewReader("An old silent pond"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := ada.Download(ctx, *message.File)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	fmt.Println(message.File.Name, message.File.Size, string(text), err)
	// Output: haiku.txt 18 An old silent pond <nil>
}

// Show what is unread, and read it.
func ExampleClient_CountUnreadMessages() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	notified := make(chan client.Notification, 1)
	grete, err := connect(ctx, "grete")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer grete.Close()
	channel, err := grete.CreateChannel(ctx, client.NewChannel{Type: client.Direct, Members: client.Usernames("karen")})
	if err != nil {
		fmt.Println(err)
		return
	}
	karen, err := client.Connect(ctx, client.Options{
		URL:      server().URL,
		APIKey:   server().APIKey(),
		Username: "karen",
		Handlers: client.UserHandlers{OnNotificationReceived: func(n client.Notification) { notified <- n }},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer karen.Close()
	if _, err := grete.SendMessage(ctx, channel, client.NewMessage{Body: "Are you there?"}); err != nil {
		fmt.Println(err)
		return
	}
	notification := <-notified
	fmt.Println(notification.Title, "wrote:", notification.Body)
	unread, err := karen.CountUnreadMessages(ctx, nil)
	fmt.Println(unread, err)
	fmt.Println(karen.ReadChannel(ctx, notification.Channel))
	unread, err = karen.CountUnreadMessages(ctx, nil)
	fmt.Println(unread, err)
	// Output:
	// grete wrote: Are you there?
	// 1 <nil>
	// <nil>
	// 0 <nil>
}
