package store_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// home is an application with something in every table.
type home struct {
	app                     chat.Application
	ann, bob, cid, eve      chat.User
	direct, public, private chat.Channel
	quarrel                 chat.Channel       // direct, of ann and eve, whom ann has blocked
	session                 chat.SessionRecord // of ann
	message, reply, aside   chat.Message
	credential              chat.Credential
	thread                  chat.Thread       // of the private channel, with the message aside
	barred                  chat.ChannelBlock // of cid, in the public channel
	file                    chat.Message      // in private, by ann
	job                     chat.Job
	function                chat.Function
	version                 chat.FunctionVersion
}

func newHome(t *testing.T, s *store.Store) home {
	h := home{app: newApplication(t, s, "home")}
	h.ann, h.bob, h.cid = newUser(t, s, h.app.ID, "ann"), newUser(t, s, h.app.ID, "bob"), newUser(t, s, h.app.ID, "cid")
	h.direct = newChannel(t, s, chat.Direct, "direct", h.ann, h.bob)
	h.public = newChannel(t, s, chat.Public, "public", h.bob)
	h.private = newChannel(t, s, chat.Private, "private", h.ann, h.bob)
	h.message = mustSend(t, s, h.direct, h.ann, "hello")
	h.eve = newUser(t, s, h.app.ID, "eve")
	quarrel := newChannel(t, s, chat.Direct, "quarrel", h.ann, h.eve)
	update(t, s, func(tx *store.Tx) error {
		if _, err := tx.AddBlock(t.Context(), h.app.ID, h.ann.ID, h.eve.ID); err != nil {
			return err
		}
		return tx.CountBlocks(t.Context(), h.app.ID, []chat.ChannelID{quarrel.ID})
	})
	h.quarrel = quarrel
	h.session = chat.SessionRecord{ID: chat.SessionIDOf("secret"), Application: h.app.ID, User: h.ann.ID, Positions: []byte{1}, At: now}
	update(t, s, func(tx *store.Tx) error {
		if err := tx.KeepKey(t.Context(), h.message, "a key"); err != nil {
			return err
		}
		return tx.SaveSession(t.Context(), h.session)
	})
	return h
}

// writeFunction leaves a function with a version.
func (h *home) writeFunction(t *testing.T, s *store.Store) {
	t.Helper()
	update(t, s, func(tx *store.Tx) (err error) {
		if h.function, err = tx.CreateFunction(t.Context(), chat.Function{Application: h.app.ID, Name: "f", CreatedAt: now}); err != nil {
			return err
		}
		h.version, err = tx.CreateFunctionVersion(t.Context(), h.app.ID, chat.FunctionVersion{Function: h.function.ID, CreatedAt: now})
		return err
	})
}

// importSomething leaves a job, and what it imported.
func (h *home) importSomething(t *testing.T, s *store.Store) {
	t.Helper()
	update(t, s, func(tx *store.Tx) (err error) {
		if h.job, err = tx.CreateJob(t.Context(), chat.Job{Application: h.app.ID, Type: chat.MessageImport, CreatedAt: now}); err != nil {
			return err
		}
		problem := chat.JobProblem{Line: 1, Reason: "wrong"}
		if _, err := tx.AdvanceJob(t.Context(), h.app.ID, h.job.ID, chat.JobProgress{Failed: 1}, []chat.JobProblem{problem}); err != nil {
			return err
		}
		if err := tx.KeyChannel(t.Context(), h.app.ID, h.public.ID, "public's key"); err != nil {
			return err
		}
		ids, err := tx.MessageIDs(t.Context(), 1)
		if err != nil {
			return err
		}
		return tx.ImportMessages(t.Context(), h.app.ID, []store.ImportedMessage{{Key: "imported", Message: chat.Message{
			ID: ids[0], Application: h.app.ID, Channel: h.public.ID, Type: chat.Text, Author: &h.bob, Body: "x", CreatedAt: now,
		}}})
	})
}

// newBusyHome is a home in which messages were edited, replied to, reacted to,
// hidden, read and notified of. Ann has not read Bob's reply.
func newBusyHome(t *testing.T, s *store.Store) home {
	h := newHome(t, s)
	h.message.Body = "hello <@bob>"
	h.message.Mentions = []chat.Mention{{Start: 6, End: 12, User: &h.bob}}
	update(t, s, func(tx *store.Tx) error {
		if err := tx.SetBody(t.Context(), h.message); err != nil {
			return err
		}
		_, _, err := tx.AddReaction(t.Context(), h.app.ID, chat.Reaction{
			Message: h.message.ID, Emoji: chat.EmojiOf("👍"), User: h.bob, CreatedAt: now,
		})
		return err
	})
	h.importSomething(t, s)
	h.writeFunction(t, s)
	h.reply = mustReply(t, s, h.message, h.bob, "hi")
	h.file = mustSendFile(t, s, h.private, h.ann, hosted("ab12"))
	update(t, s, func(tx *store.Tx) error {
		_, err := tx.HideMessage(t.Context(), h.reply, h.bob.ID)
		return err
	})
	h.thread = newThread(t, s, h.private)
	h.aside = sendAside(t, s, h.thread, h.bob)
	update(t, s, func(tx *store.Tx) error {
		if _, err := tx.PutReport(t.Context(), h.app.ID, chat.Report{Message: h.message.ID, User: h.bob, Reason: "rude", CreatedAt: now}); err != nil {
			return err
		}
		if _, err := tx.AddChannelBlock(t.Context(), h.app.ID, h.public.ID, h.cid.ID); err != nil {
			return err
		}
		var err error
		h.barred, err = tx.ChannelBlockOf(t.Context(), h.app.ID, h.public.ID, h.cid.ID)
		return err
	})
	var err error
	if h.message, err = s.Message(t.Context(), h.app.ID, h.message.ID); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *store.Tx) error {
		read, _ := chat.Position{}.ReadTo(h.message.Number, h.message.ID, now)
		if err := tx.SetPosition(t.Context(), h.app.ID, h.direct.ID, h.bob.ID, read); err != nil {
			return err
		}
		still := store.Walk{Application: h.app.ID, Channel: h.message.Channel}
		if started, err := tx.MoveWalk(t.Context(), still, store.Walk{Message: h.message.ID}); err != nil || !started {
			return errors.Join(err, errors.New("no walk started"))
		}
		return tx.Notify(t.Context(), h.message, chat.MessageSent, 0, []chat.UserID{h.bob.ID})
	})
	h.credential = h.furnishPlatform(t, s)
	return h
}

