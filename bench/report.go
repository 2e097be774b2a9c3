package bench

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Figure names something measured, with its unit.
type Figure string

// The figures. Processor time is that of the measured process, in user and
// kernel mode.
const (
	MessagesPerSecond   Figure = "messages_per_second" // acknowledged
	DeliveriesPerSecond Figure = "deliveries_per_second"
	CPUPerMillion       Figure = "cpu_seconds_per_million_deliveries"
	CPUPerMessage       Figure = "cpu_microseconds_per_message"
	ReceiptP50          Figure = "send_to_receipt_p50_ms"
	ReceiptP99          Figure = "send_to_receipt_p99_ms"
	MessageP50          Figure = "send_to_message_p50_ms"
	MessageP99          Figure = "send_to_message_p99_ms"
	BatchMean           Figure = "commit_batch_mean"
	BatchP50            Figure = "commit_batch_p50"
	FrameBytes          Figure = "delivery_bytes"
	Busy                Figure = "busy_percent"      // share of its processor that the process used
	LoadBusy            Figure = "load_busy_percent" // and the load generator of its own
	ImportsPerSecond    Figure = "imports_per_second"
	SessionBytes        Figure = "bytes_per_session"
	ConnectsPerSecond   Figure = "connects_per_second"
	CPUPerConnect       Figure = "cpu_microseconds_per_connect"
	RestMegabytes       Figure = "rest_megabytes" // memory of a server without sessions
	ReadyMilliseconds   Figure = "start_to_ready_ms"
	FirstPage           Figure = "first_page_p50_ms"
	MiddlePage          Figure = "middle_page_p50_ms"
	LastPage            Figure = "last_page_p50_ms"
	NotifySeconds       Figure = "notify_seconds" // until all who are away are notified of one message
	NotifiedPerSecond   Figure = "notified_per_second"
	AckCPU              Figure = "acks_to_nacks_cpu_per_delivery" // a ratio
	AckDeliveries       Figure = "acks_to_nacks_deliveries_per_second"
	HealSeconds         Figure = "heal_seconds"             // until all who lost their connections have what they missed
	HealedBytes         Figure = "bytes_per_healed_session" // of the memory, afterwards
	PeakBytes           Figure = "bytes_per_session_meanwhile"
	ReadsPerSession     Figure = "reads_per_session" // statements, until it is healed
	CPUPerReturn        Figure = "cpu_microseconds_per_return"
)

// Figures are the results of one round, or the medians of several. What could
// not be measured is missing.
type Figures map[Figure]float64

// Measurement is a scenario on one side.
type Measurement struct {
	Scenario string    `json:"scenario"`
	Side     Side      `json:"side"`
	Median   Figures   `json:"median"`
	Rounds   []Figures `json:"rounds"`
}

// Report is the result of a run.
type Report struct {
	Date         time.Time     `json:"date"`
	Command      string        `json:"command"`
	Machine      Machine       `json:"machine"`
	Notes        []string      `json:"notes,omitempty"`
	Marks        []Mark        `json:"marks,omitempty"`
	Measurements []Measurement `json:"measurements"`
}

// Machine is what the figures depend on.
type Machine struct {
	Processor  string  `json:"processor"`
	Processors int     `json:"processors"`
	Kernel     string  `json:"kernel"`
	Go         string  `json:"go"`
	FileSystem string  `json:"file_system"`
	SyncMillis float64 `json:"sync_ms"` // median of an appended page and fdatasync
}

func (m Machine) String() string {
	return fmt.Sprintf("%d × %s, Linux %s, %s, %s with %.2f ms a sync",
		m.Processors, m.Processor, m.Kernel, m.Go, m.FileSystem, m.SyncMillis)
}

// find returns the medians of a scenario on a side, or nil.
func (r Report) find(scenario string, side Side) Figures {
	for _, m := range r.Measurements {
		if m.Scenario == scenario && m.Side == side {
			return m.Median
		}
	}
	return nil
}

// medians takes the median of each figure over the rounds that have it.
func medians(rounds []Figures) Figures {
	values := map[Figure][]float64{}
	for _, round := range rounds {
		for figure, value := range round {
			values[figure] = append(values[figure], value)
		}
	}
	m := Figures{}
	for figure, all := range values {
		slices.Sort(all)
		m[figure] = (all[len(all)/2] + all[(len(all)-1)/2]) / 2
	}
	return m
}

// column is a figure in a table.
type column struct {
	title  string
	figure Figure
	digits int
	scale  float64 // from the figure's unit to the title's
}

