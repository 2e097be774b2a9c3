package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"openkitty/internal/chat"
)

// mentionRow is a mention as a message's row holds it.
type mentionRow struct {
	start, end int
	channel    bool
	id         int64
}

// encodeMentions writes mentions as "3-9@102 12-15#107": the bytes of the body
// that they take, and the id of the user or channel.
func encodeMentions(mentions []chat.Mention) string {
	var text strings.Builder
	for i, m := range mentions {
		if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(strconv.Itoa(m.Start) + "-" + strconv.Itoa(m.End))
		if m.User != nil {
			text.WriteString("@" + strconv.FormatInt(int64(m.User.ID), 10))
		} else {
			text.WriteString("#" + strconv.FormatInt(int64(m.Channel.ID), 10))
		}
	}
	return text.String()
}

// decodeMentions undoes encodeMentions.
func decodeMentions(text string) ([]mentionRow, error) {
	var mentions []mentionRow
	for part := range strings.FieldsSeq(text) {
		var m mentionRow
		var sign rune
		if _, err := fmt.Sscanf(part, "%d-%d%c%d", &m.start, &m.end, &sign, &m.id); err != nil {
			return nil, fmt.Errorf("read the mention %q: %w", part, err)
		}
		m.channel = sign == '#'
		mentions = append(mentions, m)
	}
	return mentions, nil
}

// completeMessages adds to messages what other tables hold, with one query for
// each kind however many messages there are, and none for what they lack.
func (r Reader) completeMessages(ctx context.Context, app chat.ApplicationID, rows []messageRow) ([]chat.Message, error) {
	messages := make([]chat.Message, len(rows))
	mentions := map[int][]mentionRow{} // by index
	var reacted []chat.MessageID
	for i := range rows {
		messages[i] = rows[i].Message
		if rows[i].emojis > 0 {
			reacted = append(reacted, rows[i].ID)
		}
		if rows[i].mentions != "" {
			found, err := decodeMentions(rows[i].mentions)
			if err != nil {
				return nil, fmt.Errorf("message %d: %w", rows[i].ID, err)
			}
			mentions[i] = found
		}
	}
	if err := r.addMentions(ctx, app, messages, mentions); err != nil {
		return nil, err
	}
	if err := r.addFiles(ctx, app, messages); err != nil {
		return nil, err
	}
	if err := r.addPreviews(ctx, app, messages); err != nil {
		return nil, err
	}
	return messages, r.addReactions(ctx, app, messages, reacted)
}

// addMentions gives messages their mentions; those of users and channels that
// are gone are text again.
func (r Reader) addMentions(ctx context.Context, app chat.ApplicationID, messages []chat.Message, mentions map[int][]mentionRow) error {
	if len(mentions) == 0 {
		return nil
	}
	var userIDs []chat.UserID
	var channelIDs []chat.ChannelID
	for _, found := range mentions {
		for _, m := range found {
			if m.channel {
				channelIDs = append(channelIDs, chat.ChannelID(m.id))
			} else {
				userIDs = append(userIDs, chat.UserID(m.id))
			}
		}
	}
	users, err := r.Users(ctx, app, userIDs)
	if err != nil {
		return err
	}
	channels, err := r.Channels(ctx, app, channelIDs)
	if err != nil {
		return err
	}
	subjects := map[mentionRow]chat.Mention{}
	for i := range users {
		subjects[mentionRow{id: int64(users[i].ID)}] = chat.Mention{User: &users[i]}
	}
	for i := range channels {
		shown := channels[i].Mentioned()
		subjects[mentionRow{id: int64(shown.ID), channel: true}] = chat.Mention{Channel: &shown}
	}
	for i, found := range mentions {
		for _, m := range found {
			if mention, known := subjects[mentionRow{id: m.id, channel: m.channel}]; known {
				mention.Start, mention.End = m.start, m.end
				messages[i].Mentions = append(messages[i].Mentions, mention)
			}
		}
	}
	return nil
}

// lastMessages returns of channels' last messages those that the viewer sees,
// and for those hidden from the viewer the last one that is not. It takes more
// than one query only if there are some of those.
func (r Reader) lastMessages(ctx context.Context, app chat.ApplicationID, viewer chat.UserID, ids []chat.MessageID) ([]chat.Message, error) {
	rows, err := r.visibleMessages(ctx, app, viewer, ids)
	if err != nil {
		return nil, err
	}
	if hidden := without(ids, rows); len(hidden) > 0 {
		instead, err := r.precedents(ctx, app, viewer, hidden)
		if err != nil {
			return nil, err
		}
		others, err := r.visibleMessages(ctx, app, viewer, instead)
		if err != nil {
			return nil, err
		}
		rows = append(rows, others...)
	}
	return r.completeMessages(ctx, app, rows)
}

// without returns the ids of which there is no row.
func without(ids []chat.MessageID, rows []messageRow) (missing []chat.MessageID) {
	there := make(map[chat.MessageID]bool, len(rows))
	for i := range rows {
		there[rows[i].ID] = true
	}
	for _, id := range ids {
		if !there[id] {
			missing = append(missing, id)
		}
	}
	return missing
}

func (r Reader) visibleMessages(ctx context.Context, app chat.ApplicationID, viewer chat.UserID, ids []chat.MessageID) ([]messageRow, error) {
	rows, err := manyOf(ctx, r.db, scanMessage, `
		SELECT `+messageColumns+`
		FROM message t
		LEFT JOIN chat_user u ON u.application_id = t.application_id AND u.id = t.author_id
		WHERE t.application_id = $1 AND t.id IN (list) AND `+visible,
		ids, app, viewer)
	if err != nil {
		return nil, fmt.Errorf("read %d messages: %w", len(ids), err)
	}
	return rows, nil
}

// precedents returns for each of some messages the last of its channel that the
// viewer sees, or zero.
func (r Reader) precedents(ctx context.Context, app chat.ApplicationID, viewer chat.UserID, ids []chat.MessageID) ([]chat.MessageID, error) {
	instead, err := manyOf(ctx, r.db, scanValue[chat.MessageID], `
		SELECT COALESCE((
			SELECT t.id
			FROM message t
			WHERE t.application_id = last.application_id AND t.channel_id = last.channel_id AND `+visible+`
			ORDER BY t.created_at DESC, t.id DESC
			LIMIT 1), 0)
		FROM message last
		WHERE last.application_id = $1 AND last.id IN (list)`,
		ids, app, viewer)
	if err != nil {
		return nil, fmt.Errorf("read what precedes %d hidden messages: %w", len(ids), err)
	}
	return instead, nil
}

// maybeMicro is how a moment is stored that may not have come.
func maybeMicro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// maybeMoment is a moment that may not have come, which is stored as zero.
func maybeMoment(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return moment(micro)
}
