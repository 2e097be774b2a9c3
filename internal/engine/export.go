package engine

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

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
		if strings.HasPrefix(u.Picture, chat.FilesPath) {
			u.Picture = "" // its file stays here
		}
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
func exportChannels(ctx context.Context, r store.Reader, app chat.ApplicationID, place string) (items []any, next string, err error) {
	var channel chat.ChannelID // to go on with
	var member chat.UserID     // of it, the last one written
	if err := numbers(place, &channel, &member); err != nil {
		return nil, "", err
	}
	channels, err := r.ChannelsAfter(ctx, app, channel-1, exportBatch)
	if err != nil {
		return nil, "", err
	}
	count := 0 // of the members written
	for _, c := range channels {
		if c.ID > channel {
			member = 0 // the channel was deleted meanwhile
		}
		members, err := r.MembershipsAfter(ctx, app, c.ID, member, exportBatch)
		if err != nil {
			return nil, "", err
		}
		if member == 0 || len(members) > 0 {
			items = append(items, exportedChannel(c, members))
		}
		if len(members) == exportBatch {
			channel, member = c.ID, members[exportBatch-1].User
			break
		}
		channel, member = c.ID+1, 0
		if count += len(members); count >= exportBatch {
			break
		}
	}
	return items, fmt.Sprint(channel, member), nil
}

func exportedChannel(c store.ExportedChannel, members []store.ExportedMember) transfer.Channel {
	item := transfer.Channel{
		Type: c.Type, Name: c.Name, DisplayName: c.DisplayName, Creator: c.Creator, Members: []string{}, Moderators: &[]string{},
		Properties: c.Properties, CreatedAt: c.CreatedAt,
	}
	if !isJobKey(c.Key) {
		item.Key = c.Key
	}
	ids := make([]chat.UserID, len(members))
	for i, m := range members {
		ids[i] = m.User
		item.Members = append(item.Members, m.Name)
		if m.Moderator {
			*item.Moderators = append(*item.Moderators, m.Name)
		}
	}
	if c.Type == chat.Direct {
		item.DisplayName = ""
		key, err := chat.DirectKey(ids)
		item.Incomplete = err != nil || key != c.DirectKey
	}
	return item
}

func exportMessages(ctx context.Context, r store.Reader, app chat.ApplicationID, place string) (items []any, next string, err error) {
	var channel chat.ChannelID // to go on with
	var at int64               // of it, the last message written
	var id chat.MessageID
	if err := numbers(place, &channel, &at, &id); err != nil {
		return nil, "", err
	}
	for len(items) < exportBatch {
		channels, err := r.ChannelsAfter(ctx, app, channel-1, 1)
		if err != nil || len(channels) == 0 {
			return items, fmt.Sprint(channel, at, id), err
		}
		c := channels[0]
		if c.ID > channel {
			channel, at, id = c.ID, -1, 0
		}
		room := exportBatch - len(items)
		messages, err := r.MessagesAfter(ctx, app, c.ID, at, id, room)
		if err != nil {
			return nil, "", err
		}
		for _, m := range messages {
			at, id = m.CreatedAt.UnixMicro(), m.ID
			if !m.Gone {
				items = append(items, exportedMessage(c.Name, m))
			}
		}
		if len(messages) < room {
			channel, at, id = c.ID+1, -1, 0
		}
	}
	return items, fmt.Sprint(channel, at, id), nil
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
	if m.Parent != 0 {
		if item.Parent = m.ParentKey; item.Parent == "" {
			item.Parent = store.MessageKey(m.Parent, m.ParentTime)
		}
	}
	return item
}
