package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/config"
	"openkitty/internal/engine"
	"openkitty/internal/server"
)

// appCommands manage applications. They work on the database itself, so the
// server may be running or not.
type appCommands struct {
	Create       appCreateCommand       `cmd:"" help:"Create an application, and print its keys."`
	List         appListCommand         `cmd:"" help:"List the applications."`
	RotateKey    appRotateKeyCommand    `cmd:"" help:"Give an application a new API key; the old one stops working."`
	Settings     appSettingsCommand     `cmd:"" help:"Show the settings of an application, or change some."`
	RotateSecret appRotateSecretCommand `cmd:"" help:"Give an application a new client secret; the old one stops working, at once or after an overlap."`
}

// appOptions is what the commands have in common.
type appOptions struct {
	config.Storage
	JSON bool `help:"Print JSON."`
}

type appCreateCommand struct {
	appOptions
	Name string `arg:"" help:"Name of the application."`
}

func (c appCreateCommand) Run(ctx context.Context, t terminal) error {
	return c.change(ctx, t, func(e *engine.Engine) (chat.Application, string, error) {
		return e.CreateApplication(ctx, c.Name)
	})
}

type appRotateKeyCommand struct {
	appOptions
	Name string `arg:"" help:"Name of the application."`
}

func (c appRotateKeyCommand) Run(ctx context.Context, t terminal) error {
	return c.change(ctx, t, func(e *engine.Engine) (chat.Application, string, error) {
		app, err := e.RotateKey(ctx, c.Name)
		return app, "", err
	})
}

type appRotateSecretCommand struct {
	appOptions
	Name    string        `arg:"" help:"Name of the application."`
	Overlap time.Duration `help:"How long the old secret, and the tokens it gave, go on working; at most 720h."`
}

func (c appRotateSecretCommand) Run(ctx context.Context, t terminal) error {
	return c.change(ctx, t, func(e *engine.Engine) (chat.Application, string, error) {
		return e.RotateSecret(ctx, c.Name, c.Overlap)
	})
}

type appListCommand struct {
	appOptions
}

func (c appListCommand) Run(ctx context.Context, t terminal) error {
	return c.open(ctx, t, func(e *engine.Engine) error {
		apps, err := e.Applications(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(t.out, describeAll(apps))
		}
		return printTable(t.out, apps)
	})
}

// change runs an operation on one application and prints what became of it.
func (o appOptions) change(ctx context.Context, t terminal, operate func(*engine.Engine) (chat.Application, string, error)) error {
	return o.open(ctx, t, func(e *engine.Engine) error {
		app, secret, err := operate(e)
		if err != nil {
			return err
		}
		if o.JSON {
			return printJSON(t.out, describe(app, secret))
		}
		return printApplication(t.out, app, secret)
	})
}

// open runs use with an engine on the database, and closes it.
func (o appOptions) open(ctx context.Context, t terminal, use func(*engine.Engine) error) (err error) {
	settings := config.Default()
	settings.Storage = o.Storage
	settings.LogLevel = "error"
	e, closeEngine, err := server.OpenEngine(ctx, settings, settings.Logger(t.err))
	if err != nil {
		return err
	}
	defer func() {
		if failure := closeEngine(); err == nil {
			err = failure
		}
	}()
	return use(e)
}

// description is an application as JSON.
type description struct {
	ID           chat.ApplicationID `json:"id"`
	Name         string             `json:"name"`
	APIKey       string             `json:"api_key"`
	ClientID     string             `json:"client_id"`
	ClientSecret string             `json:"client_secret,omitempty"` // only when it was just made
}

func describe(app chat.Application, secret string) description {
	return description{ID: app.ID, Name: app.Name, APIKey: app.APIKey, ClientID: app.ClientID, ClientSecret: secret}
}

func describeAll(apps []chat.Application) []description {
	all := make([]description, 0, len(apps))
	for _, app := range apps {
		all = append(all, describe(app, ""))
	}
	return all
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// printApplication writes an application as people read it, with its secret if
// that was just made.
func printApplication(w io.Writer, app chat.Application, secret string) error {
	_, err := fmt.Fprintf(w, "  Application    %s\n  API key        %s\n  Client id      %s\n", app.Name, app.APIKey, app.ClientID)
	if err != nil || secret == "" {
		return err
	}
	_, err = fmt.Fprintf(w, "  Client secret  %s\n\nThe secret is shown this once. `openkitty app rotate-secret` makes another.\n", secret)
	return err
}

func printTable(w io.Writer, apps []chat.Application) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tAPI KEY\tCLIENT ID\tCREATED")
	for _, app := range apps {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", app.ID, app.Name, app.APIKey, app.ClientID, app.CreatedAt.Format("2006-01-02"))
	}
	return table.Flush()
}
