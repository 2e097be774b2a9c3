package gateway

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

// absences has the sessions whose connections were lost, and writes to the
// database how far all sessions got.
//
// For a grace time a session without a connection still chats, and what it had
// is in memory. After that, and after a restart, the database has it. One
// goroutine writes. How far subscriptions got is written behind what happens: at
// worst, a client that returns after a crash is told again what it handled in the
// last few seconds. That there is a subscription is written at once, and only
// then confirmed: see keep.go.
type absences struct {
	g         *Gateway
	stop      sync.Once
	stopped   chan struct{}
	done      chan struct{}
	abandoned atomic.Bool

	mu      sync.Mutex
	away    map[string]*absence                   // by the session's secret
	leaving []*absence                            // the same and those that returned, by the end of their grace time
	unsaved map[chat.SessionID]chat.SessionRecord // what the database is still to be told
	urgent  map[*session]time.Time                // who has subscriptions that it does not know, and since when

	wake chan struct{} // capacity 1: urgent is not empty
}

const (
	// saveEvery is the time in which a share of the sessions is saved, of
	// heartSlots. Where few sessions are busy, a turn goes on with the next shares
	// until it has found saveFill that got further, or looked at lookMax: what is
	// not saved when the server is killed is told again, and delays everybody's
	// return.
	saveEvery = 200 * time.Millisecond
	saveFill  = 48
	lookMax   = 1000
	// saveBatch is how many sessions one transaction saves, and saveMax how many
	// are saved in one turn. Others wait for their next.
	saveBatch = 128
	saveMax   = 1024
	// awayMax bounds the sessions without a connection that are kept in memory.
	// If there are more, the grace time of the oldest ends.
	awayMax = 50_000
)

// absence is a session without a connection.
type absence struct {
	id    string
	actor chat.Actor
	until time.Time
	past
}

// stay is what others still see of a session without a connection: the channels
// that it chats in.
type stay struct {
	mu    sync.Mutex
	actor chat.Actor
	chats []chat.ChannelID
}

// end ends the chat sessions that nobody took over.
func (s *stay) end(e *engine.Engine) {
	s.mu.Lock()
	chats := s.chats
	s.chats = nil
	s.mu.Unlock()
	for _, channel := range chats {
		e.EndChat(s.actor, channel)
	}
}

// endStay ends what an earlier connection left.
func (p *past) endStay(e *engine.Engine) {
	if p != nil && p.stay != nil {
		p.stay.end(e)
	}
}

// takeOver ends the chat session that a lost connection left in a channel, after
// another was started there: nobody notices.
func (p *past) takeOver(e *engine.Engine, channel chat.ChannelID) {
	if p == nil || p.stay == nil {
		return
	}
	p.stay.mu.Lock()
	i := slices.Index(p.stay.chats, channel)
	if i >= 0 {
		p.stay.chats = slices.Delete(p.stay.chats, i, i+1)
	}
	p.stay.mu.Unlock()
	if i >= 0 {
		e.EndChat(p.stay.actor, channel)
	}
}

// startAbsences works until close is called.
func startAbsences(g *Gateway) *absences {
	a := &absences{
		g:       g,
		stopped: make(chan struct{}),
		done:    make(chan struct{}),
		away:    map[string]*absence{},
		unsaved: map[chat.SessionID]chat.SessionRecord{},
		urgent:  map[*session]time.Time{},
		wake:    make(chan struct{}, 1),
	}
	go a.run()
	return a
}

// close saves what is left. No session may be open.
func (a *absences) close() {
	a.stop.Do(func() { close(a.stopped) })
	<-a.done
}

// abandon stops without saving what is left: there is no time.
func (a *absences) abandon() {
	a.abandoned.Store(true)
	a.close()
}

func (a *absences) run() {
	defer close(a.done)
	ticker := time.NewTicker(saveEvery)
	defer ticker.Stop()
	for slot := 0; ; {
		select {
		case <-a.stopped:
			if !a.abandoned.Load() {
				a.save(a.takeUnsaved())
			}
			return
		case <-a.wake:
			time.Sleep(gatherTime)
			a.saveUrgent()
		case now := <-ticker.C:
			a.endGrace(now)
			a.saveUrgent()
			slot = a.saveSlots(slot)
		}
	}
}

