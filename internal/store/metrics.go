package store

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics measure the commits of all lanes.
type metrics struct {
	calls   prometheus.Histogram
	seconds prometheus.Histogram
}

func newMetrics(r prometheus.Registerer, waiting, reads func() float64) (*metrics, error) {
	m := &metrics{
		calls: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "openkitty_store_commit_updates",
			Help:    "Updates that shared one commit.",
			Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512},
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "openkitty_store_commit_seconds",
			Help:    "Time from the first statement of a batch of updates to the end of its commit.",
			Buckets: prometheus.ExponentialBuckets(0.00025, 2, 14),
		}),
	}
	if r == nil {
		return m, nil
	}
	return m, errors.Join(r.Register(m.calls), r.Register(m.seconds), r.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "openkitty_store_queue_updates",
		Help: "Updates that wait for their turn to be written.",
	}, waiting)), r.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "openkitty_store_reads_total",
		Help: "Statements run outside of transactions.",
	}, reads)))
}

func (m *metrics) commit(updates int, took time.Duration) {
	m.calls.Observe(float64(updates))
	m.seconds.Observe(took.Seconds())
}
