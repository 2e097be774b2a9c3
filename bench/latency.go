package bench

import (
	"math/bits"
	"time"
)

// bucketBits sets the precision of a histogram: each power of two is divided
// into 2^bucketBits buckets, so a quantile is off by at most 3 %.
const bucketBits = 5

// latencies counts durations. Adding one costs an increment, so a load
// generator can time every single delivery. The zero value is empty.
type latencies struct {
	counts [64 << bucketBits]int64
	total  int64
}

func (l *latencies) add(d time.Duration) {
	l.counts[bucketOf(uint64(max(d, 0)))]++
	l.total++
}

// quantile returns the duration that a share q of all do not exceed, and zero
// if there are none.
func (l *latencies) quantile(q float64) time.Duration {
	rank := int64(q * float64(l.total))
	for bucket, count := range l.counts {
		if rank -= count; rank < 0 {
			return middleOf(bucket)
		}
	}
	for bucket := len(l.counts) - 1; bucket >= 0; bucket-- {
		if l.counts[bucket] > 0 {
			return middleOf(bucket)
		}
	}
	return 0
}

func bucketOf(nanoseconds uint64) int {
	shift := max(0, bits.Len64(nanoseconds)-bucketBits-1)
	return shift<<bucketBits + int(nanoseconds>>shift)
}

func middleOf(bucket int) time.Duration {
	if bucket < 2<<bucketBits {
		return time.Duration(bucket)
	}
	shift := bucket>>bucketBits - 1
	low := uint64(bucket-shift<<bucketBits) << shift
	return time.Duration(low + 1<<shift/2)
}
