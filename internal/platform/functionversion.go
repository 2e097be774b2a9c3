package platform

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerFunctionVersions() {
	const one = "/functions/{id}"
	huma.Register(a.huma, operation("retrieve-function-current-version", http.MethodGet, one+"/current-version",
		"Return the version of a function that is deployed", "read:function", "read:function_version"), a.retrieveCurrentVersion)
	huma.Register(a.huma, ours(operation("update-function-current-version", http.MethodPut, one+"/current-version",
		"Deploy another version of a function", "read:function", "update:function")), a.deployVersion)
	huma.Register(a.huma, operation("list-function-versions", http.MethodGet, one+"/versions",
		"List the versions of a function, the newest first", "read:function", "read:function_version"), a.listVersions)
	huma.Register(a.huma, operation("create-function-version", http.MethodPost, one+"/versions",
		"Create a version of a function, and deploy it", "read:function", "create:function_version"), a.createVersion)
	huma.Register(a.huma, operation("retrieve-function-version", http.MethodGet, "/function-versions/{id}",
		"Return a version", "read:function_version"), a.retrieveVersion)
}

// chatFunctionVersionResource has two fields of ours: hash and created_time.
type chatFunctionVersionResource struct {
	ID            int64  `json:"id"`
	HandlerScript string `json:"handler_script"`
	VersionNumber int64  `json:"version_number"`
	Hash          string `json:"hash" doc:"SHA-256 of the script, in hexadecimal"`
	CreatedTime   string `json:"created_time" format:"date-time"`
	Links         links  `json:"_links,omitempty"`
}

func (a *API) version(ctx context.Context, v chat.FunctionVersion) chatFunctionVersionResource {
	return chatFunctionVersionResource{
		ID: int64(v.ID), HandlerScript: v.Source, VersionNumber: v.Number, Hash: v.Hash, CreatedTime: timestamp(v.CreatedAt),
		Links: links{"self": a.href(ctx, "/function-versions/%d", v.ID), "application": a.href(ctx, "/application")},
	}
}

type pagedModelChatFunctionVersionResourceEmbedded struct {
	Versions []chatFunctionVersionResource `json:"versions"`
}

type pagedModelChatFunctionVersionResource struct {
	Embedded pagedModelChatFunctionVersionResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                                  `json:"page"`
	Links    links                                         `json:"_links,omitempty"`
}

func (a *API) listVersions(ctx context.Context, in *functionListInput) (*reply[pagedModelChatFunctionVersionResource], error) {
	page, err := a.engine.FunctionVersionPage(ctx, actorOf(ctx).Application, in.function(), in.request())
	m := pagedModelChatFunctionVersionResource{
		Embedded: pagedModelChatFunctionVersionResourceEmbedded{[]chatFunctionVersionResource{}},
	}
	for _, v := range page.Items {
		m.Embedded.Versions = append(m.Embedded.Versions, a.version(ctx, v))
	}
	m.Page, m.Links = numbered(a, ctx, fmt.Sprintf("/functions/%d/versions", in.ID), in.request(), page)
	return answer(m, err)
}

type createChatFunctionVersionResource struct {
	HandlerScript string `json:"handler_script" doc:"TypeScript or JavaScript"`
}

type createVersionInput struct {
	FunctionInput
	Body createChatFunctionVersionResource
}

func (a *API) createVersion(ctx context.Context, in *createVersionInput) (*reply[chatFunctionVersionResource], error) {
	v, err := a.engine.CreateFunctionVersion(ctx, actorOf(ctx).Application, in.function(), in.Body.HandlerScript)
	return answer(a.version(ctx, v), err)
}

func (a *API) retrieveCurrentVersion(ctx context.Context, in *FunctionInput) (*reply[chatFunctionVersionResource], error) {
	v, err := a.engine.CurrentFunctionVersion(ctx, actorOf(ctx).Application, in.function())
	return answer(a.version(ctx, v), err)
}

type deployVersionInput struct {
	FunctionInput
	Body struct {
		VersionNumber int64 `json:"version_number" minimum:"1"`
	}
}

func (a *API) deployVersion(ctx context.Context, in *deployVersionInput) (*reply[chatFunctionVersionResource], error) {
	v, err := a.engine.DeployFunctionVersion(ctx, actorOf(ctx).Application, in.function(), in.Body.VersionNumber)
	return answer(a.version(ctx, v), err)
}

func (a *API) retrieveVersion(ctx context.Context, in *FunctionInput) (*reply[chatFunctionVersionResource], error) {
	v, err := a.engine.FunctionVersion(ctx, actorOf(ctx).Application, chat.FunctionVersionID(in.ID))
	return answer(a.version(ctx, v), err)
}
