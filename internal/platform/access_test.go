package platform_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"openkitty/internal/config"
	"openkitty/internal/servertest"
)

// foreign says what an operation answers to another application that uses the ids
// of this one: that they do not exist, or what it has itself.
type foreign int

const (
	hidden   foreign = http.StatusNotFound
	own      foreign = http.StatusOK
	started  foreign = http.StatusAccepted   // a job of its own
	fileless foreign = http.StatusBadRequest // the request lacks a file
)

// accessTable has a row for every operation. An operation without one fails the
// test: decide what strangers are to get.
var accessTable = map[string]foreign{
	"retrieve-chat-ui-elements": own, "retrieve-chat-ui-features": own, "retrieve-chat-ui-styles": own,
	"update-chat-ui-elements": own, "update-chat-ui-features": own, "update-chat-ui-styles": own,
	"retrieve-application": own, "retrieve-application-settings": own, "update-application-settings": own,
	"list-credentials": own, "create-credential": own, "rotate-credential": hidden, "delete-credential": hidden,
	"list-api-keys": own, "create-api-key": own, "delete-api-key": hidden,
	"list-users": own, "check-user-exists": hidden, "create-user": own, "retrieve-user": hidden, "update-user": hidden,
	"delete-user": hidden, "erase-user": hidden, "update-user-display-picture": hidden, "list-user-channels": hidden,
	"retrieve-user-secret": hidden, "set-user-secret": hidden, "remove-user-secret": hidden,
	"list-channels": own, "create-channel": own, "retrieve-channel": hidden, "update-channel": hidden, "delete-channel": hidden,
	"send-channel-event": hidden, "send-channel-keystrokes": hidden,
	"list-channel-members": hidden, "add-channel-member": hidden, "remove-channel-member": hidden, "list-channel-memberships": hidden,
	"list-channel-moderators": hidden, "add-channel-moderator": hidden, "remove-channel-moderator": hidden,
	"list-channel-participants": hidden, "list-channel-invites": hidden, "send-channel-invite": hidden,
	"list-channel-messages": hidden, "send-channel-message": hidden, "list-channel-reported-messages": hidden,
	"list-messages": own, "delete-messages": own, "retrieve-message": hidden, "update-message": hidden, "delete-message": hidden,
	"list-jobs": own, "retrieve-job": hidden, "cancel-job": hidden, "download-job-file": hidden,
	"import-users": fileless, "import-channels": fileless, "import-messages": fileless, "import-channel-members": hidden,
	"export-message-analytics": started, "export-user-analytics": started, "export-channel-analytics": started,
	"retrieve-nodejs-runtime": own, "update-nodejs-runtime-dependencies": own, "update-nodejs-runtime-environment-variables": own,
	"update-nodejs-runtime-initialization-script": own, "list-nodejs-runtime-functions": own, "create-nodejs-runtime-function": own,
	"retrieve-function": hidden, "update-function": hidden, "delete-function": hidden,
	"retrieve-function-current-version": hidden, "update-function-current-version": hidden,
	"list-function-versions": hidden, "create-function-version": hidden, "retrieve-function-version": hidden,
	"list-function-invocations": hidden, "invoke-function": hidden,
	"retrieve-application-message-read-receipt-summaries": own, "list-user-messages": hidden, "count-user-unread-messages": hidden,
	"list-message-read-receipts": hidden, "list-user-notifications": hidden, "read-user-notifications": hidden, "read-user-notification": hidden,
	"list-user-sessions": own, "list-chat-sessions": own, "retrieve-user-session": hidden, "end-user-session": hidden, "export-application": started,
	"retrieve-thread": hidden, "list-thread-messages": hidden, "send-thread-message": hidden, "send-thread-keystrokes": hidden,
}

