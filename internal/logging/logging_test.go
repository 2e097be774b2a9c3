package logging

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

func TestLinesSayWhatTheirContextWasBegunFor(t *testing.T) {
	t.Parallel()

	var text bytes.Buffer
	log := slog.New(Handler(slog.NewTextHandler(&text, nil)))
	request := With(t.Context(), slog.String("request", "r-1"))
	job := With(request, slog.Int64("job", 7))
	for _, c := range []struct {
		ctx  context.Context
		want string
	}{
		{t.Context(), "msg=done part=x n=1\n"},
		{request, "msg=done part=x n=1 request=r-1\n"},
		{job, "msg=done part=x n=1 request=r-1 job=7\n"},
	} {
		text.Reset()
		log.With("part", "x").InfoContext(c.ctx, "done", "n", 1)
		if got := text.String(); !strings.HasSuffix(got, " "+c.want) {
			t.Errorf("the line is %s, want %s", got, c.want)
		}
	}
}
