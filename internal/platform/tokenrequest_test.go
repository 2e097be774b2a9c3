package platform

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSecretsAreReadAsTheyAreFromEveryFormOfRequest(t *testing.T) {
	t.Parallel()

	want := tokenRequest{GrantType: "client_credentials", ClientID: "an id", ClientSecret: ":a:b c%20+é\""}
	form := url.Values{"grant_type": {want.GrantType}, "client_id": {want.ClientID}, "client_secret": {want.ClientSecret}}.Encode()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	multipart := "--b"
	for name, value := range map[string]string{"grant_type": want.GrantType, "client_id": want.ClientID, "client_secret": want.ClientSecret} {
		multipart += "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n--b"
	}
	for name, c := range map[string]struct {
		kind, body string
		header     bool
	}{
		"a form":           {"application/x-www-form-urlencoded", form, false},
		"JSON":             {"application/json", string(text), false},
		"a multipart form": {"multipart/form-data; boundary=b", multipart + "--\r\n", false},
		"the header":       {"application/x-www-form-urlencoded", "grant_type=client_credentials", true},
	} {
		r := httptest.NewRequest("POST", tokenPath, strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		if c.header {
			r.SetBasicAuth(want.ClientID, want.ClientSecret)
		}
		got, err := readTokenRequest(httptest.NewRecorder(), r)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}
