package platform

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerRuntime() {
	update := func(id, path, summary string) huma.Operation {
		return operation(id, http.MethodPut, "/runtimes/nodejs"+path, summary, "read:runtime", "update:runtime")
	}
	huma.Register(a.huma, operation("retrieve-nodejs-runtime", http.MethodGet, "/runtimes/nodejs",
		"Return the runtime of functions", "read:runtime"), a.retrieveRuntime)
	huma.Register(a.huma, update("update-nodejs-runtime-dependencies", "/dependencies",
		"Replace the dependencies of functions; the default ones stay"), a.updateDependencies)
	huma.Register(a.huma, update("update-nodejs-runtime-environment-variables", "/environment-variables",
		"Replace the environment variables of functions; the platform's own stay"), a.updateEnvironment)
	huma.Register(a.huma, update("update-nodejs-runtime-initialization-script", "/initialization-script",
		"Replace the script that runs before functions; an empty one removes it"), a.updateScript)
}

// nodejs is the type of the only runtime.
const nodejs = "NODEJS"

type chatRuntimeDependencyProperties struct {
	DefaultDependency bool   `json:"default_dependency" required:"false" doc:"Supplied by the platform"`
	Name              string `json:"name" doc:"npm package name"`
	Version           string `json:"version" doc:"npm version or range"`
}

type chatRuntimeScriptProperties struct {
	Script string `json:"script"`
}

type chatRuntimeResource struct {
	Type                 string                            `json:"type" enum:"NODEJS"`
	ID                   int64                             `json:"id"`
	Dependencies         []chatRuntimeDependencyProperties `json:"dependencies"`
	EnvironmentVariables map[string]string                 `json:"environment_variables"`
	InitializationScript *chatRuntimeScriptProperties      `json:"initialization_script,omitempty"`
	Version              string                            `json:"version"`
	Links                links                             `json:"_links,omitempty"`
}

func (a *API) runtime(ctx context.Context, r chat.Runtime) chatRuntimeResource {
	resource := chatRuntimeResource{
		Type: nodejs, ID: int64(r.Application), Version: chat.RuntimeVersion,
		EnvironmentVariables: map[string]string{
			"CHATKITTY_APPLICATION_ID":                 strconv.FormatInt(int64(r.Application), 10),
			"CHATKITTY_CHAT_SERVICE_BASE_URL":          a.public,
			"CHATKITTY_AUTHORIZATION_SERVICE_BASE_URL": a.public,
		},
		Links: links{
			"self":                 a.href(ctx, "/runtimes/nodejs"),
			"dependencies":         a.href(ctx, "/runtimes/nodejs/dependencies"),
			"initializationScript": a.href(ctx, "/runtimes/nodejs/initialization-script"),
			"functions":            a.href(ctx, "/runtimes/nodejs/functions"),
			"application":          a.href(ctx, "/application"),
		},
	}
	for _, d := range append(chat.DefaultDependencies(), r.Dependencies...) {
		resource.Dependencies = append(resource.Dependencies, chatRuntimeDependencyProperties{d.Default, d.Name, d.Version})
	}
	for name, value := range r.Environment {
		resource.EnvironmentVariables[name] = value
	}
	if r.Script != "" {
		resource.InitializationScript = &chatRuntimeScriptProperties{r.Script}
	}
	return resource
}

func (a *API) retrieveRuntime(ctx context.Context, _ *struct{}) (*reply[chatRuntimeResource], error) {
	r, err := a.engine.Runtime(ctx, actorOf(ctx).Application)
	return answer(a.runtime(ctx, r), err)
}

type updateDependenciesInput struct {
	Body []chatRuntimeDependencyProperties
}

func (a *API) updateDependencies(ctx context.Context, in *updateDependenciesInput) (*reply[chatRuntimeResource], error) {
	var list []chat.Dependency
	for _, d := range in.Body {
		list = append(list, chat.Dependency{Name: d.Name, Version: d.Version})
	}
	r, err := a.engine.SetDependencies(ctx, actorOf(ctx).Application, list)
	return answer(a.runtime(ctx, r), err)
}

type updateEnvironmentInput struct{ Body map[string]anything }

// updateEnvironment takes numbers and booleans for text.
func (a *API) updateEnvironment(ctx context.Context, in *updateEnvironmentInput) (*reply[chatRuntimeResource], error) {
	variables := map[string]string{}
	for name, value := range in.Body {
		text, err := variable(name, value)
		if err != nil {
			return nil, err
		}
		variables[name] = text
	}
	r, err := a.engine.SetEnvironment(ctx, actorOf(ctx).Application, variables)
	return answer(a.runtime(ctx, r), err)
}

type updateScriptInput struct{ Body chatRuntimeScriptProperties }

func (a *API) updateScript(ctx context.Context, in *updateScriptInput) (*reply[chatRuntimeResource], error) {
	r, err := a.engine.SetScript(ctx, actorOf(ctx).Application, in.Body.Script)
	return answer(a.runtime(ctx, r), err)
}

// variable is the text of an environment variable.
func variable(name string, value anything) (string, error) {
	text, err := adaptText(json.RawMessage(value), name)
	if err != nil {
		return "", chat.Errorf(chat.Invalid, "%s", err)
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return "", chat.Errorf(chat.Invalid, "%s is not valid text", name)
	}
	return s, nil
}
