package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"openkitty/internal/chat"
)

const jobColumns = `j.id, j.application_id, j.type, j.state, j.channel_id, j.file, j.problem, j.total, j.done, j.unchanged, j.failed,
	j.file_offset, j.place, j.created_at, j.started_at, j.ended_at`

func scanJob(r row) (chat.Job, error) {
	var j chat.Job
	var created, started, ended int64
	p := &j.Progress
	err := r.Scan(&j.ID, &j.Application, &j.Type, &j.State, &j.Channel, &j.File, &j.Problem, &p.Total, &p.Done, &p.Unchanged, &p.Failed,
		&p.Offset, &p.Cursor, &created, &started, &ended)
	j.CreatedAt, j.StartedAt, j.EndedAt = moment(created), maybeMoment(started), maybeMoment(ended)
	return j, err
}

// CreateJob stores a job that waits to run, and returns it with its id. It
// refuses more jobs than an application may have waiting.
func (tx *Tx) CreateJob(ctx context.Context, j chat.Job) (chat.Job, error) {
	waiting, err := many(ctx, tx.db, scanValue[chat.JobID], `
		SELECT id
		FROM job
		WHERE ended_at = 0 AND application_id = $1
		LIMIT $2`,
		j.Application, chat.JobsWaitingMax)
	if err == nil && len(waiting) == chat.JobsWaitingMax {
		err = chat.Errorf(chat.Limited, "%d jobs wait already; try again when some have ended", chat.JobsWaitingMax)
	}
	if err == nil {
		j.State = chat.JobPending
		j.ID, err = one(ctx, tx.db, scanValue[chat.JobID], `
			INSERT INTO job (application_id, type, state, channel_id, file, total, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			RETURNING id`,
			j.Application, string(j.Type), string(j.State), j.Channel, j.File, j.Progress.Total, j.CreatedAt.UnixMicro())
	}
	return j, wrap(err, "create a job")
}

// Job returns the job with an id.
func (r Reader) Job(ctx context.Context, app chat.ApplicationID, id chat.JobID) (chat.Job, error) {
	j, err := one(ctx, r.db, scanJob, `
		SELECT `+jobColumns+`
		FROM job j
		WHERE j.application_id = $1 AND j.id = $2`,
		app, id)
	return j, wrap(absent(err, chat.NoJob(id)), "read job %d", id)
}

// JobPage returns a page of an application's jobs, the oldest first.
func (r Reader) JobPage(ctx context.Context, app chat.ApplicationID, f chat.JobFilter, p chat.NumberedPage) (chat.Page[chat.Job], error) {
	s := selection{
		from: `job j WHERE j.application_id = $1`, args: []any{app}, id: "j.id", order: "j.id",
		columns: map[string]string{"id": "j.id", "created_time": "j.created_at", "ended_time": "j.ended_at", "type": "j.type", "state": "j.state"},
		sorted:  []string{"j.type", "j.state"}, // those of 90 days
	}
	if f.Running != nil {
		s.walkUnless("id", p.Sort)
	}
	switch {
	case f.Running == nil:
	case *f.Running:
		s.from += " AND j.ended_at = 0"
	default:
		s.from += " AND j.ended_at <> 0"
	}
	ids, total, err := numberedIDs[chat.JobID](ctx, r, s, p)
	if err != nil {
		return chat.Page[chat.Job]{}, wrap(err, "list the jobs")
	}
	jobs, err := manyOf(ctx, r.db, scanJob, `
		SELECT `+jobColumns+`
		FROM job j
		WHERE j.application_id = $1 AND j.id IN (list)`,
		ids, app)
	items := inOrder(ids, jobs, func(j chat.Job) chat.JobID { return j.ID })
	return chat.Page[chat.Job]{Items: items, Total: total}, wrap(err, "read the jobs")
}

// JobProblems returns what kept items of a job from being imported, in the order
// of the file.
func (r Reader) JobProblems(ctx context.Context, app chat.ApplicationID, id chat.JobID) ([]chat.JobProblem, error) {
	problems, err := many(ctx, r.db, scanProblem, `
		SELECT line, reason
		FROM job_problem
		WHERE application_id = $1 AND job_id = $2
		ORDER BY line
		LIMIT $3`,
		app, id, chat.JobProblemsMax)
	return problems, wrap(err, "read the problems of job %d", id)
}

func scanProblem(r row) (p chat.JobProblem, err error) {
	err = r.Scan(&p.Line, &p.Reason)
	return p, err
}

