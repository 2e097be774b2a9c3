package gateway

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the gateway measures of itself.
type metrics struct {
	sessions      prometheus.Gauge
	subscriptions prometheus.Gauge
	framesIn      prometheus.Counter
	framesOut     prometheus.Counter
	bytesIn       prometheus.Counter
	bytesOut      prometheus.Counter
	deliveries    prometheus.Counter
	queued        prometheus.Gauge
	slowCloses    prometheus.Counter
	replayed      prometheus.Counter
	actionSeconds prometheus.Histogram
	relaySeconds  prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	seconds := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: name, Help: help,
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		})
	}
	m := &metrics{
		sessions:      gauge("openkitty_sessions", "Connections, from their opening to their end."),
		subscriptions: gauge("openkitty_subscriptions", "Standing subscriptions of all sessions."),
		framesIn:      counter("openkitty_frames_received_total", "STOMP frames that clients sent, without heart-beats."),
		framesOut:     counter("openkitty_frames_sent_total", "STOMP frames for clients, without heart-beats."),
		bytesIn:       counter("openkitty_received_bytes_total", "Bytes of the messages that clients sent."),
		bytesOut:      counter("openkitty_sent_bytes_total", "Bytes for clients, with the headers of WebSocket."),
		deliveries:    counter("openkitty_deliveries_total", "Events for subscriptions: one event to ten of them counts ten."),
		queued:        gauge("openkitty_queued_bytes", "Bytes that wait because a client does not take them at once."),
		slowCloses:    counter("openkitty_slow_closes_total", "Sessions closed because their queue was full."),
		replayed:      counter("openkitty_replayed_total", "Events sent again, or late, to clients that had lost their connection."),
		actionSeconds: seconds("openkitty_action_seconds", "Time from an action's frame to its result on disk."),
		relaySeconds:  seconds("openkitty_relay_seconds", "Time to answer a relay."),
	}
	for _, c := range []prometheus.Collector{
		m.sessions, m.subscriptions, m.framesIn, m.framesOut, m.bytesIn, m.bytesOut,
		m.deliveries, m.queued, m.slowCloses, m.replayed, m.actionSeconds, m.relaySeconds,
	} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the gateway's metrics: %w", err)
		}
	}
	return m, nil
}