var talkColumns = []column{
	{"messages/s", MessagesPerSecond, 0, 1},
	{"imports/s", ImportsPerSecond, 0, 1},
	{"deliveries/s", DeliveriesPerSecond, 0, 1},
	{"CPU s/M deliveries", CPUPerMillion, 2, 1},
	{"CPU µs/message", CPUPerMessage, 1, 1},
	{"receipt p50 ms", ReceiptP50, 2, 1},
	{"p99", ReceiptP99, 2, 1},
	{"message p50 ms", MessageP50, 2, 1},
	{"p99", MessageP99, 2, 1},
	{"batch", BatchMean, 1, 1},
	{"frame B", FrameBytes, 0, 1},
	{"notify s", NotifySeconds, 2, 1},
	{"notified/s", NotifiedPerSecond, 0, 1},
	{"busy %", Busy, 0, 1},
	{"load %", LoadBusy, 0, 1},
}

var idleColumns = []column{
	{"KB/session", SessionBytes, 1, 1.0 / 1024},
	{"connects/s", ConnectsPerSecond, 0, 1},
	{"CPU µs/connect", CPUPerConnect, 0, 1},
	{"rest MB", RestMegabytes, 1, 1},
	{"ready ms", ReadyMilliseconds, 0, 1},
}

var pageColumns = []column{
	{"first page ms", FirstPage, 2, 1},
	{"middle", MiddlePage, 2, 1},
	{"last", LastPage, 2, 1},
}

var stormColumns = []column{
	{"healed s", HealSeconds, 2, 1},
	{"reads/session", ReadsPerSession, 1, 1},
	{"CPU µs/return", CPUPerReturn, 0, 1},
	{"KB/session before", SessionBytes, 1, 1.0 / 1024},
	{"when healed", PeakBytes, 1, 1.0 / 1024},
	{"afterwards", HealedBytes, 1, 1.0 / 1024},
	{"rest MB", RestMegabytes, 1, 1},
}

// Markdown writes the report for people. As tables of Markdown are aligned, it
// serves a terminal as well.
func (r Report) Markdown(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "# Benchmark of %s\n\n", r.Date.Format(time.DateOnly))
	fmt.Fprintf(&text, "- Command: `%s`\n- Machine: %s\n", r.Command, r.Machine)
	for _, note := range r.Notes {
		fmt.Fprintf(&text, "- %s\n", note)
	}
	isOf := func(name string) func(Measurement) bool {
		return func(m Measurement) bool { return strings.HasPrefix(m.Scenario, name) }
	}
	talks := func(m Measurement) bool { return !isOf(Idle)(m) && !isOf(Storm)(m) && !isOf(History)(m) }
	writeMeasurements(&text, "Conversations", talkColumns, r.Measurements, talks)
	writeMeasurements(&text, "Idle sessions", idleColumns, r.Measurements, isOf(Idle))
	writeMeasurements(&text, "Sessions that come back", stormColumns, r.Measurements, isOf(Storm))
	writeMeasurements(&text, "Pages of a long history", pageColumns, r.Measurements, isOf(History))
	if len(r.Marks) > 0 {
		rows := [][]string{{"mark", "measured", "limit", ""}}
		for _, m := range r.Marks {
			rows = append(rows, []string{m.Name, fmt.Sprintf("%.2f %s", m.Value, m.Unit), m.limit(), m.verdict()})
		}
		writeTable(&text, "Marks", rows)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func writeMeasurements(w *strings.Builder, title string, columns []column, all []Measurement, wanted func(Measurement) bool) {
	header := []string{"scenario", "side"}
	for _, c := range columns {
		header = append(header, c.title)
	}
	rows := [][]string{header}
	for _, m := range all {
		if !wanted(m) {
			continue
		}
		row := []string{m.Scenario, string(m.Side)}
		for _, c := range columns {
			row = append(row, c.cell(m.Median))
		}
		rows = append(rows, row)
	}
	if len(rows) > 1 {
		writeTable(w, title, rows)
	}
}

func (c column) cell(f Figures) string {
	value, measured := f[c.figure]
	if !measured {
		return "–"
	}
	return fmt.Sprintf("%.*f", c.digits, value*c.scale)
}

// writeTable writes a table of Markdown, whose first row is its header.
func writeTable(w *strings.Builder, title string, rows [][]string) {
	fmt.Fprintf(w, "\n## %s\n\n", title)
	aligned := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	for i, row := range rows {
		fmt.Fprintf(aligned, "| %s\t|\n", strings.Join(row, "\t| "))
		if i == 0 {
			fmt.Fprintf(aligned, "|%s\n", strings.Repeat(" ---\t|", len(row)))
		}
	}
	aligned.Flush()
}
