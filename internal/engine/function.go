package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"openkitty/internal/chat"
	"openkitty/internal/functions"
	"openkitty/internal/store"
)

// Runtime returns what the functions of an application share.
func (e *Engine) Runtime(ctx context.Context, app chat.ApplicationID) (chat.Runtime, error) {
	stored, err := e.store.Runtime(ctx, app)
	if err != nil {
		return chat.Runtime{}, err
	}
	return e.openRuntime(stored)
}

// openRuntime unseals the environment.
func (e *Engine) openRuntime(stored store.StoredRuntime) (chat.Runtime, error) {
	runtime := stored.Runtime
	if len(stored.Sealed) == 0 {
		return runtime, nil
	}
	text, err := e.sealer.open(stored.Sealed, runtimePlace(runtime.Application))
	if err == nil {
		err = json.Unmarshal(text, &runtime.Environment)
	}
	if err != nil {
		return runtime, fmt.Errorf("read the environment of application %d: %w", runtime.Application, err)
	}
	return runtime, nil
}

func runtimePlace(app chat.ApplicationID) string { return fmt.Sprintf("runtime %d", app) }

// SetDependencies replaces the dependencies of a runtime but the default ones.
func (e *Engine) SetDependencies(ctx context.Context, app chat.ApplicationID, list []chat.Dependency) (chat.Runtime, error) {
	list, err := chat.CheckDependencies(list)
	if err != nil {
		return chat.Runtime{}, err
	}
	return e.changeRuntime(ctx, app, func(r *store.StoredRuntime) { r.Dependencies = list })
}

// SetEnvironment replaces the variables of a runtime but the platform's own.
func (e *Engine) SetEnvironment(ctx context.Context, app chat.ApplicationID, variables map[string]string) (chat.Runtime, error) {
	variables, err := chat.CheckEnvironment(variables)
	if err != nil {
		return chat.Runtime{}, err
	}
	text, err := json.Marshal(variables)
	if err != nil {
		return chat.Runtime{}, fmt.Errorf("write the environment: %w", err)
	}
	sealed := e.sealer.seal(text, runtimePlace(app))
	return e.changeRuntime(ctx, app, func(r *store.StoredRuntime) { r.Sealed = sealed })
}

// SetScript replaces the script that runs before functions; an empty one removes
// it.
func (e *Engine) SetScript(ctx context.Context, app chat.ApplicationID, script string) (chat.Runtime, error) {
	if err := functions.CheckScript(script); err != nil {
		return chat.Runtime{}, err
	}
	return e.changeRuntime(ctx, app, func(r *store.StoredRuntime) { r.Script = script })
}

func (e *Engine) changeRuntime(ctx context.Context, app chat.ApplicationID, change func(*store.StoredRuntime)) (chat.Runtime, error) {
	var stored store.StoredRuntime
	err := e.store.Update(ctx, 0, func(tx *store.Tx) (err error) {
		if stored, err = tx.Runtime(ctx, app); err != nil {
			return err
		}
		change(&stored)
		return tx.SetRuntime(ctx, stored)
	})
	if err != nil {
		return chat.Runtime{}, err
	}
	return e.openRuntime(stored)
}

// CreateFunction makes a function, which does nothing before it has a version.
func (e *Engine) CreateFunction(ctx context.Context, app chat.ApplicationID, request chat.NewFunction) (function chat.Function, err error) {
	if err := request.Check(); err != nil {
		return chat.Function{}, err
	}
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		function, err = tx.CreateFunction(ctx, chat.Function{
			Application: app, Type: request.Type, Name: request.Name, Description: request.Description,
			Asynchronous: request.Asynchronous, CreatedAt: tx.Now(),
		})
		return err
	})
	return function, err
}

// Function returns a function.
func (e *Engine) Function(ctx context.Context, app chat.ApplicationID, id chat.FunctionID) (chat.Function, error) {
	return e.store.Function(ctx, app, id)
}

// FunctionPage lists the functions of an application, the oldest first.
func (e *Engine) FunctionPage(ctx context.Context, app chat.ApplicationID, p chat.NumberedPage) (chat.Page[chat.Function], error) {
	return e.store.FunctionPage(ctx, app, p)
}

