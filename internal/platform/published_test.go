package platform_test

import (
	"encoding/json"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// published is what the npm package chatkitty 2.106.8 declares, as
// testdata/published.json has it: the fields of its interfaces, a question mark
// at those that may be absent, and of its unions the members. Its numbers are all
// whole, and what its names call a time is written as date-time.
type published struct {
	Operations []struct {
		Number       int
		Operation    string
		Method, Path string
		Parameters   map[string]string
		Body, Answer string
		Status       int
	}
	Models map[string]map[string]string
	Unions map[string][]string
}

func readPublished(t *testing.T) (p published) {
	t.Helper()
	text, err := os.ReadFile("testdata/published.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// model is a published model. The members of a union are one model here: with the
// fields of all, of which those are required that all require.
func (p published) model(name string) map[string]string {
	members := p.Unions[name]
	if len(members) == 0 {
		return p.Models[name]
	}
	found, count := map[string]string{}, map[string]int{}
	for _, member := range members {
		for field, shape := range p.Models[member] {
			name := strings.TrimSuffix(field, "?")
			if count[name]++; field != name {
				count[name] -= len(members)
			}
			found[name] = union(found[name], shape)
		}
	}
	fields := map[string]string{}
	for name, shape := range found {
		fields[optional(name, count[name] == len(members))] = shape
	}
	return fields
}

// union is a type that has the values of both.
func union(x, y string) string {
	kinds := map[string]bool{}
	for kind := range strings.SplitSeq(x+" | "+y, " | ") {
		kinds[kind] = kind != ""
	}
	delete(kinds, "")
	return strings.Join(slices.Sorted(maps.Keys(kinds)), " | ")
}

// differs notes a difference, unless it is listed.
func differs(t *testing.T, used map[string]bool, where, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	for listed, reason := range differences {
		match, err := path.Match(listed, where)
		switch {
		case err != nil:
			t.Fatal(err)
		case !match, reason == always && want != got+", optional", reason == lenient && got != want+", optional":
			continue
		}
		used[listed] = true
		return
	}
	t.Errorf("%s is %q, published as %q", where, got, want)
}

// compare compares fields, or parameters, by their names.
func compare(t *testing.T, used map[string]bool, where string, want, got map[string]string) {
	t.Helper()
	kind := func(fields map[string]string, name string) string {
		if shape, required := fields[name]; required {
			return shape
		}
		if shape, optional := fields[name+"?"]; optional {
			return shape + ", optional"
		}
		return ""
	}
	names := map[string]bool{}
	for _, fields := range []map[string]string{want, got} {
		for field := range fields {
			names[strings.TrimSuffix(field, "?")] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		differs(t, used, where+"."+name, kind(want, name), kind(got, name))
	}
}

func TestTheSpecificationIsThePublishedOneButForWhatIsListed(t *testing.T) {
	t.Parallel()

	p, used := readPublished(t), map[string]bool{}
	ours := map[string]specified{}
	for _, op := range specification(t) {
		ours[op.ID] = op
	}
	for _, want := range p.Operations {
		op, built := ours[want.Operation]
		if !built {
			t.Errorf("%d %s is not served", want.Number, want.Operation)
			continue
		}
		delete(ours, want.Operation)
		if diff := cmp.Diff([]string{want.Method, want.Path, strconv.Itoa(want.Status), want.Answer}, []string{op.Method, op.Path, op.Status, op.Answer}); diff != "" {
			t.Errorf("%s differs:\n%s", want.Operation, diff)
		}
		differs(t, used, want.Operation+".body", want.Body, op.Body)
		compare(t, used, want.Operation, want.Parameters, op.Parameters)
	}
	for id, op := range ours {
		if !op.Ours {
			t.Errorf("%s is not published, and not marked as ours", id)
		}
	}
	compareModels(t, used, p, readDocument(t).Components.Schemas)
	for listed := range differences {
		if !used[listed] {
			t.Errorf("%s is listed as a difference, and is none", listed)
		}
	}
}

// compareModels compares what the published operations take and answer; of our
// own operations, everything is ours.
func compareModels(t *testing.T, used map[string]bool, p published, ours map[string]*schema) {
	t.Helper()
	for name := range ours {
		if fields := p.model(name); fields != nil {
			compare(t, used, name, fields, ours[name].fields())
		}
	}
	for name := range p.Models {
		if ours[name] == nil && !p.within(name) {
			differs(t, used, name, "a model", "")
		}
	}
}

// within reports whether a model is one of a union that is a model of its own.
func (p published) within(name string) bool {
	for _, members := range p.Unions {
		if slices.Contains(members, name) {
			return true
		}
	}
	return false
}

// Two reasons that are checked.
const (
	always  = "always answered: what is published may be absent"
	lenient = "may be absent: what is published is required"
)

// differences are those from the published API, each with its reason: the fields of
// models, and the bodies and parameters of operations, by patterns.
var differences = map[string]string{
	// What is answered.
	"*._links":                "links are an object, by relation: the interfaces say array, and every published sample is an object",
	"*PagedModel*._embedded":  always,
	"*PagedModel*Embedded.*":  always,
	"PagedModel*.page":        always,
	"PageMetadata.*":          always,
	"Link.*":                  "links have an address, and nothing else",
	"ApiError.properties":     "nothing is told that is not in the message",
	"*Message*.replies_count": always,

	"ApplicationJobResource.problem*":                    "ours: why a job failed, or an item",
	"ApplicationJobResource.progress":                    "ours: how far a job is",
	"ApplicationJobResource.type":                        "exports of users and of channels have types of their own; the published ones have that of messages",
	"ApplicationSettingsResource.features":               "ours: the published samples have the two settings in it",
	"ChatFunctionVersionResource.created_time":           "ours",
	"ChatFunctionVersionResource.hash":                   "ours: tells whether two versions are the same",
	"MessageMentionChannelProperties.creator":            "not looked up for a mention",
	"NotificationData.message":                           "each kind of notification has a union of its own; here all messages are one schema",
	"NotificationResource.channel":                       always,
	"ChatRuntimeDependencyProperties.default_dependency": lenient,

	// What is taken: never less than is published, except that closed sets are told.
	"update-user.body":                                      "what the interfaces take as any object has a schema of its own",
	"update-channel.body":                                   "what the interfaces take as any object has a schema of its own",
	"update-message.body":                                   "what the interfaces take as any object has a schema of its own",
	"update-application-settings.body":                      "flat and nested settings are taken, so it has a schema of its own",
	"update-nodejs-runtime-environment-variables.body":      "numbers and booleans are taken for text",
	"add-channel-*.body":                                    "a reference by id or by username is one schema, UserReference",
	"Create*.user":                                          "a reference by id or by username is one schema, UserReference",
	"CreateChannelResource.creator":                         "a reference by id or by username is one schema, UserReference",
	"CreateChannelResource.members":                         "a reference by id or by username is one schema, UserReference",
	"SecretResource.secret":                                 "a secret is any JSON, in the published samples a text",
	"CreateChannelResource.type":                            "the types that exist are listed",
	"CreateMessageResource.type":                            "the types that exist are listed",
	"CreateChannelGenericEventResource.properties":          lenient,
	"CreateChatFunctionResource.initialize_asynchronously":  lenient,
	"CreatePersonChatUserResource.is_guest":                 lenient,
	"ApplicationSettingsProperties.*_*":                     lenient,
	"ApplicationSettingsProperties.features":                "ours: the same two, nested",
	"list-channels.*Time":                                   "a date alone is taken too, so it is no date-time",
	"retrieve-application-message-read-receipt-summaries.*": lenient,

	// What is none of the specification.
	"*Import":                    "an item of a file: the guide to imports describes them",
	"Group*Properties":           "a model that others extend, and nothing is",
	"CreateGroupChannelResource": "a model that others extend, and nothing is",
	"FileMessageProperties":      "a model that others extend, and nothing is",
	"TextMessageProperties":      "a model that others extend, and nothing is",
	"ChatRuntimeProperties":      "no operation has it",
	"Pageable":                   "an argument of the client's, which becomes parameters",
	"ChatUser*Reference":         "a reference by id or by username is one schema, UserReference",
}
