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
// counted off in the index alone, and of long lists only for who jumps.

// selection is where a list with numbered pages is read.
type selection struct {
	from    string // tables and conditions; the application is parameter $1
	args    []any  // of from
	id      string // column of the items' ids, which decides between equals
	tie     string // column that decides where ids are equal as well, or empty
	columns map[string]string
	order   string // of lists that no order is asked for, as "t.created_at DESC, t.id DESC"

	sorted []string   // columns in whose order no index has the items: the database sorts them
	walked *selection // all that is looked at to find the items, where no index has those alone
	held   bool       // the turn for long reads is the caller's already
}

// walk says that what follows is found by looking at all that is selected so far.
func (s *selection) walk() {
	if s.walked == nil {
		all := *s
		s.walked = &all
	}
}

// walkUnless is walk, unless a list is in the one order in which an index has what
// is found.
func (s *selection) walkUnless(own string, sort []chat.Order) {
	if len(sort) > 0 && sort[0].By != own {
		s.walk()
	}
}

// sorts reports whether the database sorts a selection for an order: where an
// index has none that begins so, and where more than one criterion was asked for.
func (s selection) sorts(order []criterion) bool {
	if slices.Contains(s.sorted, order[0].column) {
		return true
	}
	for _, c := range order[1:] {
		if c.column != s.id && c.column != s.tie || c.descending != order[0].descending {
			return true
		}
	}
	return false
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
		s.walk()
		key, err := chat.WriteJSON(name)
		if err != nil {
			return err
		}
		pair := "%" + likeEscaper.Replace(string(key)+":"+string(value))
		s.where("("+column+` LIKE %s || ',%%' ESCAPE '\' OR `+column+` LIKE %s || '}%%' ESCAPE '\')`, pair)
	}
	return nil
}

// sortMax is how many criteria of a request count: more would only make it
// possible to ask for very many different statements.
const sortMax = 3

// criterion is a column that a list is in the order of.
type criterion struct {
	column     string
	descending bool
}

// criteria are the order of a page. No two items are equal in all of them.
func (s selection) criteria(sort []chat.Order) []criterion {
	var all []criterion
	has := func(column string) bool {
		return slices.ContainsFunc(all, func(c criterion) bool { return c.column == column })
	}
	for _, o := range sort {
		column, known := s.columns[o.By]
		if known && !has(column) && !has(s.id) && len(all) < sortMax {
			all = append(all, criterion{column, o.Descending})
		}
	}
	if len(all) == 0 {
		return parseOrder(s.order)
	}
	for _, column := range []string{s.id, s.tie} {
		if column != "" && !has(column) {
			all = append(all, criterion{column, all[len(all)-1].descending})
		}
	}
	return all
}

// parseOrder reads what is written as "t.created_at DESC, t.id DESC".
func parseOrder(order string) (all []criterion) {
	for part := range strings.SplitSeq(order, ", ") {
		column, descending := strings.CutSuffix(part, " DESC")
		all = append(all, criterion{column, descending})
	}
	return all
}

// numberedIDs returns the ids of a page, in its order, and how many the list has.
func numberedIDs[ID any](ctx context.Context, r Reader, s selection, p chat.NumberedPage) ([]ID, int64, error) {
	return numbered(ctx, r, s, s.id, scanValue[ID], p)
}

// numbered returns some columns of the rows of a page, in its order, and how many
// the list has. A long list is read as [Reader.known] remembers it.
func numbered[T any](ctx context.Context, r Reader, s selection, columns string, scan func(row) (T, error), p chat.NumberedPage) (rows []T, total int64, err error) {
	order := s.criteria(p.Sort)
	key := listKeyOf(s, order)
	end, err := r.turn(ctx, &s)
	if err != nil {
		return nil, 0, err
	}
	defer end()
	total, long, err := r.count(ctx, s, key)
	if err != nil {
		return nil, 0, err
	}
	if long {
		return longPage(ctx, r, s, order, columns, scan, longRequest{key, int64(p.Offset()), int64(p.Limit()), total})
	}
	if total <= int64(p.Offset()) {
		return nil, total, nil
	}
	rows, _, err = readSpan(ctx, r, s, order, columns, scan, span{skip: int64(p.Offset()), limit: int64(p.Limit())})
	return rows, total, err
}