// leave keeps what a session had that lost its connection.
func (a *absences) leave(left *absence) {
	if len(left.places) == 0 || a.g.limits.Grace == 0 {
		defer left.stay.end(a.g.engine)
	}
	if len(left.places) == 0 {
		return // it had subscribed to nothing: there is nothing to come back to
	}
	left.until = time.Now().Add(a.g.limits.Grace)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.away[left.id] = left
	a.leaving = append(a.leaving, left)
	a.unsaved[left.row] = record(left.row, left.actor, encodePlaces(left.places))
}

// end has the database forget a session whose client said goodbye.
func (a *absences) end(actor chat.Actor, row chat.SessionID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unsaved[row] = chat.SessionRecord{ID: row, Application: actor.Application, User: actor.User, Ended: true}
}

func record(row chat.SessionID, actor chat.Actor, places []byte) chat.SessionRecord {
	return chat.SessionRecord{
		ID:          row,
		Application: actor.Application,
		User:        actor.User,
		Positions:   places,
		At:          time.Now(),
	}
}

// endGrace ends the chat sessions of those who have been away for too long.
func (a *absences) endGrace(now time.Time) {
	a.mu.Lock()
	n := 0
	for n < len(a.leaving) && (len(a.leaving)-n > awayMax || !a.leaving[n].until.After(now)) {
		n++
	}
	over := slices.Clone(a.leaving[:n])
	a.leaving = slices.Delete(a.leaving, 0, n)
	for _, left := range over {
		if a.away[left.id] == left {
			delete(a.away, left.id)
		}
	}
	a.mu.Unlock()
	for _, left := range over {
		left.stay.end(a.g.engine)
	}
}

// saving is a record on its way to the database.
type saving struct {
	chat.SessionRecord
	session *session // whose it is; nil if that has no connection
	number  uint32   // of the session's savings
	owed    int      // bytes of its receipts that the record allows to send
}

// saveSlots saves the sessions that ended or lost their connections, and those of
// one slot that got further, or of a few. It returns the slot to go on with.
func (a *absences) saveSlots(slot int) (next int) {
	records := a.takeUnsaved()
	looked := 0
	for range heartSlots {
		a.g.hub.eachSessionOf(slot, func(s *session) {
			looked++
			if len(records) < saveMax {
				records = s.appendRecord(records)
			}
		})
		slot = (slot + 1) % heartSlots
		if len(records) >= saveFill || looked >= lookMax {
			break
		}
	}
	a.save(records)
	return slot
}

func (a *absences) takeUnsaved() []saving {
	a.mu.Lock()
	defer a.mu.Unlock()
	records := make([]saving, 0, len(a.unsaved))
	for _, record := range a.unsaved {
		records = append(records, saving{SessionRecord: record})
	}
	return records
}

// save writes records in batches, and reports whether all are written. What can't
// be written now is tried again with the next turn.
func (a *absences) save(all []saving) bool {
	for len(all) > 0 {
		batch := all[:min(len(all), saveBatch)]
		records := make([]chat.SessionRecord, len(batch))
		for i := range batch {
			records[i] = batch[i].SessionRecord
		}
		if err := a.g.engine.SaveSessions(context.Background(), records); err != nil {
			a.g.log.Error("save where sessions stand", "error", err)
			for i := range all {
				all[i].failed()
			}
			return false
		}
		a.saved(batch)
		all = all[len(batch):]
	}
	return true
}

// saved takes note that records are on disk.
func (a *absences) saved(batch []saving) {
	a.mu.Lock()
	for i := range batch {
		record := &batch[i]
		if known, waiting := a.unsaved[record.ID]; waiting && known.At.Equal(record.At) {
			delete(a.unsaved, record.ID)
		}
	}
	a.mu.Unlock()
	for i := range batch {
		if s := batch[i].session; s != nil {
			s.keep(batch[i])
		}
	}
}

// failed leaves a record to a later turn. Those of sessions without a connection
// wait for it anyway.
func (r *saving) failed() {
	if s := r.session; s != nil {
		s.mu.Lock()
		s.moved = true
		s.mu.Unlock()
	}
}

// appendRecord adds where the session stands, if that is further than the
// database knows.
func (s *session) appendRecord(records []saving) []saving {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.moved || s.detached {
		return records
	}
	s.moved = false
	s.saves++
	return append(records, saving{
		SessionRecord: record(s.row(), s.actor, s.encodedPlaces()),
		session:       s,
		number:        s.saves,
		owed:          len(s.owed),
	})
}
