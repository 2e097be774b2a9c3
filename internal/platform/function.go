package platform

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerFunctions() {
	const functions, one = "/runtimes/nodejs/functions", "/functions/{id}"
	huma.Register(a.huma, operation("list-nodejs-runtime-functions", http.MethodGet, functions,
		"List functions", "read:runtime", "read:function"), a.listFunctions)
	huma.Register(a.huma, operation("create-nodejs-runtime-function", http.MethodPost, functions,
		"Create a function", "read:runtime", "read:function", "create:function"), a.createFunction)
	huma.Register(a.huma, operation("retrieve-function", http.MethodGet, one, "Return a function", "read:function"), a.retrieveFunction)
	huma.Register(a.huma, ours(marked(operation("update-function", http.MethodPatch, one,
		"Change a function, switch it on or off", "read:function", "update:function"), optionalBody)), a.updateFunction)
	huma.Register(a.huma, ours(operation("delete-function", http.MethodDelete, one,
		"Delete a function with all its versions", "read:function", "delete:function")), a.deleteFunction)
	huma.Register(a.huma, operation("list-function-invocations", http.MethodGet, one+"/invocations",
		"List the runs of a function", "read:function", "read:function_invocation"), a.listInvocations)
	huma.Register(a.huma, ours(operation("invoke-function", http.MethodPost, one+"/invocations",
		"Run a function; answers 501, as functions are stored on this server but not run",
		"read:function", "create:function_invocation")), a.invokeFunction)
	a.registerFunctionVersions()
}

type chatFunctionChatRuntimeProperties struct {
	Type    string `json:"type" enum:"NODEJS"`
	ID      int64  `json:"id"`
	Version string `json:"version"`
}

type chatFunctionResource struct {
	Type                 string                            `json:"type" doc:"The trigger, as user.sent.message"`
	ID                   int64                             `json:"id"`
	CurrentVersionNumber int64                             `json:"current_version_number" doc:"0 before the first version"`
	Description          string                            `json:"description,omitempty"`
	Enabled              bool                              `json:"enabled"`
	Name                 string                            `json:"name"`
	Runtime              chatFunctionChatRuntimeProperties `json:"runtime"`
	Links                links                             `json:"_links,omitempty"`
}

func (a *API) function(ctx context.Context, f chat.Function) chatFunctionResource {
	return chatFunctionResource{
		Type: f.Type, ID: int64(f.ID), CurrentVersionNumber: f.Version, Description: f.Description, Enabled: f.Enabled, Name: f.Name,
		Runtime: chatFunctionChatRuntimeProperties{nodejs, int64(f.Application), chat.RuntimeVersion},
		Links: links{
			"self":           a.href(ctx, "/functions/%d", f.ID),
			"versions":       a.href(ctx, "/functions/%d/versions", f.ID),
			"invocations":    a.href(ctx, "/functions/%d/invocations", f.ID),
			"currentVersion": a.href(ctx, "/functions/%d/current-version", f.ID),
			"application":    a.href(ctx, "/application"),
		},
	}
}

type pagedModelChatFunctionResourceEmbedded struct {
	Functions []chatFunctionResource `json:"functions"`
}

type pagedModelChatFunctionResource struct {
	Embedded pagedModelChatFunctionResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                           `json:"page"`
	Links    links                                  `json:"_links,omitempty"`
}

func (a *API) listFunctions(ctx context.Context, in *Paged) (*reply[pagedModelChatFunctionResource], error) {
	page, err := a.engine.FunctionPage(ctx, actorOf(ctx).Application, in.request())
	m := pagedModelChatFunctionResource{Embedded: pagedModelChatFunctionResourceEmbedded{[]chatFunctionResource{}}}
	for _, f := range page.Items {
		m.Embedded.Functions = append(m.Embedded.Functions, a.function(ctx, f))
	}
	m.Page, m.Links = numbered(a, ctx, "/runtimes/nodejs/functions", in.request(), page)
	return answer(m, err)
}

