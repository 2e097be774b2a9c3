package platform

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"openkitty/internal/chat"
)

// idempotencyHeader names a request, so that it is done once however often it is
// sent.
const idempotencyHeader = "Idempotency-Key"

// keyMax bounds the header's value, in bytes; answerMax an answer that is kept,
// in bytes. A longer answer is not kept: its request is refused when repeated,
// rather than done again.
const (
	keyMax    = 255
	answerMax = 256 << 10
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

// first does a request and keeps its answer before giving it. The body is hashed
// as it is read, so that it may be of any size. What failed may be tried again;
// what has an answer too long to keep is not.
func (a *API) first(ctx huma.Context, key string, next func(huma.Context)) {
	actor := infoOf(ctx.Context()).access.Actor
	r, w := humago.Unwrap(ctx)
	sum := requestHash(r)
	kept := &recorder{ResponseWriter: w, status: http.StatusOK}
	r.Body = &hashedBody{r.Body, io.TeeReader(r.Body, sum)}
	defer func() {
		if p := recover(); p != nil {
			settle(ctx, a.engine.ForgetRequest(context.WithoutCancel(ctx.Context()), actor, key))
			panic(p)
		}
	}()
	next(humago.NewContext(ctx.Operation(), r, kept))
	_, _ = io.Copy(io.Discard, r.Body) // a body that breaks off is another body
	var err error
	switch {
	case mayPass(kept.status):
		err = a.engine.ForgetRequest(ctx.Context(), actor, key)
	case kept.body.Len() <= answerMax:
		err = a.engine.FinishRequest(ctx.Context(), actor, key, chat.Answer{Hash: sum.Sum(nil), Status: kept.status, Body: kept.body.Bytes()})
	}
	settle(ctx, err)
	w.WriteHeader(kept.status)
	_, _ = w.Write(kept.body.Bytes()) // who asked may be gone
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
	sum := requestHash(r)
	if _, err := io.Copy(sum, http.MaxBytesReader(w, r.Body, a.largest(ctx.Operation(), r))); err != nil {
		a.write(ctx, problem(http.StatusBadRequest, "InvalidRequestError", "the body could not be read"))
		return
	}
	if !bytes.Equal(sum.Sum(nil), earlier.Hash) {
		a.write(ctx, problem(http.StatusConflict, "IdempotencyKeyReusedError", "this %s belongs to another request; use a new one", idempotencyHeader))
		return
	}
	ctx.SetHeader("Content-Type", ctx.Header("Accept"))
	ctx.SetHeader("Idempotent-Replayed", "true")
	ctx.SetStatus(earlier.Status)
	_, _ = ctx.BodyWriter().Write(earlier.Body) // who asked may be gone
}

// largest is the most bytes that the body of a request may have.
func (a *API) largest(op *huma.Operation, r *http.Request) int64 {
	if has(op, streamedBody) || isForm(op, r) {
		return 1 << 40
	}
	return int64(a.limits.BodySize)
}

// requestHash begins the hash of a request with what else than the body makes it.
func requestHash(r *http.Request) hash.Hash {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s?%s\n%s\n", r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Accept"))
	return sum
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
