package gateway

import (
	"strconv"
	"time"

	"openkitty/stomp"
)

// A subscription is confirmed when the database knows that it is there, and from
// where on. So whoever has a RECEIPT misses nothing, even if the server is killed
// in the next moment. Those that a returning client makes again are known already.
//
// What happens is delivered at once; only the RECEIPT waits. Subscriptions that
// come together share one write of their session, and sessions one transaction.
// What their client asks for next is performed when they are confirmed, so answers
// keep their order.

const (
	// gatherTime is how long a subscription waits for others.
	gatherTime = time.Millisecond
	// keepPatience is how long a client waits for its RECEIPT if the database
	// refuses to write. Then its connection is ended, and it tries again.
	keepPatience = 5 * time.Second
	// owedMax is how many bytes of receipts may wait before the session performs
	// no further subscription.
	owedMax = 16 << 10
)

// knows reports whether the database has the subscription. The caller holds s.mu.
func (s *session) knows(sub *subscription) bool { return sub.needs <= s.kept }

// confirm sends the receipt of a subscription when it is kept.
func (s *session) confirm(frame stomp.Frame, made standing) {
	if made.kept {
		s.receiptBehind(frame, made.lag)
		return
	}
	s.fresh = true
	id, asked := frame.Header.Lookup("receipt")
	if !asked {
		return
	}
	payload := receiptFrame(id, made.lag).Append(nil)
	s.g.metrics.framesOut.Inc()
	s.mu.Lock()
	s.owed = append(appendTextHeader(s.owed, len(payload)), payload...)
	s.moved = true // though it was saved since: only a record that knows of the receipt sends it
	full := len(s.owed) > owedMax
	s.mu.Unlock()
	s.owes = true
	if full {
		s.awaitKept()
	}
}

// hurryIfDue has the session saved once its client's frames that have arrived
// are performed.
func (s *session) hurryIfDue() {
	if s.fresh {
		s.fresh = false
		s.g.absences.hurry(s)
	}
}

// awaitKept waits until nothing is owed to the client, or its connection ends.
func (s *session) awaitKept() {
	if !s.owes {
		return
	}
	s.owes = false
	s.flush()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.owed) > 0 && !s.gone() {
		s.wait()
	}
	s.corked = true
}

// follows reports whether a frame is performed only when the subscriptions before
// it are kept: all but further ones, and acknowledgements.
func follows(frame stomp.Frame) bool {
	switch frame.Command {
	case stomp.Ack, stomp.Nack:
		return false
	case stomp.Subscribe:
		return isApplication(frame.Header.Get("destination"))
	default:
		return true
	}
}

// keep takes note that the session is on disk as it was when a record was made,
// and sends the receipts that waited for that.
func (s *session) keep(was saving) {
	s.mu.Lock()
	s.kept = was.number
	if was.owed > 0 {
		if !s.detached {
			s.write(s.owed[:was.owed])
		}
		s.owed = append([]byte(nil), s.owed[was.owed:]...)
		s.settle()
	}
	s.mu.Unlock()
	s.startCatchUp() // of subscriptions that waited for this, asked for with a receipt or without
}

// hurry has a session saved at once.
func (a *absences) hurry(s *session) {
	a.mu.Lock()
	if _, waits := a.urgent[s]; !waits {
		a.urgent[s] = time.Now()
	}
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// saveUrgent saves the sessions with new subscriptions. If that fails it is tried
// again with each turn, until their clients have waited for too long.
func (a *absences) saveUrgent() {
	a.mu.Lock()
	urgent := a.urgent
	a.urgent = map[*session]time.Time{}
	a.mu.Unlock()
	var records []saving
	for s := range urgent {
		records = s.appendRecord(records)
	}
	if a.save(records) {
		return
	}
	for s, since := range urgent {
		if time.Since(since) > keepPatience {
			s.giveUpReceipts()
			continue
		}
		a.mu.Lock()
		a.urgent[s] = since
		a.mu.Unlock()
	}
}

// giveUpReceipts ends the connection of a client that waits for a receipt.
func (s *session) giveUpReceipts() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.owed) > 0 {
		s.sever("its subscriptions could not be kept")
	}
}

// receiptFrame confirms a frame, and says how far a subscription is behind.
func receiptFrame(id string, by lag) stomp.Frame {
	header := stomp.Header{{Name: "receipt-id", Value: id}}
	if by.changes > 0 {
		header = append(header,
			stomp.Field{Name: "behind", Value: strconv.FormatInt(by.changes, 10)},
			stomp.Field{Name: "sequence", Value: strconv.FormatInt(by.latest, 10)})
	}
	return stomp.Frame{Command: stomp.Receipt, Header: header}
}
