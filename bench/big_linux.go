package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

// notifyPatience bounds the wait for the notifications of a large channel.
const notifyPatience = 10 * time.Minute

// populate makes the channel's other members, straight in the database: asking
// the server for a hundred thousand would take longer than all else.
func (g *gathering) populate(ctx context.Context) error {
	if g.shape.members == 0 {
		return nil
	}
	return g.database(ctx, func(db *store.Store) error {
		_, channel, err := g.ofRoom(ctx, db, 0)
		if err != nil {
			return err
		}
		const atOnce = 500
		for first := 0; first < g.shape.members; first += atOnce {
			last := min(first+atOnce, g.shape.members)
			err := db.Update(ctx, 0, func(tx *store.Tx) error { return g.admit(ctx, tx, channel, first, last) })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// admit makes users from the first to the one before the last, as far as they do
// not exist, and makes them members.
func (g *gathering) admit(ctx context.Context, tx *store.Tx, channel chat.Channel, first, last int) error {
	var members []chat.Membership
	for place := first; place < last; place++ {
		name := g.user(0, place)
		user, _, err := tx.CreateUser(ctx, chat.User{
			Application: channel.Application, Name: name, DisplayName: name, Guest: true, CreatedAt: tx.Now(),
		})
		if err != nil {
			return err
		}
		members = append(members, chat.Membership{User: user.ID, JoinedAt: tx.Now()})
	}
	return tx.AddMembers(ctx, channel.Application, channel.ID, members)
}

// ofRoom returns the first user of a room, and its channel.
func (h *serverHost) ofRoom(ctx context.Context, db *store.Store, number int) (founder chat.User, channel chat.Channel, err error) {
	app, err := db.ApplicationByKey(ctx, h.apiKey)
	if err != nil {
		return founder, channel, err
	}
	if founder, err = db.UserByName(ctx, app.ID, h.user(number, 0)); err != nil {
		return founder, channel, err
	}
	found, err := db.ChannelsByName(ctx, app.ID, founder.ID, []string{fmt.Sprintf("%s-%d", h.name, number)})
	if err != nil || len(found) != 1 {
		return founder, channel, fmt.Errorf("found %d channels: %w", len(found), err)
	}
	return founder, found[0].Channel, nil
}

// database opens the server's database beside it.
func (h *serverHost) database(ctx context.Context, do func(*store.Store) error) error {
	if h.directory == "" {
		return errors.New("this is measured on a server that is started for it, without --url")
	}
	db, err := store.Open(ctx, store.Options{Directory: h.directory})
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// awaitNotified waits until nobody is left to notify. The connections are served
// meanwhile: a server gives up those that do not answer.
func (h *serverHost) awaitNotified(ctx context.Context, l *loop) error {
	ctx, cancel := context.WithTimeout(ctx, notifyPatience)
	defer cancel()
	return h.database(ctx, func(db *store.Store) error {
		return l.run(func() (time.Duration, error) {
			walks, err := db.Walks(ctx, 0, 1)
			if err != nil || len(walks) == 0 {
				return -1, err
			}
			return 20 * time.Millisecond, nil
		})
	})
}

// crowd measures a conversation in a channel of which most members are away, and
// then how long it takes to notify them of a single message.
func (r *runner) crowd(ctx context.Context, h host, l *loop, s scenario) (Figures, error) {
	server, ok := h.(*furnished).host.(*serverHost)
	if !ok {
		return nil, errors.New("only a server has members who are away")
	}
	rooms, err := h.gather(ctx, l, s.shape)
	if err != nil {
		return nil, fmt.Errorf("gather the sessions: %w", err)
	}
	c := &conversation{loop: l, rooms: rooms}
	c.start()
	if err := c.talkFor(ctx, r.Warmup); err != nil {
		return nil, err
	}
	figures, err := r.window(ctx, h, c)
	if err != nil {
		return nil, err
	}
	if err := c.finish(ctx); err != nil {
		return nil, err
	}
	if err := server.awaitNotified(ctx, l); err != nil {
		return nil, err
	}
	began := time.Now()
	talker := rooms[0].idle[0]
	rooms[0].idle = nil
	if err := c.send(talker, began.Sub(c.started)); err != nil {
		return nil, err
	}
	if err := c.finish(ctx); err != nil {
		return nil, err
	}
	if away := s.members - s.listeners; away > 0 {
		if err := server.awaitNotified(ctx, l); err != nil {
			return nil, err
		}
		figures[NotifySeconds] = time.Since(began).Seconds()
		figures[NotifiedPerSecond] = float64(away) / figures[NotifySeconds]
	}
	return figures, nil
}
