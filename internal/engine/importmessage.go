package engine

import (
	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/transfer"
)

// messages imports messages: history, of which nobody is told. Their authors need
// not be members any more.
func (b *importBatch) messages() error {
	m := &messageImport{importBatch: b}
	for _, step := range []func() error{m.findChannels, m.findAuthors, m.findKeys, m.findMentions, m.build} {
		if err := step(); err != nil {
			return err
		}
	}
	return b.tx.ImportMessages(b.ctx, b.job.Application, m.built)
}

// messageImport is what the items of one batch refer to. Each is looked up for
// all of them at once.
type messageImport struct {
	*importBatch
	channels map[chat.ChannelID]bool
	named    map[string]chat.ChannelID
	authors  map[string]*chat.User
	keyed    map[string]store.KeyedMessage
	subjects map[chat.MentionedName]chat.Mention
	built    []store.ImportedMessage
}

// each calls fn for the items without a problem.
func (m *messageImport) each(fn func(item transfer.Message)) {
	_ = m.good(func(n *importEntry) error {
		fn(n.item.(transfer.Message))
		return nil
	})
}

func (m *messageImport) findChannels() error {
	var ids []chat.ChannelID
	var names []string
	m.each(func(item transfer.Message) {
		if item.Channel != 0 {
			ids = append(ids, item.Channel)
		} else {
			names = append(names, item.ChannelName)
		}
	})
	m.channels, m.named = map[chat.ChannelID]bool{}, map[string]chat.ChannelID{}
	found, err := m.tx.Channels(m.ctx, m.job.Application, ids)
	if err != nil {
		return err
	}
	for _, c := range found {
		m.channels[c.ID] = true
	}
	views, err := m.tx.ChannelsByName(m.ctx, m.job.Application, 0, names)
	for _, c := range views {
		m.named[c.Name] = c.ID
	}
	return err
}

func (m *messageImport) findAuthors() error {
	var names []string
	m.each(func(item transfer.Message) {
		if item.User != "" {
			names = append(names, item.User)
		}
	})
	users, err := m.tx.UsersByName(m.ctx, m.job.Application, names)
	m.authors = make(map[string]*chat.User, len(users))
	for i := range users {
		m.authors[users[i].Name] = &users[i]
	}
	return err
}

func (m *messageImport) findKeys() error {
	var keys []string
	m.each(func(item transfer.Message) {
		for _, key := range []string{item.Key, item.Parent} {
			if key != "" {
				keys = append(keys, key)
			}
		}
	})
	found, err := m.tx.MessagesByKey(m.ctx, m.job.Application, keys)
	m.keyed = make(map[string]store.KeyedMessage, len(found))
	for _, k := range found {
		m.keyed[k.Key] = k
	}
	return err
}

// findMentions looks up whom the bodies mention. Of channels that is the public
// ones: what else the author saw then is not known.
func (m *messageImport) findMentions() error {
	var users, channels []string
	m.each(func(item transfer.Message) {
		for _, name := range chat.MentionedNames(item.Body) {
			if name.Channel {
				channels = append(channels, name.Name)
			} else {
				users = append(users, name.Name)
			}
		}
	})
	if len(users)+len(channels) == 0 {
		return nil
	}
	subjects, err := subjectsOf(m.ctx, m.tx, chat.Actor{Application: m.job.Application}, users, channels)
	m.subjects = subjects
	return err
}

// build makes messages of the items that are new.
func (m *messageImport) build() error {
	ids, err := m.tx.MessageIDs(m.ctx, len(m.entries))
	if err != nil {
		return err
	}
	m.built = make([]store.ImportedMessage, 0, len(m.entries))
	return m.good(func(n *importEntry) error {
		item := n.item.(transfer.Message)
		if _, known := m.keyed[item.Key]; known && item.Key != "" {
			m.unchanged++
			return nil
		}
		message, err := m.message(item)
		if err != nil {
			return n.fail(err)
		}
		message.ID, ids = ids[0], ids[1:]
		m.built = append(m.built, store.ImportedMessage{Message: message, Key: item.Key})
		if item.Key != "" {
			m.keyed[item.Key] = store.KeyedMessage{Key: item.Key, ID: message.ID, Channel: message.Channel, Parent: message.Parent}
		}
		return nil
	})
}

func (m *messageImport) message(item transfer.Message) (chat.Message, error) {
	message := chat.Message{
		Application: m.job.Application, Channel: item.Channel, Type: item.Type, Body: item.Body, GroupTag: item.GroupTag,
		Properties: item.Properties, CreatedAt: orNow(item.CreatedAt, m.tx.Now()),
		Mentions: mentionsOf(chat.MentionedNames(item.Body), m.subjects),
	}
	switch {
	case item.Channel == 0:
		message.Channel = m.named[item.ChannelName]
		if message.Channel == 0 {
			return message, chat.Errorf(chat.NotFound, "there is no channel %q", item.ChannelName).Named("ChannelNotFoundError")
		}
	case !m.channels[item.Channel]:
		return message, chat.NoChannel(item.Channel)
	}
	if item.User != "" {
		if message.Author = m.authors[item.User]; message.Author == nil {
			return message, noUsers([]string{item.User})
		}
	}
	if item.Parent != "" {
		parent, ok := m.keyed[item.Parent]
		if !ok || parent.Channel != message.Channel {
			return message, chat.Errorf(chat.NotFound, "there is no message %q in the channel to reply to", item.Parent).Named("MessageNotFoundError")
		}
		message.Parent = chat.Message{ID: parent.ID, Parent: parent.Parent}.Thread()
	}
	return message, nil
}
