package platform

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"openkitty/internal/chat"
)

// slowConnection brings some bytes at a time, after a pause, and until its
// deadline.
type slowConnection struct {
	http.ResponseWriter
	pieces   []piece
	deadline time.Time
}

type piece struct {
	after time.Duration
	bytes int
}

func (c *slowConnection) SetReadDeadline(at time.Time) error {
	c.deadline = at
	return nil
}

func (c *slowConnection) Read(p []byte) (int, error) {
	if len(c.pieces) == 0 {
		return 0, io.EOF
	}
	next := c.pieces[0]
	if left := time.Until(c.deadline); next.after > left {
		time.Sleep(left)
		return 0, os.ErrDeadlineExceeded
	}
	time.Sleep(next.after)
	n := min(len(p), next.bytes)
	if c.pieces[0] = (piece{0, next.bytes - n}); next.bytes == n {
		c.pieces = c.pieces[1:]
	}
	return n, nil
}

func TestAnUploadThatTricklesIsCutOff(t *testing.T) {
	t.Parallel()

	trickle := []piece{{0, 1 << 20}}
	for range 1000 {
		trickle = append(trickle, piece{29 * time.Second, 1})
	}
	for name, c := range map[string]struct {
		pieces []piece
		whole  bool
		within time.Duration
	}{
		"a byte now and then after a fast start": {trickle, false, time.Minute},
		"nothing more":                           {[]piece{{time.Second, 100}, {time.Hour, 1}}, false, time.Minute},
		"pauses that enough makes up for":        {[]piece{{29 * time.Second, 1 << 20}, {29 * time.Second, 1 << 20}, {29 * time.Second, 1}}, true, 2 * time.Minute},
		"slow, but not too slow":                 {[]piece{{10 * time.Second, 64 << 10}, {10 * time.Second, 64 << 10}, {10 * time.Second, 64 << 10}, {10 * time.Second, 64 << 10}}, true, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				connection := &slowConnection{ResponseWriter: httptest.NewRecorder(), pieces: c.pieces}
				body := &patientBody{io.NopCloser(connection), http.NewResponseController(connection), uploadPause}
				began := time.Now()
				_, err := io.Copy(io.Discard, body)
				if cut := errors.Is(err, os.ErrDeadlineExceeded); cut == c.whole {
					t.Errorf("reading ends with %v", err)
				}
				if took := time.Since(began); took > c.within {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

func TestOneApplicationDoesNotTakeAllPlacesForForms(t *testing.T) {
	t.Parallel()

	p := places{of: map[chat.ApplicationID]int{}}
	for range formsShare {
		if !p.enter(1) {
			t.Fatal("an application is refused its share")
		}
	}
	if p.enter(1) {
		t.Error("an application has more than its share")
	}
	for app := range chat.ApplicationID(formsMax/formsShare - 1) {
		for range formsShare {
			if !p.enter(app + 2) {
				t.Fatalf("application %d is refused, though there is room", app+2)
			}
		}
	}
	if p.enter(100) {
		t.Error("there are more forms than places")
	}
	p.leave(1)
	if !p.enter(100) {
		t.Error("who left made no room")
	}
}
