package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"

	"github.com/prometheus/client_golang/prometheus"
)

// BenchmarkSend measures acknowledged, durable messages from 64 senders at
// once, in 16 channels.
func BenchmarkSend(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) {
		benchmarkSend(b, store.Options{Directory: b.TempDir()})
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		benchmarkSend(b, store.Options{Database: storetest.Postgres(b)})
	})
}

func benchmarkSend(b *testing.B, o store.Options) {
	registry := prometheus.NewRegistry()
	o.Metrics = registry
	s := open(b, o)
	app := newApplication(b, s, "bench")
	users := people(b, s, app.ID, 64)
	var channels []chat.Channel
	for i := range 16 {
		channels = append(channels, newChannel(b, s, chat.Private, fmt.Sprint("room ", i), users[i*4:i*4+4]...))
	}
	body := strings.Repeat("words ", 20)
	before := commits(b, registry)
	took := make([][]time.Duration, len(users))
	b.ResetTimer()
	var senders sync.WaitGroup
	for i, user := range users {
		senders.Go(func() {
			for range max(1, (b.N+i)/len(users)) {
				started := time.Now()
				if _, err := send(context.Background(), s, channels[i/4], user, body, nil); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(started))
			}
		})
	}
	senders.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(b.N)/(commits(b, registry)-before), "sends/commit")
}

// commits is how many commits a store has measured.
func commits(b *testing.B, registry *prometheus.Registry) float64 {
	b.Helper()
	families, err := registry.Gather()
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "openkitty_store_commit_updates" {
			return float64(f.GetMetric()[0].GetHistogram().GetSampleCount())
		}
	}
	b.Fatal("no commits are measured")
	return 0
}
