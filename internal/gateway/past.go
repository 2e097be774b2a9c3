package gateway

import (
	"encoding/binary"
	"errors"
	"slices"

	"openkitty/internal/broker"
	"openkitty/internal/chat"
)

// past is what a session had when its connection was lost: what its client is
// owed when it returns.
type past struct {
	row      chat.SessionID // under which the database has it, or will
	places   []place
	requests *requests
	stay     *stay // chat sessions that still count; nil if none
}

// place is how far one subscription got.
type place struct {
	topic  broker.Topic
	aspect aspect
	id     subscriptionID
	got    int64
	kept   bool // the database has the place, or an earlier one of the subscription
}

// recall returns how far a subscription had got when the session was lost, once.
func (p *past) recall(topic broker.Topic, a aspect, id subscriptionID) (was place, known bool) {
	if p == nil {
		return was, false
	}
	i := slices.IndexFunc(p.places, func(was place) bool {
		return was.topic == topic && was.aspect == a && was.id.equal(id)
	})
	if i < 0 {
		return was, false
	}
	was = p.places[i]
	p.places = slices.Delete(p.places, i, i+1)
	return was, true
}

// holds reports whether the session had a subscription of an id to a topic. Only
// ids that the SDKs made at random tell one session from another.
func (p *past) holds(topic broker.Topic, a aspect, id subscriptionID) bool {
	return id.text == nil && slices.ContainsFunc(p.places, func(was place) bool {
		return was.topic == topic && was.aspect == a && was.id.equal(id)
	})
}

// placesFormat is the first byte of encoded places. Places of another format are
// those of nobody.
const placesFormat = 1

// encodePlaces writes the places, a few bytes for each besides its id.
func encodePlaces(places []place) []byte {
	dst := newPlaces(len(places))
	for i := range places {
		dst = places[i].append(dst)
	}
	return dst
}

// newPlaces has room for the usual encoding of a number of places.
func newPlaces(n int) []byte { return append(make([]byte, 0, 1+24*n), placesFormat) }

func (p place) append(dst []byte) []byte {
	dst = append(dst, byte(p.topic.Kind), byte(p.aspect))
	dst = binary.AppendUvarint(dst, uint64(p.topic.ID))
	dst = binary.AppendUvarint(dst, uint64(p.got))
	if p.id.text == nil {
		return append(append(dst, 0), p.id.uuid[:]...) // 0: a UUID
	}
	return append(binary.AppendUvarint(dst, uint64(len(*p.id.text))), *p.id.text...)
}

var errPlaces = errors.New("the places of a session are not in a form that this version reads")

func decodePlaces(src []byte) (places []place, err error) {
	if len(src) == 0 || src[0] != placesFormat {
		return nil, errPlaces
	}
	for src = src[1:]; len(src) > 0; {
		var p place
		if p, src, err = decodePlace(src); err != nil {
			return nil, err
		}
		places = append(places, p)
	}
	return places, nil
}

func decodePlace(src []byte) (p place, rest []byte, err error) {
	if len(src) < 2 {
		return p, nil, errPlaces
	}
	p.topic.Kind, p.aspect, src = broker.Kind(src[0]), aspect(src[1]), src[2:]
	var numbers [3]uint64 // the topic's id, how far, and the length of an id that is no UUID
	for i := range numbers {
		n, size := binary.Uvarint(src)
		if size <= 0 {
			return p, nil, errPlaces
		}
		numbers[i], src = n, src[size:]
	}
	p.topic.ID, p.got = int64(numbers[0]), int64(numbers[1])
	length := numbers[2]
	if length == 0 {
		if len(src) < len(p.id.uuid) {
			return p, nil, errPlaces
		}
		return p, src[copy(p.id.uuid[:], src):], nil
	}
	if uint64(len(src)) < length {
		return p, nil, errPlaces
	}
	text := string(src[:length])
	p.id.text = &text
	return p, src[length:], nil
}
