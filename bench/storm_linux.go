package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/stomp"
)

// storm measures sessions that lose their connections at once, miss something,
// and all come back as fast as they can.
func (r *runner) storm(ctx context.Context, h host, l *loop, s scenario) (Figures, error) {
	server, ok := h.(*furnished).host.(*serverHost)
	if !ok {
		return nil, errors.New("only a server has sessions to come back to")
	}
	l.receive = func(*peer, []byte) error { return nil }
	rest, err := r.memoryAfterSettling(ctx, h, l)
	if err != nil {
		return nil, err
	}
	lost, err := server.stand(ctx, s.sessions)
	if err := adoptAll(l, lost, err); err != nil {
		return nil, err
	}
	full, err := r.memoryAfterSettling(ctx, h, l)
	if err != nil {
		return nil, err
	}
	for _, p := range l.peers {
		l.drop(p)
	}
	if err := server.missed(ctx, s.sessions); err != nil {
		return nil, err
	}
	f := Figures{RestMegabytes: float64(rest) / (1 << 20), SessionBytes: float64(full-rest) / float64(s.sessions)}
	back, err := r.heal(ctx, server, lost, f)
	if err := adoptAll(l, back, err); err != nil {
		return nil, err
	}
	peak, err := residentMemory(server.pid)
	if err != nil {
		return nil, err
	}
	after, err := r.memoryAfterSettling(ctx, h, l)
	f[PeakBytes] = float64(peak-rest) / float64(s.sessions)
	f[HealedBytes] = float64(after-rest) / float64(s.sessions)
	return f, err
}

// stand connects sessions with their standing subscriptions.
func (h *serverHost) stand(ctx context.Context, count int) ([]*session, error) {
	sessions := make([]*session, count)
	err := concurrently(ctx, count, func(ctx context.Context, i int) (err error) {
		sessions[i], err = openSession(ctx, h.address, h.apiKey, h.user(0, i), "0,0")
		if err != nil {
			return err
		}
		return sessions[i].stand()
	})
	return sessions, err
}

// missed lets a change happen to each user, beside the server: the log has it.
func (h *serverHost) missed(ctx context.Context, count int) error {
	return h.database(ctx, func(db *store.Store) error {
		app, err := db.ApplicationByKey(ctx, h.apiKey)
		if err != nil {
			return err
		}
		const atOnce = 500
		for first := 0; first < count; first += atOnce {
			err := db.Update(ctx, 0, func(tx *store.Tx) error {
				for i := first; i < min(first+atOnce, count); i++ {
					user, err := tx.UserByName(ctx, app.ID, h.user(0, i))
					if err != nil {
						return err
					}
					_, err = tx.Record(ctx, app.ID, chat.Stream{User: user.ID}, chat.UserChanged, int64(user.ID), tx.Now())
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// heal has all sessions come back, and waits until each has what it missed.
func (r *runner) heal(ctx context.Context, h *serverHost, lost []*session, f Figures) ([]*session, error) {
	before, err := h.reads()
	if err != nil {
		return nil, err
	}
	start, err := takeStock(h)
	if err != nil {
		return nil, err
	}
	back := make([]*session, len(lost))
	err = concurrently(ctx, len(lost), func(ctx context.Context, i int) (err error) {
		back[i], err = resumeSession(ctx, h.address, h.apiKey, h.user(0, i), "60000,10000", lost[i].secret)
		if err != nil {
			return err
		}
		back[i].topics = lost[i].topics
		if back[i].secret != lost[i].secret {
			return fmt.Errorf("session %d was not resumed", i)
		}
		return back[i].comeBack()
	})
	if err != nil {
		return back, err
	}
	end, err := takeStock(h)
	if err != nil {
		return back, err
	}
	after, err := h.reads()
	f[HealSeconds] = end.at.Sub(start.at).Seconds()
	f[ReadsPerSession] = (after - before) / float64(len(lost))
	f[CPUPerReturn] = micro(end.cpu-start.cpu) / float64(len(lost))
	return back, err
}

// comeBack subscribes again as before, and waits until every subscription has
// what it missed.
func (s *session) comeBack() error {
	missing := len(standingTopics)
	s.watch = func(f stomp.Frame) {
		if strings.HasPrefix(string(f.Body), `{"type":"delivery.caught_up"`) {
			missing--
		}
	}
	defer func() { s.watch = nil }()
	if err := s.listen(); err != nil || missing == 0 {
		return err
	}
	_, err := s.await(func(stomp.Frame) bool { return missing == 0 })
	return err
}

// reads is how many statements the server has run outside of transactions.
func (h *serverHost) reads() (float64, error) {
	client := http.Client{Timeout: patience}
	response, err := client.Get(h.address.JoinPath("metrics").String())
	if err != nil {
		return 0, fmt.Errorf("read the metrics: %w", err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if number, found := strings.CutPrefix(lines.Text(), "openkitty_store_reads_total "); found {
			return strconv.ParseFloat(number, 64)
		}
	}
	return 0, errors.Join(errors.New("the server does not count its reads"), lines.Err())
}
