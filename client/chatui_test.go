package client_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"openkitty/client"
)

func TestTheChatUIIsHeardOfAtTheStartAndWhenItChanges(t *testing.T) {
	t.Parallel()

	s := startServer(t)
	s.SetChatUI(s.Application.ID, "elements", `{"button":{"template":"<b/>","classMaps":{"on":{"a":"b c"}}}}`)
	onElements, elements := hear[client.Elements]()
	onFeatures, features := hear[client.Features]()
	onStyles, styles := hear[client.Styles]()
	join(t, s, "alice", client.UserHandlers{
		OnApplicationElementsChanged: onElements, OnApplicationFeaturesChanged: onFeatures, OnApplicationStylesChanged: onStyles,
	})
	wanted := client.Elements{"button": {Template: "<b/>", ClassMaps: map[string]map[string]string{"on": {"a": "b c"}}}}
	if diff := cmp.Diff(wanted, await(t, elements)); diff != "" {
		t.Errorf("the elements at the start:\n%s", diff)
	}

	const offered = `{"$version":"0.0.2","channel":{"create":"enabled","profile":"disabled"},"emoji":{"picker":"enabled"},` +
		`"message":{"attachments":{"audio":"enabled","file":"disabled","image":"enabled","video":"disabled"},"links":{"preview":"disabled"},` +
		`"reactions":"enabled","read-receipts":"disabled","search":"disabled","threads":"enabled","typing":"disabled"},` +
		`"user":{"presence":"enabled","profile":"disabled"}}`
	s.SetChatUI(s.Application.ID, "features", offered)
	if text, err := json.Marshal(await(t, features)); err != nil || string(text) != offered {
		t.Errorf("the features: %v\n%s", err, cmp.Diff(offered, string(text)))
	}
	s.SetChatUI(s.Application.ID, "features", `{"$version":"0.0.2","message":{"threads":"disabled"}}`)
	if next := await(t, features); next.Message.Threads != client.Disabled || next.Message.Typing != "" {
		t.Errorf("the next features: %+v", next)
	}
	s.SetChatUI(s.Application.ID, "styles", `{"$version":"0.0.2","base-theme":"dark","stylesheet":"a {}","overrides":{"x":1}}`)
	look := client.Styles{Version: "0.0.2", BaseTheme: "dark", Stylesheet: "a {}", Overrides: json.RawMessage(`{"x":1}`)}
	if diff := cmp.Diff(look, await(t, styles)); diff != "" {
		t.Errorf("the styles:\n%s", diff)
	}
}
