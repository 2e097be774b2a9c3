package platform

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

// ApiError is the body of every error but those of authorization.
type ApiError struct {
	Name        string `json:"error" doc:"Stable, machine-readable name"`
	Message     string `json:"message" doc:"What is wrong, for people"`
	Explanation string `json:"explanation,omitempty" doc:"A longer hint"`
	Timestamp   string `json:"timestamp" doc:"Instant of the failure"`
	status      int
	retryAfter  time.Duration
}

// AuthenticationError is the body of an error of authorization, as OAuth 2 has it.
type AuthenticationError struct {
	Code        string `json:"error" doc:"OAuth 2 error code"`
	Description string `json:"error_description" doc:"What is wrong, for people"`
	status      int
}

func (e *ApiError) Error() string             { return e.Name + ": " + e.Message }
func (e *ApiError) GetStatus() int            { return e.status }
func (e *AuthenticationError) Error() string  { return e.Code + ": " + e.Description }
func (e *AuthenticationError) GetStatus() int { return e.status }

func problem(status int, name, format string, args ...any) *ApiError {
	return &ApiError{
		Name: name, Message: fmt.Sprintf(format, args...), status: status, Timestamp: timestamp(time.Now()),
	}
}

// statuses are those of refusals. The published API knows no 409: what conflicts
// with the state of things is a wrong request. So is what is denied to the
// application itself, since no other credential would be allowed it.
var statuses = map[chat.Kind]int{
	chat.Invalid:     http.StatusBadRequest,
	chat.Denied:      http.StatusBadRequest,
	chat.Conflict:    http.StatusBadRequest,
	chat.NotFound:    http.StatusNotFound,
	chat.Limited:     http.StatusTooManyRequests,
	chat.Unsupported: http.StatusNotImplemented,
	chat.Internal:    http.StatusInternalServerError,
}

// problemOf is the body for an error of the engine.
func problemOf(err error) *ApiError {
	refusal := chat.AsError(err)
	p := problem(statuses[refusal.Kind], refusal.Name, "%s", refusal.Message)
	if refusal.Name == chat.FileTooLarge || refusal.Name == chat.ImportTooLarge {
		p.status = http.StatusRequestEntityTooLarge
	}
	if refusal.Kind == chat.Limited {
		p.retryAfter = cmp.Or(refusal.CoolOff, time.Second)
	}
	return p
}

// huma makes its errors by these functions, which are the package's own: whatever
// API of this process fails, it answers in the documented form. Nor does it
// declare arrays that may be null: none of ours is, an empty one is written or
// left out.
func init() {
	huma.DefaultArrayNullable = false
	huma.NewError = newError
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		if status == http.StatusInternalServerError && ctx != nil {
			for _, err := range errs {
				return failed(ctx, err)
			}
		}
		e := newError(status, message, errs...)
		if ctx != nil {
			infoOf(ctx.Context()).refusal = e.Error()
		}
		return e
	}
}

// failed is the answer to an operation that returned an error.
func failed(ctx huma.Context, err error) huma.StatusError {
	p := problemOf(err)
	i := infoOf(ctx.Context())
	i.refusal = p.Error()
	i.unsettled = i.unsettled || errors.Is(err, chat.ErrUnsettled)
	if p.status == http.StatusInternalServerError {
		i.failure = err
	}
	if p.retryAfter > 0 {
		ctx.SetHeader("Retry-After", seconds(p.retryAfter))
	}
	return p
}

// newError is the answer to a request that did not reach its operation.
func newError(status int, message string, errs ...error) huma.StatusError {
	details := []string{}
	for _, err := range errs {
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) && detail.Location != "" {
			details = append(details, detail.Location+": "+detail.Message)
		} else if err != nil {
			details = append(details, err.Error())
		}
	}
	if len(details) > 0 {
		message = strings.Join(details, "; ")
	}
	switch status {
	case http.StatusUnprocessableEntity:
		status = http.StatusBadRequest
	case http.StatusRequestEntityTooLarge:
		return problem(status, "RequestTooLargeError", "%s", message)
	}
	return problem(status, "InvalidRequestError", "%s", message)
}

// writeProblem answers a request that has no operation.
func writeProblem(w http.ResponseWriter, p *ApiError) {
	noteRefusal(w, p)
	w.Header().Set("Content-Type", plain)
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", seconds(p.retryAfter))
	}
	w.WriteHeader(p.status)
	_ = encode(w, p, false) // who asked may be gone
}

// seconds writes a time for Retry-After, at least one second.
func seconds(d time.Duration) string {
	return fmt.Sprint(max(1, int64((d+time.Second-1)/time.Second)))
}

// timestamp writes an instant in milliseconds.
func timestamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
