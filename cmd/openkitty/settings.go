package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

type appSettingsCommand struct {
	appOptions
	Name    string   `arg:"" help:"Name of the application."`
	Changes []string `arg:"" optional:"" placeholder:"KEY=VALUE" help:"What to change, as guest_users=DISABLED; KEY= alone goes back to the default. Servers that run follow within five seconds."`
}

// Validate is called by kong.
func (c appSettingsCommand) Validate() error {
	for _, change := range c.Changes {
		if !strings.Contains(change, "=") {
			return fmt.Errorf("expected KEY=VALUE but got %q", change)
		}
	}
	return nil
}

func (c appSettingsCommand) Run(ctx context.Context, t terminal) error {
	return c.open(ctx, t, func(e *engine.Engine) error {
		app, err := e.ApplicationByName(ctx, c.Name)
		if err != nil {
			return err
		}
		settings := app.Settings
		if len(c.Changes) > 0 {
			if settings, err = e.UpdateSettings(ctx, app.ID, c.change); err != nil {
				return err
			}
		}
		if c.JSON {
			return printJSON(t.out, settingsByName(settings))
		}
		return printSettings(t.out, settings)
	})
}

// change applies all that is asked for, or names everything that is wrong with it.
func (c appSettingsCommand) change(s *chat.Settings) error {
	defaults := settingsByName(chat.DefaultSettings())
	var wrong []error
	for _, change := range c.Changes {
		name, text, _ := strings.Cut(change, "=")
		if text == "" {
			text = defaults[name]
		}
		wrong = append(wrong, s.Set(name, text))
	}
	return errors.Join(wrong...)
}

func settingsByName(s chat.Settings) map[string]string {
	all := map[string]string{}
	for _, setting := range chat.AllSettings() {
		all[setting.Name] = setting.Text(s)
	}
	return all
}

// printSettings writes settings as they may be given again, and what they do.
func printSettings(w io.Writer, s chat.Settings) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, setting := range chat.AllSettings() {
		fmt.Fprintf(table, "%s=%s\t%s\n", setting.Name, setting.Text(s), setting.Help)
	}
	return table.Flush()
}
