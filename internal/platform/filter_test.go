package platform_test

import (
	"fmt"
	"net/url"
	"testing"

	"openkitty/internal/servertest"
)

func TestPropertiesAreFoundWhoeverStoredThem(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		b, c := newBackEnd(t, s), newCaller(t, s)
		const properties = `{"team<1>":"R&D","note":"a > b"}`
		jane := b.must("POST", "/users", `{"name":"jane","display_name":"Jane","properties":`+properties+`}`)
		c.ended(c.upload("/imports/users", "file",
			`[{"name":"bob","display_name":"Bob","guest":false,"properties":`+properties+`}]`, 202))
		find := func(query string) {
			t.Helper()
			if found := items(b.must("GET", "/users?"+query, ""), "users"); len(found) != 2 {
				t.Errorf("%s finds %v", query, found)
			}
		}
		find("properties=" + url.QueryEscape(`{"team<1>":"R&D"}`))
		find("properties=" + url.QueryEscape(`{"team\u003c1\u003e":"R\u0026D"}`))
		find(url.QueryEscape("properties.team<1>") + "=" + url.QueryEscape("R&D"))
		b.must("PATCH", fmt.Sprintf("/users/%.0f", jane["id"]), `{"properties":{"team<1>":"R&D"}}`)
		find("properties=" + url.QueryEscape(`{"team<1>":"R&D","note":"a > b"}`))
	})
}
