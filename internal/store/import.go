package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"openkitty/internal/chat"
)

// ImportedMessage is a message with the key that it was imported under, if any.
type ImportedMessage struct {
	chat.Message
	Key string
}

// The kinds of import_key. They are stored.
const (
	userKey    = 1
	channelKey = 2
)

// ImportUsers creates users under the keys beside them, which may be empty. It
// passes over those whose name or key there is already, and returns how many are
// new.
func (tx *Tx) ImportUsers(ctx context.Context, app chat.ApplicationID, users []chat.User, keys []string) (int, error) {
	known, err := tx.keysKnown(ctx, app, userKey, keys)
	if err != nil {
		return 0, wrap(err, "import %d users", len(users))
	}
	keyOf := map[string]string{} // by name
	fresh := make([]chat.User, 0, len(users))
	for i, u := range users {
		if key := keys[i]; key != "" {
			if known[key] {
				continue
			}
			known[key] = true
			if keyOf[u.Name] == "" {
				keyOf[u.Name] = key
			}
		}
		fresh = append(fresh, u)
	}
	created, err := tx.insertUsers(ctx, app, fresh)
	for _, u := range created {
		if key := keyOf[u.Name]; key != "" && err == nil {
			err = tx.noteKey(ctx, app, userKey, key, int64(u.ID))
		}
	}
	return len(created), wrap(err, "import %d users", len(users))
}

// insertUsers returns those users that are new, with their ids and names.
func (tx *Tx) insertUsers(ctx context.Context, app chat.ApplicationID, users []chat.User) (created []chat.User, err error) {
	for i, n := range portions(len(users)) {
		args := make([]any, 0, n*8)
		for _, u := range users[i : i+n] {
			args = append(args, app, u.Name, u.DisplayName, searchable(u.Name, u.DisplayName), u.Picture, u.Guest, string(u.Properties),
				u.CreatedAt.UnixMicro())
		}
		inserted, err := many(ctx, tx.db, func(r row) (u chat.User, err error) {
			err = r.Scan(&u.ID, &u.Name)
			return u, err
		}, rows(`
			INSERT INTO chat_user (application_id, name, display_name, search, picture, guest, properties, created_at)
			VALUES `, 8, n, `
			ON CONFLICT DO NOTHING
			RETURNING id, name`), args...)
		if err != nil {
			return nil, err
		}
		created = append(created, inserted...)
	}
	return created, nil
}

// keysKnown returns which of some keys were noted.
func (tx *Tx) keysKnown(ctx context.Context, app chat.ApplicationID, kind int, keys []string) (map[string]bool, error) {
	known := map[string]bool{}
	keys = slices.DeleteFunc(distinct(keys), func(key string) bool { return key == "" })
	found, err := manyOf(ctx, tx.db, scanValue[string], `
		SELECT k.key
		FROM import_key k
		WHERE k.application_id = $1 AND k.kind = $2 AND k.key IN (list)`,
		keys, app, kind)
	for _, key := range found {
		known[key] = true
	}
	return known, err
}

func (tx *Tx) noteKey(ctx context.Context, app chat.ApplicationID, kind int, key string, subject int64) error {
	return wrap(tx.exec(ctx, `
		INSERT INTO import_key (application_id, kind, key, subject)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (application_id, kind, key) DO UPDATE SET subject = excluded.subject`,
		app, kind, key, subject), "note the key %q of an import", key)
}

func (tx *Tx) forgetKey(ctx context.Context, app chat.ApplicationID, kind int, subject int64) error {
	return wrap(tx.exec(ctx, `
		DELETE FROM import_key
		WHERE application_id = $1 AND kind = $2 AND subject = $3`,
		app, kind, subject), "forget the key of an import")
}

// ChannelByKey returns the channel that was imported under a key.
func (r Reader) ChannelByKey(ctx context.Context, app chat.ApplicationID, key string) (chat.Channel, error) {
	c, err := one(ctx, r.db, scanChannel, `
		SELECT `+channelColumns+`
		FROM import_key k
		JOIN channel c ON c.application_id = k.application_id AND c.id = k.subject
		WHERE k.application_id = $1 AND k.kind = $3 AND k.key = $2`,
		app, key, channelKey)
	return c, wrap(absent(err, chat.Errorf(chat.NotFound, "no channel was imported under the key %q", key)), "read an imported channel")
}

