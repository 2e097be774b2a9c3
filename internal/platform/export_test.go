package platform

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// AddPost serves a POST that takes a token and does something.
func (a *API) AddPost(path string, do func(context.Context) error) {
	a.build()
	huma.Register(a.huma, operation("added", http.MethodPost, path, ""), func(ctx context.Context, _ *struct{}) (*reply[countResource], error) {
		return answer(countResource{}, do(ctx))
	})
}
