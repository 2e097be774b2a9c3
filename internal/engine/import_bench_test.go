package engine_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
	"openkitty/internal/store"
)

// BenchmarkImport measures an import of messages into 16 channels, from the file
// on disk to the end of the job.
func BenchmarkImport(b *testing.B) {
	db, err := store.Open(b.Context(), store.Options{Directory: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	limits := testLimits
	limits.ImportSize = 1 << 40
	e, err := engine.New(b.Context(), engine.Options{Store: db, Directory: b.TempDir(), Limits: limits, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	app, _, err := e.CreateApplication(b.Context(), "bench")
	if err != nil {
		b.Fatal(err)
	}
	importFile := func(kind chat.JobType, file string) {
		job, err := e.Import(b.Context(), app.ID, kind, 0, strings.NewReader(file))
		for err == nil && !job.Ended() {
			time.Sleep(time.Millisecond)
			job, _, err = e.Job(b.Context(), app.ID, job.ID)
		}
		if err != nil || job.Progress.Done != job.Progress.Total {
			b.Fatalf("%+v, %v", job, err)
		}
	}
	e.RunJobs()
	var channels, messages strings.Builder
	for i := range 16 {
		fmt.Fprintf(&channels, `{"type":"PUBLIC","name":"room%d","members":["ann"]}`, i)
	}
	importFile(chat.UserImport, `{"name":"ann"}`)
	importFile(chat.ChannelImport, channels.String())
	body := strings.Repeat("words ", 20)
	for i := range b.N {
		fmt.Fprintf(&messages, `{"type":"TEXT","channel":"room%d","user":"ann","body":%q,"created_time":%q,"idempotency_key":"message %d"}`,
			i*16/b.N, body, time.Unix(int64(i), 0).UTC().Format(time.RFC3339), i)
	}
	b.ResetTimer()
	importFile(chat.MessageImport, messages.String())
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
