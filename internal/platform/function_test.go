package platform_test

import (
	"fmt"
	"strings"
	"testing"

	"openkitty/internal/servertest"

	"github.com/google/go-cmp/cmp"
)

const handler = "async function handleEvent(event: any, context: Context) {}"

func TestFunctionsAreWrittenDeployedAndNeverPretendedToRun(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		c := newCaller(t, s)
		f := c.call("POST", "/runtimes/nodejs/functions", map[string]any{"type": "user.sent.message", "name": "Greet"}, 200)
		if f["enabled"] != false || f["current_version_number"] != 0.0 {
			t.Errorf("%v", f)
		}
		path := fmt.Sprintf("/functions/%.0f", f["id"])
		c.call("GET", path+"/current-version", nil, 404)
		for n := range 2 {
			v := c.call("POST", path+"/versions", map[string]any{"handler_script": handler}, 200)
			if v["version_number"] != float64(n+1) || v["handler_script"] != handler {
				t.Errorf("%v", v)
			}
		}
		problem := c.call("POST", path+"/versions", map[string]any{"handler_script": "function handleEvent() {\n  let = ;\n}"}, 400)
		if problem["error"] != "FunctionSyntaxError" || problem["message"] != `line 2, column 9: Unexpected ";"` {
			t.Errorf("%v", problem)
		}
		if v := c.call("PUT", path+"/current-version", map[string]any{"version_number": 1}, 200); v["version_number"] != 1.0 {
			t.Errorf("%v", v)
		}
		if f = c.call("PATCH", path, map[string]any{"enabled": false}, 200); f["enabled"] != false || f["current_version_number"] != 1.0 {
			t.Errorf("%v", f)
		}
		versions := c.call("GET", path+"/versions?size=1", nil, 200)
		if first := versions["_embedded"].(map[string]any)["versions"].([]any)[0].(map[string]any); first["version_number"] != 2.0 {
			t.Errorf("%v", versions)
		}
		runs := c.call("GET", path+"/invocations", nil, 200)
		if diff := cmp.Diff(map[string]any{"invocations": []any{}}, runs["_embedded"]); diff != "" {
			t.Error(diff)
		}
		if problem := c.call("POST", path+"/invocations", map[string]any{"args": map[string]any{}}, 501); problem["error"] != "FunctionsNotRunningError" {
			t.Errorf("%v", problem)
		}
		c.call("DELETE", path, nil, 200)
		c.call("GET", path, nil, 404)
	})
}

func TestTheRuntimeIsReplacedPartByPart(t *testing.T) {
	t.Parallel()

	c := newCaller(t, servertest.Start(t, servertest.Options{}))
	const path = "/runtimes/nodejs"
	c.call("PUT", path+"/environment-variables", map[string]any{"my_Key": "1", "N": 2, "B": true}, 200)
	c.call("PUT", path+"/initialization-script", map[string]any{"script": "var foo = 8;"}, 200)
	r := c.call("PUT", path+"/dependencies", []any{map[string]any{"name": "firebase", "version": "^9"}}, 200)
	own := map[string]any{}
	for _, name := range []string{"my_Key", "N", "B"} {
		own[name] = r["environment_variables"].(map[string]any)[name]
	}
	if diff := cmp.Diff(map[string]any{"my_Key": "1", "N": "2", "B": "true"}, own); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"script": "var foo = 8;"}, r["initialization_script"]); diff != "" {
		t.Error(diff)
	}
	dependencies := r["dependencies"].([]any)
	last := map[string]any{"name": "firebase", "version": "^9", "default_dependency": false}
	if diff := cmp.Diff(last, dependencies[len(dependencies)-1]); diff != "" || len(dependencies) < 2 {
		t.Error(diff)
	}
	if problem := c.call("PUT", path+"/environment-variables", map[string]any{"A": []any{"x"}}, 400); problem["error"] != "InvalidRequestError" {
		t.Errorf("%v", problem)
	}
	if r = c.call("PUT", path+"/initialization-script", map[string]any{"script": ""}, 200); r["initialization_script"] != nil {
		t.Errorf("%v", r)
	}
}

// The original command line splits text at its commas.
func TestSourceCodeThatWasSplitAtItsCommasIsRefused(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	c := newCaller(t, s)
	f := c.call("POST", "/runtimes/nodejs/functions", map[string]any{"type": "user.sent.message", "name": "Greet"}, 200)
	versions := fmt.Sprintf("/functions/%.0f/versions", f["id"])
	problem := c.call("POST", versions, map[string]any{"handler_script": strings.Split(handler, ",")}, 400)
	if message := fmt.Sprint(problem["message"]); !strings.HasPrefix(message, "body.handler_script must be text, not an array; on the command line") {
		t.Errorf("%v", problem)
	}
	if page := c.call("GET", versions, nil, 200)["page"].(map[string]any); page["total_elements"] != 0.0 {
		t.Errorf("there are %v versions", page["total_elements"])
	}
}
