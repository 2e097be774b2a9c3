package platform

import (
	"bytes"
	"cmp"
	_ "embed"
	"html/template"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsPage string

// docsGroup is the operations under one first part of their paths.
type docsGroup struct {
	Name       string
	Operations []docsOperation
}

// docsOperation is an operation as the page for people shows it.
type docsOperation struct {
	ID, Method, Path, Summary string
	Scopes                    string
	Ours                      bool
	Parameters                []docsField
	Body, Answer              docsType
}

// docsField is a parameter, or a field of a schema.
type docsField struct {
	Name, In string
	Type     docsType
	Optional bool
	Doc      string
}

type docsSchema struct {
	Name   string
	Fields []docsField
}

// docsType names a type: in words, and then the schema that the page shows, if it
// is one.
type docsType struct{ Words, Schema string }

// writePage writes the specification as a page that needs nothing from elsewhere.
func (a *API) writePage() ([]byte, error) {
	page, err := template.New("docs").Parse(docsPage)
	if err != nil {
		return nil, err
	}
	spec := a.huma.OpenAPI()
	var text bytes.Buffer
	err = page.Execute(&text, map[string]any{"Info": spec.Info, "Groups": docsGroups(spec), "Schemas": docsSchemas(spec)})
	return text.Bytes(), err
}

func docsGroups(spec *huma.OpenAPI) (all []docsGroup) {
	ops := operations(spec)
	slices.SortFunc(ops, func(x, y *huma.Operation) int {
		return cmp.Or(strings.Compare(groupOf(x), groupOf(y)), strings.Compare(x.Path, y.Path), strings.Compare(x.Method, y.Method))
	})
	for _, op := range ops {
		if len(all) == 0 || all[len(all)-1].Name != groupOf(op) {
			all = append(all, docsGroup{Name: groupOf(op)})
		}
		last := &all[len(all)-1]
		last.Operations = append(last.Operations, docsOf(op))
	}
	return all
}

func groupOf(op *huma.Operation) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
	return first
}

func docsOf(op *huma.Operation) docsOperation {
	scopes, _ := scopesOf(op)
	d := docsOperation{
		ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Scopes: strings.Join(scopes, ", "),
		Ours: op.Extensions["x-openkitty"] == true,
	}
	for _, p := range op.Parameters {
		d.Parameters = append(d.Parameters, docsField{p.Name, p.In, typeOf(p.Schema), !p.Required, p.Description})
	}
	if op.RequestBody != nil {
		if body := op.RequestBody.Content[plain]; body != nil {
			d.Body = typeOf(body.Schema)
		} else {
			d.Body = docsType{Words: "multipart/form-data with a file"}
		}
	}
	for _, status := range []string{"200", "202"} {
		if ok := op.Responses[status]; ok != nil && ok.Content[plain] != nil {
			d.Answer = typeOf(ok.Content[plain].Schema)
		}
	}
	return d
}

func docsSchemas(spec *huma.OpenAPI) (all []docsSchema) {
	for name, schema := range spec.Components.Schemas.Map() {
		d := docsSchema{Name: name}
		for field, property := range schema.Properties {
			d.Fields = append(d.Fields, docsField{
				Name: field, Type: typeOf(property), Optional: !slices.Contains(schema.Required, field), Doc: property.Description,
			})
		}
		slices.SortFunc(d.Fields, func(x, y docsField) int { return strings.Compare(x.Name, y.Name) })
		all = append(all, d)
	}
	slices.SortFunc(all, func(x, y docsSchema) int { return strings.Compare(x.Name, y.Name) })
	return all
}

// typeOf is how the page names what a schema describes.
func typeOf(s *huma.Schema) docsType {
	switch {
	case s == nil:
		return docsType{}
	case s.Ref != "":
		return docsType{Schema: s.Ref[strings.LastIndex(s.Ref, "/")+1:]}
	case s.Type == huma.TypeArray:
		items := typeOf(s.Items)
		return docsType{"array of " + items.Words, items.Schema}
	case len(s.Enum) > 0:
		names := make([]string, len(s.Enum))
		for i, value := range s.Enum {
			names[i], _ = value.(string)
		}
		return docsType{Words: strings.Join(names, " | ")}
	case s.Type == "":
		return docsType{Words: "any JSON"}
	case s.Format == "date-time":
		return docsType{Words: "time"}
	}
	if each, ok := s.AdditionalProperties.(*huma.Schema); ok {
		values := typeOf(each)
		return docsType{"object of " + values.Words, values.Schema}
	}
	return docsType{Words: s.Type}
}
