package platform

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"openkitty/internal/chat"
)

func (a *API) registerJobs() {
	huma.Register(a.huma, operation("list-jobs", http.MethodGet, "/jobs", "List jobs", "read:job"), a.listJobs)
	huma.Register(a.huma, operation("retrieve-job", http.MethodGet, "/jobs/{id}", "Return a job", "read:job"), a.retrieveJob)
	huma.Register(a.huma, ours(operation("cancel-job", http.MethodPost, "/jobs/{id}/cancel",
		"End a job; what it has done stays", "read:job", "update:job")), a.cancelJob)
	huma.Register(a.huma, ours(operation("download-job-file", http.MethodGet, "/jobs/{id}/file",
		"Return the file that an export has written, in whole or in ranges; takes what the export took, as read:user, too", "read:job")), a.downloadJobFile)
}

// applicationJobResource has three fields of ours: progress, problem, problems.
type applicationJobResource struct {
	Type        string               `json:"type" enum:"USER_IMPORT,CHANNEL_IMPORT,CHANNEL_MEMBERS_IMPORT,MESSAGE_IMPORT,USER_ANALYTICS_EXPORT,CHANNEL_ANALYTICS_EXPORT,MESSAGE_ANALYTICS_EXPORT"`
	ID          int64                `json:"id"`
	CreatedTime string               `json:"created_time" format:"date-time"`
	EndedTime   string               `json:"ended_time,omitempty" format:"date-time"`
	File        string               `json:"file,omitempty" doc:"Address of the file that an export has written"`
	State       string               `json:"state" enum:"PENDING,RUNNING,FINISHED,FAILED"`
	Progress    jobProgressResource  `json:"progress"`
	Problem     string               `json:"problem,omitempty" doc:"Why the job failed"`
	Problems    []jobProblemResource `json:"problems,omitempty" doc:"Why the first items were not imported; not in lists"`
	Links       links                `json:"_links,omitempty"`
}

type jobProgressResource struct {
	Total     int64 `json:"total" doc:"Items of the file of an import; 0 for exports"`
	Done      int64 `json:"done" doc:"Items imported, or written"`
	Unchanged int64 `json:"unchanged" doc:"Items that were there already"`
	Failed    int64 `json:"failed" doc:"Items that could not be imported"`
}

type jobProblemResource struct {
	Line   int64  `json:"line" doc:"Line of the file in which the item begins, from 1"`
	Reason string `json:"reason"`
}

func (a *API) job(ctx context.Context, j chat.Job) applicationJobResource {
	r := applicationJobResource{
		Type:        string(j.Type),
		ID:          int64(j.ID),
		CreatedTime: timestamp(j.CreatedAt),
		State:       string(j.State),
		Progress:    jobProgressResource{j.Progress.Total, j.Progress.Done, j.Progress.Unchanged, j.Progress.Failed},
		Problem:     j.Problem,
		Links:       links{"self": a.href(ctx, "/jobs/%d", j.ID), "application": a.href(ctx, "/application")},
	}
	if !j.EndedAt.IsZero() {
		r.EndedTime = timestamp(j.EndedAt)
	}
	if !j.Type.Import() && j.State == chat.JobFinished && time.Since(j.EndedAt) < chat.JobFileLifetime {
		r.File = a.href(ctx, "/jobs/%d/file", j.ID).Href
	}
	return r
}

type pagedModelApplicationJobResourceEmbedded struct {
	Jobs []applicationJobResource `json:"jobs"`
}

type pagedModelApplicationJobResource struct {
	Embedded pagedModelApplicationJobResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                             `json:"page"`
	Links    links                                    `json:"_links,omitempty"`
}

type listJobsInput struct {
	Paged
	Running maybe[bool] `query:"running" doc:"true for jobs that wait or run, false for those that have ended"`
}

func (a *API) listJobs(ctx context.Context, in *listJobsInput) (*reply[pagedModelApplicationJobResource], error) {
	page, err := a.engine.JobPage(ctx, actorOf(ctx).Application, chat.JobFilter{Running: in.Running.pointer()}, in.request())
	m := pagedModelApplicationJobResource{Embedded: pagedModelApplicationJobResourceEmbedded{[]applicationJobResource{}}}
	for _, j := range page.Items {
		m.Embedded.Jobs = append(m.Embedded.Jobs, a.job(ctx, j))
	}
	m.Page, m.Links = numbered(a, ctx, "/jobs", in.request(), page)
	return answer(m, err)
}

type JobInput struct {
	ID int64 `path:"id" minimum:"1"`
}

func (a *API) retrieveJob(ctx context.Context, in *JobInput) (*reply[applicationJobResource], error) {
	job, problems, err := a.engine.Job(ctx, actorOf(ctx).Application, chat.JobID(in.ID))
	r := a.job(ctx, job)
	for _, p := range problems {
		r.Problems = append(r.Problems, jobProblemResource(p))
	}
	return answer(r, err)
}

func (a *API) cancelJob(ctx context.Context, in *JobInput) (*reply[applicationJobResource], error) {
	job, err := a.engine.CancelJob(ctx, actorOf(ctx).Application, chat.JobID(in.ID))
	return answer(a.job(ctx, job), err)
}

func (a *API) downloadJobFile(ctx context.Context, in *JobInput) (*huma.StreamResponse, error) {
	job, _, err := a.engine.Job(ctx, actorOf(ctx).Application, chat.JobID(in.ID))
	if err != nil {
		return nil, err
	}
	if scope, export := exportScopes[job.Type]; export && !chat.Admits(infoOf(ctx).access.Scopes, scope) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) { a.denyScope(ctx, scope) }}, nil
	}
	file, err := a.engine.OpenExport(ctx, actorOf(ctx).Application, chat.JobID(in.ID))
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer file.Close()
		r, w := humago.Unwrap(ctx)
		w.Header().Set("Content-Type", plain)
		w.Header().Set("Content-Disposition", `attachment; filename="export.json"`)
		http.ServeContent(&rangeWriter{ResponseWriter: w}, r, "", time.Time{}, file)
	}}, nil
}

// rangeWriter has http.ServeContent refuse a range as everything else is refused.
type rangeWriter struct {
	http.ResponseWriter
	refused bool
}

func (w *rangeWriter) WriteHeader(status int) {
	if w.refused = status == http.StatusRequestedRangeNotSatisfiable; !w.refused {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.Header().Del("Content-Disposition")
	writeProblem(w.ResponseWriter, problem(status, "RangeNotSatisfiableError", "the file has no such range; its size is in Content-Range"))
}

func (w *rangeWriter) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}
