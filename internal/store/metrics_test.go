package store_test

import (
	"testing"

	"openkitty/internal/store"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

func TestCommitsAreMeasured(t *testing.T) {
	t.Parallel()

	registry := prometheus.NewRegistry()
	s := open(t, store.Options{Directory: t.TempDir(), Metrics: registry})
	for range 3 {
		update(t, s, func(*store.Tx) error { return nil })
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]uint64{}
	for _, f := range families {
		got[f.GetName()] = f.GetMetric()[0].GetHistogram().GetSampleCount()
	}
	want := map[string]uint64{"openkitty_store_commit_updates": 3, "openkitty_store_commit_seconds": 3, "openkitty_store_queue_updates": 0, "openkitty_store_reads_total": 0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("measured:\n%s", diff)
	}
}
