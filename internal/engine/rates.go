package engine

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"openkitty/internal/chat"
)

// Pursuit is what the rates of an application's settings bound.
type Pursuit int

const (
	Sending    Pursuit = iota // messages and replies
	Typing                    // keystrokes
	Connecting                // sessions that start
	Uploading                 // files
	Requesting                // relays and all other actions
	pursuits                  // how many there are
)

// pursuitNames label what is measured of each.
var pursuitNames = [pursuits]string{"sends", "keystrokes", "connects", "uploads", "requests"}

// in is the pair of rates that bounds the pursuit.
func (p Pursuit) in(r *chat.Rates) chat.RatePair {
	return [pursuits]chat.RatePair{r.Sends, r.Keystrokes, r.Connects, r.Uploads, r.Requests}[p]
}

// rates knows who has done how much of what lately, on this node: with n nodes,
// users who spread over all of them may do n times as much.
type rates struct {
	users        [pursuits]allowances[chat.UserID]
	applications [pursuits]allowances[chat.ApplicationID]
	addresses    allowances[netip.Prefix]
	refused      *prometheus.CounterVec
}

func newRates(registry prometheus.Registerer) (*rates, error) {
	r := &rates{refused: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "openkitty_rate_limited_total",
		Help: "What was refused, or, of keystrokes, dropped, because there was too much of it, by what it was and whose rate was exceeded.",
	}, []string{"what", "of"})}
	if registry == nil {
		return r, nil
	}
	return r, registry.Register(r.refused)
}

// Allow counts something that the actor is about to do. It refuses what is above
// the rates of the application's settings, with the time after which to try
// again. An actor without a user, as a guest to be, has only the application's.
func (e *Engine) Allow(ctx context.Context, actor chat.Actor, p Pursuit) error {
	if e.limits.Unlimited {
		return nil
	}
	settings, err := e.settings.of(ctx, actor.Application)
	if err != nil {
		return err
	}
	pair, now := p.in(&settings.Rates), time.Now()
	if actor.User != 0 {
		if wait := e.rates.users[p].take(actor.User, pair.User, now); wait > 0 {
			e.rates.refused.WithLabelValues(pursuitNames[p], "user").Inc()
			return chat.RateLimited(wait, "you have too many %s: at most %v are allowed", pursuitNames[p], &pair.User)
		}
	}
	if wait := e.rates.applications[p].take(actor.Application, pair.Application, now); wait > 0 {
		e.rates.refused.WithLabelValues(pursuitNames[p], "application").Inc()
		return chat.RateLimited(wait, "the application has too many %s at this time", pursuitNames[p])
	}
	return nil
}

// AllowAddress counts a connection from an address of the network, before it is
// known whose it is.
func (e *Engine) AllowAddress(address netip.Addr) error {
	if e.limits.Unlimited {
		return nil
	}
	network := NetworkOf(address)
	if !network.IsValid() {
		return nil // no address of the Internet: nothing to tell its peers by
	}
	if wait := e.rates.addresses.take(network, e.limits.AddressConnects, time.Now()); wait > 0 {
		e.rates.refused.WithLabelValues(pursuitNames[Connecting], "address").Inc()
		return chat.RateLimited(wait, "there are too many connections from your address")
	}
	return nil
}

// NetworkOf is what of an address counts when it is limited. Of IPv6, where a
// customer has them by the billion, 64 bits make an address.
func NetworkOf(address netip.Addr) netip.Prefix {
	bits := 64
	if address = address.Unmap(); address.Is4() {
		bits = 32
	}
	network, _ := address.WithZone("").Prefix(bits) // what is no address has none
	return network
}

// allowances hold what each of many has left. Whoever has all of it left is not
// remembered for long, so memory goes with those who were active lately.
type allowances[K comparable] struct {
	mu      sync.Mutex
	of      map[K]*allowance
	sweepAt int       // size at which to forget those who rest
	sweptAt time.Time // when that was done last
}

type allowance struct {
	rate chat.Rate
	left *rate.Limiter
}

const (
	// allowancesMin is a size up to which nobody has to be forgotten.
	allowancesMin = 1024
	// allowancesMax bounds one table, at 20 MB or less. Above it, one is forgotten
	// for each that comes: that gives somebody a fresh start, whereas refusing the
	// newcomers would let a crowd lock everybody else out.
	allowancesMax = 100_000
)

// take counts one thing. It returns zero, or how long it is until there is one
// more to have.
func (a *allowances[K]) take(key K, r chat.Rate, now time.Time) time.Duration {
	if r.Unlimited() {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	found := a.of[key]
	if found == nil || found.rate != r {
		found = &allowance{r, rate.NewLimiter(rate.Limit(float64(r.Count)/r.Per.Seconds()), r.Count)}
		a.makeRoom(now)
		a.of[key] = found
	}
	if found.left.AllowN(now, 1) {
		return 0
	}
	missing := 1 - found.left.TokensAt(now)
	return max(time.Duration(missing/float64(found.left.Limit())*float64(time.Second)), time.Millisecond)
}

// makeRoom forgets those who rest, whenever the table has doubled, but at most
// once a second.
func (a *allowances[K]) makeRoom(now time.Time) {
	if a.of == nil {
		a.of, a.sweepAt = map[K]*allowance{}, allowancesMin
	}
	if len(a.of) >= a.sweepAt && now.Sub(a.sweptAt) >= time.Second {
		for key, one := range a.of {
			if one.left.TokensAt(now) >= float64(one.rate.Count) {
				delete(a.of, key)
			}
		}
		a.sweepAt, a.sweptAt = min(max(2*len(a.of), allowancesMin), allowancesMax), now
	}
	if len(a.of) < allowancesMax {
		return
	}
	for key := range a.of { // in random order
		delete(a.of, key)
		return
	}
}
