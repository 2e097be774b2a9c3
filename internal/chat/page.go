package chat

// Bounds of a page.
const (
	PageSizeDefault = 25
	PageSizeMax     = 100
)

// Cursor is a place between two items of a list, as the store writes it:
// letters, digits, '-' and '_' only. The empty cursor is the list's beginning.
type Cursor string

// PageRequest asks for a part of a list. At most one of After and Before is set.
type PageRequest struct {
	Size   int    // at most PageSizeMax; zero for PageSizeDefault
	After  Cursor // the items that follow this place
	Before Cursor // the items that precede it, still in the list's order
}

// Limit is the number of items to return.
func (p PageRequest) Limit() int {
	switch {
	case p.Size <= 0:
		return PageSizeDefault
	case p.Size > PageSizeMax:
		return PageSizeMax
	}
	return p.Size
}

// Page is a part of a list.
type Page[T any] struct {
	Items []T
	Total int64  // items of the whole list
	Prev  Cursor // pass as Before for the page before this; empty on the first
	Next  Cursor // pass as After for the page after this; empty on the last
}
