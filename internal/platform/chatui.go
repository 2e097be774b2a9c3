package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerChatUI() {
	registerChatUIPart[chatUIElements](a, chat.ChatUIElements, "the templates and classes of the chat UI's elements")
	registerChatUIPart[chatUIFeatures](a, chat.ChatUIFeatures, "what the chat UI offers")
	registerChatUIPart[chatUIStyles](a, chat.ChatUIStyles, "the theme and style sheet of the chat UI")
}

// registerChatUIPart gives a part of the chat UI, of the shape T, its operations.
// Clients get its JSON as it is here: in both formats its names are the same.
func registerChatUIPart[T any](a *API, part chat.ChatUIPart, title string) {
	path := "/application/chat-ui/" + string(part)
	huma.Register(a.huma, ours(operation("retrieve-chat-ui-"+string(part), http.MethodGet, path,
		"Return "+title, "read:application")),
		func(ctx context.Context, _ *struct{}) (*reply[verbatim[T]], error) {
			ui, err := a.engine.ChatUI(ctx, actorOf(ctx).Application, part)
			return answerChatUI[T](ui, err)
		})
	huma.Register(a.huma, ours(marked(operation("update-chat-ui-"+string(part), http.MethodPut, path,
		"Replace "+title+", and show it to all connected users", "update:application"), exactBody)),
		func(ctx context.Context, in *struct{ Body verbatim[T] }) (*reply[verbatim[T]], error) {
			var text bytes.Buffer
			if err := encode(&text, in.Body, false); err != nil {
				return nil, fmt.Errorf("write the %s: %w", part, err)
			}
			ui, err := a.engine.SetChatUI(ctx, actorOf(ctx).Application, part, string(bytes.TrimSpace(text.Bytes())))
			return answerChatUI[T](ui, err)
		})
}

func answerChatUI[T any](ui chat.ChatUI, err error) (*reply[verbatim[T]], error) {
	if err != nil {
		return nil, err
	}
	var resource verbatim[T]
	if err := json.Unmarshal([]byte(ui.JSON), &resource.value); err != nil {
		return nil, fmt.Errorf("read the %s: %w", ui.Part, err)
	}
	return &reply[verbatim[T]]{resource}, nil
}

// verbatim is a resource whose names are the same in both formats.
type verbatim[T any] struct{ value T }

func (v verbatim[T]) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	err := encode(&text, v.value, false)
	return text.Bytes(), err
}

func (v *verbatim[T]) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &v.value) }

func (verbatim[T]) keepsNames() {}

// Schema is that of the resource.
func (verbatim[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

type chatUIElements map[string]chatUIElement

type chatUIElement struct {
	_         struct{}                     `additionalProperties:"false"`
	Template  string                       `json:"template"`
	ClassMaps map[string]map[string]string `json:"classMaps" doc:"Classes by map and key"`
}

type chatUIFeatures struct {
	_       struct{}             `additionalProperties:"false"`
	Version string               `json:"$version" enum:"0.0.2"`
	Channel *chatUIChannelSwitch `json:"channel,omitempty"`
	Emoji   *chatUIEmojiSwitch   `json:"emoji,omitempty"`
	Message *chatUIMessageSwitch `json:"message,omitempty"`
	User    *chatUIUserSwitch    `json:"user,omitempty"`
}

type chatUIChannelSwitch struct {
	_       struct{} `additionalProperties:"false"`
	Create  string   `json:"create,omitempty" enum:"enabled,disabled"`
	Profile string   `json:"profile,omitempty" enum:"enabled,disabled"`
}

type chatUIEmojiSwitch struct {
	_      struct{} `additionalProperties:"false"`
	Picker string   `json:"picker,omitempty" enum:"enabled,disabled"`
}

type chatUIMessageSwitch struct {
	_            struct{}                `additionalProperties:"false"`
	Attachments  *chatUIAttachmentSwitch `json:"attachments,omitempty"`
	Links        *chatUILinkSwitch       `json:"links,omitempty"`
	Reactions    string                  `json:"reactions,omitempty" enum:"enabled,disabled"`
	ReadReceipts string                  `json:"read-receipts,omitempty" enum:"enabled,disabled"`
	Search       string                  `json:"search,omitempty" enum:"enabled,disabled"`
	Threads      string                  `json:"threads,omitempty" enum:"enabled,disabled"`
	Typing       string                  `json:"typing,omitempty" enum:"enabled,disabled"`
}

type chatUIAttachmentSwitch struct {
	_     struct{} `additionalProperties:"false"`
	Audio string   `json:"audio,omitempty" enum:"enabled,disabled"`
	File  string   `json:"file,omitempty" enum:"enabled,disabled"`
	Image string   `json:"image,omitempty" enum:"enabled,disabled"`
	Video string   `json:"video,omitempty" enum:"enabled,disabled"`
}

type chatUILinkSwitch struct {
	_       struct{} `additionalProperties:"false"`
	Preview string   `json:"preview,omitempty" enum:"enabled,disabled"`
}

type chatUIUserSwitch struct {
	_        struct{} `additionalProperties:"false"`
	Presence string   `json:"presence,omitempty" enum:"enabled,disabled"`
	Profile  string   `json:"profile,omitempty" enum:"enabled,disabled"`
}

type chatUIStyles struct {
	_          struct{} `additionalProperties:"false"`
	Version    string   `json:"$version" enum:"0.0.2"`
	BaseTheme  string   `json:"base-theme" enum:"light,dark"`
	Stylesheet string   `json:"stylesheet,omitempty" doc:"CSS, or where it is"`
	Overrides  object   `json:"overrides,omitempty" doc:"Anything: it belongs to the chat UI"`
}