// furnishPlatform puts something into the tables of the Platform API.
func (h home) furnishPlatform(t *testing.T, s *store.Store) (c chat.Credential) {
	t.Helper()
	ctx := t.Context()
	update(t, s, func(tx *store.Tx) (err error) {
		if c, err = tx.CredentialByClient(ctx, h.app.ClientID); err != nil {
			return err
		}
		if _, err = tx.CreateAPIKey(ctx, h.app.ID, chat.APIKey{Value: "another key", Name: "another", CreatedAt: now}); err != nil {
			return err
		}
		if _, err = tx.SetChatUI(ctx, chat.ChatUI{Application: h.app.ID, Part: chat.ChatUIStyles, JSON: "{}"}); err != nil {
			return err
		}
		if err = tx.SetUserSecret(ctx, h.app.ID, h.ann.ID, "pin", []byte("sealed")); err != nil {
			return err
		}
		if _, err = tx.NoteErasure(ctx, h.app.ID, h.cid.ID); err != nil {
			return err
		}
		if err = tx.BeginThread(ctx, h.reply); err != nil {
			return err
		}
		if _, err = tx.BeginRequest(ctx, h.app.ID, "once", now); err != nil {
			return err
		}
		session := chat.UserSession{Application: h.app.ID, User: h.ann, Agent: "SDK", CreatedAt: now}
		if session.ID, err = tx.CreateUserSession(ctx, session); err != nil {
			return err
		}
		if _, err = tx.CreateChatSession(ctx, chat.ChatSession{Session: session, Channel: h.public.ID, CreatedAt: now}); err != nil {
			return err
		}
		if _, err = tx.AddInvite(ctx, h.app.ID, chat.Invite{Channel: h.public.ID, User: h.ann.ID, CreatedAt: now}); err != nil {
			return err
		}
		return nil
	})
	return c
}

