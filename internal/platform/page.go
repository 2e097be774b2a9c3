package platform

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"openkitty/internal/chat"
)

// link is a HAL link.
type link struct {
	Href string `json:"href"`
}

// links are HAL links by their relations, which keep their names in every format.
type links map[string]link

// pageMetadata describes a page with a number.
type pageMetadata struct {
	Number        int64 `json:"number" doc:"Zero-based index of the page"`
	Size          int64 `json:"size" doc:"Elements of a full page"`
	TotalElements int64 `json:"total_elements"`
	TotalPages    int64 `json:"total_pages"`
}

// cursorPageMetadata describes a slice of a list that is walked.
type cursorPageMetadata struct {
	Next  string `json:"next,omitempty" doc:"Cursor of the next slice; absent on the last one"`
	Size  int64  `json:"size" doc:"Elements of a full slice"`
	Start string `json:"start,omitempty" doc:"Cursor of this slice"`
	Total int64  `json:"total" doc:"Elements of the whole list"`
}

// Paged are the query parameters of pages with numbers.
type Paged struct {
	Page int      `query:"page" default:"0" minimum:"0" maximum:"2147483647" doc:"Zero-based index of the page"`
	Size int      `query:"size" default:"25" doc:"Elements of a page; below 1 for the default, at most 100"`
	Sort []string `query:"sort,explode" doc:"property,(asc|desc), repeated for up to 3 criteria. What has no order is ignored"`
}

// request is the page that the parameters ask for.
func (p Paged) request() chat.NumberedPage {
	return chat.NumberedPage{Number: p.Page, Size: p.Size, Sort: parseSort(p.Sort)}
}

// href is the address of a path of this server in the format of a request.
func (a *API) href(ctx context.Context, format string, args ...any) link {
	version := ""
	if infoOf(ctx).v1 {
		version = "/v1"
	}
	return link{a.public + version + fmt.Sprintf(format, args...)}
}

// numbered describes a page and links it to its neighbours.
func numbered[T any](a *API, ctx context.Context, path string, request chat.NumberedPage, page chat.Page[T]) (pageMetadata, links) {
	size := int64(request.Limit())
	m := pageMetadata{
		Number: int64(request.Number), Size: size, TotalElements: page.Total, TotalPages: (page.Total + size - 1) / size,
	}
	to := func(number int64) link {
		query := cloned(infoOf(ctx).query)
		query.Set("page", strconv.FormatInt(number, 10))
		query.Set("size", strconv.FormatInt(size, 10))
		return a.href(ctx, "%s?%s", path, query.Encode())
	}
	all := links{"self": to(m.Number)}
	if m.TotalPages > 1 {
		all["first"], all["last"] = to(0), to(m.TotalPages-1)
	}
	if m.Number > 0 {
		all["prev"] = to(m.Number - 1)
	}
	if m.Number+1 < m.TotalPages {
		all["next"] = to(m.Number + 1)
	}
	return m, all
}

func cloned(query url.Values) url.Values {
	copied := url.Values{}
	for name, values := range query {
		copied[name] = values
	}
	return copied
}
