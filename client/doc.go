// Package client lets a Go program chat through an OpenKitty or ChatKitty
// server: start a session as a user, create and list channels, send messages,
// and hear in real time what others say.
//
// A [Client] is one session of one user. Its names are those of the JavaScript
// SDK (@chatkitty/core), its manners those of Go: calls take a context and
// return an error, listeners are functions in a struct of handlers.
//
//	c, err := client.Connect(ctx, client.Options{
//		URL: "http://127.0.0.1:8080", APIKey: key, Username: "alice",
//	})
//	...
//	defer c.Close()
//	channel, err := c.CreateChannel(ctx, client.NewChannel{
//		Type: client.Direct, Members: client.Usernames("bob"),
//	})
//	...
//	chat, err := c.StartChat(ctx, channel, client.ChatHandlers{
//		OnMessage: func(m client.Message) { fmt.Println(m.User.Name, m.Body) },
//	})
//	...
//	_, err = chat.Send(ctx, client.NewMessage{Body: "hello"})
//
// # Errors
//
// What the server refuses is an [*Error], to be told apart by its Name. A call
// never hangs: it ends with its context, and after [Options].Timeout at the
// latest.
//
// # Lost connections
//
// When the connection is lost, the client connects again by itself, at growing
// intervals (see [Backoff]), under the identity of the same session and with the
// same subscriptions. Calls in flight are made again then, and performed once;
// calls made meanwhile wait. Only what is about the moment, keystrokes and
// events of the application's own, fails with [ErrDisconnected], and so do calls
// whose time is over, and uploads: whether the server did what they asked is
// unknown. The client gives up only when the server refuses it for good.
//
// What happened meanwhile is told to the handlers, in order, before what happens
// now. [UserHandlers].OnStateChanged tells of all this, [Client.State] how much is
// still missing, and [UserHandlers].OnEventsLost what can't be told any more.
//
// # Handlers
//
// Handlers run one at a time, in the order in which the server sent the events;
// the messages of a channel come in the order of the channel. An event that the
// server repeats after a lost connection runs its handler once. Each event is
// acknowledged after its handler returned, within 100 ms.
//
// At most [Options].QueueSize events wait for their handlers. When that many
// wait, the client stops reading from the server until there is room, and so do
// the answers to its calls: a handler may call the client, but one that calls
// for every event should be able to keep up, or start a goroutine.
package client