// KeyChannel notes the key that a channel was imported under.
func (tx *Tx) KeyChannel(ctx context.Context, app chat.ApplicationID, id chat.ChannelID, key string) error {
	return tx.noteKey(ctx, app, channelKey, key, int64(id))
}

// KeyedMessage names a message that was imported under a key.
type KeyedMessage struct {
	Key     string
	ID      chat.MessageID
	Channel chat.ChannelID
	Parent  chat.MessageID
	created int64
}

// MessagesByKey returns those messages that were imported, or would be exported,
// under one of the keys.
func (r Reader) MessagesByKey(ctx context.Context, app chat.ApplicationID, keys []string) ([]KeyedMessage, error) {
	keys = distinct(keys)
	found, err := manyOf(ctx, r.db, scanKeyed, `
		SELECT t.import_key, t.id, t.channel_id, t.parent_id, t.created_at
		FROM message t
		WHERE t.application_id = $1 AND t.import_key <> '' AND t.import_key IN (list)`,
		keys, app)
	if err != nil {
		return nil, wrap(err, "look for %d imported messages", len(keys))
	}
	own, err := r.messagesByOwnKey(ctx, app, keys)
	return append(found, own...), err
}

// messagesByOwnKey takes keys in order.
func (r Reader) messagesByOwnKey(ctx context.Context, app chat.ApplicationID, keys []string) ([]KeyedMessage, error) {
	var ids []chat.MessageID
	for _, key := range keys {
		if id, ok := parseMessageKey(key); ok {
			ids = append(ids, id)
		}
	}
	candidates, err := manyOf(ctx, r.db, scanKeyed, `
		SELECT '', t.id, t.channel_id, t.parent_id, t.created_at
		FROM message t
		WHERE t.application_id = $1 AND t.id IN (list)`,
		distinct(ids), app)
	var found []KeyedMessage
	for _, k := range candidates {
		k.Key = MessageKey(k.ID, moment(k.created))
		if _, asked := slices.BinarySearch(keys, k.Key); asked {
			found = append(found, k)
		}
	}
	return found, wrap(err, "look for %d messages", len(ids))
}

func scanKeyed(r row) (k KeyedMessage, err error) {
	err = r.Scan(&k.Key, &k.ID, &k.Channel, &k.Parent, &k.created)
	return k, err
}

// MessageIDs returns n ids for messages that are about to be imported.
func (tx *Tx) MessageIDs(ctx context.Context, n int) ([]chat.MessageID, error) {
	ids := make([]chat.MessageID, n)
	for i := range ids {
		id, err := tx.messageID(ctx)
		if err != nil {
			return nil, err
		}
		ids[i] = chat.MessageID(id)
	}
	return ids, nil
}

// ImportMessages stores messages, which have ids, in their channels. Those of a
// channel are one change of it, whose number they share, and it sorts them by channel.
// Nothing is told of it.
func (tx *Tx) ImportMessages(ctx context.Context, app chat.ApplicationID, messages []ImportedMessage) error {
	// Channels in one order everywhere: two transactions never wait for each other.
	slices.SortStableFunc(messages, func(a, b ImportedMessage) int { return cmp.Compare(a.Channel, b.Channel) })
	for first := 0; first < len(messages); {
		end := first
		for end < len(messages) && messages[end].Channel == messages[first].Channel {
			end++
		}
		if err := tx.importInto(ctx, app, messages[first].Channel, messages[first:end]); err != nil {
			return wrap(err, "import %d messages into channel %d", end-first, messages[first].Channel)
		}
		first = end
	}
	return nil
}

func (tx *Tx) importInto(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, messages []ImportedMessage) error {
	latest, replies := messages[0].Message, 0
	answered := map[chat.MessageID]int{}
	for i := range messages {
		m := &messages[i]
		if m.Parent != 0 {
			answered[m.Parent]++
			replies++
		}
		if !m.CreatedAt.Before(latest.CreatedAt) {
			latest = m.Message
		}
	}
	sequence, err := tx.countImported(ctx, app, latest, len(messages), replies)
	if err != nil {
		return err
	}
	for i := range messages {
		messages[i].Sequence = sequence
	}
	if err := tx.insertMessages(ctx, app, messages); err != nil {
		return err
	}
	for parent, n := range answered {
		if err := tx.exec(ctx, `
			UPDATE message
			SET reply_count = reply_count + $3
			WHERE application_id = $1 AND id = $2`,
			app, parent, n); err != nil {
			return err
		}
	}
	if err := tx.countCleared(ctx, app, channel, messages); err != nil {
		return err
	}
	return tx.insertChange(ctx, app, chat.Change{
		Stream: chat.Stream{Channel: channel}, Sequence: sequence, Kind: chat.MessagesImported, Subject: int64(latest.ID), At: tx.now,
	})
}

