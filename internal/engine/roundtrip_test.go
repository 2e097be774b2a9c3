package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestAnExportImportsIntoAFreshServerAsItWas(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		w.RunJobs()
		w.fill()
		kinds := map[chat.JobType]chat.JobType{chat.UserExport: chat.UserImport, chat.ChannelExport: chat.ChannelImport, chat.MessageExport: chat.MessageImport}
		database := ""
		if strings.HasSuffix(t.Name(), "postgres") {
			database = storetest.Postgres(t)
		}
		fresh := newWorld(t, database)
		fresh.RunJobs()
		for _, kind := range []chat.JobType{chat.UserExport, chat.ChannelExport, chat.MessageExport} {
			file := w.exported(kind)
			job, problems := fresh.imports(kinds[kind], 0, file)
			if job.State != chat.JobFinished || job.Progress.Failed != 0 || job.Progress.Done != job.Progress.Total || job.Progress.Total < 3 {
				t.Errorf("%+v\n%v", job, problems)
			}
			if diff := cmp.Diff(strings.Split(file, "\n"), strings.Split(fresh.exported(kind), "\n")); diff != "" {
				t.Errorf("%s:\n%s", kind, diff)
			}
			// Its own export is nothing new to a server.
			job, _ = w.imports(kinds[kind], 0, file)
			w.finished(job, job.Progress.Total, 0, job.Progress.Total, 0)
		}
		if !strings.Contains(w.exported(chat.MessageExport), `"parent":"epoch"`) {
			t.Error("what was said in the first second of 1970 is not seen to have a reply")
		}
		ann := fresh.user("ann")
		pair := fresh.channel(ann, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "cid"}}})
		page, err := fresh.Messages(t.Context(), ann, pair, chat.MessageFilter{}, chat.PageRequest{})
		if err != nil || page.Total != 1 || page.Items[0].Body != "Dan is gone" {
			t.Errorf("two who share a channel of three with a deleted user have one of their own with %+v (%v)", page.Items, err)
		}
	})
}

// fill makes something of everything that is exported, and more than a batch.
func (w *world) fill() {
	w.t.Helper()
	ctx := context.Background()
	ann, bob := w.user("ann"), w.user("bob")
	name, properties := "Ann & <co>", chat.Properties(`{"x":"<&>"}`)
	picture := "https://example.com/ann.png"
	if _, err := w.UpdateUser(ctx, ann, chat.UserChange{DisplayName: &name, Properties: &properties, Picture: &picture}); err != nil {
		w.t.Fatal(err)
	}
	team := w.channel(ann, chat.NewChannel{Type: chat.Private, Name: "team", Members: []chat.UserRef{{Name: "bob"}, {Name: "cid"}}})
	direct := w.channel(bob, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "ann"}}, Properties: `{"y":1}`})
	w.channel(bob, chat.NewChannel{Type: chat.Public, Name: "empty", DisplayName: "Empty"})
	for i := range 600 {
		first := w.send(ann, chat.NewMessage{Channel: direct, Body: fmt.Sprint("hello ", i)})
		if i == 0 {
			w.send(bob, chat.NewMessage{Channel: direct, Parent: first.ID, Body: "hi <@ann>", GroupTag: "g", Properties: `{"z":[]}`})
		}
	}
	gone := w.send(bob, chat.NewMessage{Channel: team, Body: "gone"})
	if err := w.DeleteMessage(ctx, bob, gone.ID); err != nil {
		w.t.Fatal(err)
	}
	w.send(bob, chat.NewMessage{Channel: team, Body: "there"})
	w.fillWithLosses(team)
	w.fillWithMembers(2*exportBatch + 100)
}

