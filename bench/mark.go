package bench

import "fmt"

// Mark is a limit that the project sets itself.
type Mark struct {
	Name    string  `json:"name"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Limit   float64 `json:"limit"`
	AtLeast bool    `json:"at_least,omitempty"` // the limit is a lower one
}

// Pass reports whether the mark is reached.
func (m Mark) Pass() bool {
	if m.AtLeast {
		return m.Value >= m.Limit
	}
	return m.Value <= m.Limit
}

func (m Mark) limit() string {
	if m.AtLeast {
		return fmt.Sprintf("≥ %g", m.Limit)
	}
	return fmt.Sprintf("≤ %g", m.Limit)
}

func (m Mark) verdict() string {
	if m.Pass() {
		return "pass"
	}
	return "**miss**"
}

// toFloor is a mark for the server's figure in units of the floor's.
type toFloor struct {
	name, scenario string
	figure         Figure
	limit          float64
	atLeast        bool
}

// marksOf compares what was measured with the limits. A mark whose figures are
// missing is left out.
func marksOf(r Report, c Config) []Mark {
	var marks []Mark
	for _, wanted := range ratioMarks(c) {
		server, measured := ratio(r, wanted.scenario, wanted.figure)
		if measured {
			marks = append(marks, Mark{wanted.name, server, "× floor", wanted.limit, wanted.atLeast})
		}
	}
	marks = append(marks, growthMarks(r, c)...)
	marks = append(marks, bigMarks(r, c)...)
	marks = append(marks, importMarks(r)...)
	marks = append(marks, historyMarks(r)...)
	marks = append(marks, stormMarks(r)...)
	marks = append(marks, ackMarks(r)...)
	return append(marks, plainMarks(r, c)...)
}

func ratioMarks(c Config) []toFloor {
	var marks []toFloor
	for _, n := range c.Subscribers {
		marks = append(marks,
			toFloor{fmt.Sprintf("fan-out to %d, lone: CPU per delivery", n), fanoutName("lone", n), CPUPerMillion, 1.5, false},
			toFloor{fmt.Sprintf("fan-out to %d, joined: CPU per delivery", n), fanoutName("joined", n), CPUPerMillion, 2.5, false})
	}
	return append(marks,
		toFloor{"rooms: CPU per message", Rooms, CPUPerMessage, 3, false},
		toFloor{"send, a channel each: acknowledged a second", sendOwn, MessagesPerSecond, 0.5, true},
		toFloor{"send, all to one: acknowledged a second", sendOne, MessagesPerSecond, 0.5, true})
}

// ratio is a figure of the server in units of the floor's.
func ratio(r Report, scenario string, figure Figure) (value float64, measured bool) {
	server, ok := r.find(scenario, ServerSide)[figure]
	floor := r.find(scenario, FloorSide)[figure]
	return server / floor, ok && floor > 0
}

// growthMarks say whether a delivery costs more in a larger channel. Tables that
// outgrow the processor's caches make it dearer for the floor too, so both are
// seen relative to it. The limit allows for the noise of two ratios.
func growthMarks(r Report, c Config) []Mark {
	if len(c.Subscribers) < 2 {
		return nil
	}
	small, large := c.Subscribers[0], c.Subscribers[len(c.Subscribers)-1]
	var marks []Mark
	for _, variant := range []string{"lone", "joined"} {
		before, ok := ratio(r, fanoutName(variant, small), CPUPerMillion)
		after, also := ratio(r, fanoutName(variant, large), CPUPerMillion)
		if ok && also && before > 0 {
			name := fmt.Sprintf("fan-out, %s: CPU per delivery to %d", variant, large)
			marks = append(marks, Mark{name, after / before, fmt.Sprintf("× that to %d", small), 1.1, false})
		}
	}
	return marks
}

// bigMarks say whether a message costs more where a hundred times as many members
// are away.
func bigMarks(r Report, c Config) []Mark {
	small := r.find(bigName(c.Connected), ServerSide)[ReceiptP50]
	large, measured := r.find(bigName(c.Members), ServerSide)[ReceiptP50]
	if !measured || small == 0 {
		return nil
	}
	name := fmt.Sprintf("big: p50 of the receipts with %d members", c.Members)
	return []Mark{{name, large / small, fmt.Sprintf("× that with %d", c.Connected), 1.25, false}}
}

// importMarks say how fast an import is, and what it does to those who talk.
func importMarks(r Report) []Mark {
	before, meanwhile := r.find(importBefore, ServerSide), r.find(importMeanwhile, ServerSide)
	if before[ReceiptP99] == 0 || meanwhile == nil {
		return nil
	}
	return []Mark{
		{"import: messages a second", meanwhile[ImportsPerSecond], "/s", 20_000, true},
		{"import: p99 of the receipts of others", meanwhile[ReceiptP99] / before[ReceiptP99], "× before", 2, false},
	}
}

// historyMarks say whether a page costs the same wherever it is.
func historyMarks(r Report) []Mark {
	f := r.find(History, ServerSide)
	fastest := min(f[FirstPage], f[MiddlePage], f[LastPage])
	if fastest == 0 {
		return nil
	}
	slowest := max(f[FirstPage], f[MiddlePage], f[LastPage])
	return []Mark{{"history: p50 of the slowest page", slowest / fastest, "× the fastest", 2, false}}
}

// ackMarks say what it costs to keep how far each subscription got, beside reading
// that a client got further.
func ackMarks(r Report) []Mark {
	acks := r.find(Acks, ServerSide)
	if acks == nil {
		return nil
	}
	return []Mark{
		{"acks: CPU per delivery", acks[AckCPU], "× with frames that are ignored", 1.1, false},
		{"acks: deliveries a second", acks[AckDeliveries], "× with frames that are ignored", 0.9, true},
	}
}

// stormMarks say whether those who come back all at once are soon served, and at
// what cost.
func stormMarks(r Report) []Mark {
	storm := r.find(Storm, ServerSide)
	if storm == nil {
		return nil
	}
	marks := []Mark{{"storm: until all have what they missed", storm[HealSeconds], "s", 10, false}}
	if reads, measured := storm[ReadsPerSession]; measured {
		marks = append(marks, Mark{"storm: reads of the database a session", reads, "", 12, false})
	}
	if before := storm[SessionBytes]; before > 0 {
		marks = append(marks, Mark{"storm: memory per session afterwards", storm[HealedBytes] / before, "× before", 1.5, false})
	}
	return marks
}

func plainMarks(r Report, c Config) []Mark {
	var marks []Mark
	for _, wanted := range []struct {
		name, scenario string
		figure         Figure
		unit           string
		limit, scale   float64
	}{
		{fmt.Sprintf("send at %d/s: p99 of the receipts", c.Rate), sendPaced, ReceiptP99, "ms", 10, 1},
		{"idle: memory per session", Idle, SessionBytes, "KB", 12, 1.0 / 1024},
		{"memory at rest", Idle, RestMegabytes, "MB", 40, 1},
		{"start to ready", Idle, ReadyMilliseconds, "ms", 300, 1},
	} {
		if value, measured := r.find(wanted.scenario, ServerSide)[wanted.figure]; measured {
			marks = append(marks, Mark{wanted.name, value * wanted.scale, wanted.unit, wanted.limit, false})
		}
	}
	return marks
}
