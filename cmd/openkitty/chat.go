package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"openkitty/client"
	"openkitty/internal/config"
	"openkitty/internal/engine"
	"openkitty/internal/server"
)

// chatCommand is a conversation of two in terminals, to try a server with.
type chatCommand struct {
	config.Storage
	As     string `required:"" placeholder:"NAME" help:"Who you are."`
	With   string `required:"" placeholder:"NAME" help:"Whom to talk to."`
	URL    string `default:"http://127.0.0.1:8080" help:"Address of the server."`
	APIKey string `name:"api-key" help:"API key; empty for the first application in --data."`
}

func (c chatCommand) Run(ctx context.Context, t terminal) error {
	key, err := c.apiKey(ctx, t)
	if err != nil {
		return err
	}
	user, err := client.Connect(ctx, client.Options{
		URL: c.URL, APIKey: key, Username: c.As,
		Handlers: client.UserHandlers{OnStateChanged: func(s client.State) {
			if s.Status == client.Reconnecting {
				fmt.Fprintln(t.err, "(connection lost; trying again)")
			}
		}},
	})
	if err != nil {
		return err
	}
	defer user.Close()
	channel, err := user.CreateChannel(ctx, client.NewChannel{Type: client.Direct, Members: client.Usernames(c.With)})
	if err != nil {
		return err
	}
	if err := c.printLatest(ctx, t, user, channel); err != nil {
		return err
	}
	chat, err := user.StartChat(ctx, channel, client.ChatHandlers{
		OnMessage: func(m client.Message) {
			if authorOf(m) != c.As { // what one typed stands there already
				printMessage(t, m)
			}
		},
		OnParticipantEntered: func(u client.User) { fmt.Fprintf(t.out, "(%s is here)\n", u.Name) },
		OnParticipantLeft:    func(u client.User) { fmt.Fprintf(t.out, "(%s left)\n", u.Name) },
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.err, "(you are %s; what you write goes to %s, line by line)\n", c.As, c.With)
	return c.sendLines(ctx, t, chat)
}

// apiKey is the one given, or that of the oldest application.
func (c chatCommand) apiKey(ctx context.Context, t terminal) (key string, err error) {
	if c.APIKey != "" {
		return c.APIKey, nil
	}
	settings := config.Default()
	settings.Storage = c.Storage
	e, closeEngine, err := server.OpenEngine(ctx, settings, settings.Logger(t.err))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, closeEngine()) }()
	return oldestKey(ctx, e)
}

func oldestKey(ctx context.Context, e *engine.Engine) (string, error) {
	apps, err := e.Applications(ctx)
	if err != nil {
		return "", err
	}
	if len(apps) == 0 {
		return "", errors.New("there is no application in this data directory; start the server first, or pass --api-key")
	}
	return apps[0].APIKey, nil
}

func (c chatCommand) printLatest(ctx context.Context, t terminal, user *client.Client, channel *client.Channel) error {
	page, err := user.Messages(ctx, channel)
	if err != nil {
		return err
	}
	for _, message := range slices.Backward(page.Items) {
		printMessage(t, message)
	}
	return nil
}

// sendLines sends what is typed, until it ends.
func (c chatCommand) sendLines(ctx context.Context, t terminal, chat *client.Chat) error {
	lines := make(chan string)
	go func() { // ends with the input; the process does not outlive it
		defer close(lines)
		for input := bufio.NewScanner(t.in); input.Scan(); {
			select {
			case lines <- input.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case line, open := <-lines:
			if !open {
				return nil
			}
			if line == "" {
				continue
			}
			if _, err := chat.Send(ctx, client.NewMessage{Body: line}); err != nil {
				fmt.Fprintf(t.err, "(not sent: %s)\n", oneLine(err))
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func printMessage(t terminal, m client.Message) {
	fmt.Fprintf(t.out, "%s %s: %s\n", m.CreatedTime.Local().Format(time.TimeOnly), authorOf(m), m.Body)
}

func authorOf(m client.Message) string {
	if m.User == nil {
		return "system"
	}
	return m.User.Name
}