// UpdateFunction changes a function, and returns it.
func (e *Engine) UpdateFunction(ctx context.Context, app chat.ApplicationID, id chat.FunctionID, change chat.FunctionChange) (chat.Function, error) {
	if err := change.Check(); err != nil {
		return chat.Function{}, err
	}
	return e.changeFunction(ctx, app, id, func(_ *store.Tx, f chat.Function) (chat.Function, error) { return change.Apply(f) })
}

// changeFunction replaces a function by what change makes of it.
func (e *Engine) changeFunction(
	ctx context.Context, app chat.ApplicationID, id chat.FunctionID, change func(*store.Tx, chat.Function) (chat.Function, error),
) (function chat.Function, err error) {
	err = e.store.Update(ctx, 0, func(tx *store.Tx) error {
		if function, err = tx.Function(ctx, app, id); err != nil {
			return err
		}
		if function, err = change(tx, function); err != nil {
			return err
		}
		return tx.SetFunction(ctx, function)
	})
	return function, err
}

// DeleteFunction removes a function and all its versions.
func (e *Engine) DeleteFunction(ctx context.Context, app chat.ApplicationID, id chat.FunctionID) error {
	return e.store.Update(ctx, 0, func(tx *store.Tx) error { return tx.DeleteFunction(ctx, app, id) })
}

// CreateFunctionVersion keeps a new state of a function's code, and deploys it.
// The first one enables the function.
func (e *Engine) CreateFunctionVersion(ctx context.Context, app chat.ApplicationID, id chat.FunctionID, source string) (version chat.FunctionVersion, err error) {
	if err := functions.CheckHandler(source); err != nil {
		return chat.FunctionVersion{}, err
	}
	hash := sha256.Sum256([]byte(source))
	_, err = e.changeFunction(ctx, app, id, func(tx *store.Tx, f chat.Function) (chat.Function, error) {
		runtime, err := tx.Runtime(ctx, app)
		if err != nil {
			return f, err
		}
		version, err = tx.CreateFunctionVersion(ctx, app, chat.FunctionVersion{
			Function: id, Source: source, Hash: hex.EncodeToString(hash[:]), CreatedAt: tx.Now(),
			Dependencies: append(chat.DefaultDependencies(), runtime.Dependencies...),
		})
		f.Enabled = f.Enabled || version.Number == 1
		f.Version = version.Number
		return f, err
	})
	if err != nil {
		return chat.FunctionVersion{}, err
	}
	return version, nil
}

// DeployFunctionVersion makes another version of a function the one that runs.
func (e *Engine) DeployFunctionVersion(ctx context.Context, app chat.ApplicationID, id chat.FunctionID, number int64) (version chat.FunctionVersion, err error) {
	_, err = e.changeFunction(ctx, app, id, func(tx *store.Tx, f chat.Function) (chat.Function, error) {
		version, err = tx.FunctionVersionByNumber(ctx, app, id, number)
		f.Version = number
		return f, err
	})
	return version, err
}

// CurrentFunctionVersion returns the version of a function that is deployed.
func (e *Engine) CurrentFunctionVersion(ctx context.Context, app chat.ApplicationID, id chat.FunctionID) (chat.FunctionVersion, error) {
	function, err := e.store.Function(ctx, app, id)
	if err != nil {
		return chat.FunctionVersion{}, err
	}
	return e.store.FunctionVersionByNumber(ctx, app, id, function.Version)
}

// FunctionVersion returns a version of a function.
func (e *Engine) FunctionVersion(ctx context.Context, app chat.ApplicationID, id chat.FunctionVersionID) (chat.FunctionVersion, error) {
	return e.store.FunctionVersion(ctx, app, id)
}

// FunctionVersionPage lists the versions of a function, the newest first.
func (e *Engine) FunctionVersionPage(ctx context.Context, app chat.ApplicationID, id chat.FunctionID, p chat.NumberedPage) (chat.Page[chat.FunctionVersion], error) {
	if _, err := e.store.Function(ctx, app, id); err != nil {
		return chat.Page[chat.FunctionVersion]{}, err
	}
	return e.store.FunctionVersionPage(ctx, app, id, p)
}

// InvokeFunction refuses to run a function: nothing here can.
func (e *Engine) InvokeFunction(ctx context.Context, app chat.ApplicationID, id chat.FunctionID) error {
	if _, err := e.store.Function(ctx, app, id); err != nil {
		return err
	}
	return chat.Errorf(chat.Unsupported, "functions are stored on this server, but not run").Named("FunctionsNotRunningError")
}