type createChatFunctionResource struct {
	Type                     string `json:"type" doc:"The trigger, as user.sent.message"`
	Description              string `json:"description,omitempty"`
	InitializeAsynchronously bool   `json:"initialize_asynchronously" required:"false" doc:"Kept, without effect"`
	Name                     string `json:"name"`
}

type createFunctionInput struct{ Body createChatFunctionResource }

func (a *API) createFunction(ctx context.Context, in *createFunctionInput) (*reply[chatFunctionResource], error) {
	f, err := a.engine.CreateFunction(ctx, actorOf(ctx).Application, chat.NewFunction{
		Type: in.Body.Type, Name: in.Body.Name, Description: in.Body.Description, Asynchronous: in.Body.InitializeAsynchronously,
	})
	return answer(a.function(ctx, f), err)
}

type FunctionInput struct {
	ID int64 `path:"id" minimum:"1"`
}

func (in FunctionInput) function() chat.FunctionID { return chat.FunctionID(in.ID) }

func (a *API) retrieveFunction(ctx context.Context, in *FunctionInput) (*reply[chatFunctionResource], error) {
	f, err := a.engine.Function(ctx, actorOf(ctx).Application, in.function())
	return answer(a.function(ctx, f), err)
}

type updateChatFunctionResource struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	Enabled     *bool   `json:"enabled,omitempty"`
}

type updateFunctionInput struct {
	FunctionInput
	Body updateChatFunctionResource
}

func (a *API) updateFunction(ctx context.Context, in *updateFunctionInput) (*reply[chatFunctionResource], error) {
	f, err := a.engine.UpdateFunction(ctx, actorOf(ctx).Application, in.function(), chat.FunctionChange(in.Body))
	return answer(a.function(ctx, f), err)
}

func (a *API) deleteFunction(ctx context.Context, in *FunctionInput) (*reply[applicationResource], error) {
	if err := a.engine.DeleteFunction(ctx, actorOf(ctx).Application, in.function()); err != nil {
		return nil, err
	}
	return a.retrieveApplication(ctx, nil)
}

// chatFunctionInvocationResource is a run of a function.
type chatFunctionInvocationResource struct {
	ID            int64  `json:"id"`
	Args          object `json:"args"`
	CreatedTime   string `json:"created_time" format:"date-time"`
	Result        object `json:"result"`
	Status        string `json:"status" enum:"RUNNING,SUCCEEDED,FAILED"`
	VersionNumber int64  `json:"version_number"`
	Links         links  `json:"_links,omitempty"`
}

type pagedModelChatFunctionInvocationResourceEmbedded struct {
	Invocations []chatFunctionInvocationResource `json:"invocations"`
}

type pagedModelChatFunctionInvocationResource struct {
	Embedded pagedModelChatFunctionInvocationResourceEmbedded `json:"_embedded"`
	Page     pageMetadata                                     `json:"page"`
	Links    links                                            `json:"_links,omitempty"`
}

type functionListInput struct {
	FunctionInput
	Paged
}

// listInvocations lists none: nothing runs functions yet.
func (a *API) listInvocations(ctx context.Context, in *functionListInput) (*reply[pagedModelChatFunctionInvocationResource], error) {
	_, err := a.engine.Function(ctx, actorOf(ctx).Application, in.function())
	m := pagedModelChatFunctionInvocationResource{
		Embedded: pagedModelChatFunctionInvocationResourceEmbedded{[]chatFunctionInvocationResource{}},
	}
	path := fmt.Sprintf("/functions/%d/invocations", in.ID)
	m.Page, m.Links = numbered(a, ctx, path, in.request(), chat.Page[chatFunctionInvocationResource]{})
	return answer(m, err)
}

type invokeFunctionInput struct {
	FunctionInput
	Body struct {
		Args object `json:"args" required:"false"`
	}
}

func (a *API) invokeFunction(ctx context.Context, in *invokeFunctionInput) (*reply[chatFunctionInvocationResource], error) {
	return nil, a.engine.InvokeFunction(ctx, actorOf(ctx).Application, in.function())
}
