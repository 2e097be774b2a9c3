package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/stomp"
)

const (
	// historyPage is how many messages a page of History has.
	historyPage = 50
	// seedAtOnce is how many messages one transaction adds to a history.
	seedAtOnce = 2000
)

// history is a channel with more messages than anybody reads, and a session of
// its only member.
type history struct {
	session *session
	list    string // the destination of its messages, without ".relay"
	middle  chat.Cursor
	last    chat.Cursor // where the last page begins
}

// leaf measures how long pages of a long history take: the first, one in the
// middle and the last, in turns.
func (r *runner) leaf(ctx context.Context, h host, s scenario) (Figures, error) {
	server, ok := h.(*furnished).host.(*serverHost)
	if !ok {
		return nil, errors.New("only a server has a history")
	}
	past, err := server.remember(ctx, s.history)
	if err != nil {
		return nil, fmt.Errorf("make a history: %w", err)
	}
	defer past.session.conn.Close()
	took := map[Figure][]time.Duration{}
	for range r.Pages {
		for _, page := range []struct {
			figure Figure
			after  chat.Cursor
		}{{FirstPage, ""}, {MiddlePage, past.middle}, {LastPage, past.last}} {
			spent, err := past.open(page.after)
			if err != nil {
				return nil, err
			}
			took[page.figure] = append(took[page.figure], spent)
		}
	}
	figures := Figures{}
	for figure, all := range took {
		slices.Sort(all)
		figures[figure] = milli(all[len(all)/2])
	}
	return figures, nil
}

// remember makes a channel with a past.
func (h *serverHost) remember(ctx context.Context, messages int) (*history, error) {
	s, err := openSession(ctx, h.address, h.apiKey, h.user(0, 0), "0,0")
	if err != nil {
		return nil, err
	}
	past := &history{session: s}
	channel, err := s.createChannel(h.name+"-0", nil)
	if err == nil {
		past.list, err = link(channel.Relays, "messages")
		past.list, _, _ = strings.Cut(past.list, ".relay")
	}
	if err == nil {
		err = h.seed(ctx, past, messages)
	}
	if err != nil {
		s.conn.Close()
		return nil, err
	}
	return past, nil
}

// seed writes messages straight into the database, a second apart, and notes the
// places in the list as it comes by them: what is the first page now begins a
// later one once others follow.
func (h *serverHost) seed(ctx context.Context, past *history, messages int) error {
	return h.database(ctx, func(db *store.Store) error {
		author, channel, err := h.ofRoom(ctx, db, 0)
		if err != nil {
			return err
		}
		began := time.Now().UTC().Add(-time.Duration(messages) * time.Second)
		marks := map[int]*chat.Cursor{historyPage + 1: &past.last, messages / 2: &past.middle}
		for first := 0; first < messages; {
			end := min(first+seedAtOnce, messages)
			for at := range marks {
				if first < at && at < end {
					end = at
				}
			}
			if err := db.Update(ctx, 0, func(tx *store.Tx) error {
				return writeHistory(ctx, tx, channel, author, began, first, end)
			}); err != nil {
				return err
			}
			if at := marks[end]; at != nil {
				page, err := db.Messages(ctx, channel.Application, chat.Membership{Channel: channel.ID, User: author.ID},
					chat.MessageFilter{}, chat.PageRequest{Size: 1})
				if err != nil {
					return err
				}
				*at = page.Next
			}
			first = end
		}
		return nil
	})
}

// writeHistory adds the messages from the first to the one before the last.
func writeHistory(ctx context.Context, tx *store.Tx, channel chat.Channel, author chat.User, began time.Time, first, last int) error {
	ids, err := tx.MessageIDs(ctx, last-first)
	if err != nil {
		return err
	}
	text := filler(textSize)
	written := make([]store.ImportedMessage, last-first)
	for i, id := range ids {
		written[i].Message = chat.Message{
			ID: id, Application: channel.Application, Channel: channel.ID, Type: chat.Text, Author: &author, Body: text,
			CreatedAt: began.Add(time.Duration(first+i) * time.Second),
		}
	}
	return tx.ImportMessages(ctx, channel.Application, written)
}

// open reads a page and returns how long that took.
func (p *history) open(after chat.Cursor) (time.Duration, error) {
	options := fmt.Sprintf("size.%d.sort.", historyPage)
	if after != "" {
		options = fmt.Sprintf("after.%s.%s", after, options)
	}
	began := time.Now()
	answer, err := p.session.ask(p.list + ".relay." + options)
	took := time.Since(began)
	if err != nil {
		return 0, err
	}
	return took, checkPage(answer)
}

// checkPage refuses a page that is not full: it would be measured for nothing.
func checkPage(answer stomp.Frame) error {
	var page struct {
		Resource struct {
			Embedded struct{ Messages []struct{} } `json:"_embedded"`
		} `json:"resource"`
	}
	if err := json.Unmarshal(answer.Body, &page); err != nil {
		return fmt.Errorf("read a page: %w", err)
	}
	if n := len(page.Resource.Embedded.Messages); n != historyPage {
		return fmt.Errorf("a page has %d messages, not %d", n, historyPage)
	}
	return nil
}
