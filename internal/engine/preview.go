package engine

import (
	"context"
	"sync"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
)

const (
	previewers   = 4    // links that are looked up at once
	previewQueue = 1000 // messages that wait; further ones have no previews
	// previewTimeout bounds what one message takes, whatever its links do.
	previewTimeout = 30 * time.Second
)

// previews looks up the links of messages, after those were delivered. A
// message that is lost, because the queue is full or the server stops, has no
// previews: that is all it lacks.
type previews struct {
	engine *Engine
	find   func(ctx context.Context, link string) (chat.LinkPreview, error)
	queue  chan *chat.Message

	ctx     context.Context // ends with close
	stop    context.CancelFunc
	running sync.WaitGroup
}

// newPreviews starts the lookups, which close ends; without a finder there are
// none.
func newPreviews(e *Engine, find func(ctx context.Context, link string) (chat.LinkPreview, error)) *previews {
	if find == nil {
		return nil
	}
	p := &previews{engine: e, find: find, queue: make(chan *chat.Message, previewQueue)}
	p.ctx, p.stop = context.WithCancel(context.Background())
	for range previewers {
		p.running.Go(p.run)
	}
	return p
}

func (p *previews) close() {
	if p == nil {
		return
	}
	p.stop()
	p.running.Wait()
}

// add asks for the previews that a message lacks.
func (p *previews) add(m chat.Message) {
	if p == nil || m.Sequence == 0 || len(m.Unpreviewed()) == 0 {
		return
	}
	settings, err := p.engine.settings.of(p.ctx, m.Application)
	if err != nil || !settings.LinkPreviews {
		return
	}
	select {
	case p.queue <- &m:
	default:
	}
}

func (p *previews) run() {
	for {
		select {
		case <-p.ctx.Done():
			return
		case m := <-p.queue:
			p.preview(*m)
		}
	}
}

// preview looks up the links of a message and announces what was found.
func (p *previews) preview(m chat.Message) {
	ctx, cancel := context.WithTimeout(p.ctx, previewTimeout)
	defer cancel()
	var found []chat.LinkPreview
	for _, link := range m.Unpreviewed() {
		preview, err := p.find(ctx, link)
		if err != nil {
			p.engine.log.DebugContext(ctx, "no preview", "message", m.ID, "reason", err)
			continue
		}
		preview.Source = link
		found = append(found, preview)
	}
	if len(found) == 0 {
		return
	}
	if err := p.engine.addPreviews(ctx, m, found); err != nil && ctx.Err() == nil && !chat.IsKind(err, chat.NotFound) {
		p.engine.log.ErrorContext(ctx, "store previews", "message", m.ID, "error", err)
	}
}

// addPreviews gives a message previews of those links that it still has.
func (e *Engine) addPreviews(ctx context.Context, old chat.Message, previews []chat.LinkPreview) error {
	return e.store.Update(ctx, int64(old.Channel), func(tx *store.Tx) error {
		m, err := tx.Message(ctx, old.Application, old.ID)
		if err != nil {
			return err
		}
		if err := m.CheckPresent(); err != nil {
			return err
		}
		before := len(m.Previews)
		linked := map[string]bool{}
		for _, link := range m.Unpreviewed() {
			linked[link] = true
		}
		for _, preview := range previews {
			if !linked[preview.Source] {
				continue
			}
			if err := tx.AddPreview(ctx, m, preview); err != nil {
				return err
			}
			m.Previews = append(m.Previews, preview)
		}
		if len(m.Previews) == before {
			return nil
		}
		sequence, err := tx.Record(ctx, m.Application, chat.Stream{Channel: m.Channel}, chat.MessageUpdated, int64(m.ID), tx.Now())
		if err != nil {
			return err
		}
		tx.AfterCommit(func() { e.announce(chat.MessageChanged{Message: m, Sequence: sequence}) })
		return nil
	})
}
