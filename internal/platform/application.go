package platform

import (
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