// reads calls every read that takes an application, and says how much it found.
// The ids are those of the home, the application is the caller's.
func (h home) reads(ctx context.Context, r store.Reader) map[string]func(chat.ApplicationID) (int, error) {
	var p chat.PageRequest
	ids := func(n int64, err error) (int, error) { return int(n), err }
	return map[string]func(chat.ApplicationID) (int, error){
		"User":       func(app chat.ApplicationID) (int, error) { return found(r.User(ctx, app, h.ann.ID)) },
		"UserByName": func(app chat.ApplicationID) (int, error) { return found(r.UserByName(ctx, app, "ann")) },
		"Users":      func(app chat.ApplicationID) (int, error) { return length(r.Users(ctx, app, []chat.UserID{h.ann.ID})) },
		"UsersByName": func(app chat.ApplicationID) (int, error) {
			return length(r.UsersByName(ctx, app, []string{"ann"}))
		},
		"UserList": func(app chat.ApplicationID) (int, error) {
			return size(r.UserList(ctx, app, h.bob.ID, chat.UserFilter{}, p))
		},
		"CountUsers": func(app chat.ApplicationID) (int, error) {
			return ids(r.CountUsers(ctx, app, h.bob.ID, chat.UserFilter{}))
		},
		"PresenceChannels": func(app chat.ApplicationID) (int, error) { return length(r.PresenceChannels(ctx, app, h.ann.ID, 9)) },
		"SharedDirectChannels": func(app chat.ApplicationID) (int, error) {
			return length(r.SharedDirectChannels(ctx, app, h.ann.ID, h.eve.ID))
		},
		"Silenced": func(app chat.ApplicationID) (int, error) {
			return length(r.Silenced(ctx, app, []chat.ChannelID{h.quarrel.ID}))
		},
		"Parted": func(app chat.ApplicationID) (int, error) {
			return length(r.Parted(ctx, app, h.ann.ID, []chat.UserID{h.bob.ID, h.eve.ID}))
		},
		"Block": func(app chat.ApplicationID) (int, error) { return found(r.Block(ctx, app, h.ann.ID, h.eve.ID)) },
		"Blocks": func(app chat.ApplicationID) (int, error) {
			return size(r.Blocks(ctx, app, h.ann.ID, chat.UserFilter{}, p))
		},
		"Channel": func(app chat.ApplicationID) (int, error) { return found(r.Channel(ctx, app, h.direct.ID)) },
		"ChannelByDirectKey": func(app chat.ApplicationID) (int, error) {
			return found(r.ChannelByDirectKey(ctx, app, h.direct.DirectKey))
		},
		"ChannelView": func(app chat.ApplicationID) (int, error) {
			return found(r.ChannelView(ctx, app, h.direct.ID, h.ann.ID))
		},
		"JoinedChannels": func(app chat.ApplicationID) (int, error) {
			return size(r.JoinedChannels(ctx, app, h.ann.ID, "", p))
		},
		"JoinableChannels": func(app chat.ApplicationID) (int, error) {
			return size(r.JoinableChannels(ctx, app, h.ann.ID, "", p))
		},
		"CountJoinedChannels": func(app chat.ApplicationID) (int, error) {
			return ids(r.CountJoinedChannels(ctx, app, h.ann.ID, ""))
		},
		"Membership": func(app chat.ApplicationID) (int, error) {
			m, err := r.Membership(ctx, app, h.direct.ID, h.ann.ID)
			if m == nil {
				return 0, err
			}
			return 1, err
		},
		"Members":   func(app chat.ApplicationID) (int, error) { return size(r.Members(ctx, app, h.direct.ID, "ann", p)) },
		"MemberIDs": func(app chat.ApplicationID) (int, error) { return length(r.MemberIDs(ctx, app, h.direct.ID, 9)) },
		"Contacts":  func(app chat.ApplicationID) (int, error) { return length(r.Contacts(ctx, app, h.ann.ID, 9, 9)) },
		"Sender": func(app chat.ApplicationID) (int, error) {
			channel, _, _, err := r.Sender(ctx, app, h.direct.ID, h.ann.ID)
			return found(channel, err)
		},
		"Message": func(app chat.ApplicationID) (int, error) { return found(r.Message(ctx, app, h.message.ID)) },
		"Messages": func(app chat.ApplicationID) (int, error) {
			return size(r.Messages(ctx, app, chat.Membership{Channel: h.direct.ID, User: h.ann.ID}, chat.MessageFilter{}, p))
		},
		"Blob": func(app chat.ApplicationID) (int, error) { return found(r.Blob(ctx, app, "ab12")) },
		"HostedFile": func(app chat.ApplicationID) (int, error) {
			file, _, err := r.HostedFile(ctx, app, h.file.File.Key, h.bob.ID)
			return found(file, err)
		},
		"Moderators": func(app chat.ApplicationID) (int, error) { return size(r.Moderators(ctx, app, h.direct.ID, "ann", p)) },
		"ManagerIDs": func(app chat.ApplicationID) (int, error) { return length(r.ManagerIDs(ctx, app, h.direct.ID)) },
		"Memberships": func(app chat.ApplicationID) (int, error) {
			return length(r.Memberships(ctx, app, h.direct.ID, 9))
		},
		"CountMessages": func(app chat.ApplicationID) (int, error) {
			return ids(r.CountMessages(ctx, app, chat.Membership{Channel: h.direct.ID, User: h.ann.ID}, chat.MessageFilter{MainThread: true}))
		},
		"Replies": func(app chat.ApplicationID) (int, error) {
			return size(r.Replies(ctx, app, h.message.ID, h.ann.ID, p))
		},
		"CountReplies": func(app chat.ApplicationID) (int, error) {
			return ids(r.CountReplies(ctx, app, h.message.ID, h.ann.ID))
		},
		"Reactions": func(app chat.ApplicationID) (int, error) { return size(r.Reactions(ctx, app, h.message.ID, p)) },
		"Channels": func(app chat.ApplicationID) (int, error) {
			return length(r.Channels(ctx, app, []chat.ChannelID{h.direct.ID}))
		},
		"ChannelsByName": func(app chat.ApplicationID) (int, error) {
			return length(r.ChannelsByName(ctx, app, h.ann.ID, []string{"public"}))
		},
		"Sequence": func(app chat.ApplicationID) (int, error) {
			return ids(r.Sequence(ctx, app, chat.Stream{Channel: h.direct.ID}))
		},
		"ReplayedMessages": func(app chat.ApplicationID) (int, error) {
			return length(r.ReplayedMessages(ctx, app, h.ann.ID, []chat.MessageID{h.message.ID}))
		},
		"ClientSession": func(app chat.ApplicationID) (int, error) {
			return found(r.ClientSession(ctx, app, h.ann.ID, h.session.ID))
		},
		"ClientSessions": func(app chat.ApplicationID) (int, error) {
			return length(r.ClientSessions(ctx, app, h.ann.ID, 9))
		},
		"MessageByKey": func(app chat.ApplicationID) (int, error) {
			return found(r.MessageByKey(ctx, app, h.ann.ID, "a key"))
		},
		"ExpiredMessages": func(app chat.ApplicationID) (int, error) {
			return length(r.ExpiredMessages(ctx, app, h.direct.ID, time.Now().Add(time.Hour), 9))
		},
		"Job":         func(app chat.ApplicationID) (int, error) { return found(r.Job(ctx, app, h.job.ID)) },
		"JobProblems": func(app chat.ApplicationID) (int, error) { return length(r.JobProblems(ctx, app, h.job.ID)) },
		"Function":    func(app chat.ApplicationID) (int, error) { return found(r.Function(ctx, app, h.function.ID)) },
		"FunctionPage": func(app chat.ApplicationID) (int, error) {
			return size(r.FunctionPage(ctx, app, chat.NumberedPage{}))
		},
		"FunctionVersion": func(app chat.ApplicationID) (int, error) {
			return found(r.FunctionVersion(ctx, app, h.version.ID))
		},
		"FunctionVersionByNumber": func(app chat.ApplicationID) (int, error) {
			return found(r.FunctionVersionByNumber(ctx, app, h.function.ID, 1))
		},
		"FunctionVersionPage": func(app chat.ApplicationID) (int, error) {
			return size(r.FunctionVersionPage(ctx, app, h.function.ID, chat.NumberedPage{}))
		},
		"JobPage": func(app chat.ApplicationID) (int, error) {
			return size(r.JobPage(ctx, app, chat.JobFilter{}, chat.NumberedPage{}))
		},
		"ChannelByKey": func(app chat.ApplicationID) (int, error) { return found(r.ChannelByKey(ctx, app, "public's key")) },
		"MessagesByKey": func(app chat.ApplicationID) (int, error) {
			return length(r.MessagesByKey(ctx, app, []string{"imported", store.MessageKey(h.message.ID, h.message.CreatedAt)}))
		},
		"UsersAfter": func(app chat.ApplicationID) (int, error) {
			users, keys, err := r.UsersAfter(ctx, app, 0, 9)
			return len(users) + len(keys), err
		},
		"ChannelAfter": func(app chat.ApplicationID) (int, error) {
			c, err := r.ChannelAfter(ctx, app, 0)
			if c == nil {
				return 0, err
			}
			return 1, err
		},
		"MembershipsAfter": func(app chat.ApplicationID) (int, error) {
			return length(r.MembershipsAfter(ctx, app, h.direct.ID, 0, 9))
		},
		"MessagesAfter": func(app chat.ApplicationID) (int, error) {
			return length(r.MessagesAfter(ctx, app, h.direct.ID, 0, 0, 9))
		},
		"Thread":     func(app chat.ApplicationID) (int, error) { return found(r.Thread(ctx, app, h.thread.ID)) },
		"MainThread": func(app chat.ApplicationID) (int, error) { return found(r.MainThread(ctx, app, h.private.ID)) },
		"Threads": func(app chat.ApplicationID) (int, error) {
			if _, err := r.Threads(ctx, app, h.private.ID, chat.ThreadFilter{Standalone: true}, p); err != nil {
				return 0, err
			}
			return size(r.Threads(ctx, app, h.private.ID, chat.ThreadFilter{}, p))
		},
		"ThreadMessages": func(app chat.ApplicationID) (int, error) {
			return size(r.ThreadMessages(ctx, app, h.thread.ID, chat.Membership{Channel: h.private.ID, User: h.ann.ID}, p))
		},
		"ThreadUnread": func(app chat.ApplicationID) (unread int, err error) {
			main, err := r.MainThread(ctx, h.app.ID, h.direct.ID)
			if err != nil {
				return 0, err
			}
			replies := chat.Thread{ID: 1 << 40, Type: chat.MessageThread, Message: h.message.ID}
			for _, thread := range []chat.Thread{main, h.thread, replies} {
				is, err := r.ThreadUnread(ctx, app, thread, chat.Membership{Channel: h.direct.ID, User: h.eve.ID})
				if err != nil {
					return 0, err
				}
				if is {
					unread++
				}
			}
			return unread, nil
		},
		"Reports": func(app chat.ApplicationID) (int, error) { return size(r.Reports(ctx, app, h.message.ID, p)) },
		"ChannelBlock": func(app chat.ApplicationID) (int, error) {
			return found(r.ChannelBlock(ctx, app, h.barred.ID))
		},
		"ChannelBlockOf": func(app chat.ApplicationID) (int, error) {
			return found(r.ChannelBlockOf(ctx, app, h.public.ID, h.cid.ID))
		},
		"ChannelBlocks": func(app chat.ApplicationID) (int, error) {
			return size(r.ChannelBlocks(ctx, app, h.public.ID, "cid", p))
		},
		"IsBarred": func(app chat.ApplicationID) (int, error) {
			barred, err := r.IsBarred(ctx, app, h.public.ID, h.cid.ID)
			if barred {
				return 1, err
			}
			return 0, err
		},
		"UserMessages": func(app chat.ApplicationID) (int, error) {
			if _, err := r.UserMessages(ctx, app, h.ann.ID, chat.MessageFilter{Files: true}, p); err != nil {
				return 0, err
			}
			return size(r.UserMessages(ctx, app, h.ann.ID, chat.MessageFilter{}, p))
		},
		"Stretch": func(app chat.ApplicationID) (int, error) {
			return length(r.Stretch(ctx, app, chat.Membership{Channel: h.direct.ID, User: h.ann.ID}, nil, &h.message, 9))
		},
		"CountUnread":    func(app chat.ApplicationID) (int, error) { return ids(r.CountUnread(ctx, app, h.direct.ID, h.ann.ID)) },
		"CountAllUnread": func(app chat.ApplicationID) (int, error) { return ids(r.CountAllUnread(ctx, app, h.ann.ID)) },
		"UnreadChannels": func(app chat.ApplicationID) (int, error) {
			return size(r.UnreadChannels(ctx, app, h.ann.ID, "direct", p))
		},
		"CountUnreadChannels": func(app chat.ApplicationID) (int, error) {
			return ids(r.CountUnreadChannels(ctx, app, h.ann.ID, chat.Direct))
		},
		"Position": func(app chat.ApplicationID) (int, error) { return found(r.Position(ctx, app, h.direct.ID, h.ann.ID)) },
		"MessageBefore": func(app chat.ApplicationID) (int, error) {
			id, err := r.MessageBefore(ctx, app, h.reply)
			return int(id), err
		},
		"LastVisible": func(app chat.ApplicationID) (int, error) {
			id, err := r.LastVisible(ctx, app, h.reply.ID, chat.Membership{Channel: h.direct.ID, User: h.ann.ID})
			return int(id), err
		},
		"ReadReceipts": func(app chat.ApplicationID) (int, error) { return size(r.ReadReceipts(ctx, app, h.message, p)) },
		"NextMessage": func(app chat.ApplicationID) (int, error) {
			id, err := r.NextMessage(ctx, app, h.direct.ID, h.message.ID, 0, 9)
			return int(id), err
		},
		"MembersAfter": func(app chat.ApplicationID) (int, error) {
			members, last, err := r.MembersAfter(ctx, app, h.direct.ID, 0, h.eve.ID, 1)
			return len(members) + int(last), err
		},
		"WithoutBlockers": func(app chat.ApplicationID) (int, error) {
			return length(r.WithoutBlockers(ctx, app, h.ann.ID, []chat.UserID{h.bob.ID}))
		},
		"MembersAmong": func(app chat.ApplicationID) (int, error) {
			return length(r.MembersAmong(ctx, app, h.direct.ID, []chat.UserID{h.ann.ID, h.cid.ID}))
		},
		"Notified": func(app chat.ApplicationID) (int, error) {
			return length(r.Notified(ctx, app, h.message.ID, []chat.UserID{h.bob.ID}))
		},
		"Notifications": func(app chat.ApplicationID) (int, error) { return length(r.Notifications(ctx, app, h.bob.ID, 0, 9)) },
		"Credential":    func(app chat.ApplicationID) (int, error) { return found(r.Credential(ctx, app, h.credential.ID)) },
		"Credentials":   func(app chat.ApplicationID) (int, error) { return length(r.Credentials(ctx, app)) },
		"APIKeys":       func(app chat.ApplicationID) (int, error) { return length(r.APIKeys(ctx, app)) },
		"ChatUI": func(app chat.ApplicationID) (int, error) {
			ui, err := r.ChatUI(ctx, app, chat.ChatUIStyles)
			return int(ui.Version), err
		},
		"UserSecret": func(app chat.ApplicationID) (int, error) { return length(r.UserSecret(ctx, app, h.ann.ID, "pin")) },
		"Answer":     func(app chat.ApplicationID) (int, error) { return found(r.Answer(ctx, app, "once")) },
		"InvitePage": func(app chat.ApplicationID) (int, error) {
			return size(r.InvitePage(ctx, app, h.public.ID, chat.NumberedPage{}))
		},
		"UserPage": func(app chat.ApplicationID) (int, error) {
			f := chat.UserSelection{Name: "ann"}
			return size(r.UserPage(ctx, app, f, chat.NumberedPage{Sort: []chat.Order{{By: "name", Descending: true}}}))
		},
		"MemberPage": func(app chat.ApplicationID) (int, error) {
			return size(r.MemberPage(ctx, app, h.direct.ID, false, chat.NumberedPage{}))
		},
		"MembershipPage": func(app chat.ApplicationID) (int, error) {
			return size(r.MembershipPage(ctx, app, h.direct.ID, chat.NumberedPage{}))
		},
		"ChannelPage": func(app chat.ApplicationID) (int, error) {
			f := chat.ChannelSelection{Type: chat.Direct, Members: []chat.UserID{h.ann.ID}, Until: now.Add(time.Hour)}
			return size(r.ChannelPage(ctx, app, f, chat.NumberedPage{}))
		},
		"UserChannelPage": func(app chat.ApplicationID) (int, error) {
			return size(r.UserChannelPage(ctx, app, h.ann.ID, chat.NumberedPage{}))
		},
		"MessageSlice": func(app chat.ApplicationID) (int, error) {
			f := chat.MessageSelection{Channel: h.direct.ID, Author: h.ann.ID, Text: "hello"}
			slice, err := r.MessageSlice(ctx, app, f, chat.SliceRequest{})
			return len(slice.Items), err
		},
		"UserSessionPage": func(app chat.ApplicationID) (int, error) {
			return size(r.UserSessionPage(ctx, app, chat.ActiveSession, chat.NumberedPage{}))
		},
		"UserSession": func(app chat.ApplicationID) (int, error) { return found(r.UserSession(ctx, app, 101)) },
		"ChatSessionPage": func(app chat.ApplicationID) (int, error) {
			return size(r.ChatSessionPage(ctx, app, chat.ActiveSession, chat.NumberedPage{}))
		},
		"ReadSummaries": func(app chat.ApplicationID) (int, error) { return size(r.ReadSummaries(ctx, app, chat.NumberedPage{})) },
		"UnreadSlice": func(app chat.ApplicationID) (int, error) {
			slice, err := r.UnreadSlice(ctx, app, h.ann.ID, chat.SliceRequest{})
			return len(slice.Items) + int(slice.Total), err
		},
		"ReceiptPage": func(app chat.ApplicationID) (int, error) {
			return size(r.ReceiptPage(ctx, app, h.message, chat.NumberedPage{}))
		},
		"NotificationSlice": func(app chat.ApplicationID) (int, error) {
			slice, err := r.NotificationSlice(ctx, app, h.bob, chat.SliceRequest{})
			return len(slice.Items) + int(slice.Total), err
		},
		"Notification": func(app chat.ApplicationID) (int, error) {
			return found(r.Notification(ctx, app, h.bob, 101))
		},
		"ReportedMessages": func(app chat.ApplicationID) (int, error) {
			return size(r.ReportedMessages(ctx, app, h.direct.ID, chat.NumberedPage{}))
		},
		"MessagesToErase": func(app chat.ApplicationID) (int, error) {
			of := store.Erasure{Application: app, User: h.ann.ID, Last: 1 << 40}
			return length(r.MessagesToErase(ctx, of, 0, store.PlacedMessage{}, 9))
		},
		"PresentMessages": func(app chat.ApplicationID) (int, error) {
			return length(r.PresentMessages(ctx, app, h.direct.ID, []chat.MessageID{h.message.ID}))
		},
		"NextChannel": func(app chat.ApplicationID) (int, error) {
			next, err := r.NextChannel(ctx, app, 0)
			return int(next), err
		},
		"NextErasure": func(app chat.ApplicationID) (int, error) {
			next, err := r.NextErasure(ctx, app, 0)
			if next == nil {
				return 0, err
			}
			return 1, err
		},
		"ReactionsOf": func(app chat.ApplicationID) (int, error) {
			return length(r.ReactionsOf(ctx, app, h.bob.ID, chat.Reaction{}, 9))
		},
		"ThreadOfReplies": func(app chat.ApplicationID) (int, error) { return found(r.ThreadOfReplies(ctx, app, h.message.ID)) },
		"Changes": func(app chat.ApplicationID) (int, error) {
			return length(r.Changes(ctx, app, chat.Stream{Channel: h.direct.ID}, 0, 9))
		},
	}
}

