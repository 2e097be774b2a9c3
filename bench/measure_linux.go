package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// talk measures a conversation.
func (r *runner) talk(ctx context.Context, h host, l *loop, s scenario) (figures Figures, err error) {
	rooms, err := h.gather(ctx, l, s.shape)
	if err != nil {
		return nil, fmt.Errorf("gather the sessions: %w", err)
	}
	c := &conversation{loop: l, rooms: rooms, rate: float64(s.rate)}
	if r.Acknowledged != "" {
		list, closeList, err := appendTo(r.Acknowledged)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, closeList()) }()
		c.surviving = &survivors{texts: list}
		defer func() {
			r.note("%d messages were acknowledged; %d of %d connections were lost.",
				c.surviving.acknowledged, c.surviving.lost, len(l.peers))
		}()
	}
	c.start()
	if err := c.talkFor(ctx, r.Warmup); err != nil {
		return nil, err
	}
	if figures, err = r.window(ctx, h, c); err != nil {
		return nil, err
	}
	return figures, c.finish(ctx)
}

// appendTo opens a file to write lines to.
func appendTo(path string) (*bufio.Writer, func() error, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, nil, err
	}
	lines := bufio.NewWriter(file)
	return lines, func() error { return errors.Join(lines.Flush(), file.Close()) }, nil
}

// window measures a conversation for the configured time.
func (r *runner) window(ctx context.Context, h host, c *conversation) (Figures, error) {
	before, scraped := h.batches()
	c.tally = &tally{}
	start, err := takeStock(h)
	if err != nil {
		return nil, err
	}
	for {
		if err := c.talkFor(ctx, r.Duration); err != nil {
			return nil, err
		}
		// On a busy machine a short time may pass without a single message; it is
		// measured on until there is one, unless the server is expected to die.
		if c.tally.acknowledgements > 0 || c.surviving != nil || time.Since(start.at) > patience {
			break
		}
	}
	end, err := takeStock(h)
	if err != nil {
		return nil, err
	}
	figures := c.figures(end.at.Sub(start.at))
	figures.spend(start, end, c.tally)
	if after, also := h.batches(); scraped && also {
		if d := after.since(before); d.count > 0 {
			figures[BatchMean], figures[BatchP50] = d.mean(), d.quantile(0.5)
		}
	}
	return figures, nil
}

// stock is what was used up to a time.
type stock struct {
	at        time.Time
	cpu, load time.Duration // cpu is zero if nobody knows the process
}

func takeStock(h host) (s stock, err error) {
	if h.process() != 0 {
		if s.cpu, err = cpuTime(h.process()); err != nil {
			return s, err
		}
	}
	s.load, err = cpuTime(os.Getpid())
	s.at = time.Now()
	return s, err
}

// figures is the tally of a time.
func (t *tally) figures(took time.Duration) Figures {
	f := Figures{MessagesPerSecond: float64(t.acknowledgements) / took.Seconds()}
	if t.acknowledgements > 0 {
		f[ReceiptP50], f[ReceiptP99] = milli(t.receipts.quantile(0.5)), milli(t.receipts.quantile(0.99))
	}
	if t.deliveries > 0 {
		f[DeliveriesPerSecond] = float64(t.deliveries) / took.Seconds()
		f[MessageP50], f[MessageP99] = milli(t.arrivals.quantile(0.5)), milli(t.arrivals.quantile(0.99))
		f[FrameBytes] = float64(t.deliveryBytes) / float64(t.deliveries)
	}
	return f
}

// spend adds what the processors did for it.
func (f Figures) spend(start, end stock, t *tally) {
	took := end.at.Sub(start.at)
	f[LoadBusy] = 100 * float64(end.load-start.load) / float64(took)
	if end.cpu == 0 {
		return
	}
	used := end.cpu - start.cpu
	f[Busy] = 100 * float64(used) / float64(took)
	if t.acknowledgements > 0 {
		f[CPUPerMessage] = micro(used) / float64(t.acknowledgements)
	}
	if t.deliveries > 0 {
		f[CPUPerMillion] = micro(used) / float64(t.deliveries) // µs per delivery are seconds per million
	}
}

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// sit measures sessions that only are there.
func (r *runner) sit(ctx context.Context, h host, l *loop, s scenario) (Figures, error) {
	l.receive = func(_ *peer, payload []byte) error {
		if kindOf(payload) == refusalPayload {
			return fmt.Errorf("the server refused: %s", payload)
		}
		return nil
	}
	f := Figures{}
	if h.ready() > 0 {
		f[ReadyMilliseconds] = milli(h.ready())
	}
	rest, err := r.memoryAfterSettling(ctx, h, l)
	if err != nil {
		return nil, err
	}
	start, err := takeStock(h)
	if err != nil {
		return nil, err
	}
	if err := h.seat(ctx, l, s.sessions); err != nil {
		return nil, fmt.Errorf("connect %d sessions: %w", s.sessions, err)
	}
	end, err := takeStock(h)
	if err != nil {
		return nil, err
	}
	full, err := r.memoryAfterSettling(ctx, h, l)
	if err != nil {
		return nil, err
	}
	f[ConnectsPerSecond] = float64(s.sessions) / end.at.Sub(start.at).Seconds()
	if h.process() != 0 {
		f[CPUPerConnect] = micro(end.cpu-start.cpu) / float64(s.sessions)
		f[RestMegabytes] = float64(rest) / (1 << 20)
		f[SessionBytes] = float64(full-rest) / float64(s.sessions)
	}
	return f, nil
}

// memoryAfterSettling lets the sessions be for a time, and then reads the
// memory of the process; zero if nobody knows it.
func (r *runner) memoryAfterSettling(ctx context.Context, h host, l *loop) (int64, error) {
	end := time.Now().Add(r.Settle)
	err := l.run(func() (time.Duration, error) { return end.Sub(l.now), ctx.Err() })
	if err != nil || h.process() == 0 {
		return 0, err
	}
	return residentMemory(h.process())
}
