package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	"openkitty/internal/chat"
)

const (
	// listSmall is how many items a list has, at most, that is counted with every
	// page, and in which the page is counted off.
	listSmall = 10_000
	// listMemory is for how long it is known how long a list is, and from when a
	// place was last used until it is forgotten.
	listMemory = time.Minute
	// longListsMax is how many long lists are known at once, and longListsOfOne how
	// many of one application.
	longListsMax, longListsOfOne = 128, 16
	// marksMax is how many places of a list are known at once.
	marksMax = 64
)

// longLists remember of long lists how many items they have, and where pages that
// were read began and ended: so that the next page is read from there, however
// much precedes it. What they forget is counted off again.
//
// Places follow the items. Who goes from page to page sees each item that stays
// exactly once, whatever comes and goes before it.
type longLists struct {
	small int64
	turns *longReads

	mu sync.Mutex
	of map[listKey]*longList
}

// newLongLists remembers lists of more than some items, of which as many as atOnce
// may be read at the same time.
func newLongLists(small int64, atOnce int) *longLists {
	return &longLists{small: small, turns: newLongReads(atOnce), of: map[listKey]*longList{}}
}

// listKey tells lists apart by what is selected, for which application, and in
// which order. It is a digest: of filters, which are long, nothing is kept.
type listKey [sha256.Size]byte

func listKeyOf(s selection, order []criterion) listKey {
	digest := sha256.New()
	fmt.Fprintf(digest, "%q %v", s.from, order)
	for _, arg := range s.args {
		fmt.Fprintf(digest, " %#v", arg)
	}
	return listKey(digest.Sum(nil))
}

// longList is what is known of a list.
type longList struct {
	application chat.ApplicationID
	used        time.Time
	total       int64
	counted     time.Time
	marks       []mark // by offset
}

// mark is a place in a list.
type mark struct {
	offset int64     // how many items preceded it when they were counted off
	key    []any     // of the item before it
	born   time.Time // when they were
	used   time.Time
}

// total is how many items a list has, if that was counted lately.
func (l *longLists) total(key listKey) (int64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.of[key]
	if known == nil || time.Since(known.counted) >= listMemory {
		return 0, false
	}
	known.used = time.Now()
	return known.total, true
}

// counted notes how many items a list has. If there is no room for another list,
// the one is forgotten that was not used for longest: of the application, if it
// has had its share.
func (l *longLists) counted(key listKey, app chat.ApplicationID, total int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.of[key]
	if known == nil {
		own := func(k *longList) bool { return k.application == app }
		if l.count(own) >= longListsOfOne {
			l.forgetOldest(own)
		} else if len(l.of) >= longListsMax {
			l.forgetOldest(func(*longList) bool { return true })
		}
		known = &longList{application: app}
		l.of[key] = known
	}
	known.total, known.counted, known.used = total, time.Now(), time.Now()
}

func (l *longLists) count(which func(*longList) bool) (n int) {
	for _, known := range l.of {
		if which(known) {
			n++
		}
	}
	return n
}

func (l *longLists) forgetOldest(which func(*longList) bool) {
	var oldest listKey
	var used time.Time
	for key, known := range l.of {
		if which(known) && (used.IsZero() || known.used.Before(used)) {
			oldest, used = key, known.used
		}
	}
	delete(l.of, oldest)
}

// forget forgets a list that is no longer long.
func (l *longLists) forget(key listKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, key)
}

// start is from where to read the items from offset on, up to limit, of a list of
// so many, and when that place was counted off. Unless the place of the first
// item is known, the part has the item before it as well, from which it is known
// then; read says at what offset the part begins. A part that is read forwards
// has one item more than it is asked for, if there is one.
func (l *longLists) start(key listKey, offset, limit, total int64) (sp span, read int64, born time.Time) {
	now := time.Now()
	sp, read, born = span{limit: limit + 1}, offset, now
	if offset == 0 {
		return sp, read, born
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var marks []mark
	if known := l.of[key]; known != nil {
		born = known.counted
		known.marks = slices.DeleteFunc(known.marks, func(m mark) bool { return now.Sub(m.used) >= listMemory })
		marks = known.marks
	}
	read--
	end := min(offset+limit, total)
	sp = span{skip: read, limit: limit + 2}
	nearer := func(from span, m *mark) {
		if from.skip < sp.skip {
			sp, born = from, m.born
		}
	}
	nearer(span{backwards: true, skip: max(total-end, 0), limit: end - read}, &mark{born: born})
	for i := range marks {
		m := &marks[i]
		switch {
		case m.offset == offset:
			m.used = now
			return span{key: m.key, limit: limit + 1}, offset, m.born
		case m.offset != end && now.Sub(m.born) >= listMemory:
			// What came and went since makes it no measure for other places.
		case m.offset < offset:
			nearer(span{key: m.key, skip: read - m.offset, limit: limit + 2}, m)
		case m.offset >= end:
			nearer(span{key: m.key, backwards: true, skip: m.offset - end, limit: end - read}, m)
		}
	}
	return sp, read, born
}

// note remembers places of a list, if the list is known.
func (l *longLists) note(key listKey, marks ...mark) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.of[key]
	if known == nil {
		return
	}
	for _, m := range marks {
		m.used = time.Now()
		at, there := slices.BinarySearchFunc(known.marks, m, func(a, b mark) int { return cmp.Compare(a.offset, b.offset) })
		if there {
			known.marks[at] = m
			continue
		}
		known.marks = slices.Insert(known.marks, at, m)
		if len(known.marks) > marksMax {
			oldest := slices.MinFunc(known.marks, func(a, b mark) int { return a.used.Compare(b.used) })
			known.marks = slices.DeleteFunc(known.marks, func(m mark) bool { return m.offset == oldest.offset })
		}
	}
}

