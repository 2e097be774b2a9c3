package platform

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

// refusalRate and refusalBurst bound how many refusals are logged of a credential,
// and of all who have none, a second and at once: nobody fills the disk by being
// refused. loggedMax bounds what of a request's own text is in a line, in bytes.
const (
	refusalRate  = 10
	refusalBurst = 100
	loggedMax    = 500
)

// refusals bounds how many refusals are logged.
type refusals struct {
	limits *limiters[chat.CredentialID] // zero for callers that are not known
	left   atomic.Int64                 // refusals that were not logged since one was
}

// named notes the operation of a request.
func named(ctx huma.Context, next func(huma.Context)) {
	infoOf(ctx.Context()).operation = ctx.Operation().OperationID
	next(ctx)
}

// noteRefusal notes what the answer to a request says is wrong.
func noteRefusal(w http.ResponseWriter, refusal error) {
	for {
		switch outer := w.(type) {
		case *statusWriter:
			outer.info.refusal = refusal.Error()
			return
		case interface{ Unwrap() http.ResponseWriter }:
			w = outer.Unwrap()
		default:
			return
		}
	}
}

// logRequest writes the line of a request that was answered. Operators see what
// failed, and what was refused: some clients show nobody the body of an answer.
func (a *API) logRequest(ctx context.Context, r *http.Request, status int, took time.Duration) {
	i := infoOf(ctx)
	line := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", shortened(r.URL.Path)), slog.String("operation", i.operation),
		slog.Int("status", status), slog.Int64("application", int64(i.access.Actor.Application)),
		slog.Int64("credential", int64(i.access.Credential)), slog.String("took", took.String()),
	}
	switch {
	case errors.Is(i.failure, context.Canceled) && ctx.Err() != nil:
		a.log.LogAttrs(ctx, slog.LevelDebug, "request abandoned", line...) // by who asked
	case i.failure != nil || status == http.StatusInternalServerError:
		a.log.LogAttrs(ctx, slog.LevelError, "request failed", append(line, slog.Any("error", i.failure))...)
	case status >= http.StatusBadRequest:
		a.logRefusal(ctx, append(line, slog.String("refusal", shortened(cmp.Or(i.refusal, http.StatusText(status))))))
	default:
		a.log.LogAttrs(ctx, slog.LevelDebug, "request", line...)
	}
}

func (a *API) logRefusal(ctx context.Context, line []slog.Attr) {
	level := slog.LevelInfo
	if a.refusals.limits.take(infoOf(ctx).access.Credential) > 0 {
		level = slog.LevelDebug
		a.refusals.left.Add(1)
	} else if left := a.refusals.left.Swap(0); left > 0 {
		line = append(line, slog.Int64("not_logged_before", left))
	}
	a.log.LogAttrs(ctx, level, "request refused", line...)
}

// shortened is the beginning of what others wrote.
func shortened(text string) string {
	if len(text) > loggedMax {
		return text[:loggedMax] + "…"
	}
	return text
}
