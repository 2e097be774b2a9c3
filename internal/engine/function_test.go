package engine_test

import (
	"strings"
	"testing"

	"openkitty/internal/chat"

	"github.com/google/go-cmp/cmp"
)

const handler = "async function handleEvent(event: any, context: Context) {}"

func TestEachVersionOfAFunctionIsKeptAndTheLatestDeployed(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		f, err := w.CreateFunction(ctx, w.app.ID, chat.NewFunction{Type: "user.sent.message", Name: "Greet", Description: "says hello"})
		if err != nil || f.Enabled || f.Version != 0 {
			t.Fatalf("%+v, %v", f, err)
		}
		if _, err := w.CurrentFunctionVersion(ctx, w.app.ID, f.ID); chat.AsError(err).Name != "FunctionVersionNotFoundError" {
			t.Error(err)
		}
		if _, err := w.SetDependencies(ctx, w.app.ID, []chat.Dependency{{Name: "firebase", Version: "^9.8.2"}}); err != nil {
			t.Fatal(err)
		}
		var numbers []int64
		for range 3 {
			version, err := w.CreateFunctionVersion(ctx, w.app.ID, f.ID, handler)
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, version.Number)
		}
		if diff := cmp.Diff([]int64{1, 2, 3}, numbers); diff != "" {
			t.Error(diff)
		}
		if _, err := w.CreateFunctionVersion(ctx, w.app.ID, f.ID, "function ("); chat.AsError(err).Name != "FunctionSyntaxError" {
			t.Error(err)
		}
		current, err := w.CurrentFunctionVersion(ctx, w.app.ID, f.ID)
		want := append(chat.DefaultDependencies(), chat.Dependency{Name: "firebase", Version: "^9.8.2"})
		if err != nil || current.Number != 3 || current.Source != handler || len(current.Hash) != 64 || !cmp.Equal(want, current.Dependencies) {
			t.Errorf("%+v, %v", current, err)
		}
		if _, err := w.DeployFunctionVersion(ctx, w.app.ID, f.ID, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := w.DeployFunctionVersion(ctx, w.app.ID, f.ID, 4); chat.AsError(err).Name != "FunctionVersionNotFoundError" {
			t.Error(err)
		}
		if f, err = w.Function(ctx, w.app.ID, f.ID); err != nil || f.Version != 1 || !f.Enabled {
			t.Errorf("%+v, %v", f, err)
		}
		page, err := w.FunctionVersionPage(ctx, w.app.ID, f.ID, chat.NumberedPage{Size: 2})
		if err != nil || page.Total != 3 || page.Items[0].Number != 3 || page.Items[1].Number != 2 {
			t.Errorf("%+v, %v", page, err)
		}
		if err := w.DeleteFunction(ctx, w.app.ID, f.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.FunctionVersion(ctx, w.app.ID, current.ID); chat.AsError(err).Name != "FunctionVersionNotFoundError" {
			t.Error(err)
		}
	})
}

func TestFunctionsAreSwitchedOnOnlyWithAVersion(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	f, err := w.CreateFunction(t.Context(), w.app.ID, chat.NewFunction{Type: "user.sent.message", Name: "f"})
	if err != nil {
		t.Fatal(err)
	}
	on, off, name := true, false, "other"
	if _, err := w.UpdateFunction(t.Context(), w.app.ID, f.ID, chat.FunctionChange{Enabled: &on}); !chat.IsKind(err, chat.Invalid) {
		t.Error(err)
	}
	if _, err := w.CreateFunctionVersion(t.Context(), w.app.ID, f.ID, handler); err != nil {
		t.Fatal(err)
	}
	if f, err = w.UpdateFunction(t.Context(), w.app.ID, f.ID, chat.FunctionChange{Enabled: &off, Name: &name}); err != nil || f.Enabled || f.Name != "other" {
		t.Errorf("%+v, %v", f, err)
	}
	if v, err := w.CreateFunctionVersion(t.Context(), w.app.ID, f.ID, handler); err != nil || v.Number != 2 {
		t.Errorf("%+v, %v", v, err)
	}
	if f, err = w.Function(t.Context(), w.app.ID, f.ID); err != nil || f.Enabled {
		t.Errorf("a new version switched on what was switched off: %+v, %v", f, err)
	}
	if err := w.InvokeFunction(t.Context(), w.app.ID, f.ID); chat.AsError(err).Name != "FunctionsNotRunningError" {
		t.Error(err)
	}
}

func TestTheRuntimeKeepsWhatItWasGiven(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if r, err := w.Runtime(ctx, w.app.ID); err != nil || len(r.Environment)+len(r.Dependencies)+len(r.Script) != 0 {
			t.Fatalf("%+v, %v", r, err)
		}
		if _, err := w.SetEnvironment(ctx, w.app.ID, map[string]string{"OLD": "1"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SetEnvironment(ctx, w.app.ID, map[string]string{"A": "secret", "CHATKITTY_CLIENT_ID": "other"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SetScript(ctx, w.app.ID, "var foo = 8;"); err != nil {
			t.Fatal(err)
		}
		got, err := w.SetDependencies(ctx, w.app.ID, []chat.Dependency{{Name: "axios", Version: "1.0.0"}, {Name: "@scope/x", Version: ">=1 <3 || ~4.1"}})
		if err != nil {
			t.Fatal(err)
		}
		want := chat.Runtime{
			Application: w.app.ID, Dependencies: []chat.Dependency{{Name: "@scope/x", Version: ">=1 <3 || ~4.1"}},
			Environment: map[string]string{"A": "secret"}, Script: "var foo = 8;",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if got, err = w.SetScript(ctx, w.app.ID, ""); err != nil || got.Script != "" || got.Environment["A"] != "secret" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestRuntimesRefuseWhatNoPackageOrVariableIs(t *testing.T) {
	t.Parallel()

	w := newWorld(t, "")
	for _, d := range []chat.Dependency{
		{Name: "", Version: "1"}, {Name: "Upper", Version: "1"}, {Name: "../x", Version: "1"}, {Name: "x", Version: ""},
		{Name: "x", Version: "file:../y"}, {Name: "x", Version: "https://example.com/x.tgz"}, {Name: strings.Repeat("x", 300), Version: "1"},
	} {
		if _, err := w.SetDependencies(t.Context(), w.app.ID, []chat.Dependency{d}); !chat.IsKind(err, chat.Invalid) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	twice := []chat.Dependency{{Name: "x", Version: "1"}, {Name: "x", Version: "2"}}
	if _, err := w.SetDependencies(t.Context(), w.app.ID, twice); !chat.IsKind(err, chat.Invalid) {
		t.Error(err)
	}
	for _, name := range []string{"", "1A", "A-B", "A=B", "NODE_OPTIONS", "LD_PRELOAD"} {
		if _, err := w.SetEnvironment(t.Context(), w.app.ID, map[string]string{name: "x"}); !chat.IsKind(err, chat.Invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := w.SetEnvironment(t.Context(), w.app.ID, map[string]string{"A": strings.Repeat("x", chat.VariablesSizeMax)}); !chat.IsKind(err, chat.Invalid) {
		t.Error(err)
	}
	if _, err := w.SetScript(t.Context(), w.app.ID, "let ="); chat.AsError(err).Name != "FunctionSyntaxError" {
		t.Error(err)
	}
	if _, err := w.CreateFunction(t.Context(), w.app.ID, chat.NewFunction{Type: "nothing", Name: "x"}); !chat.IsKind(err, chat.Invalid) {
		t.Error(err)
	}
}
