package platform_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// document is what the tests read of the committed specification.
type document struct {
	Paths map[string]map[string]struct {
		OperationID string                `json:"operationId"`
		Security    []map[string][]string `json:"security"`
		Ours        bool                  `json:"x-openkitty"`
		Parameters  []struct {
			Name, In string
			Required bool
			Schema   *schema
		}
		RequestBody *struct{ Content content }
		Responses   map[string]struct{ Content content }
	}
	Components struct{ Schemas map[string]*schema }
}

type content map[string]struct{ Schema *schema }

// schema describes a value. Type is one: nothing that is served is ever null.
type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Format     string
	Enum       []string
	Items      *schema
	Properties map[string]*schema
	Required   []string
	Additional json.RawMessage `json:"additionalProperties"`
}

func readDocument(t *testing.T) (d document) {
	t.Helper()
	text, err := os.ReadFile(specificationFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// specified is an operation, with the shapes of what it takes and answers.
type specified struct {
	ID, Method, Path string
	Scopes           []string
	Ours             bool
	Parameters       map[string]string // of the path and query, by names as in fields
	Body, Answer     string
	Status           string
	Answers          map[string]*schema // by status
}

// specification lists the operations of the committed document.
func specification(t *testing.T) (all []specified) {
	t.Helper()
	for path, methods := range readDocument(t).Paths {
		for method, op := range methods {
			s := specified{
				ID: op.OperationID, Method: strings.ToUpper(method), Path: path, Ours: op.Ours,
				Scopes: op.Security[0]["application_authorization"], Parameters: map[string]string{}, Answers: map[string]*schema{},
			}
			for _, p := range op.Parameters {
				if p.In != "header" {
					s.Parameters[optional(p.Name, p.Required)] = p.Schema.shape()
				}
			}
			if op.RequestBody != nil {
				s.Body = op.RequestBody.Content.shape()
			}
			for status, response := range op.Responses {
				s.Answers[status] = response.Content["application/json"].Schema
				if strings.HasPrefix(status, "2") {
					s.Status, s.Answer = status, response.Content.shape()
				}
			}
			all = append(all, s)
		}
	}
	return all
}

// optional is a name, with a question mark if it may be absent.
func optional(name string, required bool) string {
	if required {
		return name
	}
	return name + "?"
}

func (c content) shape() string {
	if _, json := c["application/json"]; !json && len(c) > 0 {
		return "multipart"
	}
	return c["application/json"].Schema.shape()
}

// shape writes a schema in the words of testdata/published.json.
func (s *schema) shape() string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.name()
	case len(s.Enum) > 0:
		return strings.Join(slices.Sorted(slices.Values(s.Enum)), " | ")
	case s.Type == "array":
		return "array of " + s.Items.shape()
	case s.Type == "object" && s.each() != nil:
		return "object of " + s.each().shape()
	case s.Type == "integer":
		return "number"
	case s.Format == "date-time":
		return s.Format
	case s.Type == "":
		return "any"
	}
	return s.Type
}

// name is that of the schema which a reference leads to.
func (s *schema) name() string { return s.Ref[strings.LastIndex(s.Ref, "/")+1:] }

// each is the schema of all values of a map, or nil.
func (s *schema) each() (each *schema) {
	if json.Unmarshal(s.Additional, &each) != nil { // it is true, for any values
		return nil
	}
	return each
}

// fields are the shapes of a model's properties by their names, with a question
// mark at those that may be absent.
func (s *schema) fields() map[string]string {
	found := map[string]string{}
	for name, property := range s.Properties {
		found[optional(name, slices.Contains(s.Required, name))] = property.shape()
	}
	return found
}

// check compares a value with its schema: every field is declared, nothing that
// is required is missing, and all of it has the declared type.
func (d document) check(t *testing.T, path string, s *schema, value any) {
	t.Helper()
	if s.Ref != "" {
		s = d.Components.Schemas[s.name()]
	}
	wrong := false
	switch value := value.(type) {
	case map[string]any:
		wrong = s.Type != "object" && s.Type != ""
		d.checkObject(t, path, s, value)
	case []any:
		if wrong = s.Type != "array"; !wrong {
			for n, item := range value {
				d.check(t, fmt.Sprintf("%s[%d]", path, n), s.Items, item)
			}
		}
	case string:
		_, notTime := time.Parse(time.RFC3339, value)
		wrong = s.Type != "string" && s.Type != "" || len(s.Enum) > 0 && !slices.Contains(s.Enum, value) || s.Format == "date-time" && notTime != nil
	case float64:
		wrong = s.Type != "integer" && s.Type != ""
	case bool:
		wrong = s.Type != "boolean" && s.Type != ""
	case nil:
		wrong = true
	}
	if wrong {
		t.Errorf("%s is %v, which is no %s", path, value, s.shape())
	}
}

func (d document) checkObject(t *testing.T, path string, s *schema, value map[string]any) {
	t.Helper()
	for _, name := range s.Required {
		if _, given := value[name]; !given {
			t.Errorf("%s lacks %s, which is required", path, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(value)) {
		switch property, each := s.Properties[name], s.each(); {
		case property != nil:
			d.check(t, path+"."+name, property, value[name])
		case each != nil:
			d.check(t, path+"."+name, each, value[name])
		case len(s.Properties) > 0:
			t.Errorf("%s.%s is not in the specification", path, name)
		}
	}
}
