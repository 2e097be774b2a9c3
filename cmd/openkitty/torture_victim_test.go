package main

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/client"
)

// victim is a client, what an application would show, and the line it has.
type victim struct {
	name    string
	line    *brokenLine
	client  *client.Client // nil in Node.js
	channel *client.Channel
	// blind says that its package has no handler for deletions.
	blind bool

	mu        sync.Mutex
	order     []int64          // ids of messages in the order of their creation
	shown     map[int64]string // bodies by id
	reactions map[reacted]bool // of the Go SDK alone, as what follows
	read      map[string]int64 // the latest receipt of each member
	unread    client.Message   // the latest of somebody else's
	repeats   int
}

// reacted is who reacted to which message.
type reacted struct {
	Message int64
	User    string
}

func newVictim(t *testing.T, name, server string) *victim {
	return &victim{
		name: name, line: newBrokenLine(t, server),
		shown: map[int64]string{}, reactions: map[reacted]bool{}, read: map[string]int64{},
	}
}

// handlers are those of the Go SDK.
func (v *victim) handlers() client.ChatHandlers {
	return client.ChatHandlers{
		OnMessage: func(m client.Message) {
			v.created(int64(m.ID), m.Body)
			if m.User.Name != v.name {
				v.mu.Lock()
				defer v.mu.Unlock()
				v.unread = m
			}
		},
		OnMessageUpdated:  func(m client.Message) { v.updated(int64(m.ID), m.Body) },
		OnMessageDeleted:  func(m client.Message) { v.deleted(int64(m.ID)) },
		OnReactionAdded:   func(r client.Reaction) { v.react(r, true) },
		OnReactionRemoved: func(r client.Reaction) { v.react(r, false) },
		OnMessageRead: func(r client.ReadReceipt) {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.read[r.User.Name] = int64(r.MessageID)
		},
	}
}

func (v *victim) react(r client.Reaction, there bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reactions[reacted{int64(r.MessageID), r.User.Name}] = there
}

// latest is the latest message of somebody else's.
func (v *victim) latest() client.Message {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.unread
}

func (v *victim) created(id int64, body string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if slices.Contains(v.order, id) {
		v.repeats++
	} else {
		v.order = append(v.order, id)
	}
	v.shown[id] = body
}

func (v *victim) updated(id int64, body string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, known := v.shown[id]; known {
		v.shown[id] = body
	}
}

func (v *victim) deleted(id int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.shown, id)
}

// said is a message as the database has it.
type said struct {
	ID        int64
	Body      string
	Reactions []string // who reacted, sorted
}

// truth is what the database has of a channel.
type truth struct {
	Messages []said
	Read     map[string]int64 // the message up to which each member has read
}

// stored reads what everybody should show.
func stored(t *testing.T, db *sql.DB) map[client.ChannelID]*truth {
	all := map[client.ChannelID]*truth{}
	of := func(channel client.ChannelID) *truth {
		if all[channel] == nil {
			all[channel] = &truth{Read: map[string]int64{}}
		}
		return all[channel]
	}
	users := map[int64][]string{}
	each(t, db, `
		SELECT r.message_id, u.name
		FROM reaction r
		JOIN chat_user u ON u.id = r.user_id
		ORDER BY u.name`, func(message int64, user string) { users[message] = append(users[message], user) })
	each(t, db, `
		SELECT channel_id, CAST(id AS TEXT) || ' ' || body
		FROM message
		WHERE deleted_at = 0
		ORDER BY channel_id, sequence`, func(channel int64, text string) {
		var m said
		if _, err := fmt.Sscan(text, &m.ID); err != nil {
			t.Fatal(err)
		}
		m.Body, m.Reactions = text[len(fmt.Sprint(m.ID))+1:], users[m.ID]
		to := of(client.ChannelID(channel))
		to.Messages = append(to.Messages, m)
	})
	for _, channel := range slices.Collect(maps.Keys(all)) {
		each(t, db, fmt.Sprintf(`
			SELECT m.read_message_id, u.name
			FROM membership m
			JOIN chat_user u ON u.id = m.user_id
			WHERE m.read_message_id <> 0 AND m.channel_id = %d`, channel),
			func(message int64, user string) { of(channel).Read[user] = message })
	}
	return all
}

// each reads rows of a number and a text.
func each(t *testing.T, db *sql.DB, query string, row func(number int64, text string)) {
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var text string
		if err := rows.Scan(&number, &text); err != nil {
			t.Fatal(err)
		}
		row(number, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// differs compares what the victim shows, in the order in which it heard of it.
// Published SDKs acknowledge a reaction, and then ask for its message: they may
// lose the answer, and so are not held to reactions and receipts.
func (v *victim) differs(want *truth) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	kept := map[int64]bool{}
	wanted := truth{Read: want.Read}
	for _, m := range want.Messages {
		kept[m.ID] = true
		if v.client == nil {
			m.Reactions = nil
		}
		wanted.Messages = append(wanted.Messages, m)
	}
	got := truth{Read: v.read}
	reactions := v.reactionsTo()
	for _, id := range v.order {
		if body, there := v.shown[id]; there && (kept[id] || !v.blind) {
			got.Messages = append(got.Messages, said{id, body, reactions[id]})
		}
	}
	if v.client == nil {
		wanted.Read, got.Read = nil, nil
	}
	return cmp.Diff(wanted, got)
}

// reactionsTo is who reacted to each message, sorted.
func (v *victim) reactionsTo() map[int64][]string {
	all := map[int64][]string{}
	for of, there := range v.reactions {
		if there {
			all[of.Message] = append(all[of.Message], of.User)
		}
	}
	for _, users := range all {
		slices.Sort(users)
	}
	return all
}

// recoveries are the times from a connection that is back to a client that has
// caught up.
type recoveries struct {
	mu    sync.Mutex
	since map[*victim]time.Time
	took  []time.Duration
}

func (r *recoveries) state(v *victim, s client.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch s.Status {
	case client.Reconnecting:
		r.since[v] = time.Time{}
	case client.CatchingUp:
		r.since[v] = v.line.accepted()
	case client.Connected:
		if began, away := r.since[v]; away {
			if began.IsZero() {
				began = v.line.accepted()
			}
			r.took = append(r.took, time.Since(began))
			delete(r.since, v)
		}
	}
}

func (r *recoveries) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.took) == 0 {
		return "no recoveries"
	}
	slices.Sort(r.took)
	at := func(share float64) time.Duration {
		return r.took[int(share*float64(len(r.took)-1))].Round(time.Millisecond)
	}
	return fmt.Sprintf("%d recoveries: median %v, p99 %v, most %v", len(r.took), at(.5), at(.99), at(1))
}
