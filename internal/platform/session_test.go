package platform_test

import (
	"fmt"
	"net/http"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/servertest"
)

// ofUser are the sessions in a list that are a user's.
func ofUser(list map[string]any, name string) (found []map[string]any) {
	for _, session := range items(list, "sessions") {
		of := session
		if inner, within := session["session"]; within {
			of = inner.(map[string]any)
		}
		if of["user"].(map[string]any)["name"] == name {
			found = append(found, session)
		}
	}
	return found
}

func TestSessionsAreListedWhileTheyLastAndAfterwards(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		bob := p.user("bob")
		channel := chat.ChannelID(p.channel.(float64))
		end := bob.Chat(channel)
		active := p.until("GET", "/chat-sessions?state=ACTIVE", func(list map[string]any) bool { return len(ofUser(list, "bob")) == 1 })
		session := ofUser(active, "bob")[0]["session"].(map[string]any)
		if session["state"] != "ACTIVE" || session["end_time"] != nil || session["created_time"] == "" {
			t.Errorf("the chat session is one of %v", session)
		}
		end()
		ended := p.until("GET", "/chat-sessions?state=ENDED", func(list map[string]any) bool { return len(ofUser(list, "bob")) == 1 })
		if ofUser(ended, "bob")[0]["end_time"] == nil {
			t.Errorf("of an ended chat session there is %v", ended)
		}
		bob.Chat(channel)
		bob.Leave()
		p.until("GET", "/user-sessions?state=ENDED", func(list map[string]any) bool { return len(ofUser(list, "bob")) == 1 })
		p.until("GET", "/chat-sessions?state=ENDED", func(list map[string]any) bool { return len(ofUser(list, "bob")) == 2 })
		if list := p.must("GET", "/user-sessions?state=ACTIVE", ""); len(ofUser(list, "bob")) != 0 {
			t.Errorf("a session that ended is active: %v", list)
		}
	})
}

func TestSessionsThatACrashLeftOpenAreEnded(t *testing.T) {
	t.Parallel()

	servertest.ForEachEngine(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		p.user("bob")
		p.until("GET", "/user-sessions?state=ACTIVE", func(list map[string]any) bool { return len(ofUser(list, "bob")) == 1 })
		s.Kill()
		s.Restart()
		p.url = s.URL
		p.until("GET", "/user-sessions?state=ENDED", func(list map[string]any) bool { return len(ofUser(list, "bob")) > 0 })
	})
}

func TestAnEndedSessionDoesNotComeBack(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s)
	bob := p.user("bob")
	list := p.until("GET", "/user-sessions?state=ACTIVE", func(list map[string]any) bool { return len(ofUser(list, "bob")) == 1 })
	path := fmt.Sprintf("/user-sessions/%v", ofUser(list, "bob")[0]["id"])
	if ended := p.must("DELETE", path, ""); ended["state"] != "ENDED" || ended["end_time"] == nil {
		t.Errorf("the answer is %v", ended)
	}
	p.until("GET", path, func(session map[string]any) bool { return session["state"] == "ENDED" })
	if err := bob.Answered(); err == nil {
		t.Error("its client still asks, and is answered")
	}
	p.must("DELETE", path, "") // changes nothing
	p.wants(http.StatusNotFound, "SessionNotFoundError", "DELETE", "/user-sessions/999999", "")
	if list := p.must("GET", "/user-sessions?state=ACTIVE", ""); len(ofUser(list, "bob")) != 0 {
		t.Errorf("it is back: %v", list)
	}
}
