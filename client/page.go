package client

import (
	"context"

	"openkitty/stomp"
)

// Page is a part of a list.
type Page[T any] struct {
	Items []T
	Total int64 // items of the whole list; 0 if the server does not say

	next, prev string // relays
	turn       func(ctx context.Context, relay string) (*Page[T], error)
}

// HasNext reports whether the list goes on after this page.
func (p *Page[T]) HasNext() bool { return p.next != "" }

// HasPrev reports whether the list begins before this page.
func (p *Page[T]) HasPrev() bool { return p.prev != "" }

// Next fetches the page after this one, or fails with [ErrNoPage].
func (p *Page[T]) Next(ctx context.Context) (*Page[T], error) {
	if !p.HasNext() {
		return nil, ErrNoPage
	}
	return p.turn(ctx, p.next)
}

// Prev fetches the page before this one, or fails with [ErrNoPage].
func (p *Page[T]) Prev(ctx context.Context) (*Page[T], error) {
	if !p.HasPrev() {
		return nil, ErrNoPage
	}
	return p.turn(ctx, p.prev)
}

// listing says where a list is and how its pages look.
type listing struct {
	what    string // for errors
	content string // the name under which a page holds its items
	relay   string
	header  stomp.Header // sent with the request of every page
}

// fetch reads the page at the listing's relay.
func fetch[T any, P resourceOf[T]](ctx context.Context, c *Client, list listing) (*Page[T], error) {
	body := pageBody[T, P]{content: list.content}
	if err := c.relay(ctx, list.what, list.relay, list.header, &body); err != nil {
		return nil, err
	}
	page := &body.page
	page.turn = func(ctx context.Context, relay string) (*Page[T], error) {
		other := list
		other.relay = relay
		return fetch[T, P](ctx, c, other)
	}
	return page, nil
}

// pageBody is a page on the wire.
type pageBody[T any, P resourceOf[T]] struct {
	content string
	page    Page[T]
}

func (b *pageBody[T, P]) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "_embedded":
			b.readItems(c)
		case "page":
			b.readTotal(c)
		case "_relays":
			c.links(func(key []byte) *string {
				switch string(key) {
				case "next":
					return &b.page.next
				case "prev":
					return &b.page.prev
				}
				return nil
			})
		default:
			c.skip()
		}
	})
}

func (b *pageBody[T, P]) readItems(c *cursor) {
	c.object(func(key []byte) {
		if string(key) != b.content {
			c.skip()
			return
		}
		c.array(func() {
			var item T
			P(&item).read(c)
			b.page.Items = append(b.page.Items, item)
		})
	})
}

func (b *pageBody[T, P]) readTotal(c *cursor) {
	c.object(func(key []byte) {
		if string(key) == "totalElements" {
			b.page.Total = c.int()
			return
		}
		c.skip()
	})
}
