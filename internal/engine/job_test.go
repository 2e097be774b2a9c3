package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
)

// imports imports a file and waits for the end of the job.
func (w *world) imports(kind chat.JobType, channel chat.ChannelID, file string) (chat.Job, []chat.JobProblem) {
	w.t.Helper()
	job, err := w.Import(w.t.Context(), w.app.ID, kind, channel, strings.NewReader(file))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.ended(job.ID)
}

// ended waits for the end of a job.
func (w *world) ended(id chat.JobID) (chat.Job, []chat.JobProblem) {
	w.t.Helper()
	var job chat.Job
	var problems []chat.JobProblem
	w.until("the job is as it should be", func() (done bool) {
		var err error
		if job, problems, err = w.Job(w.t.Context(), w.app.ID, id); err != nil {
			w.t.Fatal(err)
		}
		return job.Ended()
	})
	return job, problems
}

// exported exports and returns the file.
func (w *world) exported(kind chat.JobType) string {
	w.t.Helper()
	job, err := w.Export(w.t.Context(), w.app.ID, kind)
	if err != nil {
		w.t.Fatal(err)
	}
	if job, _ = w.ended(job.ID); job.State != chat.JobFinished {
		w.t.Fatalf("the export ended as %+v", job)
	}
	file, err := w.OpenExport(w.t.Context(), w.app.ID, job.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// progress is what a job counts.
func progress(j chat.Job) [4]int64 {
	return [4]int64{j.Progress.Total, j.Progress.Done, j.Progress.Unchanged, j.Progress.Failed}
}

func (w *world) finished(job chat.Job, total, done, unchanged, failed int64) {
	w.t.Helper()
	if diff := cmp.Diff([4]int64{total, done, unchanged, failed}, progress(job)); diff != "" || job.State != chat.JobFinished {
		w.t.Errorf("%s ended as %s (%s)\n%s", job.Type, job.State, job.Problem, diff)
	}
}

const somePeople = `[
{"name":"ann","display_name":"Ann","guest":false,"properties":{"a":1}},
{"name":"bob","display_name":"Bob","isGuest":true,"properties":{},"idempotency_key":"b"},
{"name":"cid","created_time":"2020-01-01T00:00:00Z"}
]`

func TestImportsOfUsersChangeNothingTwiceAndNameWhatIsWrong(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		w.RunJobs()
		job, _ := w.imports(chat.UserImport, 0, somePeople)
		w.finished(job, 3, 3, 0, 0)
		if job.StartedAt.Before(job.CreatedAt) || job.EndedAt.Before(job.StartedAt) || job.File != "" {
			t.Errorf("%+v", job)
		}
		ann := w.user("ann")
		user, err := w.CurrentUser(t.Context(), ann)
		if err != nil || user.DisplayName != "Ann" || user.Guest || user.Properties != `{"a":1}` {
			t.Errorf("%+v, %v", user, err)
		}
		job, _ = w.imports(chat.UserImport, 0, somePeople)
		w.finished(job, 3, 0, 3, 0)
		job, problems := w.imports(chat.UserImport, 0, "{\"name\":\"robert\",\"idempotency_key\":\"b\"}\n\n{\"name\":\"\"}\n{\"name\":\"dan\"}\n")
		w.finished(job, 3, 1, 1, 1)
		if diff := cmp.Diff([]chat.JobProblem{{Line: 3, Reason: "the username is empty"}}, problems); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnItemThatIsNotUTF8KeepsNoOtherFromItsTurn(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		w.RunJobs()
		ann := w.user("ann")
		w.channel(ann, chat.NewChannel{Type: chat.Public, Name: "open"})
		const reason = "the item is not valid UTF-8"
		job, problems := w.imports(chat.UserImport, 0, "{\"name\":\"bob\"}\n{\"name\":\"cid\",\"properties\":{\"a\":\"\xff\"}}\n{\"name\":\"d\xffn\"}\n{\"name\":\"eve\"}\n")
		w.finished(job, 4, 2, 0, 2)
		if diff := cmp.Diff([]chat.JobProblem{{Line: 2, Reason: reason}, {Line: 3, Reason: reason}}, problems); diff != "" {
			t.Error(diff)
		}
		job, problems = w.imports(chat.MessageImport, 0, `[{"type":"TEXT","channel":"open","user":"ann","body":"x"},
			{"type":"TEXT","channel":"open","user":"ann","body":"x","properties":{"a":"`+"\xff"+`"}}]`)
		w.finished(job, 2, 1, 0, 1)
		if diff := cmp.Diff([]chat.JobProblem{{Line: 2, Reason: reason}}, problems); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOnlyTheFirstProblemsAreKeptAndAllAreCounted(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	w.RunJobs()
	job, problems := w.imports(chat.UserImport, 0, strings.Repeat("{}\n", 5*chat.JobProblemsMax)+`{"name":"ann"}`)
	w.finished(job, 5*chat.JobProblemsMax+1, 1, 0, 5*chat.JobProblemsMax)
	if len(problems) != chat.JobProblemsMax || problems[0].Line != 1 || problems[99].Line != 100 {
		t.Errorf("%d problems are kept", len(problems))
	}
}

func TestImportedChannelsHaveTheirMembersAndAreSeenByThem(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		w.RunJobs()
		ann, bob := w.user("ann"), w.user("bob")
		var crowd []string
		for i := range 60 {
			crowd = append(crowd, fmt.Sprintf("user%d", i))
			w.user(crowd[i])
		}
		w.forget()
		file := `[{"type":"PRIVATE","name":"team","display_name":"The team","creator":"ann","members":["bob"]},
			{"type":"DIRECT","members":["ann","bob"]},
			{"type":"DIRECT","members":["ann"]},
			{"type":"PUBLIC","idempotency_key":"crowd","members":["` + strings.Join(crowd, `","`) + `"]},
			{"type":"PUBLIC","name":"open","members":["nobody","bob"],"moderators":["bob"]},
			{"type":"PUBLIC","name":"team","members":[]},
			{"type":"PUBLIC","members":["ann"]}]`
		job, problems := w.imports(chat.ChannelImport, 0, file)
		w.finished(job, 7, 4, 0, 3)
		if diff := cmp.Diff([]chat.JobProblem{
			{Line: 3, Reason: "a direct channel needs at least one other member"},
			{Line: 5, Reason: `there is no user "nobody"`},
			{Line: 6, Reason: `there is already a channel "team" of type PRIVATE`},
		}, problems); diff != "" {
			t.Error(diff)
		}
		channels, err := w.JoinedChannels(t.Context(), bob, engine.ChannelFilter{}, chat.PageRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range channels.Items {
			if c.Group() {
				names = append(names, fmt.Sprint(c.Name, c.MemberCount, c.Viewer.Moderator))
			}
		}
		slices.Sort(names)
		if diff := cmp.Diff([]string{"open1 true", "team2 false"}, names); diff != "" {
			t.Error(diff)
		}
		if n := w.count(func(e chat.Event) bool { j, ok := e.(chat.UserJoinedChannel); return ok && j.User == ann.User }); n != 3 {
			t.Errorf("ann was told of %d channels", n)
		}
		w.forget()
		job, _ = w.imports(chat.ChannelImport, 0, strings.Replace(file, `,
			{"type":"PUBLIC","members":["ann"]}]`, "]", 1))
		w.finished(job, 6, 0, 3, 3)
		if n := w.count(func(chat.Event) bool { return true }); n != 0 {
			t.Errorf("the repetition was told %d times", n)
		}
	})
}

func (w *world) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = nil
}

func (w *world) count(of func(chat.Event) bool) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if of(e) {
			n++
		}
	}
	return n
}