// sampleBodies are bodies that operations accept, with the id of a user of the
// application in place of USER.
var sampleBodies = map[string]string{
	"update-application-settings":                 `{"guest_users":"ENABLED","user_created_channels":"ENABLED"}`,
	"update-chat-ui-elements":                     `{"button":{"template":"<b></b>","classMaps":{"on":{"a":"b"}}}}`,
	"update-chat-ui-features":                     `{"$version":"0.0.2","message":{"threads":"enabled"}}`,
	"update-chat-ui-styles":                       `{"$version":"0.0.2","base-theme":"dark"}`,
	"create-credential":                           `{"name":"another"}`,
	"rotate-credential":                           `{"overlap_seconds":60}`,
	"create-api-key":                              `{"name":"another"}`,
	"create-user":                                 `{"name":"new","display_name":"New"}`,
	"update-user":                                 `{"display_name":"J"}`,
	"update-user-display-picture":                 `{"url":"https://example.com/p.png","name":"p.png","content_type":"image/png","size":1}`,
	"set-user-secret":                             `{"secret":"s"}`,
	"create-channel":                              `{"type":"PRIVATE"}`,
	"update-channel":                              `{"display_name":"G"}`,
	"send-channel-event":                          `{"type":"event"}`,
	"send-channel-keystrokes":                     `{"keys":"k","user":{"id":USER}}`,
	"add-channel-member":                          `{"id":USER}`,
	"add-channel-moderator":                       `{"id":USER}`,
	"send-channel-invite":                         `{"user":{"id":USER}}`,
	"send-channel-message":                        `{"type":"TEXT","body":"hello"}`,
	"update-message":                              `{"body":"other"}`,
	"update-nodejs-runtime-dependencies":          `[{"name":"firebase","version":"^9"}]`,
	"update-nodejs-runtime-environment-variables": `{"A":"1"}`,
	"update-nodejs-runtime-initialization-script": `{"script":"var a;"}`,
	"create-nodejs-runtime-function":              `{"type":"user.sent.message","name":"f"}`,
	"update-function":                             `{"name":"g"}`,
	"update-function-current-version":             `{"version_number":1}`,
	"create-function-version":                     `{"handler_script":"async function handleEvent() {}"}`,
	"invoke-function":                             `{"args":{}}`,
	"send-thread-message":                         `{"type":"TEXT","body":"hello"}`,
	"send-thread-keystrokes":                      `{"keys":"k","user":{"id":USER}}`,
}

// sample is an application with something for every path.
type sample struct {
	user, member, channel, message, thread, credential, key, job, function, version int64
	notification, session                                                           int64 // of user
}

func newSample(b *backEnd) (s sample) {
	id := func(answer map[string]any) int64 { return int64(answer["id"].(float64)) }
	s.user = id(b.must("POST", "/users", `{"name":"jane","display_name":"Jane"}`))
	s.member = id(b.must("POST", "/users", `{"name":"bob","display_name":"Bob"}`))
	s.channel = id(b.must("POST", "/channels", fmt.Sprintf(`{"type":"PUBLIC","members":[{"id":%d},{"id":%d}]}`, s.user, s.member)))
	s.message = id(b.must("POST", fmt.Sprintf("/channels/%d/messages", s.channel), `{"type":"TEXT","body":"hello"}`))
	gone := id(b.must("POST", fmt.Sprintf("/channels/%d/messages", s.channel), `{"type":"TEXT","body":"bye"}`))
	s.thread = id(b.must("DELETE", fmt.Sprintf("/messages/%d", gone), ""))
	list := b.until("GET", fmt.Sprintf("/users/%d/notifications", s.user), func(list map[string]any) bool {
		return list["page"].(map[string]any)["total"] != 0.0
	})
	s.notification = id(list["_embedded"].(map[string]any)["notifications"].([]any)[0].(map[string]any))
	s.session = b.session(s)
	s.credential = id(b.must("POST", "/application/credentials", `{"name":"second"}`))
	s.key = id(b.must("POST", "/application/api-keys", `{"name":"second"}`))
	_, job, _ := b.send("POST", "/analytics/users", "")
	s.job = id(job)
	s.function = id(b.must("POST", "/runtimes/nodejs/functions", `{"type":"user.sent.message","name":"f"}`))
	s.version = id(b.must("POST", fmt.Sprintf("/functions/%d/versions", s.function), sampleBodies["create-function-version"]))
	b.must("PUT", fmt.Sprintf("/users/%d/secrets/pin", s.user), `{"secret":"1"}`)
	return s
}

// session is the id of a connection of the user's, which lasts as long as the
// test, or the user.
func (b *backEnd) session(s sample) int64 {
	b.user("jane")
	var id int64
	b.until("GET", "/user-sessions?state=ACTIVE&sort=id,desc", func(list map[string]any) bool {
		for _, session := range items(list, "sessions") {
			if session["user"].(map[string]any)["id"] == float64(s.user) {
				id = int64(session["id"].(float64))
			}
		}
		return id != 0
	})
	return id
}

// path fills in a path.
func (s sample) path(op specified) string {
	id := s.channel
	switch parts := strings.Split(op.Path, "/"); parts[1] {
	case "users":
		id = s.user
	case "messages":
		id = s.message
	case "threads":
		id = s.thread
	case "jobs":
		id = s.job
	case "functions":
		id = s.function
	case "user-sessions":
		id = s.session
	case "function-versions":
		id = s.version
	case "application":
		id = s.credential
		if len(parts) > 2 && parts[2] == "api-keys" {
			id = s.key
		}
	}
	path := strings.NewReplacer("{id}", fmt.Sprint(id), "{user_id}", fmt.Sprint(s.member), "{notification_id}", fmt.Sprint(s.notification), "{name}", "pin").Replace(op.Path)
	if op.ID == "check-user-exists" {
		path += "?name=jane"
	}
	return path
}

func (s sample) body(op specified) string {
	return strings.ReplaceAll(sampleBodies[op.ID], "USER", fmt.Sprint(s.user))
}

