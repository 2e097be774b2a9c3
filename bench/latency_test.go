package bench

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQuantilesAreWithinThreePercentOfTheSortedOnes(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		durations := rapid.SliceOfN(rapid.Int64Range(0, int64(time.Hour)), 1, 500).Draw(t, "durations")
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		var l latencies
		for _, d := range durations {
			l.add(time.Duration(d))
		}
		slices.Sort(durations)
		want := durations[min(int(q*float64(len(durations))), len(durations)-1)]
		got := int64(l.quantile(q))
		if difference := max(got-want, want-got); float64(difference) > 0.03*float64(want)+1 {
			t.Fatalf("quantile %v of %v is %v, want about %v", q, durations, got, want)
		}
	})
}

func TestNoDurationsHaveTheQuantileZero(t *testing.T) {
	t.Parallel()

	var l latencies
	if got := l.quantile(0.99); got != 0 {
		t.Errorf("quantile of nothing: %v, want 0", got)
	}
}

func TestTheMiddleOfTheBucketOfADurationIsInItsBucket(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		bucket := bucketOf(rapid.Uint64Range(0, 1<<62).Draw(t, "nanoseconds"))
		if again := bucketOf(uint64(middleOf(bucket))); again != bucket {
			t.Fatalf("the middle of bucket %d lies in bucket %d", bucket, again)
		}
	})
}
