package engine

import (
	"context"
	"io"
	"os"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/transfer"
)

// Import takes a file of users, channels, members or messages, and makes a job
// that imports it. The channel is that of members, and zero otherwise.
//
// It returns when the file and the job are on disk. A file that is no list of
// objects is refused here, and one for whose job there is no room before it is
// read; what is wrong with single items is a problem of the job.
func (e *Engine) Import(ctx context.Context, app chat.ApplicationID, kind chat.JobType, channel chat.ChannelID, file io.Reader) (chat.Job, error) {
	if !kind.Import() {
		return chat.Job{}, chat.Errorf(chat.Invalid, "there is no import of type %.40q", kind)
	}
	if channel != 0 {
		c, err := e.store.Channel(ctx, app, channel)
		if err != nil {
			return chat.Job{}, err
		}
		if !c.Group() {
			return chat.Job{}, chat.Errorf(chat.Invalid, "the members of a direct channel are fixed")
		}
	}
	received, err := e.jobs.admit(ctx, app)
	if err != nil {
		return chat.Job{}, err
	}
	defer received()
	name, items, err := e.jobs.files.receive(file, e.limits.ImportSize)
	if err != nil {
		return chat.Job{}, err
	}
	job, err := e.createJob(ctx, chat.Job{
		Application: app, Type: kind, Channel: channel, File: name, Progress: chat.JobProgress{Total: items},
	})
	if err != nil {
		e.jobs.files.remove(name)
	}
	return job, err
}

// LargestFile is how many bytes a file has at most that any operation takes.
func (e *Engine) LargestFile() int64 { return max(e.limits.ImportSize, e.limits.Files.Size) }

// Export makes a job that writes a file of an application's users, channels or
// messages, in the form in which they are imported.
func (e *Engine) Export(ctx context.Context, app chat.ApplicationID, kind chat.JobType) (chat.Job, error) {
	switch kind {
	case chat.UserExport, chat.ChannelExport, chat.MessageExport:
		return e.createJob(ctx, chat.Job{Application: app, Type: kind, File: newJobFile()})
	}
	return chat.Job{}, chat.Errorf(chat.Invalid, "there is no export of type %.40q", kind)
}

// ExportAll makes the jobs of all exports, in the order in which their files are
// imported, or none.
func (e *Engine) ExportAll(ctx context.Context, app chat.ApplicationID) ([]chat.Job, error) {
	var jobs []chat.Job
	for _, kind := range []chat.JobType{chat.UserExport, chat.ChannelExport, chat.MessageExport} {
		jobs = append(jobs, chat.Job{Application: app, Type: kind, File: newJobFile()})
	}
	return e.createJobs(ctx, jobs...)
}

func (e *Engine) createJob(ctx context.Context, job chat.Job) (chat.Job, error) {
	created, err := e.createJobs(ctx, job)
	if err != nil {
		return chat.Job{}, err
	}
	return created[0], nil
}

func (e *Engine) createJobs(ctx context.Context, jobs ...chat.Job) ([]chat.Job, error) {
	created := make([]chat.Job, len(jobs))
	err := e.store.Update(ctx, 0, func(tx *store.Tx) (err error) {
		for n, job := range jobs {
			job.CreatedAt = tx.Now()
			if created[n], err = tx.CreateJob(ctx, job); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, job := range created {
		e.log.InfoContext(ctx, "job created", "job", job.ID, "type", job.Type, "application", job.Application)
	}
	e.jobs.notify()
	return created, nil
}

// Job returns a job, and the first of the problems that it met.
func (e *Engine) Job(ctx context.Context, app chat.ApplicationID, id chat.JobID) (chat.Job, []chat.JobProblem, error) {
	job, err := e.store.Job(ctx, app, id)
	if err != nil || job.Progress.Failed == 0 {
		return job, nil, err
	}
	problems, err := e.store.JobProblems(ctx, app, id)
	return job, problems, err
}

// JobPage lists the jobs of an application, the oldest first.
func (e *Engine) JobPage(ctx context.Context, app chat.ApplicationID, f chat.JobFilter, p chat.NumberedPage) (chat.Page[chat.Job], error) {
	return e.store.JobPage(ctx, app, f, p)
}

// cancelled is why a job failed that was cancelled.
const cancelled = "the job was cancelled"

// CancelJob ends a job. What it has done stays. A job that runs ends within the
// time of a batch, so it may still be running when this returns.
func (e *Engine) CancelJob(ctx context.Context, app chat.ApplicationID, id chat.JobID) (job chat.Job, err error) {
	var file string
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		if err := tx.CancelJob(ctx, app, id); err != nil {
			return err
		}
		if job, err = tx.Job(ctx, app, id); err != nil || job.State != chat.JobPending {
			return err
		}
		file, job.File = job.File, ""
		if err = tx.EndJob(ctx, job, cancelled); err != nil {
			return err
		}
		job, err = tx.Job(ctx, app, id)
		return err
	})
	if err != nil {
		return chat.Job{}, err
	}
	e.jobs.files.remove(file)
	return job, nil
}

// OpenExport opens the file that a finished export has written. The caller closes
// it.
func (e *Engine) OpenExport(ctx context.Context, app chat.ApplicationID, id chat.JobID) (*os.File, error) {
	job, err := e.store.Job(ctx, app, id)
	if err != nil {
		return nil, err
	}
	gone := job.File == "" || time.Since(job.EndedAt) > chat.JobFileLifetime
	if job.Type.Import() || job.State != chat.JobFinished || gone {
		return nil, chat.Errorf(chat.NotFound, "job %d has no file to read; an export has one once it is finished, for %d days",
			id, chat.JobFileLifetime/(24*time.Hour)).Named("JobFileNotFoundError")
	}
	file, err := os.Open(e.jobs.files.path(job.File))
	if os.IsNotExist(err) {
		return nil, chat.Errorf(chat.NotFound, "the file of job %d is gone; export again", id).Named("JobFileNotFoundError")
	}
	return file, err
}

// countItems reads a file through and counts its items.
func countItems(file io.Reader) (int64, error) {
	r := transfer.NewReader(file)
	for n := int64(0); ; n++ {
		if _, err := r.Next(); err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}