// fillWithLosses makes what is exported only in part: what refers to files, to
// deleted users and to threads.
func (w *world) fillWithLosses(team chat.ChannelID) {
	w.t.Helper()
	ctx := context.Background()
	ann, bob, dan, eve := w.user("ann"), w.user("bob"), w.user("dan"), w.user("eve")
	var face strings.Builder
	_ = png.Encode(&face, image.NewGray(image.Rect(0, 0, 1, 1)))
	picture, err := w.ReceiveFile(ctx, bob, "face.png", "image/png", strings.NewReader(face.String()))
	if err == nil {
		_, err = w.UpdatePicture(ctx, bob, picture)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	file := w.sendFile(ann, team, "a file")
	w.send(bob, chat.NewMessage{Channel: team, Parent: file.ID, Body: "I like this file"})
	if _, err := w.InviteUser(ctx, ann, team, chat.UserRef{Name: "dan"}); err != nil {
		w.t.Fatal(err)
	}
	said := w.send(dan, chat.NewMessage{Channel: team, Body: "I was here"})
	w.send(bob, chat.NewMessage{Channel: team, Parent: said.ID, Body: "You were"})
	thread, err := w.CreateThread(ctx, ann, team, chat.NewThread{Name: "aside"})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.SendToThread(ctx, ann, thread.ID, chat.NewMessage{Type: chat.Text, Body: "by the way"}); err != nil {
		w.t.Fatal(err)
	}
	for _, names := range [][]string{{"ann", "cid"}, {"ann"}, {"eve"}} {
		request := chat.NewChannel{Type: chat.Direct}
		for _, name := range names {
			request.Members = append(request.Members, chat.UserRef{Name: name})
		}
		left := w.channel(dan, request)
		w.send(dan, chat.NewMessage{Channel: left, Body: "bye"})
		if names[0] == "ann" {
			w.send(ann, chat.NewMessage{Channel: left, Body: "bye, Dan"})
		}
	}
	pair := w.channel(ann, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "cid"}}})
	w.send(ann, chat.NewMessage{Channel: pair, Body: "Dan is gone"})
	for _, user := range []chat.Actor{dan, eve} {
		if err := w.DeleteUser(ctx, user, user.User); err != nil {
			w.t.Fatal(err)
		}
	}
	w.imports(chat.MessageImport, 0, `[
		{"type":"TEXT","channel":"team","user":"bob","body":"asked","created_time":"2020-01-02T00:00:00Z","idempotency_key":"asked"},
		{"type":"TEXT","channel":"team","user":"ann","body":"answered before","created_time":"2020-01-01T00:00:00Z","parent":"asked"},
		{"type":"TEXT","channel":"team","user":"bob","body":"long ago","created_time":"1970-01-01T00:00:00Z","idempotency_key":"epoch"},
		{"type":"TEXT","channel":"team","user":"ann","body":"was it","created_time":"1970-01-01T00:00:00Z","parent":"epoch"}]`)
}

// exportBatch is how many members an exported item has at most.
const exportBatch = 500

// fillWithMembers makes channels of many members and of few.
func (w *world) fillWithMembers(count int) {
	w.t.Helper()
	var users strings.Builder
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprint("user", i)
		fmt.Fprintf(&users, "{\"name\":%q}\n", names[i])
	}
	w.imports(chat.UserImport, 0, users.String())
	var channels strings.Builder
	for i, members := range [][]string{names[:3], names, names[:exportBatch], nil, names[:2], names[:exportBatch+1]} {
		list, _ := json.Marshal(append([]string{}, members...))
		fmt.Fprintf(&channels, "{\"type\":\"PUBLIC\",\"name\":\"channel %d\",\"members\":%s}\n", i, list)
	}
	w.imports(chat.ChannelImport, 0, channels.String())
}

func TestManySmallChannelsAreExportedInFewTransactions(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	w.RunJobs()
	ann := w.user("ann")
	for range 100 {
		w.send(ann, chat.NewMessage{Channel: w.channel(ann, chat.NewChannel{Type: chat.Private}), Body: "hello"})
	}
	for _, kind := range []chat.JobType{chat.ChannelExport, chat.MessageExport} {
		before := w.db.Updates()
		if lines := strings.Count(w.exported(kind), "\n"); lines != 102 {
			t.Errorf("%s has %d lines", kind, lines)
		}
		if n := w.db.Updates() - before; n > 10 {
			t.Errorf("%s took %d transactions", kind, n)
		}
	}
}
