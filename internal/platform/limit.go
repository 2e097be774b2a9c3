package platform

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limitersMax is how many keys a generation of limiters holds. Two generations
// are kept, so that memory is bounded whoever asks.
const limitersMax = 10_000

// limiters limits the rate of what happens for each of many keys. A key that was
// long not heard of starts anew.
type limiters[K comparable] struct {
	rate  rate.Limit
	burst int

	mu       sync.Mutex
	current  map[K]*rate.Limiter
	previous map[K]*rate.Limiter
}

func newLimiters[K comparable](perSecond float64, burst int) *limiters[K] {
	return &limiters[K]{rate: rate.Limit(perSecond), burst: burst, current: map[K]*rate.Limiter{}}
}

// take counts one for a key, and returns how long to wait before the next if that
// is one too many.
func (l *limiters[K]) take(key K) (wait time.Duration) {
	limiter := l.of(key)
	reservation := limiter.Reserve()
	if wait = reservation.Delay(); wait > 0 {
		reservation.Cancel()
	}
	return wait
}

// exhausted is how long to wait until take would count one, without counting.
func (l *limiters[K]) exhausted(key K) (wait time.Duration) {
	if missing := 1 - l.of(key).Tokens(); missing > 0 {
		return time.Duration(missing / float64(l.rate) * float64(time.Second))
	}
	return 0
}

func (l *limiters[K]) of(key K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limiter := l.current[key]; limiter != nil {
		return limiter
	}
	limiter := l.previous[key]
	if limiter == nil {
		limiter = rate.NewLimiter(l.rate, l.burst)
	}
	if len(l.current) >= limitersMax {
		l.previous, l.current = l.current, map[K]*rate.Limiter{}
	}
	l.current[key] = limiter
	return limiter
}
