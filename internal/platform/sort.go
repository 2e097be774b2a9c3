package platform

import (
	"strings"

	"openkitty/internal/chat"
)

// parseSort reads criteria as "name,desc". The command line of ChatKitty sends the
// direction apart: then it belongs to the criterion before it.
func parseSort(criteria []string) (orders []chat.Order) {
	for _, criterion := range criteria {
		for part := range strings.SplitSeq(criterion, ",") {
			switch part = strings.TrimSpace(part); strings.ToLower(part) {
			case "":
			case "asc", "desc":
				if len(orders) > 0 {
					orders[len(orders)-1].Descending = strings.EqualFold(part, "desc")
				}
			default:
				orders = append(orders, chat.Order{By: snake(part)})
			}
		}
	}
	return orders
}

// snake turns a name as displayName into display_name.
func snake(name string) string {
	var out strings.Builder
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				out.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		out.WriteRune(c)
	}
	return out.String()
}
