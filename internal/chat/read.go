package chat

import "time"

// Position is how far a member has come in a channel, by the numbers of its
// messages.
//
// Read and Seen differ, since what a member need not read is not unread, and
// nobody has read it either: what is from before they came or cleared the
// history, and what came before a message of their own.
type Position struct {
	Read     int64     // the last message that the member said to have read; zero for none
	Message  MessageID // that message; zero for none
	ReadAt   time.Time // when the member said so; zero for never
	Seen     int64     // nothing up to here counts as unread
	SentFrom int64     // whoever wrote after this has seen what came before it
	LastSent int64     // the member's latest message; zero for none

	// After UnreadFrom: from when the member's own messages are among those after
	// Seen, and up to when.
	UnreadSince, UnreadUntil time.Time
}

// Reached is the number of the last message that counts as seen.
func (p Position) Reached() int64 {
	if p.LastSent > p.SentFrom {
		return max(p.LastSent, p.Seen)
	}
	return p.Seen
}

// ReadTo moves a position forward to a message, and reports whether that is news.
func (p Position) ReadTo(number int64, message MessageID, at time.Time) (Position, bool) {
	if number <= p.Read {
		return p, false
	}
	p.Read, p.Message, p.ReadAt = number, message, at
	return p.SeenTo(number), true
}

// SeenTo moves a position forward without a receipt.
func (p Position) SeenTo(number int64) Position {
	p.Seen, p.SentFrom = max(p.Seen, number), max(p.SentFrom, number)
	return p
}

// UnreadFrom moves a position back to before a message, which the one with id
// previous precedes, in a channel with so many messages. It reports whether that
// is news. Messages that the member wrote so far say nothing from then on. What
// was imported has no number, and counts as read for ever.
func (p Position) UnreadFrom(m Message, previous MessageID, posted int64, at time.Time) (Position, bool) {
	if m.Number == 0 || p.Reached() < m.Number {
		return p, false
	}
	if p.Read >= m.Number {
		p.Read, p.Message = m.Number-1, previous
		if p.Read == 0 {
			p.Message, p.ReadAt = 0, time.Time{}
		}
	}
	p.Seen, p.SentFrom = m.Number-1, posted
	p.UnreadSince, p.UnreadUntil = m.CreatedAt, at
	return p, true
}

// ReadReceipt says that a user has read a message, and with it all before it.
type ReadReceipt struct {
	Message   MessageID
	User      User
	CreatedAt time.Time // when the user last read on in the channel
}

// ReceiptsCountedMax is where the count of a message's receipts ends. All are
// listed.
const ReceiptsCountedMax = 1000

// ReceiptChanged says that a member read a message, or set it unread again.
// Durable in the stream of the channel, if its members hear of it; see
// IntimateMax.
type ReceiptChanged struct {
	Channel  ChannelID
	Receipt  ReadReceipt
	Removed  bool
	Sequence int64
}

// UserReceiptChanged tells a user of a receipt: the reader, in whose stream it
// is durable, or the author of the message, to whom it is momentary.
type UserReceiptChanged struct {
	User     UserID
	Receipt  ReadReceipt
	Removed  bool
	Sequence int64 // zero if momentary
}

func (ReceiptChanged) event()     {}
func (UserReceiptChanged) event() {}
