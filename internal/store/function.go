package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"openkitty/internal/chat"
)

// StoredRuntime is a runtime with its environment as it is stored: sealed.
type StoredRuntime struct {
	chat.Runtime
	Sealed []byte // nil for no variables
}

func scanRuntime(r row) (StoredRuntime, error) {
	var s StoredRuntime
	var dependencies string
	if err := r.Scan(&s.Application, &dependencies, &s.Sealed, &s.Script); err != nil {
		return s, err
	}
	var err error
	s.Dependencies, err = decodeDependencies(dependencies)
	return s, err
}

// storedDependency is a dependency with the names that it is stored under.
type storedDependency struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Default bool   `json:"default,omitempty"`
}

func encodeDependencies(list []chat.Dependency) (string, error) {
	stored := make([]storedDependency, len(list))
	for i, d := range list {
		stored[i] = storedDependency(d)
	}
	text, err := json.Marshal(stored)
	return string(text), err
}

func decodeDependencies(text string) ([]chat.Dependency, error) {
	var stored []storedDependency
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, fmt.Errorf("read stored dependencies: %w", err)
	}
	list := make([]chat.Dependency, len(stored))
	for i, d := range stored {
		list[i] = chat.Dependency(d)
	}
	return list, nil
}

// Runtime returns the runtime of an application: an empty one if nothing of it
// was ever set.
func (r Reader) Runtime(ctx context.Context, app chat.ApplicationID) (StoredRuntime, error) {
	s, err := one(ctx, r.db, scanRuntime, `
		SELECT application_id, dependencies, environment, script
		FROM runtime
		WHERE application_id = $1`,
		app)
	if errors.Is(err, sql.ErrNoRows) {
		return StoredRuntime{Runtime: chat.Runtime{Application: app}}, nil
	}
	return s, wrap(err, "read the runtime")
}

// SetRuntime replaces the runtime of an application.
func (tx *Tx) SetRuntime(ctx context.Context, s StoredRuntime) error {
	dependencies, err := encodeDependencies(s.Dependencies)
	if err != nil {
		return wrap(err, "set the runtime")
	}
	sealed := s.Sealed
	if sealed == nil {
		sealed = []byte{}
	}
	return wrap(tx.exec(ctx, `
		INSERT INTO runtime (application_id, dependencies, environment, script)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (application_id) DO UPDATE
		SET dependencies = excluded.dependencies, environment = excluded.environment, script = excluded.script`,
		s.Application, dependencies, sealed, s.Script), "set the runtime")
}

const functionColumns = `f.id, f.application_id, f.type, f.name, f.description, f.asynchronous, f.enabled, f.version, f.created_at`

func scanFunction(r row) (chat.Function, error) {
	var f chat.Function
	var created int64
	err := r.Scan(&f.ID, &f.Application, &f.Type, &f.Name, &f.Description, &f.Asynchronous, &f.Enabled, &f.Version, &created)
	f.CreatedAt = moment(created)
	return f, err
}

// CreateFunction stores a function without a version, and returns it with its
// id. It refuses more than an application may have.
func (tx *Tx) CreateFunction(ctx context.Context, f chat.Function) (chat.Function, error) {
	there, err := many(ctx, tx.db, scanValue[chat.FunctionID], `
		SELECT id
		FROM function
		WHERE application_id = $1
		LIMIT $2`,
		f.Application, chat.FunctionsMax)
	if err == nil && len(there) == chat.FunctionsMax {
		err = chat.Errorf(chat.Invalid, "an application has at most %d functions", chat.FunctionsMax)
	}
	if err == nil {
		f.ID, err = one(ctx, tx.db, scanValue[chat.FunctionID], `
			INSERT INTO function (application_id, type, name, description, asynchronous, created_at)
			VALUES ($1, $2, $3, $4, $5, $6)
			RETURNING id`,
			f.Application, f.Type, f.Name, f.Description, f.Asynchronous, f.CreatedAt.UnixMicro())
	}
	return f, wrap(err, "create function %q", f.Name)
}

// Function returns the function with an id.
func (r Reader) Function(ctx context.Context, app chat.ApplicationID, id chat.FunctionID) (chat.Function, error) {
	f, err := one(ctx, r.db, scanFunction, `
		SELECT `+functionColumns+`
		FROM function f
		WHERE f.application_id = $1 AND f.id = $2`,
		app, id)
	return f, wrap(absent(err, chat.NoFunction(id)), "read function %d", id)
}

// FunctionPage returns a page of an application's functions.
func (r Reader) FunctionPage(ctx context.Context, app chat.ApplicationID, p chat.NumberedPage) (chat.Page[chat.Function], error) {
	var none chat.Page[chat.Function]
	ids, total, err := numberedIDs[chat.FunctionID](ctx, r, selection{
		from: `function f WHERE f.application_id = $1`, args: []any{app}, id: "f.id", order: "f.id",
		columns: map[string]string{"id": "f.id", "name": "f.name", "type": "f.type", "created_time": "f.created_at"},
	}, p)
	if err != nil {
		return none, wrap(err, "list functions")
	}
	functions, err := manyOf(ctx, r.db, scanFunction, `
		SELECT `+functionColumns+`
		FROM function f
		WHERE f.application_id = $1 AND f.id IN (list)`,
		ids, app)
	if err != nil {
		return none, wrap(err, "read functions")
	}
	return chat.Page[chat.Function]{Items: inOrder(ids, functions, func(f chat.Function) chat.FunctionID { return f.ID }), Total: total}, nil
}

