package platform

import (
	"maps"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// securityScheme is the name of the scheme in the published specification.
const securityScheme = "application_authorization"

// Marks of operations in their metadata.
const (
	optionalBody = "optional body" // nothing, or the text "", stands for {}
	streamedBody = "streamed body" // the handler reads the body, whatever it is
	exactBody    = "exact body"    // what the schema does not know is refused, not left out
	fileMessage  = "file message"  // a form with a file may stand for the body of a file message
	filePicture  = "file picture"  // a form with a file may stand for the body that describes one
)

// vendorType is the media type of the current format.
const vendorType = "application/vnd.chatkitty+json"

// bodyTypes are the media types of bodies; they all mean the same.
var bodyTypes = []string{vendorType, v1Type, plain, "application/merge-patch+json", "application/json+merge-patch"}

// operation describes an operation that takes a token with all of the scopes.
func operation(id, method, path, summary string, scopes ...string) huma.Operation {
	return huma.Operation{
		OperationID: id,
		Method:      method,
		Path:        path,
		Summary:     summary,
		Security:    []map[string][]string{{securityScheme: scopes}},
		Metadata:    map[string]any{},
		// The body middleware bounds it.
		MaxBodyBytes:    -1,
		BodyReadTimeout: -1,
	}
}

// ours marks what the published API does not have.
func ours(op huma.Operation) huma.Operation {
	op.Extensions = map[string]any{"x-openkitty": true}
	return op
}

// marked gives an operation a mark.
func marked(op huma.Operation, mark string) huma.Operation {
	op.Metadata[mark] = true
	return op
}

func has(op *huma.Operation, mark string) bool { return op.Metadata[mark] == true }

// reply is what an operation answers with.
type reply[T any] struct{ Body T }

func answer[T any](value T, err error) (*reply[T], error) {
	if err != nil {
		return nil, err
	}
	return &reply[T]{value}, nil
}

// failureResponses returns what documents the errors of an operation, each with
// its body. All operations share the responses.
func (a *API) failureResponses() func(*huma.Operation) {
	schemas := a.huma.OpenAPI().Components.Schemas
	problem := schemas.Schema(reflect.TypeFor[ApiError](), true, "")
	denial := schemas.Schema(reflect.TypeFor[AuthenticationError](), true, "")
	common := map[string]*huma.Response{}
	for status, schema := range map[string]*huma.Schema{
		"400": problem, "401": denial, "403": denial, "404": problem, "429": problem, "500": problem,
	} {
		common[status] = response(statusTexts[status], schema)
	}
	conflict := response("The Idempotency-Key was used for another request, or its request is under way", problem)
	large := response("The body is too large", problem)
	return func(op *huma.Operation) {
		maps.Copy(op.Responses, common)
		if op.Method == http.MethodPost {
			op.Responses["409"] = conflict
		}
		if op.RequestBody != nil {
			op.Responses["413"] = large
		}
	}
}

var statusTexts = map[string]string{
	"400": "The request is wrong: change it",
	"401": "There is no valid token: get one",
	"403": "The token lacks a scope",
	"404": "There is no such thing in this application",
	"429": "Too many requests: try again after Retry-After seconds",
	"500": "The server failed",
}

func response(description string, schema *huma.Schema) *huma.Response {
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{plain: {Schema: schema}}}
}

// maybe is a query parameter that may be absent.
type maybe[T any] struct {
	Value T
	Given bool
}

// Schema, Receiver and OnParamSet let huma see the value alone.
func (m maybe[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

func (m *maybe[T]) Receiver() reflect.Value { return reflect.ValueOf(m).Elem().Field(0) }

// pointer is the value, or nil if none was given.
func (m maybe[T]) pointer() *T {
	if !m.Given {
		return nil
	}
	return &m.Value
}

func (m *maybe[T]) OnParamSet(given bool, _ any) { m.Given = given }