func TestMembersAreImportedIntoAGroup(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		w.RunJobs()
		ann, _, _ := w.user("ann"), w.user("bob"), w.user("cid")
		team := w.channel(ann, chat.NewChannel{Type: chat.Private, Name: "team"})
		job, problems := w.imports(chat.MemberImport, team, `[{"username":"bob"},{"username":"nobody"},{"username":"ann"},{"username":"cid"}]`)
		w.finished(job, 4, 2, 1, 1)
		if len(problems) != 1 || problems[0].Reason != `there is no user "nobody"` {
			t.Errorf("%v", problems)
		}
		view, err := w.Channel(t.Context(), ann, team)
		if err != nil || view.MemberCount != 3 {
			t.Errorf("%d members, %v", view.MemberCount, err)
		}
		direct := w.channel(ann, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "bob"}}})
		for _, id := range []chat.ChannelID{direct, 1} {
			if _, err := w.Import(t.Context(), w.app.ID, chat.MemberImport, id, strings.NewReader("[]")); err == nil {
				t.Errorf("members are imported into channel %d", id)
			}
		}
	})
}

func TestImportedMessagesAreHistory(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		w.RunJobs()
		ann, bob := w.user("ann"), w.user("bob")
		team := w.channel(ann, chat.NewChannel{Type: chat.Private, Name: "team", Members: []chat.UserRef{{Name: "bob"}}})
		now, err := w.SendMessage(t.Context(), ann, chat.NewMessage{Channel: team, Type: chat.Text, Body: "now"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.ClearHistory(t.Context(), bob, team); err != nil {
			t.Fatal(err)
		}
		w.forget()
		file := fmt.Sprintf(`[
			{"type":"TEXT","channel_id":%d,"user":"bob","body":"second <@ann>","created_time":"2020-01-02T00:00:00Z","idempotency_key":"2"},
			{"type":"SYSTEM_TEXT","channel":"team","body":"first","created_time":"2020-01-01T00:00:00Z","idempotency_key":"1"},
			{"type":"TEXT","channel_id":%[1]d,"user":"ann","body":"reply","created_time":"2020-01-03T00:00:00Z","parent":"2","idempotency_key":"3"},
			{"type":"TEXT","channel_id":%[1]d,"user":"zoe","body":"x"},
			{"type":"TEXT","channel_id":1,"user":"ann","body":"x"},
			{"type":"TEXT","channel_id":%[1]d,"user":"ann","body":"again","idempotency_key":"1"},
			{"type":"TEXT","channel_id":%[1]d,"user":"ann","body":"x","parent":"none"}]`, team)
		job, problems := w.imports(chat.MessageImport, 0, file)
		w.finished(job, 7, 3, 1, 3)
		if diff := cmp.Diff([]chat.JobProblem{
			{Line: 5, Reason: `there is no user "zoe"`},
			{Line: 6, Reason: "there is no channel 1"},
			{Line: 8, Reason: `there is no message "none" in the channel to reply to`},
		}, problems); diff != "" {
			t.Error(diff)
		}
		if n := w.count(func(chat.Event) bool { return true }); n != 0 {
			t.Errorf("%d events tell of history", n)
		}
		page, err := w.Messages(t.Context(), ann, team, chat.MessageFilter{}, chat.PageRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var bodies []string
		for _, m := range page.Items {
			bodies = append(bodies, m.Body)
		}
		if diff := cmp.Diff([]string{"now", "reply", "second <@ann>", "first"}, bodies); diff != "" || page.Total != 4 {
			t.Errorf("%d in all\n%s", page.Total, diff)
		}
		if second := page.Items[2]; second.Replies != 1 || len(second.Mentions) != 1 || second.Author.Name != "bob" || second.Sequence <= now.Sequence {
			t.Errorf("%+v", second)
		}
		if n, err := w.CountMessages(t.Context(), bob, team); n != 0 || err != nil {
			t.Errorf("who cleared the history sees %d messages of it (%v)", n, err)
		}
		view, err := w.Channel(t.Context(), ann, team)
		if err != nil || view.LastMessage.ID != now.ID || view.MessageCount != 4 {
			t.Errorf("%+v, %v", view, err)
		}
		job, _ = w.imports(chat.MessageImport, 0, file)
		w.finished(job, 7, 0, 4, 3)
	})
}

func (w *world) send(actor chat.Actor, m chat.NewMessage) chat.Message {
	w.t.Helper()
	m.Type = chat.Text
	message, err := w.SendMessage(context.Background(), actor, m)
	if err != nil {
		w.t.Fatal(err)
	}
	return message
}

func TestAnImportGoesOnWhereTheServerEnded(t *testing.T) {
	t.Parallel()

	directory := t.TempDir()
	open := func() (*engine.Engine, *store.Store) {
		db, err := store.Open(t.Context(), store.Options{Directory: directory})
		if err != nil {
			t.Fatal(err)
		}
		limits := testLimits
		limits.ImportSize = 64 << 20
		e, err := engine.New(t.Context(), engine.Options{Store: db, Directory: directory, Limits: limits, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return e, db
	}
	e, db := open()
	app, _, err := e.CreateApplication(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	const users = 20_000
	var file strings.Builder
	for i := range users {
		fmt.Fprintf(&file, "{\"name\":\"user%d\"}\n", i)
	}
	job, err := e.Import(t.Context(), app.ID, chat.UserImport, 0, strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Engine: e, t: t, app: app}
	rounds := 0
	for ; rounds == 0 || !job.Ended(); rounds++ {
		w.Engine = e
		before := job.Progress.Done
		e.RunJobs()
		w.until("the job is as it should be", func() bool {
			if job, _, err = e.Job(t.Context(), app.ID, job.ID); err != nil {
				t.Fatal(err)
			}
			return job.Ended() || job.Progress.Done > before
		})
		e.Close()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		e, db = open()
		if job, _, err = e.Job(t.Context(), app.ID, job.ID); err != nil {
			t.Fatal(err)
		}
	}
	defer db.Close()
	defer e.Close()
	w.finished(job, users, users, 0, 0)
	if rounds < 2 {
		t.Errorf("the job was never interrupted")
	}
}

func TestACancelledJobEndsAndKeepsWhatItDid(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		job, err := w.Import(t.Context(), w.app.ID, chat.UserImport, 0, strings.NewReader(somePeople))
		if err != nil {
			t.Fatal(err)
		}
		cancelled, err := w.CancelJob(t.Context(), w.app.ID, job.ID)
		if err != nil || cancelled.State != chat.JobFailed || cancelled.Problem != "the job was cancelled" || cancelled.File != "" {
			t.Errorf("%+v, %v", cancelled, err)
		}
		if _, err := w.CancelJob(t.Context(), w.app.ID, job.ID); chat.AsError(err).Name != "JobEndedError" {
			t.Error(err)
		}
		if _, err := w.CancelJob(t.Context(), w.app.ID, 1); chat.AsError(err).Name != "JobNotFoundError" {
			t.Error(err)
		}
		next, err := w.Import(t.Context(), w.app.ID, chat.UserImport, 0, strings.NewReader(strings.Repeat("{\"name\":\"x\"}\n", 50_000)))
		if err != nil {
			t.Fatal(err)
		}
		w.RunJobs()
		w.until("the job is as it should be", func() bool {
			next, _, err = w.Job(t.Context(), w.app.ID, next.ID)
			return err != nil || next.State == chat.JobRunning
		})
		if _, err := w.CancelJob(t.Context(), w.app.ID, next.ID); err != nil {
			t.Fatal(err)
		}
		if next, _ = w.ended(next.ID); next.State != chat.JobFailed || next.Progress.Done+next.Progress.Unchanged == 50_000 {
			t.Errorf("%+v", next)
		}
	})
}

func TestFilesThatAreNoListAreRefusedAtOnce(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	for file, name := range map[string]string{
		"./users.json":             "ImportFileError",
		"[{}":                      "ImportFileError",
		strings.Repeat(" ", 2<<20): "ImportTooLargeError",
		"[" + strings.Repeat("{},", 1<<19) + "{}]": "ImportTooLargeError",
	} {
		_, err := w.Import(t.Context(), w.app.ID, chat.UserImport, 0, strings.NewReader(file))
		if got := chat.AsError(err); got.Kind != chat.Invalid || got.Name != name {
			t.Errorf("%.20q: %v", file, err)
		}
	}
	if jobs, err := w.JobPage(t.Context(), w.app.ID, chat.JobFilter{}, chat.NumberedPage{}); jobs.Total != 0 || err != nil {
		t.Errorf("%v, %v", jobs, err)
	}
}

func TestAnApplicationMayNotPileUpJobs(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	for range chat.JobsWaitingMax {
		if _, err := w.Export(t.Context(), w.app.ID, chat.UserExport); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Export(t.Context(), w.app.ID, chat.UserExport); !chat.IsKind(err, chat.Limited) {
		t.Error(err)
	}
	if _, err := w.Import(t.Context(), w.app.ID, chat.UserImport, 0, unread{t}); !chat.IsKind(err, chat.Limited) {
		t.Error(err)
	}
}

// unread is a file that is refused before it is read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the file is read")
	return 0, io.EOF
}

// upload begins an upload, and returns when the server reads the file. What it
// returns ends the file, and the upload.
func (w *world) upload() (end func() error) {
	w.t.Helper()
	file, sender := io.Pipe()
	refused := make(chan error, 1)
	go func() {
		_, err := w.Import(w.t.Context(), w.app.ID, chat.UserImport, 0, file)
		file.CloseWithError(errors.Join(err, io.ErrClosedPipe))
		refused <- err
	}()
	if _, err := io.WriteString(sender, "["); err != nil {
		w.t.Fatal(err)
	}
	return func() error {
		_, _ = io.WriteString(sender, "]")
		sender.Close()
		return <-refused
	}
}

func TestUploadsThatAreOneTooManyAreRefusedBeforeTheyAreRead(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	var ends []func() error
	for range chat.JobUploadsMax {
		ends = append(ends, w.upload())
	}
	if _, err := w.Import(t.Context(), w.app.ID, chat.UserImport, 0, unread{t}); !chat.IsKind(err, chat.Limited) {
		t.Error(err)
	}
	other, _, err := w.CreateApplication(t.Context(), "other")
	if err == nil {
		_, err = w.Import(t.Context(), other.ID, chat.UserImport, 0, strings.NewReader("[]"))
	}
	if err != nil {
		t.Errorf("another application: %v", err)
	}
	for _, end := range ends {
		if err := end(); err != nil {
			t.Error(err)
		}
	}
	if err := w.upload()(); err != nil {
		t.Errorf("after the others: %v", err)
	}
}

func TestUploadsOnTheirWayCountAmongTheJobsThatWait(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	for range chat.JobsWaitingMax - 1 {
		if _, err := w.Export(t.Context(), w.app.ID, chat.UserExport); err != nil {
			t.Fatal(err)
		}
	}
	end := w.upload()
	if _, err := w.Import(t.Context(), w.app.ID, chat.UserImport, 0, unread{t}); !chat.IsKind(err, chat.Limited) {
		t.Error(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}

func TestJobsOfSeveralApplicationsAllEnd(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		var waiting []chat.Job
		for i := range 5 {
			app, _, err := w.CreateApplication(t.Context(), fmt.Sprint("other ", i))
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				job, err := w.Import(t.Context(), app.ID, chat.UserImport, 0, strings.NewReader(somePeople))
				if err != nil {
					t.Fatal(err)
				}
				waiting = append(waiting, job)
			}
		}
		w.RunJobs()
		for _, job := range waiting {
			w.until("the job is as it should be", func() bool {
				now, _, err := w.Job(t.Context(), job.Application, job.ID)
				return err == nil && now.State == chat.JobFinished
			})
		}
		running := true
		for _, f := range []chat.JobFilter{{}, {Running: &running}} {
			want := []chat.JobID{waiting[2].ID}
			total := 3
			if f.Running != nil {
				want, total = nil, 0
			}
			jobs, err := w.JobPage(t.Context(), waiting[0].Application, f, chat.NumberedPage{Number: 1, Size: 2})
			var ids []chat.JobID
			for _, job := range jobs.Items {
				ids = append(ids, job.ID)
			}
			if diff := cmp.Diff(want, ids); diff != "" || err != nil || jobs.Total != int64(total) {
				t.Errorf("of %d jobs (%v)\n%s", jobs.Total, err, diff)
			}
		}
	})
}