// SetFunction keeps the name, the description and whether a function is enabled,
// and which of its versions is deployed.
func (tx *Tx) SetFunction(ctx context.Context, f chat.Function) error {
	_, err := one(ctx, tx.db, scanValue[chat.FunctionID], `
		UPDATE function
		SET name = $3, description = $4, enabled = $5, version = $6
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		f.Application, f.ID, f.Name, f.Description, f.Enabled, f.Version)
	return wrap(absent(err, chat.NoFunction(f.ID)), "change function %d", f.ID)
}

// DeleteFunction removes a function with its versions.
func (tx *Tx) DeleteFunction(ctx context.Context, app chat.ApplicationID, id chat.FunctionID) error {
	_, err := one(ctx, tx.db, scanValue[chat.FunctionID], `
		DELETE FROM function
		WHERE application_id = $1 AND id = $2
		RETURNING id`,
		app, id)
	if err == nil {
		err = tx.exec(ctx, `DELETE FROM function_version WHERE application_id = $1 AND function_id = $2`, app, id)
	}
	return wrap(absent(err, chat.NoFunction(id)), "delete function %d", id)
}

const versionColumns = `v.id, v.function_id, v.number, v.source, v.hash, v.dependencies, v.created_at`

func scanVersion(r row) (chat.FunctionVersion, error) {
	var v chat.FunctionVersion
	var dependencies string
	var created int64
	if err := r.Scan(&v.ID, &v.Function, &v.Number, &v.Source, &v.Hash, &dependencies, &created); err != nil {
		return v, err
	}
	v.CreatedAt = moment(created)
	var err error
	v.Dependencies, err = decodeDependencies(dependencies)
	return v, err
}

// CreateFunctionVersion stores the next version of a function, and returns it
// with its id and number. It is not deployed by that.
func (tx *Tx) CreateFunctionVersion(ctx context.Context, app chat.ApplicationID, v chat.FunctionVersion) (chat.FunctionVersion, error) {
	dependencies, err := encodeDependencies(v.Dependencies)
	if err != nil {
		return v, wrap(err, "create a version of function %d", v.Function)
	}
	v.Number, err = one(ctx, tx.db, scanValue[int64], `
		UPDATE function
		SET last_version = last_version + 1
		WHERE application_id = $1 AND id = $2
		RETURNING last_version`,
		app, v.Function)
	if err == nil && v.Number > chat.FunctionVersionMax {
		err = chat.Errorf(chat.Invalid, "a function has at most %d versions; create another function", chat.FunctionVersionMax)
	}
	if err == nil {
		v.ID, err = one(ctx, tx.db, scanValue[chat.FunctionVersionID], `
			INSERT INTO function_version (application_id, function_id, number, source, hash, dependencies, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			RETURNING id`,
			app, v.Function, v.Number, v.Source, v.Hash, dependencies, v.CreatedAt.UnixMicro())
	}
	return v, wrap(absent(err, chat.NoFunction(v.Function)), "create a version of function %d", v.Function)
}

// FunctionVersion returns the version with an id.
func (r Reader) FunctionVersion(ctx context.Context, app chat.ApplicationID, id chat.FunctionVersionID) (chat.FunctionVersion, error) {
	v, err := one(ctx, r.db, scanVersion, `
		SELECT `+versionColumns+`
		FROM function_version v
		WHERE v.application_id = $1 AND v.id = $2`,
		app, id)
	return v, wrap(absent(err, chat.NoFunctionVersion(id)), "read function version %d", id)
}

// FunctionVersionByNumber returns a version of a function.
func (r Reader) FunctionVersionByNumber(ctx context.Context, app chat.ApplicationID, function chat.FunctionID, number int64) (chat.FunctionVersion, error) {
	v, err := one(ctx, r.db, scanVersion, `
		SELECT `+versionColumns+`
		FROM function_version v
		WHERE v.application_id = $1 AND v.function_id = $2 AND v.number = $3`,
		app, function, number)
	none := chat.NoFunctionVersion(fmt.Sprintf("%d of function %d", number, function))
	return v, wrap(absent(err, none), "read version %d of function %d", number, function)
}

// FunctionVersionPage returns a page of the versions of a function, the newest
// first.
func (r Reader) FunctionVersionPage(ctx context.Context, app chat.ApplicationID, function chat.FunctionID, p chat.NumberedPage) (chat.Page[chat.FunctionVersion], error) {
	var none chat.Page[chat.FunctionVersion]
	ids, total, err := numberedIDs[chat.FunctionVersionID](ctx, r, selection{
		from: `function_version v WHERE v.application_id = $1 AND v.function_id = $2`, args: []any{app, function},
		id: "v.id", order: "v.number DESC",
		columns: map[string]string{"id": "v.id", "version_number": "v.number", "created_time": "v.created_at"},
	}, p)
	if err != nil {
		return none, wrap(err, "list the versions of function %d", function)
	}
	versions, err := manyOf(ctx, r.db, scanVersion, `
		SELECT `+versionColumns+`
		FROM function_version v
		WHERE v.application_id = $1 AND v.id IN (list)`,
		ids, app)
	if err != nil {
		return none, wrap(err, "read the versions of function %d", function)
	}
	items := inOrder(ids, versions, func(v chat.FunctionVersion) chat.FunctionVersionID { return v.ID })
	return chat.Page[chat.FunctionVersion]{Items: items, Total: total}, nil
}
