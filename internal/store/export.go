package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"openkitty/internal/chat"
)

// keyOf is the key under which something was imported, or empty.
func keyOf(subject, kind string) string {
	return `COALESCE((
			SELECT MIN(k.key)
			FROM import_key k
			WHERE k.subject = ` + subject + ` AND k.kind = ` + kind + ` AND k.application_id = $1), '')`
}

// Exports walk the ids of all applications once from end to end. The sign before
// application_id keeps SQLite from collecting and sorting a whole application for
// each page.

// UsersAfter returns up to limit users of an application in the order of their
// ids, with the keys that they were imported under.
func (r Reader) UsersAfter(ctx context.Context, app chat.ApplicationID, after chat.UserID, limit int) ([]chat.User, []string, error) {
	var keys []string
	users, err := many(ctx, r.db, func(r row) (chat.User, error) {
		var u userRow
		var key string
		err := r.Scan(append(u.into(), &key)...)
		keys = append(keys, key)
		return u.value(), err
	}, `
		SELECT `+userColumns+`, `+keyOf("u.id", "$4")+`
		FROM chat_user u
		WHERE +u.application_id = $1 AND u.id > $2 AND u.deleted_at = 0
		ORDER BY u.id
		LIMIT $3`,
		app, after, limit, userKey)
	return users, keys, wrap(err, "read users to export")
}

// ExportedChannel is a channel with what its export names.
type ExportedChannel struct {
	chat.Channel
	Key     string
	Creator string // empty if there is none, or none any more
}

// ChannelsAfter returns up to limit channels of an application in the order of
// their ids.
func (r Reader) ChannelsAfter(ctx context.Context, app chat.ApplicationID, after chat.ChannelID, limit int) ([]ExportedChannel, error) {
	channels, err := many(ctx, r.db, func(r row) (e ExportedChannel, err error) {
		var c channelRow
		err = r.Scan(append(c.into(), &e.Key, &e.Creator)...)
		e.Channel = c.value()
		return e, err
	}, `
		SELECT `+channelColumns+`, `+keyOf("c.id", "$4")+`, COALESCE(u.name, '')
		FROM channel c
		LEFT JOIN chat_user u ON u.application_id = c.application_id AND u.id = c.creator_id AND u.deleted_at = 0
		WHERE +c.application_id = $1 AND c.id > $2
		ORDER BY c.id
		LIMIT $3`,
		app, after, limit, channelKey)
	return channels, wrap(err, "read channels to export")
}

// ExportedMember is a member of a channel.
type ExportedMember struct {
	User      chat.UserID
	Name      string
	Moderator bool
}

// MembershipsAfter returns up to limit members of a channel in the order of their
// ids.
func (r Reader) MembershipsAfter(ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, after chat.UserID, limit int) ([]ExportedMember, error) {
	members, err := many(ctx, r.db, func(r row) (m ExportedMember, err error) {
		err = r.Scan(&m.User, &m.Name, &m.Moderator)
		return m, err
	}, `
		SELECT m.user_id, u.name, m.moderator
		FROM membership m
		JOIN chat_user u ON u.application_id = m.application_id AND u.id = m.user_id
		WHERE m.application_id = $1 AND m.channel_id = $2 AND m.user_id > $3
		ORDER BY m.user_id
		LIMIT $4`,
		app, channel, after, limit)
	return members, wrap(err, "read the members of channel %d to export", channel)
}

// ExportedMessage is a message with what its export names. It has a parent only
// if that is exported too, and before it.
type ExportedMessage struct {
	ImportedMessage
	ParentKey  string
	ParentTime time.Time // when the parent was created
	Gone       bool      // the author was deleted
}

// MessagesAfter returns up to limit messages of a channel that were not deleted,
// in the order of time and id, after that of a time and an id.
func (r Reader) MessagesAfter(
	ctx context.Context, app chat.ApplicationID, channel chat.ChannelID, at int64, after chat.MessageID, limit int,
) ([]ExportedMessage, error) {
	messages, err := many(ctx, r.db, scanExported, `
		SELECT t.id, t.channel_id, t.type, t.body, t.group_tag, t.properties, t.created_at, t.import_key,
			CASE WHEN COALESCE(a.deleted_at, 0) = 0 THEN COALESCE(p.id, 0) ELSE 0 END, COALESCE(p.import_key, ''), COALESCE(p.created_at, 0),
			COALESCE(u.id, 0), COALESCE(u.name, ''), COALESCE(u.deleted_at, 0) <> 0
		FROM message t
		LEFT JOIN message p ON p.application_id = t.application_id AND p.id = t.parent_id AND p.deleted_at = 0
			AND p.type IN ('TEXT', 'SYSTEM_TEXT') AND (p.created_at, p.id) < (t.created_at, t.id)
		LEFT JOIN chat_user a ON a.application_id = p.application_id AND a.id = p.author_id
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND t.channel_id = $2 AND (t.created_at, t.id) > ($3, $4)
			AND t.deleted_at = 0 AND t.type IN ('TEXT', 'SYSTEM_TEXT')
		ORDER BY t.created_at, t.id
		LIMIT $5`,
		app, channel, at, after, limit)
	return messages, wrap(err, "read the messages of channel %d to export", channel)
}

func scanExported(r row) (ExportedMessage, error) {
	var m ExportedMessage
	var author chat.User
	var created, parent int64
	err := r.Scan(&m.ID, &m.Channel, &m.Type, &m.Body, &m.GroupTag, &m.Properties, &created, &m.Key,
		&m.Parent, &m.ParentKey, &parent, &author.ID, &author.Name, &m.Gone)
	m.CreatedAt, m.ParentTime = moment(created), moment(parent)
	if author.ID != 0 {
		m.Author = &author
	}
	return m, err
}

// MessageKey is the key under which a message is exported that was not imported
// under one. It is the message's own: no other, of any server, has the same id
// and was created in the same microsecond.
func MessageKey(id chat.MessageID, created time.Time) string {
	return fmt.Sprintf("message-%d-%d", id, created.UnixMicro())
}

// parseMessageKey returns the id in a MessageKey.
func parseMessageKey(key string) (chat.MessageID, bool) {
	rest, ours := strings.CutPrefix(key, "message-")
	number, _, _ := strings.Cut(rest, "-")
	id, err := strconv.ParseInt(number, 10, 64)
	return chat.MessageID(id), ours && err == nil
}