// countImported counts messages of a channel, and makes the latest of them the
// channel's last unless a later one is there. It returns the number of the change.
func (tx *Tx) countImported(ctx context.Context, app chat.ApplicationID, latest chat.Message, count, replies int) (int64, error) {
	sequence, err := one(ctx, tx.db, scanValue[int64], `
		UPDATE channel
		SET sequence = sequence + 1, message_count = message_count + $3, reply_count = reply_count + $4,
			active_at = CASE WHEN active_at < $5 THEN $5 ELSE active_at END,
			last_message_id = CASE
				WHEN (SELECT t.created_at FROM message t WHERE t.id = channel.last_message_id AND t.channel_id = channel.id) > $5
				THEN last_message_id ELSE $6 END
		WHERE application_id = $1 AND id = $2
		RETURNING sequence`,
		app, latest.Channel, count, replies, latest.CreatedAt.UnixMicro(), int64(latest.ID))
	return sequence, absent(err, chat.NoChannel(latest.Channel))
}

func (tx *Tx) insertMessages(ctx context.Context, app chat.ApplicationID, messages []ImportedMessage) error {
	args := make([]any, 0, min(len(messages), portionMax)*13)
	for first, n := range portions(len(messages)) {
		args = args[:0]
		for i := range n {
			m := &messages[first+i]
			var author chat.UserID
			if m.Author != nil {
				author = m.Author.ID
			}
			args = append(args, m.ID, app, m.Channel, string(m.Type), author, m.Body, m.GroupTag, string(m.Properties), m.Sequence,
				m.CreatedAt.UnixMicro(), m.Parent, encodeMentions(m.Mentions), m.Key)
		}
		err := tx.exec(ctx, rows(`
			INSERT INTO message (id, application_id, channel_id, type, author_id, body, group_tag, properties, sequence, created_at,
				parent_id, mentions, import_key)
			VALUES `, 13, n, ""), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// countCleared counts messages from before members cleared the history among
// what they cleared.
func (tx *Tx) countCleared(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, messages []ImportedMessage) error {
	oldest, last := messages[0].CreatedAt, messages[0].ID
	for i := range messages {
		if at := messages[i].CreatedAt; at.Before(oldest) {
			oldest = at
		}
		last = max(last, messages[i].ID)
	}
	return tx.exec(ctx, `
		UPDATE membership
		SET cleared_count = cleared_count + (
			SELECT COUNT(*)
			FROM message t
			WHERE t.id >= $3 AND t.id <= $4 AND t.sequence = $5 AND t.channel_id = membership.channel_id
				AND t.created_at <= membership.cleared_at)
		WHERE application_id = $1 AND channel_id = $2 AND cleared_at <> 0 AND cleared_at >= $6`,
		app, channel, messages[0].ID, last, messages[0].Sequence, oldest.UnixMicro())
}

// portionMax is how many rows one statement inserts.
const portionMax = 32

// portions cuts n rows into portions of powers of two, so that few statements
// have to be prepared: pairs of a portion's first row and its length.
func portions(n int) func(yield func(first, length int) bool) {
	return func(yield func(int, int) bool) {
		for first := 0; first < n; {
			length := portionMax
			for length > n-first {
				length /= 2
			}
			if !yield(first, length) {
				return
			}
			first += length
		}
	}
}

// rows is a statement with the parameters of n rows between its two halves.
func rows(before string, columns, n int, after string) string {
	type key struct {
		before string
		n      int
	}
	if text, ok := rowTexts.Load(key{before, n}); ok {
		return text.(string)
	}
	var text strings.Builder
	text.WriteString(before)
	for i := range n * columns {
		switch {
		case i == 0:
			text.WriteByte('(')
		case i%columns == 0:
			text.WriteString("), (")
		default:
			text.WriteByte(',')
		}
		text.WriteString("$" + strconv.Itoa(i+1))
	}
	text.WriteString(")" + after)
	rowTexts.Store(key{before, n}, text.String())
	return text.String()
}

// rowTexts keeps the texts of rows: four for each statement of this file.
var rowTexts sync.Map
