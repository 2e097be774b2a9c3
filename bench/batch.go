package bench

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// commitHistogram is the metric of the server that counts how many updates
// shared a commit.
const commitHistogram = "openkitty_store_commit_updates"

// batches is the state of that metric: how many commits had at most so many
// updates.
type batches struct {
	sum, count float64
	bounds     []float64 // ascending; the last bucket of the metric, +Inf, is count
	below      []float64
}

func scrapeBatches(address string) (batches, error) {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(address)
	if err != nil {
		return batches{}, fmt.Errorf("read the metrics: %w", err)
	}
	defer response.Body.Close()
	return parseBatches(response.Body)
}

// parseBatches reads the text format of Prometheus, as far as the histogram
// needs it.
func parseBatches(text io.Reader) (b batches, err error) {
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		rest, found := strings.CutPrefix(lines.Text(), commitHistogram+"_")
		if !found {
			continue
		}
		name, number, _ := strings.Cut(rest, " ")
		value, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return b, fmt.Errorf("read the metrics: %w", err)
		}
		switch bound, bucket := strings.CutPrefix(name, `bucket{le="`); {
		case name == "sum":
			b.sum = value
		case name == "count":
			b.count = value
		case bucket && !strings.HasPrefix(bound, "+Inf"):
			limit, err := strconv.ParseFloat(strings.TrimSuffix(bound, `"}`), 64)
			if err != nil {
				return b, fmt.Errorf("read the metrics: %w", err)
			}
			b.bounds, b.below = append(b.bounds, limit), append(b.below, value)
		}
	}
	return b, lines.Err()
}

// since is what was added to an earlier state of the same metric.
func (b batches) since(earlier batches) batches {
	d := batches{sum: b.sum - earlier.sum, count: b.count - earlier.count, bounds: b.bounds}
	for i, below := range b.below {
		if i < len(earlier.below) {
			below -= earlier.below[i]
		}
		d.below = append(d.below, below)
	}
	return d
}

func (b batches) mean() float64 { return b.sum / b.count }

// quantile is the bound of the bucket that a share q of the commits do not
// exceed.
func (b batches) quantile(q float64) float64 {
	for i, below := range b.below {
		if below >= q*b.count {
			return b.bounds[i]
		}
	}
	if len(b.bounds) == 0 {
		return 0
	}
	return b.bounds[len(b.bounds)-1]
}
