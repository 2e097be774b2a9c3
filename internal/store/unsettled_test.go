package store_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"
)

// wire stands between a store and PostgreSQL, until it is cut.
type wire struct {
	listener net.Listener
	to       string

	mu   sync.Mutex
	ends []net.Conn
}

// newWire returns the address of a database by a wire.
func newWire(t *testing.T, address string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, to: u.Host}
	t.Cleanup(func() {
		listener.Close()
		w.cut()
	})
	go w.serve() // ends with the listener
	u.Host = listener.Addr().String()
	return w, u.String()
}

func (w *wire) serve() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", w.to)
		if err != nil {
			near.Close()
			continue
		}
		w.mu.Lock()
		w.ends = append(w.ends, near, far)
		w.mu.Unlock()
		for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
			go func() {
				_, _ = io.Copy(pair[0], pair[1]) // until one end is closed
				pair[0].Close()
			}()
		}
	}
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, end := range w.ends {
		end.Close()
	}
	w.ends = nil
}

func TestAnUpdateWhoseCommitGotNoAnswerIsUnsettledAndNotRunAgain(t *testing.T) {
	t.Parallel()

	wire, address := newWire(t, storetest.Postgres(t))
	s := open(t, store.Options{Database: address})
	app := newApplication(t, s, "app")
	runs := 0
	err := s.Update(t.Context(), 0, func(tx *store.Tx) error {
		runs++
		_, err := tx.CreateAPIKey(t.Context(), app.ID, chat.APIKey{Value: "key", Name: "key", CreatedAt: tx.Now()})
		wire.cut()
		return err
	})
	if !errors.Is(err, chat.ErrUnsettled) {
		t.Errorf("the update ends with %v", err)
	}
	if runs != 1 {
		t.Errorf("it was run %d times", runs)
	}
	newApplication(t, s, "other") // on a connection of its own
}
