// Package logging adds to each line of the log what it was written for: the
// request, or the job. Whoever begins such work says so in the context, and
// whoever logs with the context needs not know.
package logging

import (
	"context"
	"log/slog"
	"slices"
)

type key struct{}

// With returns a context whose lines have further attributes.
func With(ctx context.Context, attrs ...slog.Attr) context.Context {
	return context.WithValue(ctx, key{}, slices.Concat(of(ctx), attrs))
}

func of(ctx context.Context) []slog.Attr {
	attrs, _ := ctx.Value(key{}).([]slog.Attr)
	return attrs
}

// Handler adds to lines what the contexts say that they are logged with.
func Handler(next slog.Handler) slog.Handler { return handler{next} }

type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, line slog.Record) error {
	line.AddAttrs(of(ctx)...)
	return h.Handler.Handle(ctx, line)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