// span is a part of a list, from an end or from a place that is known.
type span struct {
	key       []any // of the item before the part; nil for an end of the list
	backwards bool  // read towards the beginning, from the item with the key on, or from the end
	skip      int64 // how many items to pass over first
	limit     int64
}

// readSpan returns some columns of the rows of a part of a list, in the order in
// which they are read, and their keys.
func readSpan[T any](ctx context.Context, r Reader, s selection, order []criterion, columns string, scan func(row) (T, error), sp span) (rows []T, keys [][]any, err error) {
	text, args := s.text(order, columns, sp)
	rows, err = many(ctx, r.db, func(r row) (T, error) {
		k := keyedRow{r, make([]any, len(order))}
		item, err := scan(k)
		keys = append(keys, k.key)
		return item, err
	}, text, args...)
	return rows, keys, err
}

// keyedRow is a row that has a key after the columns that are asked for.
type keyedRow struct {
	row
	key []any
}

func (k keyedRow) Scan(dest ...any) error {
	dest = slices.Clip(dest)
	for i := range k.key {
		dest = append(dest, &k.key[i])
	}
	return k.row.Scan(dest...)
}

// text is the statement that reads a part of a selection.
func (s selection) text(order []criterion, columns string, sp span) (text string, args []any) {
	s.args = slices.Clone(s.args)
	var keys, by []string
	for _, c := range order {
		direction := " ASC"
		if c.descending != sp.backwards {
			direction = " DESC"
		}
		keys, by = append(keys, c.column), append(by, c.column+direction)
	}
	if sp.key != nil {
		s.whereBeyond(order, sp)
	}
	n := len(s.args)
	text = fmt.Sprintf(`SELECT %s, %s FROM %s ORDER BY %s LIMIT $%d OFFSET $%d`,
		columns, strings.Join(keys, ", "), s.from, strings.Join(by, ", "), n+1, n+2)
	return text, append(s.args, sp.limit, sp.skip)
}

// whereBeyond adds the condition of lying beyond the key of a part; that is, of
// following it, or backwards of not following it. One comparison of rows says it
// if all criteria have the same direction, and an index serves that. Otherwise
// the first criterion narrows down what is walked.
func (s *selection) whereBeyond(order []criterion, sp span) {
	columns, values := make([]string, len(order)), make([]string, len(order))
	mixed := false
	for i, c := range order {
		s.args = append(s.args, sp.key[i])
		columns[i], values[i] = c.column, "$"+strconv.Itoa(len(s.args))
		mixed = mixed || c.descending != order[0].descending
	}
	end := ""
	if sp.backwards {
		end = "="
	}
	if !mixed {
		s.from += fmt.Sprintf(" AND (%s) %s (%s)", strings.Join(columns, ", "), sp.beyond(order[0])+end, strings.Join(values, ", "))
		return
	}
	last := len(order) - 1
	condition := columns[last] + " " + sp.beyond(order[last]) + end + " " + values[last]
	for i := last - 1; i >= 0; i-- {
		condition = fmt.Sprintf("(%[1]s %[2]s %[3]s OR %[1]s = %[3]s AND %[4]s)", columns[i], sp.beyond(order[i]), values[i], condition)
	}
	s.from += fmt.Sprintf(" AND %s %s= %s AND %s", columns[0], sp.beyond(order[0]), values[0], condition)
}

// beyond compares what lies in the direction of a span with where it begins.
func (sp span) beyond(c criterion) string {
	if c.descending != sp.backwards {
		return "<"
	}
	return ">"
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
