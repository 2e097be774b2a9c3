package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"strings"
	"text/template"

	"openkitty/internal/config"
	"openkitty/internal/server"
)

type serveCommand struct {
	config.Serve
}

func (c serveCommand) Run(ctx context.Context, t terminal) error {
	if os.Getenv("GOGC") == "" {
		collectAbove(heapFloor)
	}
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(threads(runtime.GOMAXPROCS(0)))
	}
	s, err := server.Open(ctx, c.Serve, c.Logger(t.err))
	if err != nil {
		return err
	}
	if err := welcome(t.out, s); err != nil {
		return errors.Join(err, s.Stop(ctx))
	}
	return s.Run(ctx)
}

// welcome says where the server is and how to connect to it. The secret is
// printed at the very first start only; nobody can read it afterwards.
func welcome(w io.Writer, s *server.Server) error {
	app, secret := s.Application()
	fmt.Fprintf(w, "\nOpenKitty runs at %s\n\n", s.URL())
	if proxy, certificate := s.CLIProxy(); proxy != "" {
		fmt.Fprintf(w, "For the original command line, which docs/guides/cli.md explains:\n\n"+
			"  HTTPS_PROXY=%s\n  NODE_EXTRA_CA_CERTS=%s\n\n", proxy, certificate)
	}
	if err := printApplication(w, app, secret); err != nil || secret == "" {
		fmt.Fprintln(w)
		return err
	}
	address, err := url.Parse(s.URL())
	if err != nil {
		return fmt.Errorf("read the server's own address: %w", err)
	}
	return hello.Execute(w, map[string]any{
		"Host":   address.Host + strings.TrimSuffix(address.Path, "/"),
		"Secure": address.Scheme == "https",
		"Key":    app.APIKey,
	})
}

// hello connects the current published SDK.
var hello = template.Must(template.New("hello").Parse(`
To say hello from a browser, or from Node.js 22 or later:

  npm install @chatkitty/core@2.106.2

  import { getSdkClient } from '@chatkitty/core';

  const kitty = getSdkClient('{{.Key}}', {
    $environment: { host: '{{.Host}}', secure: {{.Secure}} },
  });
  await kitty.startSession({ username: 'alice' });
  const { channel } = await kitty.createChannel({ type: 'DIRECT', members: [{ username: 'bob' }] });
  const onMessageReceived = (message) => console.log(message.user.name + ': ' + message.body);
  kitty.startChatSession({ channel, onMessageReceived });
  const { message } = await kitty.sendMessage({ channel, body: 'Hello, Bob!' });
  console.log('Sent message', message.id);

`))
