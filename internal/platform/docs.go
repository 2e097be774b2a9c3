package platform

import (
	"bytes"
	_ "embed"
	"html/template"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsPage string

// docsOperation is an operation as the page for people shows it.
type docsOperation struct {
	ID, Method, Path, Summary string
	Scopes                    string
	Ours                      bool
	Parameters                []docsParameter
	Body, Answer              string // names of schemas
}

type docsParameter struct{ Name, In, Type, Doc string }

type docsSchema struct {
	Name   string
	Fields []docsParameter
}

// writePage writes the specification as a page that needs nothing from elsewhere.
func (a *API) writePage() ([]byte, error) {
	page, err := template.New("docs").Parse(docsPage)
	if err != nil {
		return nil, err
	}
	spec := a.huma.OpenAPI()
	var all []docsOperation
	for path, item := range spec.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Head, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				all = append(all, docsOf(path, op))
			}
		}
	}
	slices.SortFunc(all, func(x, y docsOperation) int { return strings.Compare(x.Path+x.Method, y.Path+y.Method) })
	var text bytes.Buffer
	err = page.Execute(&text, map[string]any{"Info": spec.Info, "Operations": all, "Schemas": docsSchemas(spec)})
	return text.Bytes(), err
}

func docsOf(path string, op *huma.Operation) docsOperation {
	scopes, _ := scopesOf(op)
	d := docsOperation{
		ID: op.OperationID, Method: op.Method, Path: path, Summary: op.Summary, Scopes: strings.Join(scopes, ", "),
		Ours: op.Extensions["x-openkitty"] == true,
	}
	for _, p := range op.Parameters {
		d.Parameters = append(d.Parameters, docsParameter{p.Name, p.In, typeName(p.Schema), p.Description})
	}
	if op.RequestBody != nil {
		if body := op.RequestBody.Content[plain]; body != nil {
			d.Body = typeName(body.Schema)
		} else {
			d.Body = "multipart/form-data with a file"
		}
	}
	for _, status := range []string{"200", "202"} {
		if ok := op.Responses[status]; ok != nil && ok.Content[plain] != nil {
			d.Answer = typeName(ok.Content[plain].Schema)
		}
	}
	return d
}

func docsSchemas(spec *huma.OpenAPI) (all []docsSchema) {
	for name, schema := range spec.Components.Schemas.Map() {
		d := docsSchema{Name: name}
		for field, property := range schema.Properties {
			doc := property.Description
			if !slices.Contains(schema.Required, field) {
				doc = "Optional. " + doc
			}
			d.Fields = append(d.Fields, docsParameter{Name: field, Type: typeName(property), Doc: doc})
		}
		slices.SortFunc(d.Fields, func(x, y docsParameter) int { return strings.Compare(x.Name, y.Name) })
		all = append(all, d)
	}
	slices.SortFunc(all, func(x, y docsSchema) int { return strings.Compare(x.Name, y.Name) })
	return all
}

// typeName is how the page names what a schema describes.
func typeName(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case s.Type == huma.TypeArray:
		return "array of " + typeName(s.Items)
	case len(s.Enum) > 0:
		names := make([]string, len(s.Enum))
		for i, value := range s.Enum {
			names[i], _ = value.(string)
		}
		return strings.Join(names, " | ")
	case s.Type == "":
		return "any JSON"
	}
	return s.Type
}