func found[T any](_ T, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	return 1, nil
}

func length[T any](items []T, err error) (int, error) { return len(items), err }

func size[T any](p chat.Page[T], err error) (int, error) {
	return len(p.Items) + int(p.Total), err
}

func TestAnApplicationReadsNothingOfAnother(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newBusyHome(t, s)
		stranger := newApplication(t, s, "stranger")
		reads := h.reads(t.Context(), s.Reader)
		for _, name := range tenantReads() {
			read := reads[name]
			if read == nil {
				t.Errorf("%s reads an application's data and is not tried here", name)
				continue
			}
			if n, err := read(h.app.ID); n == 0 || err != nil {
				t.Errorf("%s finds %d things of its own application (%v), so this proves nothing", name, n, err)
			}
			if n, err := read(stranger.ID); n != 0 || err != nil && !chat.IsKind(err, chat.NotFound) {
				t.Errorf("%s finds %d things of another application (%v)", name, n, err)
			}
		}
	})
}

// tenantReads are the reads of one application's data: those that take an
// application, and something else in it.
func tenantReads() []string {
	var names []string
	for m := range reflect.TypeFor[store.Reader]().Methods() {
		if m.Type.NumIn() > 3 && m.Type.In(2) == reflect.TypeFor[chat.ApplicationID]() {
			names = append(names, m.Name)
		}
	}
	return names
}

