package gateway

import (
	"encoding/hex"
	"strings"
)

// subscription is what a client knows one aspect of a topic by.
type subscription struct {
	id     subscriptionID
	aspect aspect
	ack    bool         // the client acknowledges each message
	behind bool         // what it missed is being read for it; see catchUp
	reads  bool         // a page of what it missed is being sent to it
	needs  uint32       // from which saving of its session on the database knows of it
	thread *threadTopic // the only one that it hears of; nil for the whole topic

	// Numbers of changes in the stream of its topic.
	due   int64 // up to here, nothing comes live
	sent  int64 // the latest that it was sent
	acked int64 // the latest that was acknowledged
}

// hears reports whether an event is for the subscription.
func (s *subscription) hears(e *event) bool {
	return s.aspect == aspect(e.Aspect) && (s.thread == nil || s.thread.key == e.Thread)
}

// subscriptionID is the id of a subscription as it stands in a header line. The
// SDKs' ids, a constant and a UUID, are kept as the bytes of the UUID: sessions
// hold a dozen of them, and idle ones little else.
type subscriptionID struct {
	uuid [16]byte
	text *string // the id itself, if it is not of that form
}

const (
	sdkPrefix  = "subscription-id-"
	uuidLength = 36
	sdkLength  = len(sdkPrefix) + uuidLength
)

// newSubscriptionID keeps nothing of the text's memory.
func newSubscriptionID(text string) (id subscriptionID) {
	if uuid, found := strings.CutPrefix(text, sdkPrefix); found && id.parse(uuid) {
		return id
	}
	text = strings.Clone(escaped(text))
	return subscriptionID{text: &text}
}

// parse reads a UUID in its canonical form, and reports whether it is one.
func (id *subscriptionID) parse(uuid string) bool {
	if len(uuid) != uuidLength || uuid[8] != '-' || uuid[13] != '-' || uuid[18] != '-' || uuid[23] != '-' {
		return false
	}
	var digits [32]byte
	n := copy(digits[:], uuid[:8])
	n += copy(digits[n:], uuid[9:13])
	n += copy(digits[n:], uuid[14:18])
	n += copy(digits[n:], uuid[19:23])
	copy(digits[n:], uuid[24:])
	for _, digit := range digits {
		if 'A' <= digit && digit <= 'F' {
			return false // it would come back in small letters
		}
	}
	_, err := hex.Decode(id.uuid[:], digits[:])
	return err == nil
}

// equal reports whether two ids are the same text.
func (id subscriptionID) equal(other subscriptionID) bool {
	if id.text == nil || other.text == nil {
		return id == other
	}
	return *id.text == *other.text
}

// length is that of the text.
func (id *subscriptionID) length() int {
	if id.text != nil {
		return len(*id.text)
	}
	return sdkLength
}

func (id *subscriptionID) append(dst []byte) []byte {
	if id.text != nil {
		return append(dst, *id.text...)
	}
	dst = append(dst, sdkPrefix...)
	dst = append(hex.AppendEncode(dst, id.uuid[:4]), '-')
	dst = append(hex.AppendEncode(dst, id.uuid[4:6]), '-')
	dst = append(hex.AppendEncode(dst, id.uuid[6:8]), '-')
	dst = append(hex.AppendEncode(dst, id.uuid[8:10]), '-')
	return hex.AppendEncode(dst, id.uuid[10:])
}
