package main

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"openkitty/client"
	"openkitty/internal/store/storetest"
	"openkitty/stomp"
)

// published is how a generation of the published SDKs shows who it is.
type published struct{ path, agent string }

// TestWhoHasAReceiptMissesNothingThoughTheServerIsKilledAtOnce kills the server
// the moment that a subscription is confirmed, and has somebody say something
// before the subscriber is back.
func TestWhoHasAReceiptMissesNothingThoughTheServerIsKilledAtOnce(t *testing.T) {
	t.Parallel()

	for engine, database := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": func(t *testing.T) string { return storetest.Postgres(t) },
	} {
		for name, sdk := range map[string]published{
			"2.x":  {"/rtm/websocket", "ChatKitty-JS/2.5.0"},
			"1.40": {"/stompx/websocket", "ChatKitty-JS/1.40.0"},
		} {
			t.Run(engine+", "+name, func(t *testing.T) {
				t.Parallel()

				r := &rack{t: t, directory: t.TempDir(), database: database(t), address: freeAddress(t)}
				r.start()
				t.Cleanup(func() { _ = r.process.Process.Kill(); _ = r.process.Wait() })
				r.key = r.createApplication()
				alice, err := client.Connect(t.Context(), client.Options{
					URL: "http://" + r.address, APIKey: r.key, Username: "alice", Timeout: time.Minute,
					Backoff: client.Backoff{Min: 10 * time.Millisecond, Max: 50 * time.Millisecond},
				})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(alice.Close)
				channel, err := alice.CreateChannel(t.Context(), client.NewChannel{
					Type: client.Direct, Members: []client.UserRef{{Username: "bob"}},
				})
				if err != nil {
					t.Fatal(err)
				}

				bob := r.newRaw(sdk, "")
				bob.listen(channel.ID)
				_ = r.process.Process.Kill()
				_ = r.process.Wait()
				r.start()
				if _, err := alice.SendMessage(t.Context(), channel, client.NewMessage{Body: "meanwhile"}); err != nil {
					t.Fatal(err)
				}
				bob = r.newRaw(sdk, bob.secret)
				bob.listen(channel.ID)
				if heard := bob.await(stomp.Message); !strings.Contains(string(heard.Body), `"body":"meanwhile"`) {
					t.Errorf("bob heard %s", heard.Body)
				}
			})
		}
	}
}

// raw is a connection that speaks as a published SDK does.
type raw struct {
	t      *testing.T
	conn   net.Conn
	secret string
}

// newRaw connects bob. Only newer generations show the secret.
func (r *rack) newRaw(sdk published, secret string) *raw {
	r.t.Helper()
	address := "ws://" + r.address + sdk.path + "?" + url.Values{"api-key": {r.key}}.Encode()
	conn, _, _, err := ws.Dial(r.t.Context(), address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	c := &raw{t: r.t, conn: conn}
	header := []string{"StompX-User", "bob", "StompX-User-Agent", sdk.agent, "accept-version", "1.2"}
	if sdk.path == "/rtm/websocket" {
		header = append(header, "StompX-Auth-Session-ID", secret)
	}
	c.send(stomp.Connect, header...)
	c.secret = c.await(stomp.Connected).Header.Get("session")
	return c
}

func (c *raw) send(command string, fields ...string) {
	c.t.Helper()
	frame := stomp.Frame{Command: command}
	for i := 0; i < len(fields); i += 2 {
		frame.Header = append(frame.Header, stomp.Field{Name: fields[i], Value: fields[i+1]})
	}
	if err := wsutil.WriteClientText(c.conn, frame.Append(nil)); err != nil {
		c.t.Fatal(err)
	}
}

// listen subscribes to the messages of a channel, and waits for the receipt.
func (c *raw) listen(channel client.ChannelID) {
	c.t.Helper()
	c.send(stomp.Subscribe, "id", "subscription-id-0f5c2a84-9d3e-4c58-8d60-3f1d1f6f3b11", "receipt", "r",
		"ack", "client-individual", "destination", fmt.Sprintf("/topic/channels/%d.messages", channel))
	c.await(stomp.Receipt)
}

// await passes over frames of other commands.
func (c *raw) await(command string) stomp.Frame {
	c.t.Helper()
	_ = c.conn.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		message, err := wsutil.ReadServerText(c.conn)
		if err != nil {
			c.t.Fatalf("waited for %s: %v", command, err)
		}
		frame, _, err := stomp.Limits{}.Decode(message)
		if err != nil {
			c.t.Fatal(err)
		}
		if frame.Command == command {
			return frame
		}
	}
}
