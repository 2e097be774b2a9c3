package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/logging"
	"openkitty/internal/store"
)

const (
	jobsAtOnce     = 2 // of different applications
	jobAttemptsMax = 5 // in a row without progress, before the job fails
	jobPause       = 2 * time.Second
	jobSweep       = time.Hour // between looks for what is old
	forgetBatch    = 100
)

// jobs runs the jobs of all applications: of each one after another, and those
// of a few applications side by side. What a job has done is committed with how
// far it is, so it goes on there after a crash.
type jobs struct {
	engine  *Engine
	files   jobFiles
	cancel  context.CancelFunc
	wake    chan struct{} // holds one token while there may be something to run
	started sync.WaitGroup

	mu      sync.Mutex
	running map[chat.ApplicationID]bool
	uploads map[chat.ApplicationID]int // files on their way in
	failed  map[chat.JobID]attempts
}

// attempts counts how often a job failed at one place.
type attempts struct {
	at    chat.JobProgress
	count int
}

func newJobs(e *Engine, data string) *jobs {
	return &jobs{
		engine: e, files: newJobFiles(data), wake: make(chan struct{}, 1), cancel: func() {},
		running: map[chat.ApplicationID]bool{}, uploads: map[chat.ApplicationID]int{}, failed: map[chat.JobID]attempts{},
	}
}

// RunJobs lets this engine run jobs until it is closed. One engine of a data
// directory may: others, as those of commands, leave the work to it.
func (e *Engine) RunJobs() {
	ctx, cancel := context.WithCancel(context.Background())
	e.jobs.cancel = cancel
	e.jobs.started.Go(func() { e.jobs.dispatch(ctx) })
}

func (j *jobs) close() {
	j.cancel()
	j.started.Wait()
}

func (j *jobs) notify() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// dispatch starts jobs as there is room for them.
func (j *jobs) dispatch(ctx context.Context) {
	tick := time.NewTicker(jobSweep)
	defer tick.Stop()
	j.sweep(ctx)
	for {
		if err := j.startAll(ctx); err != nil && ctx.Err() == nil {
			j.engine.log.Error("looking for jobs failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-j.wake:
		case <-tick.C:
			j.sweep(ctx)
		}
	}
}

// admit lets a file come in, unless many do already or there will be no room for
// its job. It returns what to call when the file's job is there, or will not be.
func (j *jobs) admit(ctx context.Context, app chat.ApplicationID) (received func(), err error) {
	j.mu.Lock()
	before := j.uploads[app]
	if before == chat.JobUploadsMax {
		j.mu.Unlock()
		return nil, chat.Errorf(chat.Limited, "%d files are being uploaded already; try again when one is here", chat.JobUploadsMax)
	}
	j.uploads[app]++
	j.mu.Unlock()
	received = func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.uploads[app]--; j.uploads[app] == 0 {
			delete(j.uploads, app)
		}
	}
	waiting, err := j.engine.store.WaitingJobs(ctx, app)
	if err == nil && waiting+before >= chat.JobsWaitingMax {
		err = chat.TooManyJobs()
	}
	if err != nil {
		received()
		return nil, err
	}
	return received, nil
}

func (j *jobs) startAll(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	free := jobsAtOnce - len(j.running)
	if free <= 0 {
		return nil
	}
	next, err := j.engine.store.NextJobs(ctx, slices.Collect(maps.Keys(j.running)), free)
	if err != nil {
		return err
	}
	for _, job := range next {
		j.running[job.Application] = true
		j.started.Go(func() {
			j.attempt(ctx, job)
			j.mu.Lock()
			delete(j.running, job.Application)
			j.mu.Unlock()
			j.notify()
		})
	}
	return nil
}

// attempt runs a job. If that fails for no reason of the job's own, it is tried
// again, for a while.
func (j *jobs) attempt(ctx context.Context, job chat.Job) {
	ctx = logging.With(ctx, slog.Int64("job", int64(job.ID)), slog.Int64("application", int64(job.Application)))
	err := j.run(ctx, job)
	if err == nil || ctx.Err() != nil {
		return
	}
	j.engine.log.ErrorContext(ctx, "a job failed", "error", err)
	if j.giveUp(ctx, job) {
		if err := j.end(ctx, job, "the server failed to do this; its operator's log says why"); err != nil {
			j.engine.log.ErrorContext(ctx, "ending a job failed", "error", err)
		}
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(jobPause):
	}
}

// giveUp counts a failure, and reports whether there were too many.
func (j *jobs) giveUp(ctx context.Context, job chat.Job) bool {
	now, err := j.engine.store.Job(ctx, job.Application, job.ID)
	if err != nil {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	a := j.failed[job.ID]
	if a.at != now.Progress {
		a = attempts{at: now.Progress}
	}
	a.count++
	j.failed[job.ID] = a
	if a.count >= jobAttemptsMax {
		delete(j.failed, job.ID)
		return true
	}
	return false
}

// errCancelled ends the run of a job that was cancelled.
var errCancelled = errors.New("the job was cancelled")

// run does what is left of a job, and ends it.
func (j *jobs) run(ctx context.Context, job chat.Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a job panicked: %v", p)
		}
	}()
	err = j.engine.store.Update(ctx, 0, func(tx *store.Tx) error { return tx.StartJob(ctx, job.Application, job.ID) })
	if err != nil {
		return err
	}
	if job.Type.Import() {
		err = j.engine.runImport(ctx, job)
	} else {
		err = j.engine.runExport(ctx, job)
	}
	problem := ""
	var refusal *chat.Error
	switch {
	case errors.Is(err, errCancelled):
		problem = cancelled
	case errors.As(err, &refusal) && refusal.Kind != chat.Internal:
		problem = refusal.Message
	case err != nil:
		return err
	}
	return j.end(ctx, job, problem)
}

// end ends a job, and removes its file unless that is what it was for.
func (j *jobs) end(ctx context.Context, job chat.Job, problem string) error {
	file := ""
	if job.Type.Import() || problem != "" {
		file, job.File = job.File, ""
	}
	err := j.engine.store.Update(ctx, 0, func(tx *store.Tx) error { return tx.EndJob(ctx, job, problem) })
	if err == nil {
		j.engine.log.InfoContext(ctx, "job ended", "problem", problem)
		j.files.remove(file)
		j.mu.Lock()
		delete(j.failed, job.ID)
		j.mu.Unlock()
	}
	return err
}

// sweep forgets old jobs, and removes files that no job needs.
func (j *jobs) sweep(ctx context.Context) {
	for n := forgetBatch; n == forgetBatch && ctx.Err() == nil; {
		err := j.engine.store.Update(ctx, 0, func(tx *store.Tx) (err error) {
			n, err = tx.ForgetJobs(ctx, time.Now().Add(-chat.JobLifetime), forgetBatch)
			return err
		})
		if err != nil {
			break
		}
	}
	needed, err := j.engine.store.JobFiles(ctx, time.Now().Add(-chat.JobFileLifetime))
	if err == nil {
		err = j.files.sweep(needed)
	}
	if err != nil && ctx.Err() == nil {
		j.engine.log.Warn("sweeping the files of jobs failed", "error", err)
	}
}
