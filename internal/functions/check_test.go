package functions_test

import (
	"strings"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/functions"
)

func TestPublishedFormsOfFunctionsAreAccepted(t *testing.T) {
	t.Parallel()

	for name, source := range map[string]string{
		"typed, with ambient types": "async function handleEvent(event: UserSentMessageEvent, context: Context) {\r\n}\r\n",
		"plain JavaScript":          "const firebase = require('firebase');\nasync function handleEvent(event, context) { return [event.username]; }",
		"a module":                  "import axios from 'axios';\nimport '@scope/side-effect';\nexport async function handleEvent(event: any) { await axios.get('x'); }",
		"a default export":          "export default async (event: {a?: string}) => event.a ?? null",
		"CommonJS":                  "module.exports = async (event) => event",
	} {
		if err := functions.CheckHandler(source); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrorsOfSyntaxHaveTheirPlace(t *testing.T) {
	t.Parallel()

	err := functions.CheckHandler("async function handleEvent(event) {\n  const x = ;\n}")
	if got := chat.AsError(err); got.Name != "FunctionSyntaxError" || got.Kind != chat.Invalid ||
		got.Message != `line 2, column 13: Unexpected ";"` {
		t.Errorf("%+v", got)
	}
}

func TestFunctionsWithoutAHandlerAreRefused(t *testing.T) {
	t.Parallel()

	if err := functions.CheckHandler("const x: number = 1;"); chat.AsError(err).Name != "FunctionHandlerMissingError" {
		t.Error(err)
	}
	if err := functions.CheckScript("var foo = 8;"); err != nil {
		t.Errorf("a script needs no handler, but: %v", err)
	}
}

func TestLongScriptsAreRefusedUnread(t *testing.T) {
	t.Parallel()

	if err := functions.CheckScript(strings.Repeat(" ", chat.ScriptMax+1)); !chat.IsKind(err, chat.Invalid) {
		t.Error(err)
	}
}
