package chat

import (
	"regexp"
	"time"
	"unicode/utf8"
)

// FunctionID identifies a chat function, FunctionVersionID one of its versions.
type (
	FunctionID        int64
	FunctionVersionID int64
)

// RuntimeVersion is the version of the runtime that functions are written for.
const RuntimeVersion = "v1.0.0"

// Bounds of functions and of their runtime.
const (
	FunctionsMax       = 100     // of an application
	FunctionTypeMax    = 100     // bytes of a trigger's name
	DescriptionMax     = 2000    // characters
	ScriptMax          = 1 << 20 // bytes
	DependenciesMax    = 100
	DependencyMax      = 214      // bytes of a package's name, as npm has it, or of a version
	VariablesMax       = 100      // environment variables
	VariablesSizeMax   = 64 << 10 // bytes of all names and values
	FunctionVersionMax = 10_000   // versions of one function
)

// Function is code of the application's own, which runs when something happens.
type Function struct {
	ID           FunctionID
	Application  ApplicationID
	Type         string // what it runs at, as "user.sent.message"
	Name         string
	Description  string
	Asynchronous bool // what the creator said of its initialisation; it has no effect
	Enabled      bool
	Version      int64 // number of the version that is deployed; zero before the first
	CreatedAt    time.Time
}

// FunctionVersion is a state of a function's code. It never changes.
type FunctionVersion struct {
	ID           FunctionVersionID
	Function     FunctionID
	Number       int64 // 1, 2, 3, … of its function
	Source       string
	Hash         string       // SHA-256 of the source, in hexadecimal
	Dependencies []Dependency // of the runtime, when the version was made
	CreatedAt    time.Time
}

// Dependency is an npm package that functions may use.
type Dependency struct {
	Name    string
	Version string // or a range of versions
	Default bool   // it is there without being asked for
}

// DefaultDependencies are there in every runtime.
func DefaultDependencies() []Dependency {
	return []Dependency{
		{Name: "axios", Version: "^1.6.1", Default: true},
		{Name: "chatkitty", Version: "2.106.8", Default: true},
		{Name: "qs", Version: "^6.9.4", Default: true},
	}
}

// Runtime is what the functions of an application share.
type Runtime struct {
	Application  ApplicationID
	Dependencies []Dependency      // without the default ones
	Environment  map[string]string // without the platform's own
	Script       string            // that runs before functions; empty for none
}

// NewFunction asks for a function.
type NewFunction struct {
	Type         string
	Name         string
	Description  string
	Asynchronous bool
}

// FunctionChange says what to change of a function. What is nil stays.
type FunctionChange struct {
	Name        *string
	Description *string
	Enabled     *bool
}

var (
	functionType     = regexp.MustCompile(`^[a-z][a-z_]*(\.[a-z][a-z_]*)+$`)
	packageName      = regexp.MustCompile(`^(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*$`)
	packageVersion   = regexp.MustCompile(`^[0-9A-Za-z.^~<>=|*+ -]+$`)
	variableName     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	platformVariable = regexp.MustCompile(`^CHATKITTY_`)
	processVariable  = regexp.MustCompile(`^(NODE_OPTIONS|NODE_PATH|PATH|HOME|LD_.*|DYLD_.*)$`)
)

// Check reports what is wrong with the request.
func (f NewFunction) Check() error {
	if len(f.Type) > FunctionTypeMax || !functionType.MatchString(f.Type) {
		return Errorf(Invalid, "the type must name a trigger, as user.sent.message, not %.40q", f.Type)
	}
	return FunctionChange{Name: &f.Name, Description: &f.Description}.Check()
}

// Check reports what is wrong with the request.
func (c FunctionChange) Check() error {
	if c.Name != nil {
		if err := checkName("name of the function", *c.Name); err != nil {
			return err
		}
	}
	if c.Description != nil && (utf8.RuneCountInString(*c.Description) > DescriptionMax || !utf8.ValidString(*c.Description)) {
		return Errorf(Invalid, "the description must be text of at most %d characters", DescriptionMax)
	}
	return nil
}

// Apply makes the changes. It refuses to enable a function without a version.
func (c FunctionChange) Apply(f Function) (Function, error) {
	if c.Name != nil {
		f.Name = *c.Name
	}
	if c.Description != nil {
		f.Description = *c.Description
	}
	if c.Enabled != nil {
		if *c.Enabled && f.Version == 0 {
			return f, Errorf(Invalid, "function %d has no version to run; create one first", f.ID)
		}
		f.Enabled = *c.Enabled
	}
	return f, nil
}

// CheckDependencies returns a list of dependencies without the default ones,
// which stay whatever the list says, or reports what is wrong with it.
func CheckDependencies(list []Dependency) ([]Dependency, error) {
	if len(list) > DependenciesMax {
		return nil, Errorf(Invalid, "there are %d dependencies; at most %d are allowed", len(list), DependenciesMax)
	}
	defaults := map[string]bool{}
	for _, d := range DefaultDependencies() {
		defaults[d.Name] = true
	}
	kept, seen := []Dependency{}, map[string]bool{}
	for _, d := range list {
		switch {
		case len(d.Name) > DependencyMax || !packageName.MatchString(d.Name):
			return nil, Errorf(Invalid, "%.60q is not the name of an npm package", d.Name)
		case len(d.Version) > DependencyMax || !packageVersion.MatchString(d.Version):
			return nil, Errorf(Invalid, "%.60q is not a version, or a range of versions, of %s", d.Version, d.Name)
		case seen[d.Name]:
			return nil, Errorf(Invalid, "%s is listed twice", d.Name)
		}
		seen[d.Name] = true
		if !defaults[d.Name] {
			kept = append(kept, Dependency{Name: d.Name, Version: d.Version})
		}
	}
	return kept, nil
}

// CheckEnvironment returns variables without the platform's own, which stay
// whatever is said of them, or reports what is wrong with them.
func CheckEnvironment(variables map[string]string) (map[string]string, error) {
	kept, size := map[string]string{}, 0
	for name, value := range variables {
		switch {
		case platformVariable.MatchString(name):
			continue
		case !variableName.MatchString(name):
			return nil, Errorf(Invalid, "%.60q is not the name of an environment variable", name)
		case processVariable.MatchString(name):
			return nil, Errorf(Invalid, "the variable %s is the runtime's own", name)
		}
		kept[name] = value
		size += len(name) + len(value)
	}
	if len(kept) > VariablesMax || size > VariablesSizeMax {
		return nil, Errorf(Invalid, "there may be %d variables of %d bytes in all", VariablesMax, VariablesSizeMax)
	}
	return kept, nil
}

// CheckScriptSize refuses a script that is too long, or no text.
func CheckScriptSize(script string) error {
	if len(script) > ScriptMax || !utf8.ValidString(script) {
		return Errorf(Invalid, "a script must be text of at most %d bytes", ScriptMax)
	}
	return nil
}

// NoFunction refuses a function that does not exist.
func NoFunction(id FunctionID) *Error {
	return Errorf(NotFound, "there is no function %d", id).Named("FunctionNotFoundError")
}

// NoFunctionVersion refuses a version that does not exist.
func NoFunctionVersion(ref any) *Error {
	return Errorf(NotFound, "there is no function version %v", ref).Named("FunctionVersionNotFoundError")
}
