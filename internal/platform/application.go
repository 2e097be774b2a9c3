package platform

import (
	"cmp"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"openkitty/internal/chat"
)

func (a *API) registerApplication() {
	huma.Register(a.huma, operation("retrieve-application", http.MethodGet, "/application",
		"Return the application", "read:application"), a.retrieveApplication)
	huma.Register(a.huma, operation("retrieve-application-settings", http.MethodGet, "/application/settings",
		"Return the settings", "read:application"), a.retrieveSettings)
	huma.Register(a.huma, operation("update-application-settings", http.MethodPut, "/application/settings",
		"Replace the settings", "update:application"), a.updateSettings)
}

func actorOf(ctx context.Context) chat.Actor { return infoOf(ctx).access.Actor }

func (a *API) retrieveApplication(ctx context.Context, _ *struct{}) (*reply[applicationResource], error) {
	app, err := a.engine.Application(ctx, actorOf(ctx))
	return answer(a.application(ctx, app), err)
}

func (a *API) retrieveSettings(ctx context.Context, _ *struct{}) (*reply[applicationSettingsResource], error) {
	app, err := a.engine.Application(ctx, actorOf(ctx))
	return answer(a.settings(ctx, app.Settings), err)
}

// applicationSettingsProperties takes the settings in both forms.
type applicationSettingsProperties struct {
	GuestUsers          string                                `json:"guest_users,omitempty" enum:"DISABLED,ENABLED"`
	UserCreatedChannels string                                `json:"user_created_channels,omitempty" enum:"DISABLED,ENABLED"`
	Features            *ApplicationFeatureSettingsProperties `json:"features,omitempty" doc:"The same as the two beside it, which come first"`
}

func (a *API) updateSettings(ctx context.Context, in *struct{ Body applicationSettingsProperties }) (*reply[applicationSettingsResource], error) {
	guests, channels := in.Body.GuestUsers, in.Body.UserCreatedChannels
	if f := in.Body.Features; f != nil {
		guests, channels = cmp.Or(guests, f.GuestUsers), cmp.Or(channels, f.UserCreatedChannels)
	}
	if guests == "" || channels == "" {
		return nil, chat.Errorf(chat.Invalid, "both guest_users and user_created_channels are needed")
	}
	now, err := a.engine.UpdateSettings(ctx, actorOf(ctx).Application, func(s *chat.Settings) error {
		s.GuestUsers, s.UserCreatedChannels = guests == enabled, channels == enabled
		return nil
	})
	return answer(a.settings(ctx, now), err)
}