// turn waits for the application's turn if a selection is found only by looking at
// many items. The turn lasts until end is called.
func (r Reader) turn(ctx context.Context, s *selection) (end func(), err error) {
	end = func() {}
	if s.walked == nil || r.known == nil {
		return end, nil
	}
	looked, err := one(ctx, r.db, scanValue[int64], s.walked.counting(), append(slices.Clone(s.walked.args), r.known.small+1)...)
	if err != nil || looked <= r.known.small {
		return end, err
	}
	return r.takeTurn(ctx, s)
}

// takeTurn waits for the application's turn, unless it is the caller's already.
func (r Reader) takeTurn(ctx context.Context, s *selection) (end func(), err error) {
	if s.held {
		return func() {}, nil
	}
	end, err = r.known.turns.begin(ctx, s.application())
	s.held = err == nil
	return end, err
}

// counting is the statement that counts a selection, up to a limit.
func (s selection) counting() string {
	return fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT $%d) counted`, s.from, len(s.args)+1)
}

// count returns how many items a selection has, and whether it is long: then
// that was true within the last minute.
func (r Reader) count(ctx context.Context, s selection, key listKey) (total int64, long bool, err error) {
	if r.known == nil {
		total, err = one(ctx, r.db, scanValue[int64], `SELECT COUNT(*) FROM `+s.from, s.args...)
		return total, false, err
	}
	if total, known := r.known.total(key); known {
		return total, true, nil
	}
	total, err = one(ctx, r.db, scanValue[int64], s.counting(), append(slices.Clone(s.args), r.known.small+1)...)
	if err != nil || total <= r.known.small {
		r.known.forget(key)
		return total, false, err
	}
	end, err := r.takeTurn(ctx, &s)
	if err != nil {
		return 0, false, err
	}
	defer end()
	if total, known := r.known.total(key); known { // another counted it meanwhile
		return total, true, nil
	}
	total, err = one(ctx, r.db, scanValue[int64], `SELECT COUNT(*) FROM `+s.from, s.args...)
	if err != nil {
		return 0, false, err
	}
	r.known.counted(key, s.application(), total)
	return total, true, nil
}

// application is whose items are selected.
func (s selection) application() chat.ApplicationID { return s.args[0].(chat.ApplicationID) }

// longRequest asks for a part of a list that is long.
type longRequest struct {
	list          listKey
	offset, limit int64
	total         int64 // of the list, when it was counted
}

// longPage reads a page of a long list, as numbered. What it finds at the list's
// end corrects the total.
func longPage[T any](ctx context.Context, r Reader, s selection, order []criterion, columns string, scan func(row) (T, error), q longRequest) ([]T, int64, error) {
	sp, read, born := r.known.start(q.list, q.offset, q.limit, q.total)
	if q.offset >= q.total && (sp.key == nil || read < q.offset) {
		return nil, q.total, nil
	}
	if sp.skip > r.known.small || s.sorts(order) {
		end, err := r.takeTurn(ctx, &s)
		if err != nil {
			return nil, 0, err
		}
		defer end()
		sp, read, born = r.known.start(q.list, q.offset, q.limit, q.total) // it may be known by now
	}
	rows, keys, err := readSpan(ctx, r, s, order, columns, scan, sp)
	if err != nil {
		return nil, 0, err
	}
	if sp.backwards {
		slices.Reverse(rows)
		slices.Reverse(keys)
	}
	if read < q.offset && len(rows) > 0 && (!sp.backwards || len(rows) == int(sp.limit)) {
		r.known.note(q.list, mark{offset: q.offset, key: keys[0], born: born})
		rows, keys = rows[1:], keys[1:]
	}
	more := len(rows) > int(q.limit)
	rows = rows[:min(len(rows), int(q.limit))]
	end := q.offset + int64(len(rows))
	if len(rows) > 0 {
		r.known.note(q.list, mark{offset: end, key: keys[len(rows)-1], born: born})
	}
	switch {
	case more:
		return rows, max(q.total, end+1), nil
	case sp.backwards:
		return rows, max(q.total, end), nil
	case len(rows) == 0:
		return rows, min(q.total, q.offset), nil
	}
	return rows, end, nil
}
