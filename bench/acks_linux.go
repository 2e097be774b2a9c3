package bench

import (
	"bytes"
	"context"
	"fmt"

	"openkitty/stomp"
)

// ackWindows is how often each kind of answer is measured, by turns.
const ackWindows = 5

// acknowledge measures a conversation whose listeners answer each delivery, by
// turns with ACK and with NACK. A server has to read both, and keeps how far a
// subscription got only for the first: the difference is what that costs. The
// figures are those with ACK.
func (r *runner) acknowledge(ctx context.Context, h host, l *loop, s scenario) (Figures, error) {
	rooms, err := h.gather(ctx, l, s.shape)
	if err != nil {
		return nil, fmt.Errorf("gather the sessions: %w", err)
	}
	c := &conversation{loop: l, rooms: rooms, answer: string(stomp.Ack)}
	c.start()
	if err := c.talkFor(ctx, r.Warmup); err != nil {
		return nil, err
	}
	windows := map[string][]Figures{}
	for range ackWindows {
		for _, c.answer = range []string{string(stomp.Ack), string(stomp.Nack)} {
			figures, err := r.window(ctx, h, c)
			if err != nil {
				return nil, err
			}
			windows[c.answer] = append(windows[c.answer], figures)
		}
	}
	kept, ignored := medians(windows[string(stomp.Ack)]), medians(windows[string(stomp.Nack)])
	kept[AckCPU] = kept[CPUPerMillion] / ignored[CPUPerMillion]
	kept[AckDeliveries] = kept[DeliveriesPerSecond] / ignored[DeliveriesPerSecond]
	return kept, c.finish(ctx)
}

var ackMark = []byte("\nack:")

// responseTo is the frame that answers a delivery.
func responseTo(payload []byte, command string) []byte {
	_, rest, _ := bytes.Cut(payload, ackMark)
	id, _, _ := bytes.Cut(rest, []byte("\n"))
	frame := stomp.Frame{Command: command, Header: stomp.Header{
		{Name: "id", Value: string(id)},
		{Name: "subscription", Value: messagesID},
	}}
	return clientFrame(frame.Append(nil))
}
