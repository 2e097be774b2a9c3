// Package functions knows the language of chat functions: TypeScript, or
// JavaScript, as a script or as a module.
//
// So far it reads them. They are stored and checked; nothing runs them yet.
package functions

import (
	"fmt"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"openkitty/internal/chat"
)

// problemsShown is how many problems of a script an error tells.
const problemsShown = 5

// CheckHandler reports what is wrong with the source of a function, with line
// and column: what is no TypeScript, or lacks a handler.
func CheckHandler(source string) error {
	if err := CheckScript(source); err != nil {
		return err
	}
	// Whether it is a function is seen when it runs. That it is missing is seen here.
	for _, name := range []string{"handleEvent", "export default", "module.exports"} {
		if strings.Contains(source, name) {
			return nil
		}
	}
	return chat.Errorf(chat.Invalid,
		"the script has no handler; declare one as: async function handleEvent(event, context) {}").Named("FunctionHandlerMissingError")
}

// CheckScript reports what is no TypeScript in a script, with line and column.
func CheckScript(source string) error {
	if err := chat.CheckScriptSize(source); err != nil {
		return err
	}
	result := api.Transform(source, api.TransformOptions{
		Loader: api.LoaderTS, Format: api.FormatCommonJS, Platform: api.PlatformNode, Target: api.ES2022,
		LogLevel: api.LogLevelSilent, Sourcefile: "script",
	})
	if len(result.Errors) == 0 {
		return nil
	}
	var problems []string
	for _, message := range result.Errors[:min(len(result.Errors), problemsShown)] {
		problems = append(problems, describe(message))
	}
	return chat.Errorf(chat.Invalid, "%s", strings.Join(problems, "; ")).Named("FunctionSyntaxError")
}

// describe counts columns from 1, in bytes.
func describe(m api.Message) string {
	if m.Location == nil {
		return m.Text
	}
	return fmt.Sprintf("line %d, column %d: %s", m.Location.Line, m.Location.Column+1, m.Text)
}
