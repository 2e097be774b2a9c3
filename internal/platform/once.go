package platform

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"openkitty/internal/chat"
)

// idempotencyHeader names a request, so that it is done once however often it is
// sent.
const idempotencyHeader = "Idempotency-Key"

const (
	// keyMax bounds the header's value, in bytes.
	keyMax = 255
	// answerMax bounds an answer that is kept, in bytes. A longer one is not: its
	// request is refused when repeated, rather than done again.
	answerMax = 256 << 10
	// restMax bounds what is read of a body that its operation had no use for.
	restMax = 1 << 20
)

var keyLength = keyMax

// once does a POST with an Idempotency-Key once: repeated, it gets the answer that
// it got before. The same key with another request is a conflict.
func (a *API) once(ctx huma.Context, next func(huma.Context)) {
	key := ctx.Header(idempotencyHeader)
	if key == "" || ctx.Method() != http.MethodPost {
		next(ctx)
		return
	}
	if len(key) > keyMax {
		a.write(ctx, problem(http.StatusBadRequest, "InvalidRequestError", "the %s has more than %d bytes", idempotencyHeader, keyMax))
		return
	}
	actor := infoOf(ctx.Context()).access.Actor
	earlier, err := a.engine.BeginRequest(ctx.Context(), actor, key)
	if chat.IsKind(err, chat.Conflict) {
		a.write(ctx, problem(http.StatusConflict, chat.AsError(err).Name, "%s", chat.AsError(err).Message))
		return
	}
	if err != nil {
		a.write(ctx, failed(ctx, err))
		return
	}
	if earlier != nil {
		a.repeat(ctx, *earlier)
		return
	}
	a.first(ctx, key, next)
}

// first does a request and keeps its answer before giving it, also if the client
// is gone by then. What failed may be tried again.
func (a *API) first(ctx huma.Context, key string, next func(huma.Context)) {
	i := infoOf(ctx.Context())
	r, w := humago.Unwrap(ctx)
	r = r.WithContext(context.WithoutCancel(r.Context()))
	sum := newFingerprint(r)
	kept := &recorder{ResponseWriter: w, status: http.StatusOK}
	r.Body = &hashedBody{r.Body, io.TeeReader(r.Body, sum)}
	defer func() {
		if p := recover(); p != nil {
			settle(ctx, a.engine.ForgetRequest(r.Context(), i.access.Actor, key))
			panic(p)
		}
	}()
	next(humago.NewContext(ctx.Operation(), r, kept))
	passing := mayPass(kept.status)
	unread := !passing && !readRest(r.Body)
	var err error
	switch {
	case i.unsettled: // the key stays in use
	case passing, unread && kept.status >= http.StatusBadRequest: // which request was refused, nobody knows
		err = a.engine.ForgetRequest(r.Context(), i.access.Actor, key)
	case !unread && kept.body.Len() <= answerMax:
		err = a.engine.FinishRequest(r.Context(), i.access.Actor, key, chat.Answer{Hash: sum.sum(), Status: kept.status, Body: kept.body.Bytes()})
	}
	settle(ctx, err)
	if unread {
		w.Header().Set("Connection", "close")
	}
	w.WriteHeader(kept.status)
	_, _ = w.Write(kept.body.Bytes()) // who asked may be gone
}

// readRest reads what its operation left of a body, and reports whether it came to
// the end.
func readRest(body io.Reader) bool {
	_, err := io.CopyN(io.Discard, body, restMax)
	return err == io.EOF
}

// settle logs that it is not known what became of a request.
func settle(ctx huma.Context, err error) {
	if err != nil {
		infoOf(ctx.Context()).log.ErrorContext(ctx.Context(), "keep the answer to a request", "error", err)
	}
}

// mayPass reports whether a request that was answered so did nothing, and may do
// better when it is tried again.
func mayPass(status int) bool {
	return status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || status == http.StatusRequestEntityTooLarge
}

// repeat answers a request as it was answered before.
func (a *API) repeat(ctx huma.Context, earlier chat.Answer) {
	r, w := humago.Unwrap(ctx)
	body, sum := r.Body, newFingerprint(r)
	if !isUpload(ctx.Operation(), r) {
		body = http.MaxBytesReader(w, body, int64(a.limits.BodySize))
	}
	if _, err := io.Copy(sum, body); err != nil {
		a.write(ctx, problem(http.StatusBadRequest, "InvalidRequestError", "the body could not be read"))
		return
	}
	if !bytes.Equal(sum.sum(), earlier.Hash) {
		a.write(ctx, problem(http.StatusConflict, "IdempotencyKeyReusedError", "this %s belongs to another request; use a new one", idempotencyHeader))
		return
	}
	ctx.SetHeader("Content-Type", ctx.Header("Accept"))
	ctx.SetHeader("Idempotent-Replayed", "true")
	ctx.SetStatus(earlier.Status)
	_, _ = ctx.BodyWriter().Write(earlier.Body) // who asked may be gone
}

type hashedBody struct {
	io.Closer
	io.Reader
}

// recorder holds an answer back.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

// Unwrap lets http.ResponseController through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
