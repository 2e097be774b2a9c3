package chat

import "math"

// PageNumberMax is above the number of any page that a list can have.
const PageNumberMax = math.MaxInt32

// NumberedPage asks for a page by its number, of a list in a chosen order.
type NumberedPage struct {
	Number int // zero-based
	Size   int // at most PageSizeMax; below 1 for PageSizeDefault
	Sort   []Order
}

// Order is a criterion to sort by, under the name that the Platform API has for
// it. Lists ignore what they can't be sorted by.
type Order struct {
	By         string
	Descending bool
}

// Limit is the number of items to return.
func (p NumberedPage) Limit() int { return PageRequest{Size: p.Size}.Limit() }

// Offset is the number of items before the page. Where pages have numbers that no
// list can have, it is one that no list can have.
func (p NumberedPage) Offset() int { return min(max(p.Number, 0), PageNumberMax) * p.Limit() }
