package bench

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMediansAreOfTheRoundsThatHaveTheFigure(t *testing.T) {
	t.Parallel()

	got := medians([]Figures{
		{MessagesPerSecond: 3, ReceiptP99: 8},
		{MessagesPerSecond: 100},
		{MessagesPerSecond: 2, ReceiptP99: 6},
	})
	if diff := cmp.Diff(Figures{MessagesPerSecond: 3, ReceiptP99: 7}, got); diff != "" {
		t.Errorf("medians (-want +got):\n%s", diff)
	}
}

// measured is a report with one figure on both sides.
func measured(scenario string, figure Figure, floor, server float64) Report {
	return Report{Measurements: []Measurement{
		{Scenario: scenario, Side: FloorSide, Median: Figures{figure: floor}},
		{Scenario: scenario, Side: ServerSide, Median: Figures{figure: server}},
	}}
}

func TestMarksCompareTheServerWithTheFloor(t *testing.T) {
	t.Parallel()

	c := Standard()
	verdicts := map[string]bool{}
	for _, r := range []Report{
		measured(fanoutName("lone", 1000), CPUPerMillion, 6, 9),
		measured(fanoutName("joined", 1000), CPUPerMillion, 0.5, 1.3),
		measured(sendOwn, MessagesPerSecond, 20_000, 9_000),
		measured(sendOne, MessagesPerSecond, 20_000, 10_000),
		measured(Idle, SessionBytes, 5<<10, 13<<10),
		measured(sendPaced, ReceiptP99, 2, 9),
	} {
		for _, m := range marksOf(r, c) {
			verdicts[m.Name] = m.Pass()
		}
	}
	want := map[string]bool{
		"fan-out to 1000, lone: CPU per delivery":     true,
		"fan-out to 1000, joined: CPU per delivery":   false,
		"send, a channel each: acknowledged a second": false,
		"send, all to one: acknowledged a second":     true,
		"idle: memory per session":                    false,
		"send at 2000/s: p99 of the receipts":         true,
	}
	if diff := cmp.Diff(want, verdicts); diff != "" {
		t.Errorf("passed (-want +got):\n%s", diff)
	}
}

func TestALargerChannelMayCostMoreOnlyWhereItDoesForTheFloor(t *testing.T) {
	t.Parallel()

	c := Standard()
	for server5000, want := range map[float64]bool{11: true, 14: false} {
		r := measured(fanoutName("lone", 1000), CPUPerMillion, 6, 7)
		r.Measurements = append(r.Measurements, measured(fanoutName("lone", 5000), CPUPerMillion, 9, server5000).Measurements...)
		marks := growthMarks(r, c)
		if len(marks) != 1 || marks[0].Pass() != want {
			t.Errorf("from 7 to %v where the floor goes from 6 to 9: %+v, want a mark that passes: %v", server5000, marks, want)
		}
	}
}

func TestAReportLeavesOutWhatWasNotMeasured(t *testing.T) {
	t.Parallel()

	r := measured(Rooms, CPUPerMessage, 30, 95)
	r.Marks = marksOf(r, Standard())
	var text strings.Builder
	if err := r.Markdown(&text); err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{"| rooms ", "| 95.0 ", "3.17 × floor", "**miss**", "| – "} {
		if !strings.Contains(text.String(), wanted) {
			t.Errorf("the report lacks %q:\n%s", wanted, text.String())
		}
	}
	if strings.Contains(text.String(), "Idle") {
		t.Errorf("the report has a table of what was not measured:\n%s", text.String())
	}
}
