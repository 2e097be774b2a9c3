package bench

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"openkitty/stomp"
)

func TestFramesAreCutWhereverTheirBytesWereSplit(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 125, 126, 127, 2000, 65535, 65536, 70000}), 1, 4).Draw(t, "sizes")
		masked := rapid.Bool().Draw(t, "masked")
		var sent []byte
		var want []int
		for _, size := range sizes {
			payload := []byte(strings.Repeat("x", size))
			if masked {
				sent = append(sent, clientFrame(payload)...)
			} else {
				sent = append(sent, ws.MustCompileFrame(ws.NewTextFrame(payload))...)
			}
			want = append(want, size)
		}
		cut := rapid.IntRange(0, len(sent)).Draw(t, "cut")
		var got []int
		var rest []byte
		for _, part := range [][]byte{sent[:cut], sent[cut:]} {
			rest = append(rest, part...)
			for {
				_, payload, after, whole := cutFrame(rest)
				if !whole {
					break
				}
				got, rest = append(got, len(payload)), after
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(rest) > 0 {
			t.Fatalf("%d bytes left; sizes (-want +got):\n%s", len(rest), diff)
		}
	})
}

func TestPayloadsAreToldApartByTheirSubscription(t *testing.T) {
	t.Parallel()

	message := func(subscription string) string {
		return string(stomp.Frame{Command: stomp.Message, Body: []byte(`{}`), Header: stomp.Header{
			{Name: "message-id", Value: "1"}, {Name: "subscription", Value: subscription},
		}}.Append(nil))
	}
	for payload, want := range map[string]payloadKind{
		"":                               otherPayload,
		"\n":                             otherPayload,
		message(messagesID):              deliveryPayload,
		message(messagesID + "x"):        otherPayload,
		message(errorsID):                refusalPayload,
		"RECEIPT\nreceipt-id:1\n\n\x00":  receiptPayload,
		"ERROR\n\n{}\x00":                refusalPayload,
		"CONNECTED\nversion:1.2\n\n\x00": otherPayload,
	} {
		if got := kindOf([]byte(payload)); got != want {
			t.Errorf("%q is of kind %d, want %d", payload, got, want)
		}
	}
}

func TestEveryMessageOfATalkerIsValidAndHasATextOfItsOwn(t *testing.T) {
	t.Parallel()

	frame := newSendFrame("/application/channels/7.message", "run-3-1", textSize)
	seen := map[string]bool{}
	for range 12 {
		data := frame.next()
		_, payload, rest, whole := cutFrame(data)
		if !whole || len(rest) > 0 {
			t.Fatalf("not one WebSocket frame: %q", data)
		}
		decoded, _, err := stomp.Limits{}.Decode(payload)
		if err != nil {
			t.Fatal(err)
		}
		var body struct{ Type, Body string }
		if err := json.Unmarshal(decoded.Body, &body); err != nil {
			t.Fatalf("%v: %s", err, decoded.Body)
		}
		if decoded.Command != stomp.Send || body.Type != "TEXT" || len(body.Body) != textSize {
			t.Errorf("not a SEND of a text of %d bytes: %q", textSize, payload)
		}
		if word, _, _ := strings.Cut(body.Body, " "); word != frame.text() {
			t.Errorf("the text begins with %q, want %q", word, frame.text())
		}
		seen[body.Body], seen[decoded.Header.Get("receipt")] = true, true
	}
	if len(seen) != 24 {
		t.Errorf("12 messages have %d different texts and receipts together, want 24", len(seen))
	}
}
