package engine

import (
	"context"
	"fmt"
	"io"
	"os"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/transfer"
)

// exportBatch is how many items are read, written and noted at once.
const exportBatch = 500

// exportRead returns the items that follow a place, and the place behind them.
// There are none only at the end.
type exportRead func(ctx context.Context, r store.Reader, app chat.ApplicationID, place string) (items []any, next string, err error)

var exportReads = map[chat.JobType]exportRead{
	chat.UserExport:    exportUsers,
	chat.ChannelExport: exportChannels,
	chat.MessageExport: exportMessages,
}

// runExport writes what is left of an export. What it writes is on disk before
// it is noted.
func (e *Engine) runExport(ctx context.Context, job chat.Job) error {
	file, err := e.jobs.files.create(job.File)
	if err != nil {
		return err
	}
	defer file.Close()
	read := exportReads[job.Type]
	for p := job.Progress; ; {
		items, place, err := read(ctx, e.store.Reader, job.Application, p.Cursor)
		if err != nil {
			return err
		}
		var text []byte
		for i, item := range items {
			text = transfer.Append(text, item, p.Done == 0 && i == 0)
		}
		if len(items) == 0 {
			text = transfer.End(text, p.Done == 0)
		}
		if err := e.writeAt(file, text, p.Offset); err != nil {
			return err
		}
		if len(items) == 0 {
			return nil
		}
		p.Done, p.Offset, p.Cursor = p.Done+int64(len(items)), p.Offset+int64(len(text)), place
		if err := e.noteExport(ctx, job, p); err != nil {
			return err
		}
	}
}

// writeAt replaces what a file has behind an offset.
func (e *Engine) writeAt(file *os.File, text []byte, offset int64) error {
	if err := file.Truncate(offset); err != nil {
		return err
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		return err
	}
	return e.jobs.files.sync(file)
}

func (e *Engine) noteExport(ctx context.Context, job chat.Job, p chat.JobProgress) error {
	return e.store.Update(ctx, 0, func(tx *store.Tx) error {
		going, err := tx.AdvanceJob(ctx, job.Application, job.ID, p, nil)
		if err == nil && !going {
			err = errCancelled
		}
		return err
	})
}

// A place is the numbers of the last item, separated by spaces.

func numbers(place string, into ...any) error {
	if place == "" {
		return nil
	}
	_, err := fmt.Sscan(place, into...)
	return err
}

func exportUsers(ctx context.Context, r store.Reader, app chat.ApplicationID, place string) (items []any, next string, err error) {
	var after chat.UserID
	if err := numbers(place, &after); err != nil {
		return nil, "", err
	}
	users, keys, err := r.UsersAfter(ctx, app, after, exportBatch)
	for i, u := range users {
		items = append(items, transfer.User{
			Key: keys[i], Name: u.Name, DisplayName: u.DisplayName, Guest: u.Guest, Picture: u.Picture,
			Properties: u.Properties, CreatedAt: u.CreatedAt,
		})
		next = fmt.Sprint(u.ID)
	}
	return items, next, err
}

// exportChannels writes one item for each channel, or several for one of many
// members, each with some of them.
func exportChannels(ctx context.Context, r store.Reader, app chat.ApplicationID, place string) ([]any, string, error) {
	var channel chat.ChannelID
	var member chat.UserID // the last one written; zero if there are no more
	if err := numbers(place, &channel, &member); err != nil {
		return nil, "", err
	}
	if member != 0 {
		channel-- // the same channel once more
	}
	c, err := r.ChannelAfter(ctx, app, channel)
	if err != nil || c == nil {
		return nil, "", err
	}
	if c.ID != channel+1 {
		member = 0 // the channel was deleted meanwhile
	}
	members, err := r.MembershipsAfter(ctx, app, c.ID, member, exportBatch)
	if err != nil {
		return nil, "", err
	}
	if member != 0 && len(members) == 0 {
		return exportChannels(ctx, r, app, fmt.Sprint(c.ID, 0))
	}
	item := transfer.Channel{
		Type: c.Type, Name: c.Name, DisplayName: c.DisplayName, Creator: c.Creator, Members: []string{}, Moderators: &[]string{},
		Properties: c.Properties, CreatedAt: c.CreatedAt,
	}
	if !isJobKey(c.Key) {
		item.Key = c.Key
	}
	if c.Type == chat.Direct {
		item.DisplayName = ""
	}
	next := fmt.Sprint(c.ID, 0)
	for _, m := range members {
		item.Members = append(item.Members, m.Name)
		if m.Moderator {
			*item.Moderators = append(*item.Moderators, m.Name)
		}
		if len(members) == exportBatch {
			next = fmt.Sprint(c.ID, m.User)
		}
	}
	return []any{item}, next, nil
}

func exportMessages(ctx context.Context, r store.Reader, app chat.ApplicationID, place string) (items []any, next string, err error) {
	var channel chat.ChannelID
	var id chat.MessageID
	var at int64
	if err := numbers(place, &channel, &at, &id); err != nil {
		return nil, "", err
	}
	c, err := r.ChannelAfter(ctx, app, max(channel-1, 0))
	for ; err == nil && c != nil; c, err = r.ChannelAfter(ctx, app, c.ID) {
		if c.ID != channel {
			at, id = -1, 0
		}
		for {
			messages, err := r.MessagesAfter(ctx, app, c.ID, at, id, exportBatch)
			if err != nil || len(messages) == 0 {
				if err != nil {
					return nil, "", err
				}
				break
			}
			last := messages[len(messages)-1]
			at, id = last.CreatedAt.UnixMicro(), last.ID
			for _, m := range messages {
				if !m.Gone {
					items = append(items, exportedMessage(c.Name, m))
				}
			}
			if len(items) > 0 {
				return items, fmt.Sprint(c.ID, at, id), nil
			}
		}
	}
	return nil, "", err
}

func exportedMessage(channel string, m store.ExportedMessage) transfer.Message {
	item := transfer.Message{
		Key: m.Key, Type: m.Type, ChannelName: channel, Body: m.Body, GroupTag: m.GroupTag, Properties: m.Properties, CreatedAt: m.CreatedAt,
	}
	if item.Key == "" {
		item.Key = store.MessageKey(m.ID, m.CreatedAt)
	}
	if m.Author != nil {
		item.User = m.Author.Name
	}
	if !m.ParentTime.IsZero() {
		if item.Parent = m.ParentKey; item.Parent == "" {
			item.Parent = store.MessageKey(m.Parent, m.ParentTime)
		}
	}
	return item
}
