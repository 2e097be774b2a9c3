package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"openkitty/internal/chat"
)

// Pages with numbers are read in two steps: the ids of the page, from an index
// that holds them, and then what they stand for. So what precedes a page is
// counted off in the index alone.

// selection is where a list with numbered pages is read.
type selection struct {
	from    string // tables and conditions; the application is parameter $1
	args    []any  // of from
	id      string // column of the items' ids, which decides between equals
	columns map[string]string
	order   string // of lists that no order is asked for, as "u.id"
}

// where adds a condition in which %s stands for a new parameter.
func (s *selection) where(condition string, value any) {
	s.args = append(s.args, value)
	s.from += " AND " + strings.ReplaceAll(condition, "%s", "$"+strconv.Itoa(len(s.args)))
}

// whereProperties adds the condition that an object has some values, each of them
// anywhere in it. The objects are opaque text: that is what they are searched as.
func (s *selection) whereProperties(column string, p chat.Properties) error {
	if p == "" {
		return nil
	}
	var wanted map[string]json.RawMessage
	if err := json.Unmarshal([]byte(p.JSON()), &wanted); err != nil {
		return fmt.Errorf("read the properties to look for: %w", err)
	}
	for name, value := range wanted {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		pair := "%" + likeEscaper.Replace(string(key)+":"+string(value))
		s.where("("+column+` LIKE %s || ',%%' ESCAPE '\' OR `+column+` LIKE %s || '}%%' ESCAPE '\')`, pair)
	}
	return nil
}

// orderBy is the order of a page, with the id last.
func (s selection) orderBy(sort []chat.Order) string {
	var criteria []string
	id := s.id
	for _, o := range sort {
		column, known := s.columns[o.By]
		if !known || slices.ContainsFunc(criteria, func(c string) bool { return strings.HasPrefix(c, column+" ") }) {
			continue
		}
		direction := " ASC"
		if o.Descending {
			direction = " DESC"
		}
		criteria = append(criteria, column+direction)
		if column == s.id {
			return strings.Join(criteria, ", ")
		}
	}
	if len(criteria) == 0 {
		return s.order
	}
	if strings.HasSuffix(criteria[len(criteria)-1], " DESC") {
		id += " DESC"
	}
	return strings.Join(append(criteria, id), ", ")
}

// numberedIDs returns the ids of a page, in its order, and how many the list has.
func numberedIDs[ID any](ctx context.Context, r Reader, s selection, p chat.NumberedPage) (ids []ID, total int64, err error) {
	total, err = one(ctx, r.db, scanValue[int64], `SELECT COUNT(*) FROM `+s.from, s.args...)
	if err != nil || total <= int64(p.Offset()) {
		return nil, total, err
	}
	n := len(s.args)
	ids, err = many(ctx, r.db, scanValue[ID], fmt.Sprintf(`SELECT %s FROM %s ORDER BY %s LIMIT $%d OFFSET $%d`,
		s.id, s.from, s.orderBy(p.Sort), n+1, n+2),
		append(slices.Clone(s.args), p.Limit(), p.Offset())...)
	return ids, total, err
}

// inOrder arranges items as their ids are.
func inOrder[T any, ID comparable](ids []ID, items []T, id func(T) ID) []T {
	place := make(map[ID]int, len(ids))
	for n, wanted := range ids {
		place[wanted] = n
	}
	slices.SortFunc(items, func(a, b T) int { return place[id(a)] - place[id(b)] })
	return items
}
