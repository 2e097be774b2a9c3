package gateway

import (
	"maps"
	"slices"
	"sync"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

// The parts of an application's chat UI have topics of each user, on which all
// hear the same.
//
// What counts is a part as it is now. So it is shown to whoever begins to listen,
// and those who listen are shown each newer version, or where several come at
// once the last of them. A session never shows an older one after a newer.
var (
	chatUIEvents = map[chat.ChatUIPart]eventType{
		chat.ChatUIElements: {aspect: aspectElements, name: "application.elements.updated"},
		chat.ChatUIFeatures: {aspect: aspectFeatures, name: "application.features.updated"},
		chat.ChatUIStyles:   {aspect: aspectStyles, name: "application.styles.updated"},
	}
	chatUIParts = map[aspect]chat.ChatUIPart{
		aspectElements: chat.ChatUIElements,
		aspectFeatures: chat.ChatUIFeatures,
		aspectStyles:   chat.ChatUIStyles,
	}
)

// shownVersions are the latest that came by of each part, from aspectElements on.
type shownVersions [aspectStyles - aspectElements + 1]int64

func (v *shownVersions) of(e *event) *int64 { return &v[aspect(e.Aspect)-aspectElements] }

func (g *announcer) announceChatUI(e chat.ChatUIChanged) {
	g.out.Publish(g.chatUI(e.ChatUI))
}

// chatUI is a part of the chat UI, for all users of its application.
func (g *announcer) chatUI(u chat.ChatUI) *broker.Publication {
	p := g.publication(toApplication(u.Application), chatUIEvents[u.Part], position{})
	p.Version, p.Resource = u.Version, []byte(u.JSON)
	return p
}

func toApplication(id chat.ApplicationID) broker.Topic {
	return broker.Topic{Kind: broker.Application, ID: int64(id)}
}

// showings shows all sessions of an application what concerns it as a whole. A
// goroutine of the hub walks them, so that whoever changed it does not wait.
type showings struct {
	mu      sync.Mutex
	waiting map[showing]*broker.Publication // the latest of each, so bounded by what there is to show
	added   uint64                          // how many were
	none    map[showing]bool                // what there is nothing of, as far as that was asked for
	wake    chan struct{}
}

// showing is what later publications take the place of earlier ones of.
type showing struct {
	topic  broker.Topic
	aspect uint8
}

func newShowings() showings {
	return showings{waiting: map[showing]*broker.Publication{}, none: map[showing]bool{}, wake: make(chan struct{}, 1)}
}

func (w *showings) add(p *broker.Publication) {
	of := showing{p.Topic, p.Aspect}
	w.mu.Lock()
	w.added++
	delete(w.none, of)
	if before := w.waiting[of]; before == nil || before.Version < p.Version {
		w.waiting[of] = p
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// isNone reports whether it is known that there is nothing to show of a kind. If
// not, whoever asks the database may tell, with the count, that there is nothing.
func (w *showings) isNone(of showing) (none bool, count uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.none[of], w.added
}

// isNoneAt notes that there was nothing to show of a kind, unless something came
// since the count was taken.
func (w *showings) isNoneAt(of showing, count uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.added == count {
		w.none[of] = true
	}
}

// take returns what waits.
func (w *showings) take() []*broker.Publication {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := slices.Collect(maps.Values(w.waiting))
	clear(w.waiting)
	return all
}

// showAll works until the hub is closed. Who is not shown what waits then is
// shown it on returning.
func (h *hub) showAll() {
	for {
		select {
		case <-h.done:
			return
		case <-h.showings.wake:
		}
		for _, p := range h.showings.take() {
			e, deliveries := &event{Publication: p}, 0
			var run []byte
			h.eachSession(func(s *session) {
				var n int
				run, n = s.show(e, run[:0])
				deliveries += n
			})
			h.metrics.deliveries.Add(float64(deliveries))
			h.metrics.framesOut.Add(float64(deliveries))
		}
	}
}

// show shows a session of the event's application the event, unless it was shown
// it, or a later one. It returns the memory that it used, and how many
// subscriptions heard.
func (s *session) show(e *event, run []byte) (used []byte, deliveries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int64(s.actor.Application) != e.Topic.ID || s.gone() || e.Version <= *s.shown.of(e) {
		return run, 0
	}
	*s.shown.of(e) = e.Version
	for _, f := range s.follows {
		if f.topic.Kind != broker.User || f.ended {
			continue
		}
		for i := range f.subscriptions {
			if sub := &f.subscriptions[i]; sub.hears(e) {
				run = e.append(run, sub, "", s)
				deliveries++
			}
		}
	}
	if deliveries > 0 {
		s.write(run)
	}
	return run, deliveries
}

// showChatUI shows a subscription, once it stands, the part that it is about as
// that is now, if it was ever set. If the session was not shown that before, all
// its subscriptions are; if it was shown a later one, so was this subscription. A
// part that is replaced at this very moment may come twice.
//
// Most applications set none. That is remembered: each session asks three times.
func (s *session) showChatUI(sub *subscription) error {
	of := showing{toApplication(s.actor.Application), uint8(sub.aspect)}
	none, count := s.g.hub.showings.isNone(of)
	if none {
		return nil
	}
	now, err := s.g.engine.ChatUI(s.ctx, s.actor.Application, chatUIParts[sub.aspect])
	if err == nil && now.Version == 0 {
		s.g.hub.showings.isNoneAt(of, count)
	}
	if err != nil || now.Version == 0 {
		return err
	}
	e := &event{Publication: s.g.chatUI(now)}
	_, deliveries := s.show(e, nil)
	if deliveries == 0 {
		deliveries = s.showAgain(e, sub)
	}
	s.g.metrics.framesOut.Add(float64(deliveries))
	return nil
}

// showAgain shows a subscription what others of its session were shown.
func (s *session) showAgain(e *event, sub *subscription) (deliveries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Version < *s.shown.of(e) || s.gone() {
		return 0
	}
	s.write(e.append(nil, sub, "", s))
	return 1
}
