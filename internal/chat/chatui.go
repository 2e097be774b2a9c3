package chat

// ChatUIPart is one of the three resources that say how a chat UI, made for the
// whole application, looks and what it offers.
type ChatUIPart string

const (
	ChatUIElements ChatUIPart = "elements" // templates and classes of what it is made of
	ChatUIFeatures ChatUIPart = "features" // what is switched on and off
	ChatUIStyles   ChatUIPart = "styles"   // theme and style sheet
)

// ChatUIMax bounds one part, in bytes of compact JSON. A session that begins is
// sent all three at once, which must fit into its queue beside all else.
const ChatUIMax = 128 << 10

// ChatUI is a part of an application's chat UI.
type ChatUI struct {
	Application ApplicationID
	Part        ChatUIPart
	Version     int64  // 1, 2, 3, … each time it is replaced; zero if it never was
	JSON        string // an object, compact
}

// UnsetChatUI is what holds of a part that was never set.
func UnsetChatUI(app ApplicationID, part ChatUIPart) ChatUI {
	unset := map[ChatUIPart]string{
		ChatUIElements: `{}`,
		ChatUIFeatures: `{"$version":"0.0.2"}`,
		ChatUIStyles:   `{"$version":"0.0.2","base-theme":"light"}`,
	}
	return ChatUI{Application: app, Part: part, JSON: unset[part]}
}

// Check reports what is wrong with a part that is to be set.
func (u ChatUI) Check() error {
	if len(u.JSON) > ChatUIMax {
		return Errorf(Invalid, "the %s have %d bytes; at most %d are allowed", u.Part, len(u.JSON), ChatUIMax)
	}
	return nil
}

// ChatUIChanged tells all users of an application of a part of its chat UI that
// was replaced. Momentary: who comes later is shown the part as it is then.
type ChatUIChanged struct{ ChatUI }

func (ChatUIChanged) event() {}
