package bench

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheBatchesOfATimeAreTheDifferenceOfTwoScrapes(t *testing.T) {
	t.Parallel()

	earlier, err := parseBatches(strings.NewReader(`# TYPE openkitty_store_commit_updates histogram
openkitty_store_commit_updates_bucket{le="1"} 5
openkitty_store_commit_updates_bucket{le="64"} 6
openkitty_store_commit_updates_bucket{le="+Inf"} 6
openkitty_store_commit_updates_sum 10
openkitty_store_commit_updates_count 6
`))
	if err != nil {
		t.Fatal(err)
	}
	later, err := parseBatches(strings.NewReader(`go_goroutines 7
openkitty_store_commit_updates_bucket{le="1"} 6
openkitty_store_commit_updates_bucket{le="64"} 16
openkitty_store_commit_updates_bucket{le="+Inf"} 17
openkitty_store_commit_updates_sum 560
openkitty_store_commit_updates_count 17
openkitty_store_commit_seconds_sum 3
`))
	if err != nil {
		t.Fatal(err)
	}
	d := later.since(earlier)
	got := []float64{d.mean(), d.quantile(0), d.quantile(0.5), d.quantile(1)}
	if diff := cmp.Diff([]float64{50, 1, 64, 64}, got); diff != "" {
		t.Errorf("mean and quantiles (-want +got):\n%s", diff)
	}
}