// NextJobs returns up to limit jobs that have not ended: of each application but
// those that are left out, the oldest.
func (r Reader) NextJobs(ctx context.Context, without []chat.ApplicationID, limit int) ([]chat.Job, error) {
	jobs, err := many(ctx, r.db, scanJob, `
		SELECT `+jobColumns+`
		FROM job j
		WHERE j.id IN (SELECT MIN(w.id) FROM job w WHERE w.ended_at = 0 GROUP BY w.application_id)
		ORDER BY j.id
		LIMIT $1`,
		limit+len(without))
	if err != nil {
		return nil, wrap(err, "look for jobs")
	}
	var next []chat.Job
	for _, j := range jobs {
		if len(next) < limit && !slices.Contains(without, j.Application) {
			next = append(next, j)
		}
	}
	return next, nil
}

// StartJob notes that a job runs.
func (tx *Tx) StartJob(ctx context.Context, app chat.ApplicationID, id chat.JobID) error {
	return wrap(tx.exec(ctx, `
		UPDATE job
		SET state = 'RUNNING', started_at = CASE WHEN started_at = 0 THEN $3 ELSE started_at END
		WHERE application_id = $1 AND id = $2 AND ended_at = 0`,
		app, id, tx.now.UnixMicro()), "start job %d", id)
}

// AdvanceJob notes what a job has done, with the first problems it met since. It
// reports false if the job was cancelled meanwhile, or is gone.
func (tx *Tx) AdvanceJob(ctx context.Context, app chat.ApplicationID, id chat.JobID, p chat.JobProgress, problems []chat.JobProblem) (bool, error) {
	going, err := one(ctx, tx.db, scanValue[bool], `
		UPDATE job
		SET done = $3, unchanged = $4, failed = $5, file_offset = $6, place = $7
		WHERE application_id = $1 AND id = $2 AND ended_at = 0
		RETURNING NOT cancelled`,
		app, id, p.Done, p.Unchanged, p.Failed, p.Offset, p.Cursor)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	for _, problem := range problems {
		if err != nil {
			break
		}
		err = tx.exec(ctx, `
			INSERT INTO job_problem (application_id, job_id, line, reason)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`,
			app, id, problem.Line, problem.Reason)
	}
	return going, wrap(err, "note what job %d has done", id)
}

// EndJob notes that a job has ended: with a problem it has failed. It leaves a
// job that has ended as it is.
func (tx *Tx) EndJob(ctx context.Context, j chat.Job, problem string) error {
	state := chat.JobFinished
	if problem != "" {
		state = chat.JobFailed
	}
	return wrap(tx.exec(ctx, `
		UPDATE job
		SET state = $3, problem = $4, file = $5, ended_at = $6
		WHERE application_id = $1 AND id = $2 AND ended_at = 0`,
		j.Application, j.ID, string(state), problem, j.File, tx.now.UnixMicro()), "end job %d", j.ID)
}

// CancelJob asks a job to end. It refuses one that has ended.
func (tx *Tx) CancelJob(ctx context.Context, app chat.ApplicationID, id chat.JobID) error {
	_, err := one(ctx, tx.db, scanValue[chat.JobID], `
		UPDATE job
		SET cancelled = TRUE
		WHERE application_id = $1 AND id = $2 AND ended_at = 0
		RETURNING id`,
		app, id)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err = tx.Job(ctx, app, id); err == nil {
			err = chat.Errorf(chat.Conflict, "job %d has ended", id).Named("JobEndedError")
		}
	}
	return wrap(err, "cancel job %d", id)
}

// ForgetJobs removes up to limit jobs of all applications that ended before a
// time, with what is known of them, and returns how many.
func (tx *Tx) ForgetJobs(ctx context.Context, before time.Time, limit int) (int, error) {
	ids, err := many(ctx, tx.db, scanValue[chat.JobID], `
		SELECT id
		FROM job
		WHERE ended_at <> 0 AND ended_at < $1
		ORDER BY ended_at
		LIMIT $2`,
		before.UnixMicro(), limit)
	for _, id := range ids {
		if err == nil {
			err = tx.exec(ctx, `DELETE FROM job_problem WHERE job_id = $1`, id)
		}
		if err == nil {
			err = tx.exec(ctx, `DELETE FROM job WHERE id = $1`, id)
		}
	}
	return len(ids), wrap(err, "forget old jobs")
}

// JobFiles returns the files of jobs of all applications that are needed: those
// of jobs that have not ended, or ended after a time.
func (r Reader) JobFiles(ctx context.Context, since time.Time) ([]string, error) {
	files, err := many(ctx, r.db, scanValue[string], `
		SELECT file FROM job WHERE ended_at = 0
		UNION ALL
		SELECT file FROM job WHERE ended_at <> 0 AND ended_at >= $1`,
		since.UnixMicro())
	return files, wrap(err, "read which files jobs need")
}
