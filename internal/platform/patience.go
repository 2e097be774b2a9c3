package platform

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	// uploadPause is how long an upload may stand still, and uploadRate how many
	// bytes a second make up for that. How long it lasts in all depends on its size.
	uploadPause = 30 * time.Second
	uploadRate  = 4 << 10

	// uploadRest is what an upload may have beside the largest file.
	uploadRest = 1 << 20
)

// awaitUpload gives a request that uploads a file its own bounds of size and time.
func (a *API) awaitUpload(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if isUpload(ctx.Operation(), r) {
		r.Body = http.MaxBytesReader(w, &patientBody{
			ReadCloser: r.Body, connection: http.NewResponseController(w), left: uploadPause,
		}, a.engine.LargestFile()+uploadRest)
	}
	next(ctx)
}

func isUpload(op *huma.Operation, r *http.Request) bool {
	return has(op, streamedBody) || isForm(op, r)
}

// patientBody waits for a body as long as enough of it keeps coming: what comes
// faster than uploadRate makes up for pauses, up to uploadPause. A body that
// trickles would hold for ever what its handler holds.
type patientBody struct {
	io.ReadCloser
	connection *http.ResponseController
	left       time.Duration // to wait, if nothing more comes
}

func (b *patientBody) Read(p []byte) (int, error) {
	began := time.Now()
	if err := b.connection.SetReadDeadline(began.Add(b.left)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	b.left = min(uploadPause, b.left+time.Duration(n)*(time.Second/uploadRate)-time.Since(began))
	return n, err
}