func TestReadsFindTheirRowsByAnIndex(t *testing.T) {
	t.Parallel()

	s := open(t, store.Options{Directory: storetest.SQLite(t)})
	h := newBusyHome(t, s)
	statements := 0
	reader := store.Explaining(s, func(text string, plan []string) {
		statements++
		for _, line := range plan {
			// Only an application's own lists may be walked as a whole, not to find some of it.
			list := !strings.Contains(text, " IN ($") && (strings.Contains(line, "channel_public") || strings.Contains(line, "chat_user_by_display_name") ||
				strings.Contains(line, "_by_application"))
			// What a query has narrowed down itself is scanned.
			own := line == "SCAN nearest" || line == "SCAN counted"
			if strings.HasPrefix(line, "SCAN") && !own || strings.Contains(line, "(application_id=?)") && !list {
				t.Errorf("%s\nin: %s", line, text)
			}
		}
	})
	for name, read := range h.reads(t.Context(), reader) {
		if _, err := read(h.app.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if statements < 20 {
		t.Errorf("only %d statements were explained", statements)
	}
}

func TestAnApplicationWritesNothingOfAnother(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		h := newBusyHome(t, s)
		stranger := newApplication(t, s, "stranger")
		eve := newUser(t, s, stranger.ID, "eve")
		before := h.snapshot(t, s)
		for name, write := range map[string]func(tx *store.Tx) error{
			"a message": func(tx *store.Tx) error {
				_, err := tx.CreateMessage(ctx, chat.Message{
					Application: stranger.ID, Channel: h.direct.ID, Type: chat.Text, Author: &eve, Body: "x", CreatedAt: now,
				})
				return err
			},
			"a member of a foreign channel": func(tx *store.Tx) error {
				return tx.AddMembers(ctx, stranger.ID, h.public.ID, []chat.Membership{{User: eve.ID, JoinedAt: now}})
			},
			"a foreign member": func(tx *store.Tx) error {
				return tx.AddMembers(ctx, h.app.ID, h.public.ID, []chat.Membership{{User: eve.ID, JoinedAt: now}})
			},
			"other names of a channel": func(tx *store.Tx) error {
				return tx.UpdateChannel(ctx, chat.Channel{Application: stranger.ID, ID: h.public.ID, Name: "theirs", DisplayName: "theirs"})
			},
			"the end of a channel": func(tx *store.Tx) error { return tx.DeleteChannel(ctx, stranger.ID, h.public.ID) },
			"the end of a membership": func(tx *store.Tx) error {
				return none(tx.RemoveMember(ctx, stranger.ID, h.public.ID, h.bob.ID))
			},
			"a member's place": func(tx *store.Tx) error {
				return none(tx.SetPlace(ctx, stranger.ID, chat.Membership{Channel: h.direct.ID, User: h.ann.ID, Muted: true}))
			},
			"a hidden channel": func(tx *store.Tx) error { return none(tx.Hide(ctx, stranger.ID, h.direct.ID, h.ann.ID)) },
			"a channel shown again": func(tx *store.Tx) error {
				shown, err := tx.Unhide(ctx, stranger.ID, h.direct.ID, 0)
				return none(len(shown) > 0, err)
			},
			"a body": func(tx *store.Tx) error {
				return tx.SetBody(ctx, chat.Message{Application: stranger.ID, ID: h.message.ID, Body: "x"})
			},
			"properties": func(tx *store.Tx) error {
				return tx.SetMessageProperties(ctx, chat.Message{Application: stranger.ID, ID: h.message.ID, Properties: `{"x":1}`})
			},
			"a preview": func(tx *store.Tx) error {
				return tx.AddPreview(ctx, chat.Message{Application: stranger.ID, ID: h.message.ID}, chat.LinkPreview{Source: "https://x"})
			},
			"a file": func(tx *store.Tx) error {
				return tx.AttachFile(ctx, chat.Message{Application: stranger.ID, ID: h.message.ID, Channel: h.direct.ID, File: h.file.File})
			},
			"a number of replies": func(tx *store.Tx) error {
				return tx.CountReply(ctx, chat.Message{Application: stranger.ID, ID: h.message.ID, Channel: h.direct.ID}, 1)
			},
			"a deletion": func(tx *store.Tx) error {
				_, err := tx.DeleteMessage(ctx, chat.Message{Application: stranger.ID, ID: h.message.ID, Channel: h.direct.ID, DeletedAt: now})
				return err
			},
			"a reaction": func(tx *store.Tx) error {
				_, _, err := tx.AddReaction(ctx, stranger.ID, chat.Reaction{Message: h.message.ID, Emoji: chat.EmojiOf("🔥"), User: eve, CreatedAt: now})
				return err
			},
			"a removal of a reaction": func(tx *store.Tx) error {
				_, err := tx.RemoveReaction(ctx, stranger.ID, chat.Reaction{Message: h.message.ID, Emoji: chat.EmojiOf("👍"), User: h.bob})
				return err
			},
			"the end of an age": func(tx *store.Tx) error {
				return none(false, tx.SetExpired(ctx, stranger.ID, h.direct.ID, now.Add(time.Hour)))
			},
			"the removal of changes": func(tx *store.Tx) error {
				n, err := tx.RemoveChanges(ctx, stranger.ID, chat.Stream{Channel: h.direct.ID}, time.Now().Add(time.Hour), 9)
				return none(n > 0, err)
			},
			"the removal of places": func(tx *store.Tx) error {
				n, err := tx.RemovePlaces(ctx, stranger.ID, h.direct.ID, time.Now().Add(time.Hour), 9)
				return none(n > 0, err)
			},
			"the removal of sessions": func(tx *store.Tx) error {
				n, err := tx.RemoveSessions(ctx, stranger.ID, time.Now().Add(time.Hour), 9)
				return none(n > 0, err)
			},
			"the removal of keys": func(tx *store.Tx) error {
				n, err := tx.RemoveKeys(ctx, stranger.ID, time.Now().Add(time.Hour), 9)
				return none(n > 0, err)
			},
			"the removal of a channel's leftovers": func(tx *store.Tx) error {
				n, _, err := tx.RemoveDeletedChannel(ctx, stranger.ID, h.direct.ID, time.Now().Add(time.Hour), 9)
				return none(n > 0, err)
			},
			"imported messages": func(tx *store.Tx) error {
				return tx.ImportMessages(ctx, stranger.ID, []store.ImportedMessage{{Message: chat.Message{
					ID: 1, Application: stranger.ID, Channel: h.direct.ID, Type: chat.Text, Body: "x", CreatedAt: now,
				}}})
			},
			"a function": func(tx *store.Tx) error {
				return tx.SetFunction(ctx, chat.Function{Application: stranger.ID, ID: h.function.ID, Name: "x"})
			},
			"the end of a function": func(tx *store.Tx) error { return tx.DeleteFunction(ctx, stranger.ID, h.function.ID) },
			"a version of a function": func(tx *store.Tx) error {
				_, err := tx.CreateFunctionVersion(ctx, stranger.ID, chat.FunctionVersion{Function: h.function.ID, CreatedAt: now})
				return err
			},
			"a cancelled job": func(tx *store.Tx) error { return tx.CancelJob(ctx, stranger.ID, h.job.ID) },
			"a job's progress": func(tx *store.Tx) error {
				return none(tx.AdvanceJob(ctx, stranger.ID, h.job.ID, chat.JobProgress{Done: 9}, nil))
			},
			"a thread": func(tx *store.Tx) error {
				_, err := tx.CreateThread(ctx, chat.Thread{Application: stranger.ID, Channel: h.private.ID, Name: "x", CreatedAt: now})
				return err
			},
			"a message in a thread": func(tx *store.Tx) error {
				return tx.CountInThread(ctx, chat.Message{Application: stranger.ID, Channel: h.private.ID, InThread: h.thread.ID}, 1)
			},
			"a report": func(tx *store.Tx) error {
				_, err := tx.PutReport(ctx, stranger.ID, chat.Report{Message: h.message.ID, User: eve, Reason: "x", CreatedAt: now})
				return err
			},
			"the end of a report": func(tx *store.Tx) error { return tx.RemoveReport(ctx, stranger.ID, h.message.ID, h.bob.ID) },
			"a block": func(tx *store.Tx) error {
				return none(tx.AddChannelBlock(ctx, stranger.ID, h.public.ID, eve.ID))
			},
			"the end of a block": func(tx *store.Tx) error { return tx.RemoveChannelBlock(ctx, stranger.ID, h.barred.ID) },
			"a position": func(tx *store.Tx) error {
				return tx.SetPosition(ctx, stranger.ID, h.direct.ID, h.ann.ID, chat.Position{Read: 1})
			},
			"a notification": func(tx *store.Tx) error {
				foreign := h.message
				foreign.Application = stranger.ID
				if err := tx.Notify(ctx, foreign, chat.MessageSent, 0, []chat.UserID{h.bob.ID}); err != nil {
					return err
				}
				made, err := tx.Notifications(ctx, h.app.ID, h.bob.ID, 0, 9)
				return none(len(made) > 1, err)
			},
			"a notification that was read": func(tx *store.Tx) error {
				return tx.MarkNotificationRead(ctx, stranger.ID, h.bob.ID, 101, now)
			},
			"all notifications read": func(tx *store.Tx) error {
				n, _, err := tx.MarkNotificationsRead(ctx, stranger.ID, h.bob.ID, 0, now, 9)
				return none(n > 0, err)
			},
			"a session": func(tx *store.Tx) error {
				_, err := tx.CreateUserSession(ctx, chat.UserSession{Application: stranger.ID, User: h.ann, CreatedAt: now})
				return err
			},
			"a chat session": func(tx *store.Tx) error {
				_, err := tx.CreateChatSession(ctx, chat.ChatSession{
					Session: chat.UserSession{ID: 101, Application: stranger.ID}, Channel: h.public.ID, CreatedAt: now,
				})
				return err
			},
			"the end of a session": func(tx *store.Tx) error {
				if err := tx.EndUserSession(ctx, stranger.ID, 101, now); err != nil {
					return err
				}
				if err := tx.EndChatSession(ctx, stranger.ID, 101, now); err != nil {
					return err
				}
				ended, err := tx.ChatSessionPage(ctx, h.app.ID, chat.EndedSession, chat.NumberedPage{})
				return none(ended.Total > 0, err)
			},
			"forgotten sessions": func(tx *store.Tx) error {
				n, err := tx.ForgetSessions(ctx, stranger.ID, time.Now().Add(time.Hour), 9)
				return none(n > 0, err)
			},
			"an erasure": func(tx *store.Tx) error { return errorOf(tx.NoteErasure(ctx, stranger.ID, h.ann.ID)) },
			"the end of an erasure": func(tx *store.Tx) error {
				if err := tx.EndErasure(ctx, store.Erasure{Application: stranger.ID, User: h.cid.ID, Last: math.MaxInt64}); err != nil {
					return err
				}
				left, err := tx.NextErasure(ctx, h.app.ID, 0)
				return none(left == nil, err)
			},
			"removed reports": func(tx *store.Tx) error {
				n, err := tx.RemoveReports(ctx, stranger.ID, h.bob.ID, 9)
				return none(n > 0, err)
			},
			"removed traces": func(tx *store.Tx) error {
				n, err := tx.RemoveTraces(ctx, stranger.ID, h.ann.ID, 9)
				return none(n > 0, err)
			},
			"a walk": func(tx *store.Tx) error {
				walks, err := tx.Walks(ctx, 0, 1)
				if err != nil {
					return err
				}
				walks[0].Application = stranger.ID
				return none(tx.MoveWalk(ctx, walks[0], walks[0]))
			},
			"a secret of a client": func(tx *store.Tx) error {
				return tx.SetSecret(ctx, stranger.ID, h.credential.ID, []byte("x"), now)
			},
			"the end of a credential": func(tx *store.Tx) error { return tx.DeleteCredential(ctx, stranger.ID, h.credential.ID) },
			"the end of an API key":   func(tx *store.Tx) error { return tx.DeleteAPIKey(ctx, stranger.ID, 101) },
			"a secret of a user":      func(tx *store.Tx) error { return tx.SetUserSecret(ctx, stranger.ID, h.ann.ID, "pin", []byte("x")) },
			"the end of a secret":     func(tx *store.Tx) error { return tx.RemoveUserSecret(ctx, stranger.ID, h.ann.ID, "pin") },
			"an invite": func(tx *store.Tx) error {
				_, err := tx.AddInvite(ctx, stranger.ID, chat.Invite{Channel: h.public.ID, User: eve.ID, CreatedAt: now})
				return err
			},
			"a change of a channel": func(tx *store.Tx) error {
				_, err := tx.Record(ctx, stranger.ID, chat.Stream{Channel: h.direct.ID}, chat.MemberJoined, 1, now)
				return err
			},
			"a change of a user": func(tx *store.Tx) error {
				_, err := tx.Record(ctx, stranger.ID, chat.Stream{User: h.ann.ID}, chat.ChannelJoined, 1, now)
				return err
			},
		} {
			if err := s.Update(ctx, 0, write); !chat.IsKind(err, chat.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if diff := cmp.Diff(before, h.snapshot(t, s)); diff != "" {
			t.Errorf("something changed:\n%s", diff)
		}
	})
}

// none is the refusal of a write that reports whether it did anything.
func none(done bool, err error) error {
	if err != nil || done {
		return err
	}
	return chat.NoChannel(0)
}

func errorOf[T any](_ T, err error) error { return err }

// snapshot is what a stranger could have changed.
func (h home) snapshot(t *testing.T, s *store.Store) []any {
	t.Helper()
	var all []any
	for _, c := range []chat.Channel{h.direct, h.public} {
		view, err := s.ChannelView(t.Context(), h.app.ID, c.ID, h.ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		members, err := s.MemberIDs(t.Context(), h.app.ID, c.ID, 100)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, view, members)
	}
	message, err := s.Message(t.Context(), h.app.ID, h.message.ID)
	if err != nil {
		t.Fatal(err)
	}
	threads, err := s.Threads(t.Context(), h.app.ID, h.private.ID, chat.ThreadFilter{}, chat.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	asides, err := s.ThreadMessages(t.Context(), h.app.ID, h.thread.ID, chat.Membership{User: h.ann.ID}, chat.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := s.ChannelBlocks(t.Context(), h.app.ID, h.public.ID, "", chat.PageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return append(all, message, threads, asides, blocks)
}

func TestNamesAreTakenPerApplication(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		h := newBusyHome(t, s)
		stranger := newApplication(t, s, "stranger")
		ann := newUser(t, s, stranger.ID, "ann")
		if ann.ID == h.ann.ID {
			t.Error("two applications share a user")
		}
		newChannel(t, s, chat.Public, "public", ann)
	})
}