func TestEveryOperationRefusesWhoeverMayNot(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(settings *config.Serve) { settings.MaxImportSize = 1 << 16 }})
	owner := newBackEnd(t, s)
	things := newSample(owner)
	other, secret := s.CreateCredentials("other")
	stranger := newBackEndWith(t, s, other.ClientID, secret, "")
	nobody := &backEnd{t: t, url: s.URL}
	late := &backEnd{t: t, url: s.URL, token: s.ExpiredToken()}
	for _, op := range specification(t) {
		verdict, listed := accessTable[op.ID]
		if !listed {
			t.Errorf("%s has no row in the access table", op.ID)
			continue
		}
		path, body := things.path(op), things.body(op)
		unauthorized, invalid, lacking := "unauthorized", "invalid_token", "insufficient_scope"
		if op.Method == http.MethodHead {
			unauthorized, invalid, lacking = "", "", ""
		}
		nobody.wants(http.StatusUnauthorized, unauthorized, op.Method, path, body)
		late.wants(http.StatusUnauthorized, invalid, op.Method, path, body)
		for _, scope := range op.Scopes {
			without := newBackEndWith(t, s, s.Application.ClientID, s.Secret, scopesWithout(op.Scopes, scope))
			without.wants(http.StatusForbidden, lacking, op.Method, path, body)
		}
		stranger.wants(int(verdict), "", op.Method, path, body)
		if op.Body != "" {
			owner.wants(http.StatusBadRequest, "InvalidRequestError", op.Method, path, `{"`)
			owner.wants(http.StatusBadRequest, "InvalidRequestError", op.Method, path, `[1]`)
		}
		switch op.Body {
		case "":
		case "multipart":
			form := "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n{\"x\":\"" + strings.Repeat("x", 1<<16) + "\"}\r\n--b--\r\n"
			owner.wants(http.StatusRequestEntityTooLarge, "ImportTooLargeError", op.Method, path, form, "Content-Type", "multipart/form-data; boundary=b")
		default:
			owner.wants(http.StatusRequestEntityTooLarge, "RequestTooLargeError", op.Method, path, `{"x":"`+strings.Repeat("x", 1<<20)+`"}`)
		}
	}
}

// scopesWithout is all but one of the scopes, or if it is the only one another.
func scopesWithout(scopes []string, missing string) string {
	kept := []string{"read:api_key"}
	if missing == kept[0] {
		kept = []string{"read:credential"}
	}
	for _, scope := range scopes {
		if scope != missing {
			kept = append(kept, scope)
		}
	}
	return strings.Join(kept, " ")
}

func TestEveryOperationServesItsOwnApplication(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		owner, d := newBackEnd(t, s), readDocument(t)
		for _, op := range specification(t) {
			if op.Method == http.MethodDelete {
				continue // what the others need
			}
			things := newSampleOnce(owner, op)
			status, other := otherwise[op.ID]
			if !other {
				status = http.StatusOK
			}
			if status == dependsOnTime {
				continue
			}
			got, answer, _ := owner.send(op.Method, things.path(op), things.body(op))
			if got != status {
				t.Errorf("%s answers %d %v, want %d", op.ID, got, answer, status)
				continue
			}
			if shape := op.Answers[strconv.Itoa(status)]; shape != nil {
				d.check(t, op.ID, shape, answer)
			}
		}
	})
}

// dependsOnTime is for what a job allows only before it ends, or after; its own
// tests wait for that.
const dependsOnTime = 0

// otherwise are the statuses of what does not answer 200.
var otherwise = map[string]int{
	"import-users": http.StatusBadRequest, "import-channels": http.StatusBadRequest, "import-messages": http.StatusBadRequest,
	"import-channel-members":   http.StatusBadRequest, // all four lack a file
	"export-message-analytics": http.StatusAccepted, "export-user-analytics": http.StatusAccepted, "export-channel-analytics": http.StatusAccepted,
	"export-application": http.StatusAccepted,
	"cancel-job":         dependsOnTime, "download-job-file": dependsOnTime,
	"invoke-function": http.StatusNotImplemented,
}

// newSampleOnce deletes what the sample of the operation before was called.
func newSampleOnce(b *backEnd, _ specified) sample {
	for _, name := range []string{"jane", "bob", "new"} {
		answer := b.must("GET", "/users?name="+name, "")
		for _, user := range answer["_embedded"].(map[string]any)["users"].([]any) {
			b.must("DELETE", fmt.Sprintf("/users/%.0f", user.(map[string]any)["id"]), "")
		}
	}
	answer := b.must("GET", "/runtimes/nodejs/functions", "")
	for _, function := range answer["_embedded"].(map[string]any)["functions"].([]any) {
		b.must("DELETE", fmt.Sprintf("/functions/%.0f", function.(map[string]any)["id"]), "")
	}
	return newSample(b)
}
